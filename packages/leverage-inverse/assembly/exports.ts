import { pack } from '../../linalg/assembly/blas/pack';
import { rowsTimes } from '../../linalg/assembly/lapack/vector';

export { addRows, packRows, weighPanels } from './panels';
export { quadraticForms } from './quadratic';
export { invert, slackRows } from './slacks';
export { addSymmetric } from './symmetric';
export { addThird } from './third';
export { whiten } from './whiten';

/** y <- A x for the m rows of a row-major block. */
export function timesVector(m: i32, d: i32, a: usize, x: usize, y: usize): void {
  rowsTimes(m, d, a, d, x, y);
}

/** Z (d x d, row-major) in panels of four columns, filled up with zeros. */
export function packFactor(d: i32, z: usize, to: usize): void {
  pack<f64>(4, d, d, z, 1, d, to);
}

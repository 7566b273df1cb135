/** Eigenvalues and eigenvectors of a symmetric matrix. */
import { allocateArray, mark, release } from '../arena';
import { formQFromTau } from './reflector';
import { closeRotations, openRotations } from './rotations';
import { sortOrder } from './status';
import { steqr } from './steqr';
import { sytrd } from './sytrd';
import { entry, fill, W } from './vector';

/**
 * A = V diag(values) V^T, values ascending, for the symmetric n x n matrix at `a` (destroyed);
 * vectors is 0 or n x n. Returns how many off-diagonal entries did not vanish.
 */
export function deigh(n: i32, a: usize, values: usize, vectors: usize): i32 {
  if (n == 0) return 0;
  const top = mark();
  const d = allocateArray<f64>(n);
  const e = allocateArray<f64>(n);
  const tau = allocateArray<f64>(n);
  const v = allocateArray<f64>(n * n);
  const order = allocateArray<i32>(n);
  sytrd(n, a, d, e, v, tau);
  let rotations: usize = 0;
  if (vectors != 0) {
    // Reflector i acts from entry i + 1 on: Q is 1 in the corner and a product of reflectors below it.
    fill(n, 0, vectors);
    for (let i = 1; i < n; i++) store<f64>(entry(vectors, n, i, 0), 0);
    store<f64>(vectors, 1);
    formQFromTau(n - 1, n - 1, n - 1, v + W, n, tau, entry(vectors, n, 1, 1), n);
    rotations = openRotations(n, n, vectors, n);
  }
  const unfinished = steqr(n, d, e, rotations);
  sortOrder(n, d, order, false);
  for (let i = 0; i < n; i++) {
    store<f64>(values + <usize>i * W, load<f64>(d + <usize>load<i32>(order + (<usize>i << 2)) * W));
  }
  if (vectors != 0) closeRotations(rotations, vectors, n, order, 0);
  release(top);
  return unfinished;
}

import { philox } from '@x/linalg';
import { checkWhole } from '../check.ts';
import type { Kernel } from '../kernel/instance.ts';
import { float64Copy, int32Copy } from '../kernel/memory.ts';
import type { SketchRegions } from './loaded.ts';
import type { Pencil } from './pencil.ts';

/** A Hessian from fewer numbers: TensorSRHT of the vectors vec(L^{-1} B_j L^{-T}) (assembly/spectrahedron/sketch.ts). */
export interface SketchOptions {
  /** Rows s of the sketch; at least d. The relative error of the Hessian's eigenvalues is of the order of sqrt(d / s). */
  readonly samples: number;
  /** Seed of the signs and rows. Default 0. */
  readonly seed?: number;
}

/** Apart from the streams of chains. */
const STREAM = 4096;
/** d x s numbers must fit the kernel's memory. */
const MOST_SAMPLES = 16_777_216;

/**
 * Draws the signs and rows of a sketch, once for a walk. So the metric is a function of the point alone, the proposal is N(w, Phi(w)^{-1})
 * with that metric whatever its error, and the Metropolis rule, which uses its determinants and quadratic forms, keeps the density exactly.
 * (The source's lemma D.12 reaches the same with fresh coins at either end; those would have to be paid for at both.)
 *
 * @throws ArgumentError for fewer samples than d, which make the metric singular.
 */
export function sketchRegions(kernel: Kernel, { order: n, dimension: d }: Pencil, { samples, seed = 0 }: SketchOptions): SketchRegions {
  checkWhole('sample', 'sketch.samples', samples, d, MOST_SAMPLES);
  checkWhole('sample', 'sketch.seed', seed, 0);
  let padded = 1;
  while (padded < n) padded *= 2;
  const rng = philox(seed, STREAM);
  const signs = () =>
    float64Copy(
      kernel,
      Float64Array.from({ length: padded }, () => (rng.uniform() < 0.5 ? -1 : 1)),
    ).pointer;
  const rows = () =>
    int32Copy(
      kernel,
      Int32Array.from({ length: samples }, () => rng.integer(padded)),
    ).pointer;
  return { padded, samples, leftSigns: signs(), rightSigns: signs(), leftRows: rows(), rightRows: rows() };
}

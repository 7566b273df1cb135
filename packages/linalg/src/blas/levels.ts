import { checkChoice, checkRange, checkSize } from '../check.ts';

/** How a product is computed. */
export type Algorithm = 'classical' | 'winograd' | 'auto';

/** A level halves all sizes; below this one the sums cost more than the product that is saved. */
const SMALLEST_LEAF = 64;

/** Where the first level gains less than 3 percent, the weaker error bound is not worth it. */
const LEAST_GAINING = 384;

/** Every level multiplies the error bound by 18 / 4, measured errors by about 2; a fifth gains less than 5 percent at 2048. */
const MOST_LEVELS = 4;

const MOST_ALLOWED = 8;

/** Levels for these sizes. @throws ArgumentError for an unknown algorithm or levels above 8; ShapeError unless levels are a whole number. */
export function levelsFor(algorithm: Algorithm, levels: number | undefined, m: number, n: number, k: number): number {
  checkChoice('gemm', 'algorithm', algorithm, ['classical', 'winograd', 'auto']);
  if (algorithm === 'classical') return 0;
  if (algorithm === 'auto') return Math.min(m, n, k) < LEAST_GAINING ? 0 : gainful(m, n, k);
  if (levels === undefined) return Math.max(1, gainful(m, n, k));
  checkSize('gemm', 'levels', levels);
  checkRange('gemm', 'levels', levels, 0, MOST_ALLOWED);
  return levels;
}

function gainful(m: number, n: number, k: number): number {
  let levels = 0;
  for (let size = Math.min(m, n, k); levels < MOST_LEVELS && size >= 2 * SMALLEST_LEAF; size /= 2) levels++;
  return levels;
}

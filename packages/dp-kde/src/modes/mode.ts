import type { Design } from '../design.ts';
import type { Histogram } from '../features/histogram.ts';
import type { Law } from '../noise/law.ts';

/** What one column may spend. */
export type Privacy = { readonly kind: 'laplace'; readonly epsilon: number } | { readonly kind: 'gaussian'; readonly rho: number };

/** Consecutive released numbers with one law of noise. */
export interface Block {
  readonly length: number;
  readonly law: Law;
}

/** One column's share of an answer, in units of a position. */
export interface Line {
  /** The estimate of sum |u - x| at position u, any real number; outside the grid it goes on with slope plus or minus rows. */
  at(u: number): number;
  /**
   * Noise in `at(u)`: numbers w and laws such that the noise is the sum of w times an independent number of the law.
   */
  terms(u: number): readonly Term[];
  /** Values at the grid points from -1 to cells + 1, where `at` interpolates between them. */
  readonly table?: Float64Array;
  /** For each row a bound of how far the noise-free `at(u)` lies from the clamped rows' sum, in units of a position: [below, above]. */
  bias(u: number): readonly [below: number, above: number];
  /** The true sum is at most this factor times a noise-free answer, plus the bias. */
  readonly factor: number;
}

export interface Term {
  readonly weight: number;
  readonly law: Law;
  /** How many such terms there are. Default 1. */
  readonly times?: number;
}

/** What a mode releases of one column, and how it answers from it. */
export interface Mode {
  /** The released numbers of a column whose noise has to hide what `privacy` says; the same as `design` for all columns. */
  blocks(design: Design, privacy: Privacy): readonly Block[];
  /** Adds the exact numbers to `out`, which holds the noise. */
  addFeatures(out: Float64Array, histogram: Histogram, rows: number, design: Design): void;
  /** @param rows - the (noisy, or public) number of rows, where the column itself does not tell. */
  line(values: Float64Array, blocks: readonly Block[], design: Design, rows: number): Line;
}

/** The contract between a package's `experiments/*.ts` and whoever runs or renders them. Types only. */

/**
 * `holds` and `failed` are computed from the data; `refuted-as-documented` is a claim that the README says is false as literally
 * stated, with the corrected one beside it; `skipped` means that an input is missing, and names it.
 */
export type Verdict = 'holds' | 'failed' | 'refuted-as-documented' | 'skipped';

/** One claim of a paper, run on real or seeded input. A file in `experiments/` exports it as `experiment`. */
export interface Experiment {
  /** Unique within the package: the file's name without `.ts`. */
  readonly id: string;
  /** The claim in one sentence, with its conditions. */
  readonly claim: string;
  /** Paper and theorem, or `own derivation` with the README section that holds the proof. */
  readonly source: string;
  /** Names of the inputs it needs, as tools/inputs understands them; empty when it makes its own from the seed. */
  readonly inputs: readonly string[];
  run(context: Context): Promise<Outcome>;
}

export interface Context {
  /** Smaller sizes, same claims: seconds instead of minutes. */
  readonly quick: boolean;
  readonly seed: number;
  /** When it fires, `run` throws or returns soon; outcomes of earlier experiments are kept. */
  readonly signal: AbortSignal;
  /** Reports the finished fraction in [0, 1] and, if useful, what is going on. */
  progress(fraction: number, note?: string): void;
  /** Path of an input named in `inputs`; the runner has checked that it is there. */
  input(name: string): string;
}

export interface Outcome {
  /** What was measured, for the summary table: a number with its unit, in a few words. */
  readonly measured: string;
  /** What it is compared with, likewise. */
  readonly bound: string;
  readonly verdict: Verdict;
  /** Why, in a sentence, where the numbers alone do not say it. */
  readonly note?: string;
  readonly table?: Table;
  readonly plots?: readonly Plot[];
}

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export interface Axis {
  readonly label: string;
  readonly scale?: 'linear' | 'log';
  /** Names of the positions 0, 1, 2, ... of a linear axis, where it counts things that have names. */
  readonly names?: readonly string[];
}

export interface Plot {
  readonly title: string;
  /** What to see in it, in a sentence. */
  readonly caption?: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

/**
 * `band` fills between `y` and `y2`; `bars` are centred on `x`; `rule` is a horizontal line at each y, for which `x` may be empty.
 * A value that is not finite, or not positive on a log axis, is a gap.
 */
export interface Series {
  readonly label: string;
  readonly kind: 'line' | 'points' | 'band' | 'bars' | 'rule';
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly y2?: ArrayLike<number>;
}

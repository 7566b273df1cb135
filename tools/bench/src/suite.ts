/** What a `bench/*.bench.ts` file exports as `suites`. Plain objects; nothing is measured when they are made. */

/** One comparison: the same cases run by several contenders. */
export interface Suite<P = unknown> {
  /** Unique in the package; names the result file and the README's markers. */
  readonly id: string;
  readonly title: string;
  readonly cases: readonly Case<P>[];
  /** The first is ours: every ratio in the table is its speed over another's. */
  readonly contenders: readonly Contender<P>[];
  /** Targets. They are reported as met or missed and never make a run fail. */
  readonly bars?: readonly Bar[];
  /** Claims on how time grows with `size`. Reported likewise. */
  readonly exponents?: readonly ExponentBar[];
  /** What the machine is calibrated with; default the inner loops of an f64 matrix product in WebAssembly SIMD. */
  readonly calibration?: Calibration;
  /**
   * `cpu` counts the process's CPU time over all threads, so that being preempted costs nothing; `wall` is for contenders with threads.
   * Default `cpu` where that clock is finer than 0.1 ms, else `wall`.
   */
  readonly clock?: 'cpu' | 'wall';
  /** Throws when a contender's output for a case is wrong; the contender is then reported as failed. */
  check?(output: unknown, parameters: P, contender: string): void;
}

export interface Case<P = unknown> {
  /** As in the table, e.g. `n = 1024`. */
  readonly label: string;
  readonly parameters: P;
  /** Floating-point operations of one run, if speed is to be shown rather than time. */
  readonly flops?: number;
  /** The size that exponents are fitted against. */
  readonly size?: number;
}

export interface Contender<P = unknown> {
  readonly name: string;
  /** A program of its own, whose time is not this process's: its runs return how many seconds they took by a clock of theirs. */
  readonly outside?: boolean;
  /**
   * Makes the inputs and returns what is timed; it may be asynchronous. `undefined` leaves the case out. A peer that cannot be had
   * makes `peer()` throw, which is reported as absent.
   */
  setup(parameters: P): Run | undefined | Promise<Run | undefined>;
}

/** One run; its return value goes to `check` and keeps the work from being optimised away. */
export type Run = () => unknown;

export interface Calibration {
  readonly name: string;
  /** Constant work of 0.1 ms or less. */
  run(): void;
  /** Its floating-point operations, if it is a peak that contenders' speeds are to be shown as a share of. */
  readonly flops?: number;
}

/** The speed of `of` over that of `over`, median of paired ratios, is at least `atLeast`. */
export interface Bar {
  readonly of: string;
  /** A contender, or `calibration` for the share of its speed. */
  readonly over: string;
  readonly atLeast: number;
  /** Labels of the cases it is claimed for; default all. */
  readonly cases?: readonly string[];
  /** Major versions of Node it is claimed for; default all. */
  readonly node?: readonly number[];
}

/** The exponent of a contender's time in `size` is at most `atMost`, and at least `atLeast` where it is said to be just so. */
export interface ExponentBar {
  readonly of: string;
  readonly atMost: number;
  readonly atLeast?: number;
}

/**
 * How the arithmetic of addressing and the network's stages are laid out; all designs run the same programs with the same results.
 *
 * - `basic`: 6 ReLU stages, about 50 weights a word.
 * - `two-level`: 8 ReLU stages; addresses are decoded digit by digit, so that few neurons change in a step.
 * - `speculative`: 4 ReLU stages; both possible next instructions are fetched ahead.
 * - `paper23`: the paper's 23 layers over bits of +-1; about 72 weights a bit.
 * - `demux`: addresses go down a tree; the fewest changing neurons, for the event engine.
 */
export type Design = 'basic' | 'two-level' | 'speculative' | 'demux' | 'paper23';

export const DESIGNS: readonly Design[] = ['basic', 'two-level', 'speculative', 'demux', 'paper23'];

/**
 * Conventions of the SUBLEQ machines that programs are written for. They differ in defaults, and in what the end of the input does:
 * `rosetta` and `mazonka` stop with an `InputExhaustedError`, `howerj` reads -1.
 */
export type Dialect = 'rosetta' | 'howerj' | 'mazonka';

/** What a machine is like. */
export interface MachineSpec {
  /** Cells of memory, N. 1 <= N <= 2^bits - 1, so that the address -1 is never a cell. */
  readonly words: number;
  /** Bits of a word, w. 2 <= w. */
  readonly bits: number;
  /** The machine halts when the program counter is at least this, H. Default `words`; at most `words` and 2^bits - 3. */
  readonly haltAt?: number;
  /** Default `basic`. */
  readonly design?: Design;
  /** Base of the digits of `two-level` (default about the square root of `words`), children of a node of `demux` (default 16). */
  readonly radix?: number;
  /** Floats that the network must be exact in. Default `f64`. */
  readonly float?: 'f32' | 'f64';
  /**
   * Whether a pass begins by rounding every entry of the state to what it must be: an error of up to 1/4 in any of them is gone. Costs three
   * stages for each 4 bits of a word, and some 61 weights a word for each; three stages and 4 weights a bit for `paper23`. Default false.
   */
  readonly errorCorrection?: boolean;
}

/** A spec with its defaults filled in. */
export type Architecture = Required<MachineSpec>;

import { type Rng, restore } from '@x/linalg';

/** The random numbers of a walk, of which one kind is drawn many at once, so that the generator's WebAssembly does the work. */
export interface Draws {
  /** For what is drawn seldom. */
  readonly rng: Rng;
  /** The next number of the frequent kind. */
  next(): number;
  /** Position and buffered numbers; always STREAM_STATE of them. */
  save(out: Float64Array, at: number): void;
  restore(state: Float64Array, at: number): void;
}

const SIZE = 1024;
/** Numbers that a saved stream takes. */
export const STREAM_STATE: number = SIZE + 3;

/** @param fill - draws the next numbers of the frequent kind. */
export function buffered(start: Rng, fill: (rng: Rng, out: Float64Array) => void): Draws {
  const held = new Float64Array(SIZE);
  let used = SIZE;
  let rng = start;
  return {
    get rng() {
      return rng;
    },
    next() {
      if (used === SIZE) {
        fill(rng, held);
        used = 0;
      }
      return held[used++]!;
    },
    save(out, at) {
      const { position, halfPair } = rng.state();
      out.set([used, position, Number(halfPair)], at);
      out.set(held, at + 3);
    },
    restore(state, at) {
      used = state[at]!;
      rng = restore({ ...rng.state(), position: state[at + 1]!, halfPair: state[at + 2] === 1 });
      held.set(state.subarray(at + 3, at + 3 + SIZE));
    },
  };
}

import { ArgumentError } from '@x/linalg/errors';
import type { PebbleDag } from './dag.ts';
import { COMPUTE, LOAD, STORE } from './moves.ts';

/**
 * Rules of the game. `base`: values may be computed again. `oneshot`: each at most once. `nodel`: a red pebble may go only where the value
 * has a blue one, too, so that nothing computed is lost. `compcost`: as `base`, and computing costs `computeCost` a vertex.
 */
export type Variant = 'base' | 'oneshot' | 'nodel' | 'compcost';

export interface GameOptions {
  /** Default `base`. */
  readonly variant?: Variant;
  /** Whether a result may take the place of one of its predecessors, which then is lost: the next move deletes it. Default false. */
  readonly slide?: boolean;
  /** Cost of computing a vertex under `compcost`. Default 0.01. */
  readonly computeCost?: number;
}

/** Why a move is illegal, or, where all moves are legal, what is missing at the end. */
export type VerifyCode =
  | 'unknown-vertex'
  | 'load-not-blue'
  | 'already-red'
  | 'store-not-red'
  | 'already-blue'
  | 'compute-input'
  | 'predecessor-not-red'
  | 'delete-not-red'
  | 'delete-not-blue'
  | 'computed-twice'
  | 'capacity'
  | 'output-not-blue';

export interface Verdict {
  readonly ok: boolean;
  /** Words loaded and stored, up to the error if there is one. */
  readonly loads: number;
  readonly stores: number;
  readonly computes: number;
  /** loads + stores, and under `compcost` the price of computing. */
  readonly cost: number;
  /** The most words that were red at once. */
  readonly peak: number;
  readonly error?: { readonly code: VerifyCode; readonly move: number; readonly vertex: number };
}

/**
 * Plays a list of moves by the rules of Hong and Kung's red-blue pebble game, and judges it. It knows nothing of schedules.
 *
 * A load puts a red pebble on a blue vertex, a store a blue one on a red vertex, computing a red one on a vertex whose predecessors are all
 * red, a deletion takes a red one away. At no time, that of computing included, are more than M words red. At the end all outputs are blue.
 * Moves without effect (load of what is red, store of what is blue) are errors, too.
 *
 * @param moves - encoded, see `encodeMove`.
 * @param M - words of fast memory.
 * @throws ArgumentError.
 * Cost: O(1) a move and predecessor.
 * Source: Hong and Kung, STOC 1981; the variants: Papp and Wattenhofer, arXiv 2005.08609.
 */
export function verify(dag: PebbleDag, moves: ArrayLike<number>, M: number, options: GameOptions = {}): Verdict {
  const { variant = 'base', slide = false, computeCost = 0.01 } = options;
  checkCapacity('verify', M);
  const { size, start, predecessors, weights, outputs } = dag;
  /** Bit 0 red, bit 1 blue, bit 2 computed before. */
  const state = new Uint8Array(size);
  for (let v = 0; v < size; v++) if (start[v] === start[v + 1]) state[v] = 2;
  const once = variant === 'oneshot';
  const kept = variant === 'nodel';
  let [loads, stores, computes, red, peak] = [0, 0, 0, 0, 0];
  const verdict = (code?: VerifyCode, move = moves.length, vertex = -1): Verdict => ({
    ok: code === undefined,
    loads,
    stores,
    computes,
    cost: loads + stores + (variant === 'compcost' ? computeCost * computes : 0),
    peak,
    ...(code !== undefined && { error: { code, move, vertex } }),
  });

  for (let at = 0; at < moves.length; at++) {
    const move = moves[at]!;
    const vertex = move >>> 2;
    const kind = move & 3;
    if (!(vertex < size) || move < 0) return verdict('unknown-vertex', at, vertex);
    const held = state[vertex]!;
    if (kind === LOAD) {
      if ((held & 2) === 0) return verdict('load-not-blue', at, vertex);
      if ((held & 1) !== 0) return verdict('already-red', at, vertex);
      state[vertex] = held | 1;
      loads += weights[vertex]!;
      red += weights[vertex]!;
    } else if (kind === STORE) {
      if ((held & 1) === 0) return verdict('store-not-red', at, vertex);
      if ((held & 2) !== 0) return verdict('already-blue', at, vertex);
      state[vertex] = held | 2;
      stores += weights[vertex]!;
    } else if (kind === COMPUTE) {
      const [from, to] = [start[vertex]!, start[vertex + 1]!];
      if (from === to) return verdict('compute-input', at, vertex);
      if ((held & 1) !== 0) return verdict('already-red', at, vertex);
      if (once && (held & 4) !== 0) return verdict('computed-twice', at, vertex);
      for (let p = from; p < to; p++) if ((state[predecessors[p]!]! & 1) === 0) return verdict('predecessor-not-red', at, vertex);
      state[vertex] = held | 5;
      computes++;
      red += weights[vertex]!;
    } else {
      if ((held & 1) === 0) return verdict('delete-not-red', at, vertex);
      if (kept && (held & 2) === 0) return verdict('delete-not-blue', at, vertex);
      state[vertex] = held & ~1;
      red -= weights[vertex]!;
    }
    // A result slides onto the predecessor that the next move deletes.
    if (slide && kind === COMPUTE && isSlide(dag, vertex, moves[at + 1])) continue;
    if (red > peak) peak = red;
    if (red > M) return verdict('capacity', at, vertex);
  }
  const missing = outputs.find((v) => (state[v]! & 2) === 0);
  return missing === undefined ? verdict() : verdict('output-not-blue', moves.length, missing);
}

/** Whether the move deletes a predecessor of the vertex. */
function isSlide({ start, predecessors }: PebbleDag, vertex: number, next: number | undefined): boolean {
  if (next === undefined || (next & 3) !== 3) return false;
  const gone = next >>> 2;
  for (let p = start[vertex]!; p < start[vertex + 1]!; p++) if (predecessors[p] === gone) return true;
  return false;
}

export function checkCapacity(operation: string, M: number): void {
  if (!(Number.isSafeInteger(M) && M >= 1)) {
    throw new ArgumentError(`${operation}: M is ${M}; it must be a whole number of words, at least 1`, 'M');
  }
}

import { isInput, type PebbleDag } from './dag.ts';
import { COMPUTE, DELETE, LOAD, STORE } from './moves.ts';
import type { GameOptions } from './verify.ts';

/** Costs are counted in whole ticks, so that computing may cost less than a word. */
export const TICKS = 1000;

/** A step of the search: one vertex is made red, others leave. */
export type Reach = (red: number, blue: number, ticks: number, moves: () => number[]) => void;

/** The game on a DAG of at most 30 vertices, over pairs of masks: which vertices are red, and which are blue. */
export interface Game {
  readonly start: { readonly red: number; readonly blue: number };
  isWon(blue: number): boolean;
  /** Calls `reach` for every state that one step leads to. */
  expand(red: number, blue: number, reach: Reach): void;
  /**
   * A lower bound of the ticks still to come: stores of outputs that are not blue, loads of the inputs from which these must be computed.
   * No step lowers it by more than its cost.
   */
  remaining(red: number, blue: number): number;
}

/**
 * The game in a normal form that loses no optimum:
 * - a vertex leaves fast memory only when room is needed, or when nothing can need it any more;
 * - an output is stored as soon as it is computed;
 * - under `base`, what can be computed in free room is computed at once: a red pebble more never hurts.
 */
export function game(dag: PebbleDag, M: number, options: Required<GameOptions>): Game {
  const { size, weights } = dag;
  const { variant, slide } = options;
  const computeTicks = variant === 'compcost' ? Math.round(options.computeCost * TICKS) : 0;
  const before = new Int32Array(size);
  const after = new Int32Array(size);
  let inputs = 0;
  for (let v = 0; v < size; v++) {
    if (isInput(dag, v)) inputs |= 1 << v;
    for (let p = dag.start[v]!; p < dag.start[v + 1]!; p++) {
      before[v]! |= 1 << dag.predecessors[p]!;
      after[dag.predecessors[p]!]! |= 1 << v;
    }
  }
  let outputs = 0;
  for (const v of dag.outputs) outputs |= 1 << v;

  const words = (mask: number): number => {
    let sum = 0;
    for (let rest = mask; rest !== 0; rest &= rest - 1) sum += weights[lowest(rest)]!;
    return sum;
  };

  /**
   * Vertices that nothing can need any more, by which outputs are blue; under oneshot also those whose successors have all been computed.
   */
  const deadBy = new Map<number, number>();
  function dead(red: number, blue: number): number {
    if (variant === 'oneshot') return unneeded(blue & outputs, red | (blue & ~inputs));
    const done = blue & outputs;
    const known = deadBy.get(done);
    if (known !== undefined) return known;
    const mask = unneeded(done, 0);
    deadBy.set(done, mask);
    return mask;
  }

  function unneeded(done: number, computed: number): number {
    let mask = 0;
    for (let v = size - 1; v >= 0; v--) {
      if ((after[v]! & ~mask & ~computed) === 0 && (((outputs & ~done) >>> v) & 1) === 0) mask |= 1 << v;
    }
    return mask;
  }

  /** A state without what is dead: it is deleted, and whether it is blue no longer matters. */
  function settle(red: number, blue: number): [red: number, blue: number] {
    const gone = dead(red, blue);
    // Under nodel only what is blue may be deleted.
    const deleted = variant === 'nodel' ? gone & blue : gone;
    return [red & ~deleted, blue & ~(gone & ~outputs & ~(variant === 'nodel' ? red : 0))];
  }

  function expand(red: number, blue: number, reach: Reach): void {
    const gone = dead(red, blue);
    const used = words(red);
    const computable = (v: number): boolean => {
      if (((inputs >>> v) & 1) === 1 || (before[v]! & ~red) !== 0) return false;
      return variant !== 'oneshot' || ((blue >>> v) & 1) === 0;
    };
    if (variant === 'base') {
      for (let v = 0; v < size; v++) {
        if ((((red | gone) >>> v) & 1) === 1 || !computable(v) || used + weights[v]! > M) continue;
        place(v, true, 0, red, blue, reach);
        return;
      }
    }
    for (let v = 0; v < size; v++) {
      if ((((red | gone) >>> v) & 1) === 1) continue;
      const kinds = [...(computable(v) ? [true] : []), ...(((blue >>> v) & 1) === 1 ? [false] : [])];
      for (const compute of kinds) {
        const pinned = compute && !slide ? before[v]! : 0;
        evictions(red & ~pinned, used + weights[v]! - M, (victims) => {
          // Only one predecessor's place can be slid into.
          if (compute && slide && atLeastTwo(victims & before[v]!)) return;
          place(v, compute, victims, red, blue, reach);
        });
      }
    }
  }

  /** The smallest sets of vertices that free so many words. */
  function evictions(candidates: number, needed: number, take: (victims: number) => void): void {
    if (needed <= 0) {
      take(0);
      return;
    }
    const choose = (rest: number, victims: number, freed: number): void => {
      for (let left = rest; left !== 0; left &= left - 1) {
        const w = lowest(left);
        const now = victims | (1 << w);
        const total = freed + weights[w]!;
        if (total < needed) choose(left & (left - 1), now, total);
        else if (isMinimal(now, total)) take(now);
      }
    };
    const isMinimal = (victims: number, total: number): boolean => {
      for (let left = victims; left !== 0; left &= left - 1) if (total - weights[lowest(left)]! >= needed) return false;
      return true;
    };
    choose(candidates, 0, 0);
  }

  /** Makes v red, after each choice of which victims are stored before they go. */
  function place(v: number, compute: boolean, victims: number, red: number, blue: number, reach: Reach): void {
    const output = compute && (((outputs & ~blue) >>> v) & 1) === 1;
    const ticks = (compute ? computeTicks : weights[v]! * TICKS) + (output ? weights[v]! * TICKS : 0);
    const blueAfter = output ? blue | (1 << v) : blue;
    const unsaved = victims & ~blue;
    // Under oneshot and nodel a value may not be lost; but for oneshot one that nothing needs after this step.
    const idle = dead(red | (1 << v), blueAfter);
    const must = variant === 'nodel' ? unsaved : variant === 'oneshot' ? unsaved & ~idle : 0;
    const may = unsaved & ~must & ~idle;
    // All subsets of `may`, from all of it down to none.
    for (let extra = may; ; extra = (extra - 1) & may) {
      const stored = must | extra;
      const [nextRed, nextBlue] = settle((red & ~victims) | (1 << v), blueAfter | stored);
      reach(nextRed, nextBlue, ticks + words(stored) * TICKS, () => moves(v, compute, output, victims, stored, red, nextRed));
      if (extra === 0) break;
    }
  }

  function moves(v: number, compute: boolean, output: boolean, victims: number, stored: number, red: number, nextRed: number): number[] {
    const each = (mask: number, kind: number): number[] => bits(mask).map((w) => 4 * w + kind);
    // A predecessor into whose place the result slides goes after it, and right after it.
    const slid = compute ? victims & before[v]! : 0;
    return [
      ...each(stored, STORE),
      ...each(victims & ~slid, DELETE),
      4 * v + (compute ? COMPUTE : LOAD),
      ...each(slid, DELETE),
      ...(output ? [4 * v + STORE] : []),
      ...each(((red & ~victims) | (1 << v)) & ~nextRed, DELETE),
    ];
  }

  function remaining(red: number, blue: number): number {
    const missing = outputs & ~blue;
    let ticks = words(missing);
    let seen = missing & ~red;
    for (let left = seen; left !== 0; ) {
      const v = lowest(left);
      left &= left - 1;
      const fresh = before[v]! & ~red & ~seen;
      seen |= fresh;
      ticks += words(fresh & inputs);
      left |= fresh & ~inputs & ~blue;
    }
    return ticks * TICKS;
  }

  const [red, blue] = settle(0, inputs);
  return { start: { red, blue }, isWon: (held) => (outputs & ~held) === 0, expand, remaining };
}

function lowest(mask: number): number {
  return 31 - Math.clz32(mask & -mask);
}

function atLeastTwo(mask: number): boolean {
  return (mask & (mask - 1)) !== 0;
}

function bits(mask: number): number[] {
  const list: number[] = [];
  for (let rest = mask; rest !== 0; rest &= rest - 1) list.push(lowest(rest));
  return list;
}

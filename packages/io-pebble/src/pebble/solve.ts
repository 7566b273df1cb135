import { AbortedError, ArgumentError, InfeasibleError } from '@x/linalg/errors';
import { automorphisms } from './automorphisms.ts';
import { checkFits, type PebbleDag } from './dag.ts';
import { type Game, game, TICKS } from './game.ts';
import { greedyPebbling } from './greedy.ts';
import { newStates, type States } from './states.ts';
import { type Symmetry, symmetry } from './symmetry.ts';
import { checkCapacity, type GameOptions, verify } from './verify.ts';

export interface SolveOptions extends GameOptions {
  /** States after which the search gives up and returns what it has. Default 5e6, which take about 200 MB. */
  readonly maxStates?: number;
  readonly signal?: AbortSignal;
  /** Called from time to time with the states expanded and the lower bound reached. */
  readonly onProgress?: (states: number, lower: number) => void;
}

/** A pebbling and how far from the best it can be. */
export interface Solution {
  /** Words moved (and the price of computing, under `compcost`) by `moves`. */
  readonly cost: number;
  /** Encoded moves; `verify` accepts them. */
  readonly moves: Int32Array;
  /** Whether no pebbling costs less. */
  readonly proven: boolean;
  /** No pebbling costs less than this. */
  readonly lower: number;
  /** States expanded. */
  readonly states: number;
}

/** The most vertices that `solveOptimal` takes: masks of vertices are 32-bit numbers, less the sign. */
export const MOST_SOLVABLE = 30;
const MOST_SYMMETRIES = 48;
/** States expanded between two turns of the event loop. */
const TURN = 20_000;

/**
 * The cheapest pebbling of a small DAG, by A* over pairs of red and blue vertices, up to symmetries of the DAG.
 *
 * @param dag - at most 30 vertices. @param M - words of fast memory.
 * @returns the optimum; or, when `maxStates` is reached, the greedy pebbling with the lower bound so far, and `proven` false.
 * @throws ArgumentError; InfeasibleError when M is too small to compute some vertex; AbortedError with such a `Solution` in `partial`.
 * Cost: exponential in the vertices; the problem is NP-hard (Demaine and Liu, SPAA 2018, as cited by Papp and Wattenhofer,
 * arXiv 2005.08609). Seconds for 20 vertices.
 */
export async function solveOptimal(dag: PebbleDag, M: number, options: SolveOptions = {}): Promise<Solution> {
  const { variant = 'base', slide = false, computeCost = 0.01, maxStates = 5e6, signal, onProgress } = options;
  checkCapacity('solveOptimal', M);
  if (dag.size > MOST_SOLVABLE) {
    throw new ArgumentError(
      `solveOptimal: dag has ${dag.size} vertices; at most ${MOST_SOLVABLE} can be solved, see greedyPebbling`,
      'dag',
    );
  }
  if (!(Number.isInteger(Math.round(computeCost * TICKS * 1e6) / 1e6) && computeCost >= 0 && computeCost <= 1)) {
    throw new ArgumentError(`solveOptimal: computeCost is ${computeCost}; it must be a multiple of ${1 / TICKS} in [0, 1]`, 'computeCost');
  }
  if (!(Number.isInteger(maxStates) && maxStates >= 1)) {
    throw new ArgumentError(`solveOptimal: maxStates is ${maxStates}; it must be a whole number from 1 on`, 'maxStates');
  }
  checkFits('solveOptimal', dag, M, slide);
  const rules = { variant, slide, computeCost };
  const play = game(dag, M, rules);
  const symmetries = symmetry(automorphisms(dag, MOST_SYMMETRIES));
  const { canonical } = symmetries;
  const states = newStates();
  const open = new Buckets();
  const first = canonical(play.start.red, play.start.blue);
  const root = states.find(first[0], first[1]);
  states.improve(root, 0, -1);
  open.push(play.remaining(first[0], first[1]), root);
  let expanded = 0;

  const unproven = (lower: number): Solution => {
    const greedy = greedyPebbling(dag, M, rules);
    return { cost: greedy.cost, moves: greedy.moves, proven: false, lower: lower / TICKS, states: expanded };
  };

  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (states.closed.get(state)) continue;
    const [red, blue, cost] = [states.red(state), states.blue(state), states.cost(state)];
    if (play.isWon(blue)) {
      const moves = replay(play, symmetries, states, state);
      return { cost: verify(dag, moves, M, rules).cost, moves, proven: true, lower: cost / TICKS, states: expanded };
    }
    if (states.count > maxStates) return unproven(open.least);
    if (expanded % TURN === 0) {
      if (expanded > 0) await turn();
      onProgress?.(expanded, open.least / TICKS);
      if (signal?.aborted) throw new AbortedError(`solveOptimal: aborted after ${expanded} states`, unproven(open.least));
    }
    states.closed.add(state);
    expanded++;
    play.expand(red, blue, (nextRed, nextBlue, ticks) => {
      const [r, b] = canonical(nextRed, nextBlue);
      const next = states.find(r, b);
      const total = cost + ticks;
      if (total >= states.cost(next)) return;
      states.improve(next, total, state);
      open.push(total + play.remaining(r, b), next);
    });
  }
  throw new InfeasibleError('solveOptimal: no pebbling exists under these rules');
}

/** States by what they cost at least, least first; of equals the latest first, which goes deep. */
class Buckets {
  least = 0;
  private readonly lists = new Map<number, number[]>();
  private readonly keys: number[] = [];

  push(key: number, state: number): void {
    let list = this.lists.get(key);
    if (list === undefined) {
      list = [];
      this.lists.set(key, list);
      let at = this.keys.length;
      while (at > 0 && this.keys[at - 1]! < key) at--;
      this.keys.splice(at, 0, key);
    }
    list.push(state);
  }

  pop(): number | undefined {
    for (let key = this.keys.at(-1); key !== undefined; key = this.keys.at(-1)) {
      const list = this.lists.get(key)!;
      if (list.length > 0) {
        this.least = key;
        return list.pop();
      }
      this.keys.pop();
      this.lists.delete(key);
    }
    return undefined;
  }
}

/**
 * The moves along the path to a state. The search went from canonical state to canonical state: each step is made in the frame that it was
 * found in, and its vertices are taken back through the automorphisms in between.
 */
function replay(play: Game, { canonical, toCanonical }: Symmetry, states: States, goal: number): Int32Array {
  const path: number[] = [];
  for (let state = goal; state !== -1; state = states.parent(state)) path.push(state);
  path.reverse();
  /** For each vertex of the frame, the vertex of the DAG. */
  let origin = inverse(toCanonical(play.start.red, play.start.blue));
  const all: number[] = [];
  for (let k = 1; k < path.length; k++) {
    const [from, to] = [path[k - 1]!, path[k]!];
    const price = states.cost(to) - states.cost(from);
    let found: { red: number; blue: number; moves: number[] } | undefined;
    play.expand(states.red(from), states.blue(from), (red, blue, ticks, moves) => {
      if (found !== undefined || ticks !== price) return;
      const [r, b] = canonical(red, blue);
      if (r === states.red(to) && b === states.blue(to)) found = { red, blue, moves: moves() };
    });
    for (const move of found!.moves) all.push(4 * origin[move >>> 2]! + (move & 3));
    const back = inverse(toCanonical(found!.red, found!.blue));
    origin = back.map((vertex) => origin[vertex]!);
  }
  return Int32Array.from(all);
}

function inverse(permutation: Int32Array): Int32Array {
  const result = new Int32Array(permutation.length);
  permutation.forEach((image, v) => {
    result[image] = v;
  });
  return result;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

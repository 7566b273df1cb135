import { ArgumentError } from '@x/linalg/errors';
import { checkFits, isInput, type PebbleDag } from './dag.ts';
import { COMPUTE, DELETE, LOAD, STORE } from './moves.ts';
import { checkCapacity, type GameOptions, type Variant, verify } from './verify.ts';

export interface GreedyOptions extends GameOptions {
  /** The order in which vertices that are no inputs are computed, each once; default by number. */
  readonly order?: readonly number[];
}

/** A legal pebbling and its cost, which bounds the least cost from above. */
export interface Pebbling {
  readonly cost: number;
  readonly moves: Int32Array;
}

/**
 * Pebbles a DAG of any size in a given order: what is needed is loaded, and where room is wanted that vertex leaves whose next use is
 * furthest away, stored first if it is still needed. Legal under every variant; nothing is computed twice.
 *
 * @param M - words of fast memory. @throws ArgumentError; InfeasibleError when M is too small to compute some vertex.
 * Cost: O((V + E) log V) for V vertices and E edges, but O(V M) where weights differ.
 */
export function greedyPebbling(dag: PebbleDag, M: number, options: GreedyOptions = {}): Pebbling {
  const { variant = 'base', slide = false, order = computed(dag) } = options;
  checkCapacity('greedyPebbling', M);
  checkFits('greedyPebbling', dag, M, slide);
  checkOrder(dag, order);
  return play(dag, M, order, variant, options);
}

function play(dag: PebbleDag, M: number, order: readonly number[], variant: Variant, options: GameOptions): Pebbling {
  const { size, start, predecessors, weights } = dag;
  const slide = options.slide === true;
  /** Steps at which a vertex is used, the next one last. */
  const uses = Array.from({ length: size }, (): number[] => []);
  for (let step = order.length - 1; step >= 0; step--) {
    const v = order[step]!;
    for (let p = start[v]!; p < start[v + 1]!; p++) uses[predecessors[p]!]!.push(step);
  }
  const output = new Uint8Array(size);
  for (const v of dag.outputs) output[v] = 1;
  const blue = new Uint8Array(size);
  for (let v = 0; v < size; v++) if (isInput(dag, v)) blue[v] = 1;
  const red = new Set<number>();
  let used = 0;
  const moves: number[] = [];
  const nextUse = (v: number) => uses[v]!.at(-1) ?? Number.POSITIVE_INFINITY;

  const put = (v: number, kind: number): void => {
    moves.push(4 * v + kind);
    red.add(v);
    used += weights[v]!;
  };
  const remove = (v: number): void => {
    moves.push(4 * v + DELETE);
    red.delete(v);
    used -= weights[v]!;
  };
  const store = (v: number): void => {
    moves.push(4 * v + STORE);
    blue[v] = 1;
  };
  /** Makes room for some words, of vertices that this step does not use. */
  const free = (words: number, pinned: ReadonlySet<number>): void => {
    while (used + words > M) {
      let victim = -1;
      for (const v of red) if (!pinned.has(v) && (victim === -1 || nextUse(v) > nextUse(victim))) victim = v;
      if (blue[victim] === 0 && (nextUse(victim) < Number.POSITIVE_INFINITY || variant === 'nodel')) store(victim);
      remove(victim);
    }
  };

  /** The predecessor whose place a result takes: one that is not used again, or, where there is no other way, the largest. */
  const slidOnto = (v: number, needed: ReadonlySet<number>): number | undefined => {
    const room = M - [...needed].reduce((sum, u) => sum + weights[u]!, 0);
    const fits = [...needed].filter((u) => room + weights[u]! >= weights[v]!);
    const done = fits.find((u) => nextUse(u) === Number.POSITIVE_INFINITY);
    return done ?? (room >= weights[v]! ? undefined : fits[0]);
  };

  for (const v of order) {
    const needed = new Set(predecessors.subarray(start[v]!, start[v + 1]!));
    for (const u of needed) {
      if (red.has(u)) continue;
      free(weights[u]!, needed);
      put(u, LOAD);
    }
    for (const u of needed) uses[u]!.pop();
    const slid = slide ? slidOnto(v, needed) : undefined;
    if (slid !== undefined) {
      if (blue[slid] === 0 && (nextUse(slid) < Number.POSITIVE_INFINITY || variant === 'nodel')) store(slid);
      free(weights[v]! - weights[slid]!, needed);
      put(v, COMPUTE);
      remove(slid);
    } else {
      free(weights[v]!, needed);
      put(v, COMPUTE);
    }
    if (output[v] === 1) store(v);
    for (const u of [...needed, v]) {
      if (red.has(u) && nextUse(u) === Number.POSITIVE_INFINITY && (variant !== 'nodel' || blue[u] === 1)) remove(u);
    }
  }
  const list = Int32Array.from(moves);
  return { moves: list, cost: verify(dag, list, M, options).cost };
}

function computed(dag: PebbleDag): number[] {
  return Array.from({ length: dag.size }, (_, v) => v).filter((v) => !isInput(dag, v));
}

function checkOrder(dag: PebbleDag, order: readonly number[]): void {
  const seen = new Set<number>();
  for (const v of order) {
    const fits = Number.isInteger(v) && v >= 0 && v < dag.size && !isInput(dag, v) && !seen.has(v);
    const ready = fits && dag.predecessors.subarray(dag.start[v]!, dag.start[v + 1]!).every((u) => isInput(dag, u) || seen.has(u));
    if (!ready) throw new ArgumentError(`greedyPebbling: order has ${v} where it cannot be computed; it must be topological`, 'order');
    seen.add(v);
  }
  if (seen.size !== computed(dag).length) {
    throw new ArgumentError(
      `greedyPebbling: order has ${seen.size} vertices; it must have all ${computed(dag).length} computed ones`,
      'order',
    );
  }
}

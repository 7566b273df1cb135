import { ArgumentError, InfeasibleError } from '@x/linalg/errors';

/** A computation as a directed acyclic graph: a vertex is a value, its predecessors are what it is computed from. Made by `dagBuilder`. */
export interface PebbleDag {
  /** Number of vertices; predecessors of a vertex have smaller numbers. */
  readonly size: number;
  /** Predecessors of v are `predecessors[p]`, p from `start[v]` to `start[v + 1]`; an input has none. */
  readonly start: Int32Array;
  readonly predecessors: Int32Array;
  /** Words that a vertex takes in fast memory, and that moving it costs. */
  readonly weights: Int32Array;
  /** Vertices that must be in slow memory at the end. */
  readonly outputs: Int32Array;
}

export interface DagBuilder {
  /** A value that is in slow memory at the start. @returns its number. @throws ArgumentError. */
  input(weight?: number): number;
  /** A value computed from others, at least one. @returns its number. @throws ArgumentError for no or unknown predecessors. */
  node(predecessors: readonly number[], weight?: number): number;
  /** Demands a value in slow memory at the end. @throws ArgumentError for an unknown vertex. */
  output(vertex: number): void;
  build(): PebbleDag;
}

/** More vertices than this do not fit the encoding of moves. */
const MOST_VERTICES = 2 ** 29;

/**
 * Builds a DAG vertex by vertex; as predecessors must be there already, no cycle can be made.
 *
 * @example
 * const dag = dagBuilder();
 * const [a, b] = [dag.input(), dag.input()];
 * dag.output(dag.node([a, b]));
 */
export function dagBuilder(): DagBuilder {
  const start = [0];
  const predecessors: number[] = [];
  const weights: number[] = [];
  const outputs = new Set<number>();
  const add = (from: readonly number[], weight: number): number => {
    const vertex = weights.length;
    if (vertex === MOST_VERTICES) throw new ArgumentError(`dagBuilder: more than ${MOST_VERTICES} vertices`, 'predecessors');
    if (!(Number.isInteger(weight) && weight >= 1 && weight <= 2 ** 31 - 1)) {
      throw new ArgumentError(`dagBuilder: weight is ${weight}; it must be a whole number in [1, 2^31)`, 'weight');
    }
    for (const u of new Set(from)) predecessors.push(u);
    start.push(predecessors.length);
    weights.push(weight);
    return vertex;
  };
  return {
    input: (weight = 1) => add([], weight),
    node(from, weight = 1) {
      if (from.length === 0) throw new ArgumentError('dagBuilder: predecessors is empty; a value without them is an input', 'predecessors');
      for (const u of from) checkVertex(u, weights.length, 'predecessors');
      return add(from, weight);
    },
    output(vertex) {
      checkVertex(vertex, weights.length, 'vertex');
      outputs.add(vertex);
    },
    build: () => ({
      size: weights.length,
      start: Int32Array.from(start),
      predecessors: Int32Array.from(predecessors),
      weights: Int32Array.from(weights),
      outputs: Int32Array.from(outputs).sort(),
    }),
  };
}

function checkVertex(vertex: number, size: number, name: string): void {
  if (!(Number.isInteger(vertex) && vertex >= 0 && vertex < size)) {
    throw new ArgumentError(`dagBuilder: ${name} names vertex ${vertex}; there are ${size}`, name);
  }
}

export function isInput({ start }: PebbleDag, vertex: number): boolean {
  return start[vertex] === start[vertex + 1];
}

/** The least fast memory in which a vertex can be computed, and the vertex that needs most. */
export function leastCapacity({ size, start, predecessors, weights }: PebbleDag, slide = false): { words: number; vertex: number } {
  let most = { words: 0, vertex: 0 };
  for (let v = 0; v < size; v++) {
    let words = 0;
    let largest = 0;
    for (let p = start[v]!; p < start[v + 1]!; p++) {
      words += weights[predecessors[p]!]!;
      largest = Math.max(largest, weights[predecessors[p]!]!);
    }
    // A result that slides takes the place of a predecessor.
    words += slide ? Math.max(0, weights[v]! - largest) : weights[v]!;
    if (words > most.words) most = { words, vertex: v };
  }
  return most;
}

/**
 * Words that every pebbling moves: outputs are stored and the inputs from which they are computed are loaded, each once. With enough fast
 * memory no more are needed.
 */
export function leastTraffic({ size, start, predecessors, weights, outputs }: PebbleDag): number {
  const needed = new Uint8Array(size);
  let words = 0;
  for (const v of outputs) {
    // An output that is an input is in slow memory already.
    if (start[v] === start[v + 1]) continue;
    needed[v] = 1;
    words += weights[v]!;
  }
  for (let v = size - 1; v >= 0; v--) {
    if (needed[v] === 0) continue;
    if (start[v] === start[v + 1]) words += weights[v]!;
    for (let p = start[v]!; p < start[v + 1]!; p++) needed[predecessors[p]!] = 1;
  }
  return words;
}

/** @throws InfeasibleError when M words cannot hold some vertex and its predecessors. */
export function checkFits(operation: string, dag: PebbleDag, M: number, slide: boolean): void {
  const least = leastCapacity(dag, slide);
  if (least.words > M) {
    throw new InfeasibleError(`${operation}: M is ${M}; vertex ${least.vertex} and its predecessors take ${least.words} words`);
  }
}

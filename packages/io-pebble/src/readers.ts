import { BadFileError } from '@x/linalg/errors';
import { type DagBuilder, dagBuilder, type PebbleDag } from './pebble/dag.ts';
import { encodeMove, type MoveKind } from './pebble/moves.ts';

/** A DAG and moves as JSON: what the command line reads. */
export interface PebbleJson {
  /** Predecessors of each vertex, none for an input; predecessors have smaller numbers. */
  readonly vertices: readonly (readonly number[])[];
  readonly outputs: readonly number[];
  /** Words of each vertex; default 1. */
  readonly weights?: readonly number[];
  readonly moves?: readonly (readonly [kind: MoveKind, vertex: number])[];
}

/** More vertices than this are refused: a hostile file must not exhaust memory. */
const MOST_VERTICES = 5e6;

/**
 * @param json - what `JSON.parse` returns; nothing in it is trusted.
 * @throws BadFileError that names the vertex or move.
 */
export function dagFromJson(json: unknown): { readonly dag: PebbleDag; readonly moves: Int32Array | undefined } {
  const { vertices, outputs, weights, moves } = (typeof json === 'object' && json !== null ? json : {}) as Partial<
    Record<keyof PebbleJson, unknown>
  >;
  if (!Array.isArray(vertices) || vertices.length === 0 || vertices.length > MOST_VERTICES) {
    throw new BadFileError(`dagFromJson: vertices must be a list of 1 to ${MOST_VERTICES} lists of predecessors`);
  }
  if (!Array.isArray(outputs)) throw new BadFileError('dagFromJson: outputs must be a list of vertices');
  if (weights !== undefined && !(Array.isArray(weights) && weights.length === vertices.length)) {
    throw new BadFileError(`dagFromJson: weights must be a list of ${vertices.length} words`);
  }
  const dag = dagBuilder();
  for (const [v, predecessors] of vertices.entries()) {
    at(`vertices[${v}]`, () => addVertex(dag, predecessors, (weights as number[] | undefined)?.[v]));
  }
  for (const [k, v] of (outputs as number[]).entries()) at(`outputs[${k}]`, () => dag.output(v));
  return { dag: dag.build(), moves: moves === undefined ? undefined : movesOf(moves, vertices.length) };
}

function addVertex(dag: DagBuilder, predecessors: unknown, weight = 1): void {
  if (!Array.isArray(predecessors)) throw new Error('must be a list of predecessors');
  if (predecessors.length === 0) dag.input(weight);
  else dag.node(predecessors as number[], weight);
}

function movesOf(moves: unknown, vertices: number): Int32Array {
  if (!Array.isArray(moves)) throw new BadFileError('dagFromJson: moves must be a list of [kind, vertex]');
  return Int32Array.from(moves, (move: unknown, k) => {
    const [kind, vertex] = Array.isArray(move) ? (move as [MoveKind, number]) : [];
    const known = ['load', 'store', 'compute', 'delete'].includes(kind as string);
    if (!known || !Number.isInteger(vertex) || vertex! < 0 || vertex! >= vertices) {
      throw new BadFileError(`dagFromJson: moves[${k}] must be ["load", "store", "compute" or "delete", a vertex below ${vertices}]`);
    }
    return encodeMove(kind!, vertex!);
  });
}

function at(place: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw new BadFileError(`dagFromJson: ${place}: ${(error as Error).message}`);
  }
}

/** The inverse of `dagFromJson`. */
export function dagToJson(dag: PebbleDag, moves?: ArrayLike<number>): PebbleJson {
  const kinds = ['load', 'store', 'compute', 'delete'] as const;
  return {
    vertices: Array.from({ length: dag.size }, (_, v) => [...dag.predecessors.subarray(dag.start[v]!, dag.start[v + 1]!)]),
    outputs: [...dag.outputs],
    ...(dag.weights.some((weight) => weight !== 1) && { weights: [...dag.weights] }),
    ...(moves !== undefined && { moves: Array.from(moves, (move) => [kinds[move & 3]!, move >>> 2] as const) }),
  };
}

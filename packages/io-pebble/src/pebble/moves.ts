/** The four moves of the red-blue pebble game. */
export type MoveKind = 'load' | 'store' | 'compute' | 'delete';

export const LOAD = 0;
export const STORE = 1;
export const COMPUTE = 2;
export const DELETE = 3;

const KINDS: readonly MoveKind[] = ['load', 'store', 'compute', 'delete'];

/** A move as one number, for lists of millions: 4 vertex + 0 (load), 1 (store), 2 (compute) or 3 (delete). */
export function encodeMove(kind: MoveKind, vertex: number): number {
  return 4 * vertex + KINDS.indexOf(kind);
}

export function decodeMove(move: number): { readonly kind: MoveKind; readonly vertex: number } {
  return { kind: KINDS[move & 3]!, vertex: move >>> 2 };
}

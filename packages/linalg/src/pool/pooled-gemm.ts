import { block, type Dense, type Float, transpose } from '../dense.ts';
import { WorkerError } from '../errors.ts';
import { copyInto, emptyLike, sameBuffer } from '../storage.ts';
import { aborted, checkProduct, type TiledGemmOptions } from './product.ts';
import type { Team } from './team.ts';
import { type Tile, type Tiling, tileAt, tiling } from './tiles.ts';

/**
 * One product on a team. The workers claim tiles from a counter in shared memory and mark them when they are done.
 * `state` holds the counter, a flag that stops, and one mark a tile.
 */
export function pooledGemm<T extends Float>(team: Team, options: TiledGemmOptions<T>): Promise<Dense<T>> {
  return new Promise((resolve, reject) => {
    const { m, n, k, alpha, beta } = checkProduct('pool.gemm', options);
    const { signal, onProgress } = options;
    const cut = tiling(m, n);
    const state = new Int32Array(new SharedArrayBuffer(4 * (2 + cut.count)));
    const { A, B, C } = shareOperands(options, m, n, beta);
    const target = options.C ?? C;
    let done = 0;
    let thrown: { readonly error: unknown } | undefined;

    const stop = (): void => {
      Atomics.store(state, 1, 1);
    };
    const tile = (): void => {
      try {
        onProgress?.(++done / cut.count);
      } catch (error) {
        thrown ??= { error };
        stop();
      }
    };
    const end = (error?: Error): void => {
      signal?.removeEventListener('abort', stop);
      const finished = finishedTiles(state, cut, m, n);
      if (target !== C)
        for (const { row, col, rows, cols } of finished) copyInto(block(C, row, col, rows, cols), block(target, row, col, rows, cols));
      const partial = { C: target, finished };
      if (thrown !== undefined) reject(thrown.error);
      else if (error instanceof WorkerError) reject(new WorkerError(error.message, { cause: error.cause, partial }));
      else if (error !== undefined) reject(error);
      else if (finished.length < cut.count) reject(aborted('pool.gemm', partial, cut.count));
      else resolve(target);
    };
    signal?.addEventListener('abort', stop);
    team.start({ m, n, k, alpha, beta, A, B, C, tiling: cut, state, progress: onProgress !== undefined }, { tile, stop, end });
  });
}

function finishedTiles(state: Int32Array, cut: Tiling, m: number, n: number): Tile[] {
  return Array.from(state.subarray(2), (mark, index) => (mark === 1 ? tileAt(cut, index, m, n) : undefined)).filter((t) => t !== undefined);
}

/** The operands on shared memory; C is the caller's own where that is shared and does not overlap what is read. */
function shareOperands<T extends Float>(
  options: TiledGemmOptions<T>,
  m: number,
  n: number,
  beta: number,
): { A: Dense<T>; B: Dense<T>; C: Dense<T> } {
  const A = share(options.A);
  const B = share(options.B);
  if (options.C === undefined) return { A, B, C: emptyLike('pool.gemm', A, m, n, true) };
  if (isShared(options.C) && !sameBuffer(options.C, A) && !sameBuffer(options.C, B)) return { A, B, C: options.C };
  return { A, B, C: beta === 0 ? emptyLike('pool.gemm', A, m, n, true) : sharedCopy(options.C) };
}

function isShared(A: Dense<Float>): boolean {
  return A.data.buffer instanceof SharedArrayBuffer;
}

function share<T extends Float>(A: Dense<T>): Dense<T> {
  if (isShared(A)) return A;
  // Copying along the contiguous direction is several times faster.
  return A.rowStride === 1 && A.colStride !== 1 ? transpose(sharedCopy(transpose(A))) : sharedCopy(A);
}

function sharedCopy<T extends Float>(A: Dense<T>): Dense<T> {
  const to = emptyLike('pool.gemm', A, A.rows, A.cols, true);
  copyInto(A, to);
  return to;
}

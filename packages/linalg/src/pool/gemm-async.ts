import { gemm } from '../blas/gemm.ts';
import { block, copy, type Dense, type Float } from '../dense.ts';
import { turn } from '../progress.ts';
import { emptyLike, sameBuffer } from '../storage.ts';
import { aborted, checkProduct, type TiledGemmOptions } from './product.ts';
import { type Tile, tileAt, tiling } from './tiles.ts';

/**
 * alpha A B + beta C on the calling thread, one tile after the other, with the event loop running in between: timers fire, pages
 * repaint, an abort is seen. Bit for bit equal to `gemm` and to a pool's `gemm`.
 *
 * @returns C when given, else a new row-major matrix.
 * @throws (rejects) as `gemm`; AbortedError whose `partial` is a PartialProduct, or undefined when nothing was started.
 * Cost: as `gemm` plus about a tenth for copies. A tile of 256 x 1024 takes 20 to 50 ms at k = 2048.
 */
export async function gemmAsync<T extends Float>(options: TiledGemmOptions<T>): Promise<Dense<T>> {
  const { m, n, alpha, beta } = checkProduct('gemmAsync', options);
  const { signal, onProgress } = options;
  const C = options.C ?? emptyLike('gemmAsync', options.A, m, n, false);
  // Tiles of C are written while A and B are still read.
  const [A, B] = [options.A, options.B].map((M) => (sameBuffer(M, C) ? copy(M) : M)) as [Dense<T>, Dense<T>];
  const cut = tiling(m, n);
  const finished: Tile[] = [];
  for (let index = 0; index < cut.count; index++) {
    if (index > 0) await turn();
    if (signal?.aborted) throw aborted('gemmAsync', { C, finished }, cut.count);
    const tile = tileAt(cut, index, m, n);
    gemm({
      alpha,
      A: block(A, tile.row, 0, tile.rows, A.cols),
      B: block(B, 0, tile.col, B.rows, tile.cols),
      beta,
      C: block(C, tile.row, tile.col, tile.rows, tile.cols),
    });
    finished.push(tile);
    onProgress?.(finished.length / cut.count);
  }
  return C;
}

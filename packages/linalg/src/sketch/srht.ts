import { checkFinite, checkObject, checkSize } from '../check.ts';
import type { Dense } from '../dense.ts';
import { ArgumentError } from '../errors.ts';
import { allocate, withWorkspace } from '../kernel/workspace.ts';
import { newArray } from '../memory.ts';
import { choose } from '../random/choose.ts';
import type { Rng } from '../random/rng.ts';
import { philoxFor } from '../random/streams.ts';
import { csrTranspose } from '../sparse/convert.ts';
import { type Csr, isCsr } from '../sparse/csr.ts';
import { checkFiniteMatrix, f64At } from '../sparse/rows.ts';
import type { SketchOptions } from './osnap.ts';
import { checkSketched, resultOf, type Sketch } from './sketch.ts';

/** Columns transformed together: their rows fill half a cache line. */
const PANEL = 4;

/**
 * Subsampled randomised Hadamard transform: S = sqrt(N / m) R H D, where D changes signs at random, H is the orthonormal
 * Walsh-Hadamard matrix of the least power of two N >= n (A is padded with zero rows), and R keeps m rows, chosen without
 * replacement.
 *
 * @param rows - m in [1, N].
 * @param cols - n, the rows of the matrices to be sketched.
 * @throws ShapeError or ArgumentError for sizes or seeds that are not allowed.
 * Cost of S A: N d log2 N additions, whether A is sparse or not.
 * Source: Tropp, arXiv 1011.1595.
 */
export function srht(rows: number, cols: number, options: SketchOptions = {}): Sketch {
  checkSize('srht', 'rows', rows, 1);
  checkSize('srht', 'cols', cols);
  checkObject('srht', 'options', options);
  const { seed = 0, stream = 0 } = options;
  let N = 1;
  while (N < cols) N *= 2;
  if (rows > N) throw new ArgumentError(`srht: rows is ${rows}; it must be at most ${N}, the least power of two >= cols`, 'rows');
  const rng = philoxFor('srht', seed, stream);
  const kept = choose(rng.split(0), N, rows);
  const signs = signsOf(rng, cols);
  const scale = 1 / Math.sqrt(rows);

  return {
    kind: 'srht',
    rows,
    cols,
    apply(A) {
      checkSketched('srht', 'A', A, cols);
      checkFiniteMatrix('srht', 'A', A);
      const out = newArray('srht', Float64Array, rows * A.cols);
      // Panels are columns, which a sparse matrix gives as rows of its transpose.
      const source = isCsr(A) ? csrTranspose(A) : A;
      withWorkspace((k) => {
        const panel = allocate(k, 8 * N * PANEL);
        for (let j = 0; j < A.cols; j += PANEL) {
          const width = Math.min(PANEL, A.cols - j);
          writeColumns(source, j, width, signs, f64At(k, panel, N * width));
          k.dhadamard(N, width, panel);
          const x = f64At(k, panel, N * width);
          kept.forEach((row, i) => {
            for (let c = 0; c < width; c++) out[i * A.cols + j + c] = scale * x[row * width + c]!;
          });
        }
      });
      return resultOf('srht', rows, A.cols, out);
    },
    applyTranspose(Y) {
      checkSketched('srht', 'Y', Y, rows);
      checkFinite('srht', 'Y', Y);
      const out = newArray('srht', Float64Array, cols * Y.cols);
      withWorkspace((k) => {
        const panel = allocate(k, 8 * N * PANEL);
        for (let j = 0; j < Y.cols; j += PANEL) {
          const width = Math.min(PANEL, Y.cols - j);
          const x = f64At(k, panel, N * width).fill(0);
          kept.forEach((row, i) => {
            for (let c = 0; c < width; c++) x[row * width + c] = scale * Y.data[Y.offset + i * Y.rowStride + (j + c) * Y.colStride]!;
          });
          k.dhadamard(N, width, panel);
          const transformed = f64At(k, panel, N * width);
          for (let i = 0; i < cols; i++) {
            for (let c = 0; c < width; c++) out[i * Y.cols + j + c] = signs[i]! * transformed[i * width + c]!;
          }
        }
      });
      return resultOf('srht', cols, Y.cols, out);
    },
  };
}

/** n signs, a bit of a random word each. */
function signsOf(rng: Rng, n: number): Int8Array {
  const signs = newArray('srht', Int8Array, n);
  let word = 0;
  for (let i = 0; i < n; i++) {
    if (i % 32 === 0) word = rng.nextUint32();
    signs[i] = (word >>> (i % 32)) & 1 ? -1 : 1;
  }
  return signs;
}

/** D times columns j, ..., j + width - 1, row-major, padded with zeros. `source` is A, or A^T when sparse. Sums with 0 have no -0. */
function writeColumns(source: Dense<Float32Array | Float64Array> | Csr, j: number, width: number, signs: Int8Array, x: Float64Array): void {
  x.fill(0);
  if (isCsr(source)) {
    for (let c = 0; c < width; c++) {
      for (let p = source.indptr[j + c]!; p < source.indptr[j + c + 1]!; p++) {
        const i = source.indices[p]!;
        x[i * width + c] = signs[i]! * source.data[p]!;
      }
    }
    return;
  }
  const { data, offset, rowStride, colStride } = source;
  for (let i = 0; i < source.rows; i++) {
    for (let c = 0, p = offset + i * rowStride + j * colStride; c < width; c++, p += colStride) x[i * width + c]! += signs[i]! * data[p]!;
  }
}

import { checkFinite, checkObject, checkSize, kindOf } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { allocate, withWorkspace, writeVector } from '../kernel/workspace.ts';
import { newArray } from '../memory.ts';
import { philoxBlock, uniformOfWords } from '../random/philox.ts';
import { philoxFor } from '../random/streams.ts';
import { csrTranspose } from '../sparse/convert.ts';
import { type Csr, isCsr } from '../sparse/csr.ts';
import { blockRows, checkFiniteMatrix, f64At, forEachFiniteBlock } from '../sparse/rows.ts';
import { checkSketched, resultOf, type SparseSketch } from './sketch.ts';

/** Draw of a sketch. */
export interface SketchOptions {
  /** A whole number in [0, 2^53); default 0. */
  readonly seed?: number;
  /** Sketches of one seed and different streams are independent; default 0. */
  readonly stream?: number;
}

/** Draw of an OSNAP sketch. */
export interface OsnapOptions extends SketchOptions {
  /** s, the entries in each column, from 1 to `rows`; default min(4, rows). */
  readonly nonzeros?: number;
}

/**
 * CountSketch: one entry +-1 in each column, in a random row. S A costs one addition per entry of A, but m must be of order
 * d^2 / (delta eps^2) for a subspace of dimension d: E ||(SU)^T SU - I||_F^2 <= (d^2 + d) / m, and two spikes that fall into one row
 * lose a direction. Check the result (`spectralDistortion`), or use `osnap`.
 *
 * @param rows - m >= 1.
 * @param cols - n, the rows of the matrices to be sketched.
 * @throws ShapeError or ArgumentError for sizes or seeds that are not allowed.
 * Source: Clarkson and Woodruff, arXiv 1207.6365.
 */
export function countSketch(rows: number, cols: number, options: SketchOptions = {}): SparseSketch {
  checkSize('countSketch', 'rows', rows, 1);
  return sparseSketch('countSketch', 'count-sketch', rows, cols, 1, options);
}

/**
 * OSNAP: s entries +-1/sqrt(s) in each column, one in each of s equal groups of rows. m = 4 d to 16 d with s = 4 to 8 serves well; in
 * theory m = O(d log(d / delta) / eps^2) and s = O(log(d / delta) / eps).
 *
 * @param rows - m >= 1.
 * @param cols - n, the rows of the matrices to be sketched.
 * @throws ShapeError or ArgumentError for sizes, counts or seeds that are not allowed.
 * Cost of S A: s additions per entry of A.
 * Source: Nelson and Nguyen, arXiv 1211.1002 (the block construction).
 */
export function osnap(rows: number, cols: number, options: OsnapOptions = {}): SparseSketch {
  checkSize('osnap', 'rows', rows, 1);
  checkObject('osnap', 'options', options);
  const nonzeros = options.nonzeros ?? Math.min(4, rows);
  if (!Number.isInteger(nonzeros) || nonzeros < 1 || nonzeros > rows) {
    throw new ArgumentError(`osnap: nonzeros is ${kindOf(nonzeros)}; it must be a whole number in [1, rows = ${rows}]`, 'nonzeros');
  }
  return sparseSketch('osnap', 'osnap', rows, cols, nonzeros, options);
}

function sparseSketch(
  operation: string,
  kind: SparseSketch['kind'],
  rows: number,
  cols: number,
  nonzeros: number,
  options: SketchOptions,
): SparseSketch {
  checkObject(operation, 'options', options);
  const { seed = 0, stream = 0 } = options;
  checkSize(operation, 'cols', cols);
  const { key, stream: words } = philoxFor('sparse', seed, stream).state();
  const scale = 1 / Math.sqrt(nonzeros);

  /** Calls `visit` with the entries of columns 0, 1, ... in turn. */
  function forEachEntry(visit: (row: number, col: number, value: number) => void): void {
    const block = new Uint32Array(4);
    const blocks = Math.ceil(nonzeros / 2);
    for (let i = 0; i < cols; i++) {
      for (let t = 0; t < nonzeros; t++) {
        const index = i * blocks + (t >> 1);
        if (t % 2 === 0) philoxBlock(index >>> 0, Math.floor(index / 2 ** 32), words[0], words[1], key[0], key[1], block);
        const [first, second] = t % 2 === 0 ? [block[0]!, block[1]!] : [block[2]!, block[3]!];
        const start = Math.floor((t * rows) / nonzeros);
        const size = Math.floor(((t + 1) * rows) / nonzeros) - start;
        visit(start + Math.floor(uniformOfWords(first, second) * size), i, second & 1 ? -scale : scale);
      }
    }
  }

  return {
    kind,
    rows,
    cols,
    nonzeros,
    apply(A) {
      checkSketched(operation, 'A', A, cols);
      const d = A.cols;
      return withWorkspace((k) => {
        const out = allocate(k, 8 * rows * d);
        f64At(k, out, rows * d).fill(0);
        if (isCsr(A)) {
          const data = writeVector(k, A.data);
          const indices = writeVector(k, A.indices);
          const indptr = writeVector(k, A.indptr);
          k.dosnap(cols, d, data, indptr, indices, 0, nonzeros, rows, ...words, ...key, out);
        } else {
          // Smaller blocks than elsewhere leave S A, which is written at random, in the second-level cache.
          forEachFiniteBlock(k, A, Math.ceil(blockRows(d) / 8), (block, first, count) =>
            k.dosnap(count, d, block, 0, 0, first, nonzeros, rows, ...words, ...key, out),
          );
        }
        // What is not finite comes through every sum.
        if (!(k.dabsSum(rows * d, out) < Number.POSITIVE_INFINITY)) checkFiniteMatrix(operation, 'A', A);
        const SA = f64At(k, out, rows * d).slice();
        if (nonzeros > 1) for (let p = 0; p < SA.length; p++) SA[p]! *= scale;
        return resultOf(operation, rows, d, SA);
      });
    },
    applyTranspose(Y) {
      checkSketched(operation, 'Y', Y, rows);
      checkFinite(operation, 'Y', Y);
      const X = newArray(operation, Float64Array, cols * Y.cols);
      forEachEntry((row, col, value) => {
        for (let j = 0, p = Y.offset + row * Y.rowStride; j < Y.cols; j++, p += Y.colStride) X[col * Y.cols + j]! += value * Y.data[p]!;
      });
      return resultOf(operation, cols, Y.cols, X);
    },
    toCsr(): Csr {
      const indices = newArray(operation, Int32Array, cols * nonzeros);
      const data = newArray(operation, Float64Array, cols * nonzeros);
      const indptr = newArray(operation, Int32Array, cols + 1).map((_, i) => i * nonzeros);
      let p = 0;
      // Groups of rows follow one another, so the rows of a column come out increasing: this is S^T.
      forEachEntry((row, _, value) => {
        indices[p] = row;
        data[p++] = value;
      });
      return csrTranspose({ rows: cols, cols: rows, indptr, indices, data });
    },
  };
}

import { checkVector } from '../check.ts';
import { type Dense, dense } from '../dense.ts';
import { allocate, withWorkspace, writeVector } from '../kernel/workspace.ts';
import { newArray } from '../memory.ts';
import { csrTranspose } from './convert.ts';
import { type Csr, checkCsr } from './csr.ts';
import { blockRows, f64At, forEachFiniteBlock } from './rows.ts';

/**
 * The Gram matrix A^T D A of a sparse A, D = diag(weights), as a dense symmetric matrix. Both triangles are filled. Rows of more than
 * a dozen entries that fill a third or more are multiplied in blocks, as by `gram`, at its speed.
 *
 * @param weights - one for each row, of any sign; all 1 by default. A weight times an entry must be in range.
 * @throws ShapeError when the sizes do not agree or A is not well formed; NonFiniteError naming a weight. Entries of A propagate;
 *   OutOfMemoryError.
 * Cost: sum over rows of (entries in the row)^2 flops, or rows cols^2 of the far faster ones of `gram`; cols^2 numbers.
 */
export function csrGram(A: Csr, weights?: Float64Array): Dense {
  checkCsr('csrGram', 'A', A);
  if (weights !== undefined) checkVector('csrGram', 'weights', weights, A.rows);
  const { indptr, indices, data, cols } = A;
  if (isFull(A)) return gramByBlocks(A, weights);
  const G = dense(cols, cols, newArray('csrGram', Float64Array, cols * cols));
  const g = G.data;
  for (let i = 0; i < A.rows; i++) {
    const weight = weights ? weights[i]! : 1;
    for (let p = indptr[i]!; p < indptr[i + 1]!; p++) {
      // Columns increase within a row, so q <= p fills the lower triangle. Weights come first, as in `gram`: squares alone may overflow.
      const x = weight * data[p]!;
      const row = indices[p]! * cols;
      for (let q = indptr[i]!; q <= p; q++) g[row + indices[q]!]! += x * data[q]!;
    }
  }
  for (let j = 0; j < cols; j++) for (let k = 0; k < j; k++) g[k * cols + j] = g[j * cols + k]!;
  return G;
}

/**
 * Flops of the kernel cost about a twelfth of those that follow indices, and to write an entry to a block costs twelve of the latter.
 * Zeros would spread what is not finite.
 */
function isFull(A: Csr): boolean {
  let saved = 0;
  for (let i = 0; i < A.rows; i++) {
    const count = A.indptr[i + 1]! - A.indptr[i]!;
    saved += count * (count - 12);
  }
  return 12 * saved > A.rows * A.cols * A.cols && A.data.every(Number.isFinite);
}

function gramByBlocks(A: Csr, weights: Float64Array | undefined): Dense {
  const { rows, cols } = A;
  return withWorkspace((k) => {
    const g = allocate(k, 8 * cols * cols);
    f64At(k, g, cols * cols).fill(0);
    const w = weights ? writeVector(k, weights) : 0;
    forEachFiniteBlock(k, A, Math.min(rows, blockRows(cols)), (block, first, count) =>
      k.dsyrk(cols, count, 1, block, 1, cols, weights ? w + 8 * first : 0, 1, g, cols, 1, false),
    );
    k.dmirror(cols, g, cols, 1, false);
    return dense(cols, cols, f64At(k, g, cols * cols).slice());
  });
}

/**
 * The Gram matrix A^T D A of a sparse A as a sparse symmetric matrix, for A whose Gram matrix has few entries. Sums that cancel
 * to zero are stored.
 *
 * @param weights - one for each row, of any sign; all 1 by default.
 * @throws as `csrGram`.
 * Cost: sum over rows of (entries in the row)^2 flops; memory of the result and of one row.
 */
export function csrGramSparse(A: Csr, weights?: Float64Array): Csr {
  const T = csrTranspose(A);
  if (weights !== undefined) checkVector('csrGramSparse', 'weights', weights, A.rows);
  const { cols } = A;
  const indptr = newArray('csrGramSparse', Int32Array, cols + 1);
  const sum = newArray('csrGramSparse', Float64Array, cols);
  const seenBy = newArray('csrGramSparse', Int32Array, cols).fill(-1);
  const columns: number[] = [];
  let indices = newArray('csrGramSparse', Int32Array, 4 * A.data.length + 16);
  let data = newArray('csrGramSparse', Float64Array, indices.length);
  let count = 0;
  // Gustavson's algorithm: row j of A^T D A is the sum of the rows of A that column j touches.
  for (let j = 0; j < cols; j++) {
    columns.length = 0;
    for (let p = T.indptr[j]!; p < T.indptr[j + 1]!; p++) {
      const i = T.indices[p]!;
      const weight = weights ? weights[i]! : 1;
      const x = T.data[p]!;
      for (let q = A.indptr[i]!; q < A.indptr[i + 1]!; q++) {
        const k = A.indices[q]!;
        if (seenBy[k] !== j) {
          seenBy[k] = j;
          sum[k] = 0;
          columns.push(k);
        }
        // The weight goes to the entry of the later column, on both sides of the diagonal.
        sum[k]! += k > j ? weight * A.data[q]! * x : weight * x * A.data[q]!;
      }
    }
    columns.sort((a, b) => a - b);
    if (count + columns.length > indices.length) {
      const larger = 2 * indices.length + columns.length;
      indices = grown(indices, newArray('csrGramSparse', Int32Array, larger));
      data = grown(data, newArray('csrGramSparse', Float64Array, larger));
    }
    for (const k of columns) {
      indices[count] = k;
      data[count++] = sum[k]!;
    }
    indptr[j + 1] = count;
  }
  return { rows: cols, cols, indptr, indices: indices.slice(0, count), data: data.slice(0, count) };
}

function grown<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

import { checkElements, checkNumber, checkObject } from '../check.ts';
import { type Dense, dense, type Float, transpose } from '../dense.ts';
import { ShapeError } from '../errors.ts';
import { allocate, copyOut, readDense, withWorkspace, writeDense, writeOperand, writeVector } from '../kernel/workspace.ts';
import { checkOperand, checkOutput } from './operands.ts';

/** What `syrk` takes. */
export interface SyrkOptions<T extends Float = Float64Array> {
  /** n x k. */
  readonly A: Dense<T>;
  /** The diagonal of D: k numbers of any sign. Default: ones. */
  readonly weights?: T;
  /** Factor of A D A^T. Default 1; 0 reads neither A nor the weights. */
  readonly alpha?: number;
  /** Factor of C. Default 0, which does not read C. */
  readonly beta?: number;
  /** n x n and symmetric: only its lower triangle is read. Receives the result, both triangles, in place when given. */
  readonly C?: Dense<T>;
}

/**
 * The symmetric product alpha A D A^T + beta C with D a diagonal matrix. One triangle is computed, the other one copied
 * from it, so the result is symmetric to the last bit. NaN and infinities propagate.
 *
 * @returns C when given, else a new n x n matrix.
 * @throws ShapeError when the shapes do not fit; ArgumentError when the element types differ.
 * Cost: n^2 k flops, half of the general product.
 * Accuracy: as `gemm`, with one rounding more for the weights.
 */
export function syrk<T extends Float>(options: SyrkOptions<T>): Dense<T> {
  checkObject('syrk', 'options', options);
  const { A, weights, alpha = 1, beta = 0, C } = options;
  checkOperand('syrk', 'A', A, A);
  checkNumber('syrk', 'alpha', alpha);
  checkNumber('syrk', 'beta', beta);
  const n = A.rows;
  const k = A.cols;
  if (weights !== undefined) {
    checkElements('syrk', 'weights', weights);
    checkOperand('syrk', 'weights', dense(weights.length, 1, weights), A);
    if (weights.length !== k) throw new ShapeError(`syrk: weights has ${weights.length} entries; A is ${n} x ${k}, so it must have ${k}`);
  }
  if (C === undefined) {
    if (beta !== 0) throw new ShapeError(`syrk: beta is ${beta} and C is missing; without C it must be 0`);
  } else {
    checkOperand('syrk', 'C', C, A);
    checkOutput('syrk', 'C', C, n, n);
  }
  return withWorkspace((kernel) => {
    const a = writeOperand(kernel, A);
    const w = weights === undefined ? 0 : writeVector(kernel, weights);
    const c = C !== undefined && beta !== 0 ? writeDense(kernel, C) : allocate(kernel, n * n * A.data.BYTES_PER_ELEMENT);
    const double = A.data instanceof Float64Array;
    (double ? kernel.dsyrk : kernel.ssyrk)(n, k, alpha, a.pointer, a.row, a.col, w, beta, c, n, 1, false);
    (double ? kernel.dmirror : kernel.smirror)(n, c, n, 1, false);
    if (C === undefined) return readDense(kernel, A.data, c, n, n);
    copyOut(kernel, c, C);
    return C;
  });
}

/**
 * The Gram matrix A^T D A of the columns of A (n x d), D = diag(weights) or the identity: the matrix of the normal
 * equations. Symmetric to the last bit; `syrk` of the transpose.
 *
 * @param A - n x d.
 * @param weights - n numbers of any sign. Default: ones.
 * @returns d x d.
 * @throws ShapeError, ArgumentError as `syrk`.
 * Cost: n d^2 flops.
 */
export function gram<T extends Float>(A: Dense<T>, weights?: T): Dense<T> {
  checkOperand('gram', 'A', A, A);
  return syrk(weights === undefined ? { A: transpose(A) } : { A: transpose(A), weights });
}

import { checkChoice, checkObject, checkSquare } from '../check.ts';
import { at, type Dense, type Float, transpose } from '../dense.ts';
import { ShapeError } from '../errors.ts';
import { readDense, withWorkspace, writeOperand } from '../kernel/workspace.ts';
import { solveInRange } from '../lapack/range.ts';
import { checkFiniteTriangle, singular } from '../lapack/support.ts';
import { checkOperand } from './operands.ts';
import { substitute } from './substitute.ts';

/** What `trsm` takes. */
export interface TrsmOptions<T extends Float = Float64Array> {
  /** Square; only the named triangle is read. */
  readonly A: Dense<T>;
  /** m x n right-hand sides. */
  readonly B: Dense<T>;
  /** Which triangle of A holds the matrix, before any transposition. */
  readonly triangle: 'lower' | 'upper';
  /** Solve op(A) X = B (left) or X op(A) = B (right). Default left. */
  readonly side?: 'left' | 'right';
  /** op(A) is the transpose of A. Default false. */
  readonly transposed?: boolean;
  /** The diagonal of A counts as ones and is not read. Default false. */
  readonly unitDiagonal?: boolean;
}

/**
 * Triangular systems with many right-hand sides: X with op(A) X = B, or X op(A) = B.
 *
 * @returns X, a new m x n matrix.
 * @throws ShapeError when the shapes do not fit; ArgumentError when the element types differ or an option is unknown; NonFiniteError when B or
 * the triangle holds NaN or an infinity, or X overflows; SingularError naming the first zero on the diagonal.
 * Cost: m^2 n flops (left) or m n^2 (right).
 * Accuracy: column by column of the left form, (A + E) x = b with |E| <= gamma_m |A| (Higham, Accuracy and Stability of
 * Numerical Algorithms, theorem 8.5).
 */
export function trsm<T extends Float>(options: TrsmOptions<T>): Dense<T> {
  checkObject('trsm', 'options', options);
  const { A, B, triangle, side = 'left', transposed = false, unitDiagonal = false } = options;
  checkSquare('trsm', 'A', A);
  checkChoice('trsm', 'triangle', triangle, ['lower', 'upper']);
  checkChoice('trsm', 'side', side, ['left', 'right']);
  checkOperand('trsm', 'B', B, A);
  const left = side === 'left';
  const order = left ? B.rows : B.cols;
  if (A.rows !== order) {
    throw new ShapeError(`trsm: A is ${A.rows} x ${A.rows} and B is ${B.rows} x ${B.cols}; on the ${side}, A must be ${order} x ${order}`);
  }
  checkFiniteTriangle('trsm', 'A', A, triangle === 'upper', unitDiagonal);
  for (let i = 0; i < order && !unitDiagonal; i++) if (at(A, i, i) === 0) throw singular('trsm', i);
  const op = transposed ? transpose(A) : A;
  const upper = (triangle === 'upper') !== transposed;
  return withWorkspace((kernel) => {
    const a = writeOperand(kernel, op);
    const solve = A.data instanceof Float64Array ? kernel.dtrsm : kernel.strsm;
    const b = solveInRange(
      kernel,
      'trsm',
      B,
      (b) => solve(left, upper, unitDiagonal, B.rows, B.cols, a.pointer, a.row, a.col, b, B.cols, 1),
      (X) => (left ? substitute(op, upper, unitDiagonal, X) : substitute(transpose(op), !upper, unitDiagonal, transpose(X))),
    );
    return readDense(kernel, B.data, b, B.rows, B.cols);
  });
}

import { type Dense, dense } from '../dense.ts';
import { ShapeError } from '../errors.ts';
import { checkResult } from '../lapack/range.ts';
import type { Csr, Matrix } from '../sparse/csr.ts';
import { checkMatrix } from '../sparse/rows.ts';

/** Which law a sketch is drawn from. */
export type SketchKind = 'gaussian' | 'count-sketch' | 'osnap' | 'srht';

/**
 * A random m x n matrix S that shortens tall matrices and roughly keeps the norms of A x, drawn without looking at A. Column i of S
 * depends on seed and i alone, so that results do not depend on blocks or threads, and dense and sparse A give the same bits.
 */
export interface Sketch {
  readonly kind: SketchKind;
  /** m, the rows of S A. */
  readonly rows: number;
  /** n, the rows of A. */
  readonly cols: number;
  /**
   * S A.
   *
   * @throws ShapeError when A has not n rows; NonFiniteError naming the first entry that is NaN or infinite, or 'result' where that
   *   overflows, be it on the way.
   */
  apply(A: Matrix): Dense;
  /**
   * S^T Y.
   *
   * @throws as `apply`, when Y has not m rows.
   */
  applyTranspose(Y: Dense): Dense;
}

/** A sketch that is itself sparse. */
export interface SparseSketch extends Sketch {
  readonly kind: 'count-sketch' | 'osnap';
  /** Entries in each column. */
  readonly nonzeros: number;
  /** S as a matrix. */
  toCsr(): Csr;
}

/** @throws ShapeError unless the argument is well formed and has as many rows as the sketch needs. */
export function checkSketched(operation: string, name: string, A: Matrix, rows: number): void {
  checkMatrix(operation, name, A);
  if (A.rows !== rows) throw new ShapeError(`${operation}: ${name} has ${A.rows} rows; this sketch needs ${rows}`);
}

/** A result. @throws NonFiniteError where it has overflowed. */
export function resultOf(operation: string, rows: number, cols: number, data: Float64Array): Dense {
  checkResult(operation, data);
  return dense(rows, cols, data);
}

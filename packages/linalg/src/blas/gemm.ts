import { checkNumber, checkObject } from '../check.ts';
import type { Dense, Float } from '../dense.ts';
import { ShapeError } from '../errors.ts';
import { fused } from '../kernel/relaxed.ts';
import { allocate, copyOut, readDense, withWorkspace, writeDense, writeOperand } from '../kernel/workspace.ts';
import { type Algorithm, levelsFor } from './levels.ts';
import { checkOperand, checkOutput } from './operands.ts';

/** What `gemm` takes. */
export interface GemmOptions<T extends Float = Float64Array> {
  /** m x k. */
  readonly A: Dense<T>;
  /** k x n. */
  readonly B: Dense<T>;
  /** Factor of A B. Default 1; 0 reads neither A nor B. */
  readonly alpha?: number;
  /** Factor of C. Default 0, which does not read C, so NaN there does no harm. */
  readonly beta?: number;
  /** m x n; receives the result in place when given, and may be a view with any strides or share data with A or B. */
  readonly C?: Dense<T>;
  /**
   * Uses fused multiply-add where `capabilities().relaxedSimd`; the result's last bits then depend on the machine, within the same
   * error bound. Default false.
   */
  readonly fast?: boolean;
  /**
   * `classical` bounds the error of every entry by its own terms. `winograd` replaces eight products of halves by seven at each level,
   * which is faster, but bounds the error by the largest entries of A and B alone: entries that come from small parts of A and B may
   * lose all digits beside large ones. `auto` takes as many levels as pay. Default `classical`.
   */
  readonly algorithm?: Algorithm;
  /** Levels of `winograd`, 0 to 8; below 2^levels, a size leaves nothing to halve and the product is classical. Default: as `auto`, at least 1. */
  readonly levels?: number;
}

/**
 * The general matrix product alpha A B + beta C, in f64 or f32.
 *
 * Transposes cost nothing: pass `transpose(A)`. NaN and infinities propagate by the rules of IEEE arithmetic and are not
 * looked for. Without `fast` the same operands give the same bits on every platform.
 *
 * @returns C when given, else a new row-major m x n matrix.
 * @throws ShapeError when the shapes do not fit; ArgumentError when the element types differ; OutOfMemoryError when the
 * operands do not fit in the kernel's 4 GiB.
 * Cost: 2 m n k flops; copies of A, B and the result. `winograd` has 7/8 of the flops a level, and two more copies of each.
 * Accuracy: |error| <= gamma_(k+3) (|alpha| |A| |B| + |beta| |C|) for every entry, gamma_k = k u / (1 - k u). With L levels of
 * `winograd` on n x n, max|error| <= ((n / 2^L)^2 + 6 n / 2^L) 18^L u max|A| max|B| up to O(u^2), which is pessimistic by orders.
 * Source: Goto and van de Geijn, Anatomy of high-performance matrix multiplication, ACM TOMS 34 (3), 2008;
 * Boyer, Dumas, Pernet, Zhou, Memory efficient scheduling of Strassen-Winograd's matrix multiplication algorithm, ISSAC 2009.
 */
export function gemm<T extends Float>(options: GemmOptions<T>): Dense<T> {
  checkObject('gemm', 'options', options);
  const { A, B, alpha = 1, beta = 0, C, fast = false, algorithm = 'classical' } = options;
  checkOperand('gemm', 'A', A, A);
  checkOperand('gemm', 'B', B, A);
  checkNumber('gemm', 'alpha', alpha);
  checkNumber('gemm', 'beta', beta);
  const m = A.rows;
  const k = A.cols;
  const n = B.cols;
  if (B.rows !== k) throw new ShapeError(`gemm: A is ${m} x ${k} and B is ${B.rows} x ${n}; A must have as many columns as B has rows`);
  if (C === undefined) {
    if (beta !== 0) throw new ShapeError(`gemm: beta is ${beta} and C is missing; without C it must be 0`);
  } else {
    checkOperand('gemm', 'C', C, A);
    checkOutput('gemm', 'C', C, m, n);
  }
  const levels = levelsFor(algorithm, options.levels, m, n, k);
  const multiply = () =>
    withWorkspace((kernel) => {
      const a = writeOperand(kernel, A);
      const b = writeOperand(kernel, B);
      const c = C !== undefined && beta !== 0 ? writeDense(kernel, C) : allocate(kernel, m * n * A.data.BYTES_PER_ELEMENT);
      const product = A.data instanceof Float64Array ? kernel.dwinograd : kernel.swinograd;
      product(levels, m, n, k, alpha, a.pointer, a.row, a.col, b.pointer, b.row, b.col, beta, c, n, 1);
      if (C === undefined) return readDense(kernel, A.data, c, m, n);
      copyOut(kernel, c, C);
      return C;
    });
  return fast ? fused(multiply) : multiply();
}

/** The product A B: `gemm({ A, B })`. */
export function multiply<T extends Float>(A: Dense<T>, B: Dense<T>): Dense<T> {
  return gemm({ A, B });
}

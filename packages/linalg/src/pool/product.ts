import { checkOperand, checkOutput } from '../blas/operands.ts';
import { checkNumber, checkObject } from '../check.ts';
import type { Dense, Float } from '../dense.ts';
import { AbortedError, ShapeError } from '../errors.ts';
import { checkRunning } from '../progress.ts';
import type { Tile } from './tiles.ts';

/** What `gemmAsync` and a pool's `gemm` take. */
export interface TiledGemmOptions<T extends Float = Float64Array> {
  /** m x k. */
  readonly A: Dense<T>;
  /** k x n. */
  readonly B: Dense<T>;
  /** Factor of A B. Default 1. */
  readonly alpha?: number;
  /** Factor of C. Default 0, which does not read C. */
  readonly beta?: number;
  /** m x n; receives the result in place when given. Do not touch A, B and C until the promise settles. */
  readonly C?: Dense<T>;
  /** Stops after the tiles in work; the promise rejects with an AbortedError whose `partial` is a PartialProduct. */
  readonly signal?: AbortSignal;
  /** Called after each tile with the finished fraction, from above 0 to 1. What it throws stops the product and rejects. */
  readonly onProgress?: (fraction: number) => void;
}

/** What an aborted product leaves: the entries of C inside the finished tiles are final, the others are as they were before. */
export interface PartialProduct<T extends Float = Float64Array> {
  /** The C that was given, or a new matrix that is zero outside the finished tiles. */
  readonly C: Dense<T>;
  /** In the order of their numbers, which is column by column of tiles. */
  readonly finished: readonly Tile[];
}

/** Sizes and factors of a checked product. */
export interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly alpha: number;
  readonly beta: number;
}

/** @throws as gemm; AbortedError, with nothing in `partial`, when the signal has fired already. */
export function checkProduct<T extends Float>(operation: string, options: TiledGemmOptions<T>): Product {
  checkObject(operation, 'options', options);
  const { A, B, alpha = 1, beta = 0, C } = options;
  checkOperand(operation, 'A', A, A);
  checkOperand(operation, 'B', B, A);
  checkNumber(operation, 'alpha', alpha);
  checkNumber(operation, 'beta', beta);
  const [m, k, n] = [A.rows, A.cols, B.cols];
  if (B.rows !== k) {
    throw new ShapeError(`${operation}: A is ${m} x ${k} and B is ${B.rows} x ${n}; A must have as many columns as B has rows`);
  }
  if (C !== undefined) {
    checkOperand(operation, 'C', C, A);
    checkOutput(operation, 'C', C, m, n);
  } else if (beta !== 0) {
    throw new ShapeError(`${operation}: beta is ${beta} and C is missing; without C it must be 0`);
  }
  checkRunning(operation, options);
  return { m, n, k, alpha, beta };
}

/** What to reject with when a product was stopped. */
export function aborted<T extends Float>(operation: string, partial: PartialProduct<T>, of: number): AbortedError {
  const done = partial.finished.length;
  return new AbortedError(
    `${operation}: aborted after ${done} of ${of} tiles; they are in partial.C, described by partial.finished`,
    partial,
  );
}

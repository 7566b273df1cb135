import type { Dense } from '@x/linalg';
import { XError } from '@x/linalg/errors';
import { InfeasibleBodyError } from '../errors.ts';

/** Some combination of the A_i that the equations allow is zero, so the body holds a whole line or is empty. */
export class DependentMatricesError extends XError {
  override readonly name = 'DependentMatricesError';
  /** v != 0 with sum v_i A_i = 0 that satisfies the equations' homogeneous form. */
  readonly combination: Float64Array;
  constructor(message: string, combination: Float64Array) {
    super(message);
    this.combination = combination;
  }
}

/** No x makes S(x) positive semidefinite; the certificate proves it. */
export class InfeasibleSpectrahedronError extends InfeasibleBodyError {
  override readonly name = 'InfeasibleSpectrahedronError';
  /**
   * Z, positive definite, of trace 1, orthogonal to all directions of S(x): trace(Z S(x)) has the same negative value for every x that
   * satisfies the equations, so no S(x) is positive semidefinite. Where the body's recession cone holds a ray, Z is orthogonal to about 1e-5
   * only, and proves as much for |x| below about 1e5.
   */
  readonly certificate: Dense;
  /** trace(Z S(x)). */
  readonly value: number;
  constructor(message: string, certificate: Dense, value: number) {
    super(message, ['S(x) >= 0']);
    this.certificate = certificate;
    this.value = value;
  }
}

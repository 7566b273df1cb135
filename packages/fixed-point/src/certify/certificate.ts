import type { Box } from '../interval/box.ts';

/** A proof that a box holds exactly one fixed point, in the form of the numbers that a checker needs. */
export interface Certificate {
  readonly status: 'certified';
  /** By which theorem. */
  readonly kind: 'banach' | 'krawczyk';
  /** Exactly one fixed point lies here. */
  readonly box: Box;
  /** And it lies here. */
  readonly enclosure: Box;
  /**
   * K < 1 with ||f(x) - f(y)|| <= K ||x - y|| in the norm max |x_i| / weights_i: for x, y in the box (`banach`), or in the enclosure
   * (`krawczyk`). Undefined where no such bound was found.
   */
  readonly contraction: number | undefined;
  readonly weights: Float64Array;
  /**
   * Whether it attracts what starts near; `unknown` where neither was proved. `false` is proved by an eigenvalue outside the unit circle of every
   * matrix within bounds of the Jacobian: where f has a kink at the point (relu, leaky-relu, hard-tanh), of each of its pieces, which need not
   * mean that f, which goes from one to another, repels.
   */
  readonly attracting: boolean | 'unknown';
  /**
   * Where attraction, or its absence, does not show in the given coordinates: columns near the eigenvectors of the Jacobian, real and imaginary parts for
   * complex ones, d x d row by row, in which discs around its eigenvalues lie inside the unit circle, or some outside. Else empty.
   */
  readonly basis: Float64Array;
  /**
   * The largest eta for which f(box) + [-eta, eta]^d lies in the box: orbits disturbed by no more than eta a loop stay in it, and for `banach`
   * end within `noiseError` of the fixed point. 0 where f does not map the box into itself.
   */
  readonly noiseRadius: number;
  /** Krawczyk's operator used this point and this approximate inverse of I - J, row by row. Empty for `banach`. */
  readonly center: Float64Array;
  readonly preconditioner: Float64Array;
}

/** No certificate: `empty` is a proof that the box holds no fixed point; `unknown` is no statement at all. */
export interface NoCertificate {
  readonly status: 'empty' | 'unknown';
  readonly reason: string;
  /** The contraction factor that was found, where that is what was missing. */
  readonly contraction?: number;
}

export function isCertificate(outcome: Certificate | NoCertificate): outcome is Certificate {
  return outcome.status === 'certified';
}

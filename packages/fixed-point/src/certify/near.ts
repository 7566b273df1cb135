import { checkRange, finiteVector } from '../check.ts';
import { inflated, pointBox } from '../interval/box.ts';
import type { IntervalMap } from '../net/map.ts';
import { certifyBanach } from './banach.ts';
import { type Certificate, isCertificate, type NoCertificate } from './certificate.ts';
import { rangeOver } from './evaluate.ts';
import { grow, largest } from './grow.ts';
import { certifyKrawczyk } from './krawczyk.ts';

export interface NearOptions {
  /** Disturbances of each loop that the box must withstand. Default 0. */
  readonly noise?: number;
}

/** Half sides, against the place, of the boxes on which Krawczyk's theorem is tried. */
const SIDES = [1e-6, 1e-4, 1e-8, 1e-2, 1e-10];

/**
 * Finds a box around an approximate fixed point and certifies it. For an attracting point it is the least box that f maps into itself with
 * disturbances of up to `noise` added, which need not be symmetric; for others, without noise, a small one for Krawczyk's theorem.
 *
 * @param x - as a solver gives it.
 */
export function certifyNear(map: IntervalMap, x: ArrayLike<number>, options: NearOptions = {}): Certificate | NoCertificate {
  const point = finiteVector('certifyNear', 'x', x, map.dimension);
  const { noise = 0 } = options;
  checkRange('certifyNear', 'noise', noise, 0);
  const attempt = attracting(map, point, noise);
  if (isCertificate(attempt) || noise > 0) return attempt;
  for (const side of SIDES) {
    const outcome = certifyKrawczyk(map, inflated(pointBox(point), 0, side));
    if (isCertificate(outcome)) return outcome;
  }
  return attempt;
}

/**
 * The box around an attracting fixed point that withstands the largest disturbances for which a certificate is found, by bisection: see
 * `noiseRadius` and `contraction` of the result.
 *
 * @param most - disturbances that need not be withstood. Default 1.
 */
export function certifyMostRobust(map: IntervalMap, x: ArrayLike<number>, most: number = 1): Certificate | NoCertificate {
  const point = finiteVector('certifyMostRobust', 'x', x, map.dimension);
  checkRange('certifyMostRobust', 'most', most, Number.MIN_VALUE);
  const found = largest(most, (noise) => {
    const outcome = attracting(map, point, noise);
    return isCertificate(outcome) ? outcome : undefined;
  });
  return found ?? attracting(map, point, 0);
}

function attracting(map: IntervalMap, point: Float64Array, noise: number): Certificate | NoCertificate {
  const X = grow((box) => rangeOver(map, box), pointBox(point), noise);
  if (X === undefined) return { status: 'unknown', reason: 'no box around the point is seen to be mapped into itself' };
  return certifyBanach(map, X);
}

import { ArgumentError } from '@x/linalg';
import { checkRange, finiteVector } from '../check.ts';
import { isInside, pointBox } from '../interval/box.ts';
import { above, below } from '../interval/round.ts';
import type { IntervalMap } from '../net/map.ts';
import type { Certificate } from './certificate.ts';
import { rangeOver } from './evaluate.ts';
import type { ProductCertificate } from './product.ts';

/**
 * A proved bound of max |x_i - p_i|, p the certified fixed point: by its enclosure, and for a contraction and x in the box also by the
 * residual, ||f(x) - x|| / (1 - K); the smaller of the two.
 */
export function errorBound(map: IntervalMap, certificate: Certificate, x: ArrayLike<number>): number {
  const point = finiteVector('errorBound', 'x', x, map.dimension);
  const { enclosure, box, contraction, weights, kind } = certificate;
  let bound = 0;
  for (let i = 0; i < point.length; i++)
    bound = Math.max(bound, above(point[i] - enclosure.lower[i]), above(enclosure.upper[i] - point[i]));
  if (kind !== 'banach' || contraction === undefined || !isInside(pointBox(point), box)) return bound;
  const image = rangeOver(map, pointBox(point));
  let residual = 0;
  let heaviest = 0;
  for (let i = 0; i < point.length; i++) {
    const most = Math.max(above(image.upper[i] - point[i]), above(point[i] - image.lower[i]));
    residual = Math.max(residual, above(most / weights[i]));
    heaviest = Math.max(heaviest, weights[i]);
  }
  const byResidual = above(above(residual / below(1 - contraction)) * heaviest);
  return Math.min(byResidual, bound);
}

/**
 * How far from the fixed point orbits are in the end, in the largest entry, that start in the box and are disturbed by no more than eta in each entry of
 * each loop: at most eta max w / (min w (1 - K)), w the certificate's weights, rounded up; eta / (1 - K) where these are 1. Nor farther than the box
 * reaches, as they stay in it.
 *
 * @param eta - at most the certificate's `noiseRadius`, which is the default.
 * @throws ArgumentError for a certificate without a contraction of the whole box, or more noise than its box withstands.
 */
export function noiseError(
  certificate: Pick<Certificate, 'kind' | 'box' | 'enclosure' | 'contraction' | 'weights' | 'noiseRadius'> | ProductCertificate,
  eta: number = certificate.noiseRadius,
): number {
  const { kind, contraction, weights, noiseRadius } = certificate;
  if (kind === 'krawczyk' || contraction === undefined) {
    throw new ArgumentError(
      "noiseError: the certificate is by Krawczyk's theorem; one that says f contracts the box is needed",
      'certificate',
    );
  }
  checkRange('noiseError', 'eta', eta, 0, noiseRadius);
  let [lightest, heaviest] = [Infinity, 0];
  for (const w of weights) [lightest, heaviest] = [Math.min(lightest, w), Math.max(heaviest, w)];
  return Math.min(above(above(above(eta / below(1 - contraction)) / lightest) * heaviest), reachOf(certificate));
}

/** The largest distance of a point of the box from the fixed point, wherever in its enclosure that is. */
function reachOf(certificate: Pick<Certificate, 'kind' | 'box' | 'enclosure'> | ProductCertificate): number {
  const { box, enclosure } = 'box' in certificate ? certificate : { box: certificate, enclosure: certificate };
  return box.lower.reduce((most, l, p) => Math.max(most, above(box.upper[p] - enclosure.lower[p]), above(enclosure.upper[p] - l)), 0);
}

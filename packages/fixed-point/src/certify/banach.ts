import { type Box, centerOf, checkBox, inflated, isInside } from '../interval/box.ts';
import { below } from '../interval/round.ts';
import type { IntervalMap } from '../net/map.ts';
import type { Certificate, NoCertificate } from './certificate.ts';
import { jacobianOver, rangeOver } from './evaluate.ts';
import { magnitudes, perronWeights, weightedNorm } from './row-sums.ts';

/**
 * Certifies by Banach's theorem: f maps the box X into itself and is a contraction there, so X holds exactly one fixed point, and every
 * orbit from X tends to it.
 *
 * @param X - any box; degenerate sides are allowed.
 * @returns a certificate; `empty` where f(X) and X have no point in common; else `unknown`, with the reason.
 * @throws InvalidBoxError, ShapeError, NonFiniteError.
 * Cost: O(d^2) for a single layer, O(d^2 n) for hidden ones of n neurons.
 */
export function certifyBanach(map: IntervalMap, X: Box): Certificate | NoCertificate {
  const box = checkBox('certifyBanach', X, map.dimension);
  const image = rangeOver(map, box);
  if (image.lower.some((l, i) => l > box.upper[i] || image.upper[i] < box.lower[i])) {
    return { status: 'empty', reason: 'f maps the box outside itself' };
  }
  if (!isInside(image, box)) return { status: 'unknown', reason: 'f is not seen to map the box into itself' };
  const { contraction, weights } = contractionOver(map, box);
  if (!(contraction < 1)) return { status: 'unknown', reason: 'f is not seen to be a contraction on the box', contraction };
  return {
    status: 'certified',
    kind: 'banach',
    box,
    enclosure: tightEnclosure(map, box, image),
    contraction,
    weights,
    attracting: true,
    basis: new Float64Array(0),
    noiseRadius: noiseRadiusOf(image, box),
    center: new Float64Array(0),
    preconditioner: new Float64Array(0),
  };
}

/** A bound of the contraction factor over a box: in the infinity norm, or in a weighted one where only that is below 1. */
export function contractionOver(map: IntervalMap, box: Box): { contraction: number; weights: Float64Array } {
  const J = jacobianOver(map, box);
  const A = magnitudes(J.lower, J.upper);
  const ones = new Float64Array(map.dimension).fill(1);
  const plain = weightedNorm(A, ones);
  if (plain < 1 || plain !== plain) return { contraction: plain, weights: ones };
  const weights = perronWeights(A, map.dimension);
  const weighted = weightedNorm(A, weights);
  return weighted < plain ? { contraction: weighted, weights } : { contraction: plain, weights: ones };
}

/** The largest eta with image + [-eta, eta] inside the box, rounded down; 0 where there is none. */
export function noiseRadiusOf(image: Box, box: Box): number {
  let least = Infinity;
  for (let i = 0; i < box.lower.length; i++) {
    least = Math.min(least, below(image.lower[i] - box.lower[i]), below(box.upper[i] - image.upper[i]));
  }
  return Math.max(least, 0);
}

const PICARD_STEPS = 200;
const INFLATIONS = 40;

/**
 * A small box inside X that f maps into itself, and which therefore holds the fixed point: found around the end of an orbit, grown until
 * that holds. The image of X where none is found.
 */
function tightEnclosure(map: IntervalMap, X: Box, image: Box): Box {
  const x = centerOf(X);
  const fx = x.slice();
  for (let step = 0; step < PICARD_STEPS; step++) {
    map.evaluate(x, fx);
    const still = x.every((v, i) => v === fx[i]);
    x.set(fx);
    if (still) break;
  }
  let E: Box = { lower: x, upper: x };
  for (let step = 0; step < INFLATIONS; step++) {
    E = inflated(E, 0.1, 4 * Number.EPSILON);
    if (!isInside(E, X)) return image;
    const next = rangeOver(map, E);
    if (isInside(next, E)) return E;
    E = { lower: E.lower.map((l, i) => Math.min(l, next.lower[i])), upper: E.upper.map((u, i) => Math.max(u, next.upper[i])) };
  }
  return image;
}

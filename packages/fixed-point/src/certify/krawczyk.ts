import { dense, inverse, SingularError } from '@x/linalg';
import { areDisjoint, type Box, centerOf, checkBox, inflated, isInside, isInterior, pointBox, radiiOf } from '../interval/box.ts';
import { above, below, TINY, U } from '../interval/round.ts';
import type { IntervalMap } from '../net/map.ts';
import { type Attraction, attractionOf } from './attraction.ts';
import { contractionOver, noiseRadiusOf } from './banach.ts';
import type { Certificate, NoCertificate } from './certificate.ts';
import { jacobianOver, rangeOver } from './evaluate.ts';

/**
 * Certifies by Krawczyk's theorem. With G(x) = x - f(x), c in X and Y near (I - J)^-1, K(X) = c - Y G(c) + (I - Y (I - [J](X))) (X - c) holds every
 * fixed point of X; K(X) inside the interior of X proves that there is exactly one, attracting or not, and no common point that there is none.
 *
 * @returns a certificate, whose enclosure is about as tight as rounding allows; `empty`; or `unknown` with the reason.
 * @throws InvalidBoxError, ShapeError, NonFiniteError.
 * Cost: O(d^3).
 * Source: R. Krawczyk, Newton-Algorithmen zur Bestimmung von Nullstellen mit Fehlerschranken, Computing 4 (1969).
 */
export function certifyKrawczyk(map: IntervalMap, X: Box): Certificate | NoCertificate {
  const box = checkBox('certifyKrawczyk', X, map.dimension);
  const image = rangeOver(map, box);
  if (areDisjoint(image, box)) return { status: 'empty', reason: 'f maps the box outside itself' };
  const step = krawczykStep(map, box);
  if (step === undefined) return { status: 'unknown', reason: 'I - J has no inverse at the middle of the box' };
  if (areDisjoint(step.image, box)) return { status: 'empty', reason: "Krawczyk's operator maps the box outside itself" };
  if (!isInterior(step.image, box)) return { status: 'unknown', reason: "Krawczyk's operator does not map the box into its interior" };
  return certificateOf(map, box, step, isInside(image, box) ? noiseRadiusOf(image, box) : 0);
}

/** The operator's image of a box, with the point and the matrix that it used. */
export interface KrawczykStep {
  readonly image: Box;
  readonly center: Float64Array;
  readonly preconditioner: Float64Array;
}

/** K(X) with its own Y; undefined where the middle of I - J is singular or not finite. */
export function krawczykStep(map: IntervalMap, X: Box): KrawczykStep | undefined {
  const d = map.dimension;
  const J = jacobianOver(map, X);
  const A = new Float64Array(d * d);
  for (let p = 0; p < d * d; p++) A[p] = -(J.lower[p] / 2 + J.upper[p] / 2);
  for (let p = 0; p < d * d; p += d + 1) A[p] += 1;
  if (!A.every((v) => v - v === 0)) return undefined;
  try {
    const preconditioner = inverse(dense(d, d, A)).data;
    const center = centerOf(X);
    return { image: operator(map, X, J, center, preconditioner), center, preconditioner };
  } catch (error) {
    // Singular, or with an inverse that overflows.
    if (error instanceof SingularError || (error as Error).name === 'NonFiniteError') return undefined;
    throw error;
  }
}

/**
 * Bounds of K(X). With A the middle of I - [J] and R its radii, |I - Y (I - [J])| <= |I - Y A| + |Y| R; Y A is computed with an error of at most
 * (d + 3) U |Y| |A| an entry, which is added.
 */
function operator(map: IntervalMap, X: Box, J: Box, center: Float64Array, Y: Float64Array): Box {
  const d = map.dimension;
  const inflation = 1 + 2 * Math.floor((d + 8) / 2) * U;
  const error = (d + 4) * U;
  const A = new Float64Array(d * d);
  /** R + error |A|, which |Y| multiplies. */
  const spread = new Float64Array(d * d);
  for (let p = 0; p < d * d; p++) {
    const unit = p % (d + 1) === 0 ? 1 : 0;
    const low = below(unit - J.upper[p]);
    const high = above(unit - J.lower[p]);
    A[p] = low / 2 + high / 2;
    spread[p] = above(above(Math.max(high - A[p], A[p] - low)) + error * Math.abs(A[p]));
  }
  const at = rangeOver(map, pointBox(center));
  const low = new Float64Array(d);
  const high = new Float64Array(d);
  for (let i = 0; i < d; i++) {
    low[i] = below(center[i] - at.upper[i]);
    high[i] = above(center[i] - at.lower[i]);
  }
  const radii = radiiOf(X, center);
  const image = { lower: new Float64Array(d), upper: new Float64Array(d) };
  const product = new Float64Array(d);
  const bound = new Float64Array(d);
  for (let i = 0; i < d; i++) {
    product.fill(0);
    bound.fill(0);
    let shift = 0;
    let shiftSpread = 0;
    for (let k = 0; k < d; k++) {
      const y = Y[i * d + k];
      const size = Math.abs(y);
      const middle = low[k] / 2 + high[k] / 2;
      shift += y * middle;
      shiftSpread += size * (above(Math.max(high[k] - middle, middle - low[k])) + error * Math.abs(middle));
      for (let j = 0, p = k * d; j < d; j++, p++) {
        product[j] += y * A[p];
        bound[j] += size * spread[p];
      }
    }
    let radius = 0;
    for (let j = 0; j < d; j++) {
      const off = above(Math.abs((i === j ? 1 : 0) - product[j]));
      radius += above(off + inflation * bound[j] + TINY) * radii[j];
    }
    const total = above(above(inflation * radius + TINY) + above(inflation * shiftSpread + TINY));
    image.lower[i] = below(below(center[i] - shift) - total);
    image.upper[i] = above(above(center[i] - shift) + total);
  }
  return image;
}

/** A contraction attracts, whatever its eigenvalues. */
const CONTRACTION: Attraction = { attracting: true, basis: new Float64Array(0) };

/** The certificate of a box whose step lies inside. */
export function certificateOf(map: IntervalMap, box: Box, step: KrawczykStep, noiseRadius: number): Certificate {
  const enclosure = tightEnclosure(map, box, step);
  const { contraction, weights } = contractionOver(map, enclosure);
  const contracts = contraction < 1;
  const { attracting, basis } = contracts ? CONTRACTION : attractionOf(jacobianOver(map, enclosure), map.dimension);
  return {
    status: 'certified',
    kind: 'krawczyk',
    box,
    enclosure,
    contraction: contracts ? contraction : undefined,
    weights,
    attracting,
    basis,
    noiseRadius,
    center: step.center,
    preconditioner: step.preconditioner,
  };
}

const NEWTON_STEPS = 20;
const INFLATIONS = 30;

/** A small box that the operator, with the same Y, maps into itself; what the operator made of the whole box where none is found. */
function tightEnclosure(map: IntervalMap, X: Box, { image, center, preconditioner: Y }: KrawczykStep): Box {
  const d = map.dimension;
  const x = center.slice();
  const fx = new Float64Array(d);
  for (let step = 0; step < NEWTON_STEPS; step++) {
    map.evaluate(x, fx);
    const move = new Float64Array(d);
    for (let i = 0, p = 0; i < d; i++) for (let k = 0; k < d; k++) move[i] += Y[p++] * (fx[k] - x[k]);
    let most = 0;
    for (let i = 0; i < d; i++) {
      x[i] += move[i];
      most = Math.max(most, Math.abs(move[i]) / Math.max(1, Math.abs(x[i])));
    }
    if (!(most > Number.EPSILON)) break;
  }
  let E: Box = pointBox(x);
  for (let step = 0; step < INFLATIONS; step++) {
    E = inflated(E, 0.1, 4 * Number.EPSILON);
    if (!isInside(E, X)) return image;
    const next = operator(map, E, jacobianOver(map, E), centerOf(E), Y);
    if (isInterior(next, E)) return E;
    E = { lower: E.lower.map((l, i) => Math.min(l, next.lower[i])), upper: E.upper.map((u, i) => Math.max(u, next.upper[i])) };
  }
  return image;
}

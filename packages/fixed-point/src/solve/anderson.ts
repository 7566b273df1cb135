import type { Problem, Stepper } from './contract.ts';
import { anchor } from './restart.ts';
import { updatingQr } from './updating-qr.ts';
import { addScaled, euclidean, subtract } from './vectors.ts';

/** A residual this many times the best one goes back to the best point. */
const GROWTH = 2;
/** So many steps in a row that lead astray are followed by damped ones, before they are learnt from. */
const PATIENCE = 2;

/**
 * Anderson's method, type II: with the last differences dX of iterates and dF of residuals, gamma minimises ||r - dF gamma|| and
 * x <- x + beta r - (dX + beta dF) gamma.
 *
 * A step that leads astray is followed by a damped one from the best point, with no history but that. Where these lead astray too, as on maps that expand,
 * they are learnt from: what they say of f stays among the differences, and the next step is Anderson's from the best point. So affine maps of
 * any slope are solved. Where as many as the memory holds bring nothing better, it is damped steps again.
 *
 * Differences are scaled to unit dF, so that the condition number measures directions alone: the oldest are dropped while it exceeds the cap.
 *
 * Source: H. Walker and P. Ni, Anderson acceleration for fixed-point iterations, SIAM J. Numer. Anal. 49 (2011).
 */
export function anderson({ dimension: d, settings }: Problem): Stepper {
  const { damping, conditionCap } = settings;
  const memory = Math.min(settings.memory, d);
  const point = new Float64Array(d);
  const lastPoint = new Float64Array(d);
  const lastResidual = new Float64Array(d);
  const qr = updatingQr(d, memory);
  const dX: Float64Array[] = Array.from({ length: memory }, () => new Float64Array(d));
  const dF: Float64Array[] = Array.from({ length: memory }, () => new Float64Array(d));
  const gamma = new Float64Array(memory);
  const best = anchor(d, damping);
  let fresh = true;
  /** Steps in a row that led astray. */
  let astray = 0;

  function dropOldest(): void {
    qr.dropOldest();
    dX.push(dX.shift() as Float64Array);
    dF.push(dF.shift() as Float64Array);
  }

  function remember(r: Float64Array): void {
    if (qr.count === memory) dropOldest();
    const df = subtract(r, lastResidual, dF[qr.count]);
    const dx = subtract(point, lastPoint, dX[qr.count]);
    const size = euclidean(df);
    if (size === 0) return;
    for (let i = 0; i < d; i++) {
      df[i] /= size;
      dx[i] /= size;
    }
    qr.append(df);
    while (qr.count > 0 && qr.condition() > conditionCap) dropOldest();
  }

  /** Moves on from a point with residual r, which is kept for the next difference. */
  function moveFrom(x: Float64Array, r: Float64Array): 'accelerated' | 'plain' {
    fresh = false;
    lastPoint.set(x);
    lastResidual.set(r);
    qr.solve(r, gamma);
    point.set(x);
    addScaled(point, damping, r);
    for (let k = 0; k < qr.count; k++) {
      addScaled(point, -gamma[k], dX[k]);
      addScaled(point, -damping * gamma[k], dF[k]);
    }
    return qr.count > 0 ? 'accelerated' : 'plain';
  }

  return {
    point,
    step(_fx, r, norm) {
      const isBest = best.note(point, r, norm);
      if (isBest) astray = 0;
      if (isBest || norm < GROWTH * best.norm) {
        if (!fresh) remember(r);
        return moveFrom(point, r);
      }
      astray++;
      if (!fresh && norm < Infinity && astray > PATIENCE && astray <= PATIENCE + memory + 1) {
        remember(r);
        return moveFrom(best.x, best.r);
      }
      qr.clear();
      fresh = best.norm === Infinity;
      lastPoint.set(best.x);
      lastResidual.set(best.r);
      return best.retreat(point);
    },
  };
}

import { log, type Rng } from '@x/linalg';
import type { Barrier } from '../barrier/barrier.ts';
import { logBarrier } from '../barrier/log.ts';
import { checkLength } from '../check.ts';
import type { Frame } from '../frame.ts';
import { choleskyInPlace, multiplySquare, solveLowerTransposed } from '../kernel/cholesky.ts';
import { buffered, STREAM_STATE } from './buffer.ts';
import type { Walk } from './walk.ts';

/** The Dikin walk; `radius` is the r of alpha = r^2 / d, which tuning sets and sampling leaves alone. */
export interface DikinWalk extends Walk {
  readonly kind: 'dikin';
  radius: number;
  /**
   * Makes the proposal that `noise` gives, z = w + Phi(w)^{-1/2} noise, and returns log tau, the logarithm of the acceptance ratio:
   * -Infinity where z lies outside the body. `accept` then moves the chain there.
   */
  propose(noise: Float64Array): number;
  /** The last proposal. */
  readonly proposal: Float64Array;
  accept(): void;
}

/** What belongs to a point of the chain. */
interface State {
  readonly w: Float64Array;
  readonly slack: Float64Array;
  /** Lower Cholesky factor L of the metric G = H + P. */
  readonly factor: Float64Array;
  halfLogDeterminant: number;
  energy: number;
}

/** Slacks are recomputed from the position after so many moves, so that rounding does not pile up. */
const REFRESH = 64;

/**
 * The Dikin walk with metric G(w) = H(w) + P: the barrier's Hessian plus that of f. A step draws z from N(w, Phi(w)^{-1}) with
 * Phi = (d / r^2) G and accepts it with probability min(1, tau),
 *
 *   log tau = f(w) - f(z) + (log det Phi(z) - log det Phi(w)) / 2 - ||z - w||^2_{Phi(z)} / 2 + ||z - w||^2_{Phi(w)} / 2,
 *
 * which makes exp(-f) on the body reversible, whatever the metric. P is the soft threshold of the source's algorithm 1, I / eta,
 * with the identity replaced by the curvature of f; without f it is the classical walk. No step is lazy: a rejection is already one.
 *
 * @param frame - the body, density and coordinates.
 * @param rng - the chain's own generator.
 * Cost of a step that stays inside: one Hessian and d^3 / 3 + O(n d + d^2) flops; of one that leaves: O(n d + d^2).
 * Source: Gu, Kuang, Ma, Song, Zhang 2024, arXiv 2410.05700, algorithm 1; Kannan and Narayanan 2012.
 */
export function dikinWalk(frame: Frame, rng: Rng, barrier: Barrier = logBarrier(frame.A)): DikinWalk {
  const d = frame.dimension;
  const { rows } = barrier;
  const { quadratic } = frame;
  const newState = (): State => ({
    w: new Float64Array(d),
    slack: new Float64Array(rows),
    factor: new Float64Array(d * d),
    halfLogDeterminant: 0,
    energy: 0,
  });
  let current = newState();
  let next = newState();
  const noise = new Float64Array(d);
  const normals = buffered(rng, (stream, out) => stream.fillNormal(out));
  const delta = new Float64Array(d);
  const Adelta = new Float64Array(rows);
  const Pw = new Float64Array(d);
  let moves = 0;

  /** f(w) = w^T P w / 2 + g^T w. */
  function energyAt(w: Float64Array): number {
    if (quadratic === undefined) return 0;
    multiplySquare(quadratic.P, d, w, Pw);
    let sum = 0;
    for (let j = 0; j < d; j++) sum += w[j]! * (0.5 * Pw[j]! + quadratic.g[j]!);
    return sum;
  }

  /** delta^T P delta. */
  function curvatureAlong(): number {
    if (quadratic === undefined) return 0;
    multiplySquare(quadratic.P, d, delta, Pw);
    let sum = 0;
    for (let j = 0; j < d; j++) sum += delta[j]! * Pw[j]!;
    return sum;
  }

  function refreshSlack(state: State): void {
    barrier.apply(state.w, state.slack);
    for (let i = 0; i < rows; i++) state.slack[i] = frame.slack[i]! - state.slack[i]!;
  }

  function factorize(state: State): void {
    if (quadratic === undefined) state.factor.fill(0);
    else state.factor.set(quadratic.P);
    barrier.addHessian(state.slack, state.factor);
    state.halfLogDeterminant = choleskyInPlace(state.factor, d);
    state.energy = energyAt(state.w);
  }

  const walk: DikinWalk = {
    kind: 'dikin',
    radius: 1,
    get position() {
      return current.w;
    },
    get proposal() {
      return next.w;
    },
    get energy() {
      return current.energy;
    },
    get minSlack() {
      return smallest(current.slack);
    },
    place(w) {
      current.w.set(w);
      refreshSlack(current);
      factorize(current);
    },
    propose(xi) {
      const scale = walk.radius / Math.sqrt(d);
      let noiseSquared = 0;
      for (let j = 0; j < d; j++) {
        noiseSquared += xi[j]! * xi[j]!;
        delta[j] = xi[j]! * scale;
      }
      // The transposed factor: (L^{-T} xi)(L^{-T} xi)^T averages to (L L^T)^{-1}.
      solveLowerTransposed(current.factor, d, delta);
      barrier.apply(delta, Adelta);
      for (let i = 0; i < rows; i++) {
        const s = current.slack[i]! - Adelta[i]!;
        if (!(s > 0)) return Number.NEGATIVE_INFINITY;
        next.slack[i] = s;
      }
      for (let j = 0; j < d; j++) next.w[j] = current.w[j]! + delta[j]!;
      factorize(next);
      // A metric that cannot be factored counts as density zero: the chain is then exact on the set where it can.
      if (Number.isNaN(next.halfLogDeterminant)) return Number.NEGATIVE_INFINITY;
      const reverse = (barrier.squaredNorm(Adelta, next.slack) + curvatureAlong()) / (scale * scale);
      return current.energy - next.energy + next.halfLogDeterminant - current.halfLogDeterminant - 0.5 * reverse + 0.5 * noiseSquared;
    },
    accept() {
      const left = current;
      current = next;
      next = left;
      if (++moves % REFRESH === 0) {
        refreshSlack(current);
        // So the factor is always that of the slacks, and a restored chain's is the same.
        factorize(current);
      }
    },
    advance(steps) {
      let accepted = 0;
      for (let step = 0; step < steps; step++) {
        for (let j = 0; j < d; j++) noise[j] = normals.next();
        const logTau = walk.propose(noise);
        // 1 - u lies in (0, 1].
        if (log(1 - normals.rng.uniform()) < logTau) {
          walk.accept();
          accepted++;
        }
      }
      return accepted;
    },
    save() {
      const state = new Float64Array(2 + d + rows + STREAM_STATE);
      state[0] = moves;
      state[1] = walk.radius;
      state.set(current.w, 2);
      state.set(current.slack, 2 + d);
      normals.save(state, 2 + d + rows);
      return state;
    },
    restore(state) {
      checkLength('restore', 'state', state, 2 + d + rows + STREAM_STATE);
      moves = state[0]!;
      walk.radius = state[1]!;
      current.w.set(state.subarray(2, 2 + d));
      current.slack.set(state.subarray(2 + d, 2 + d + rows));
      factorize(current);
      normals.restore(state, 2 + d + rows);
    },
  };
  return walk;
}

/** The smallest entry. */
export function smallest(values: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < values.length; i++) if (values[i]! < least) least = values[i]!;
  return least;
}

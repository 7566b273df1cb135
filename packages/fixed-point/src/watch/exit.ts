import { ArgumentError, ShapeError } from '@x/linalg';
import type { Certificate } from '../certify/certificate.ts';
import { checkRange, checkWhole, finiteVector } from '../check.ts';
import { isInside, pointBox } from '../interval/box.ts';
import { above, below } from '../interval/round.ts';
import type { VecFn } from '../solve/contract.ts';
import { largestRatio } from './monitor.ts';

export interface ExitOptions {
  /** Stop when the state is within this of the limit, in the largest entry. */
  readonly tolerance: number;
  /**
   * A proved contraction: a factor that holds wherever the trajectory goes, or a certificate by Banach's theorem, which counts from the first
   * state in its box on. Without one the factor is estimated from the trajectory, and the rule says so.
   */
  readonly contraction?: number | Pick<Certificate, 'kind' | 'box' | 'contraction' | 'weights'>;
  /** A bound of the error with which each loop is computed, in the largest entry. Default 0: the bound then holds for exact loops. */
  readonly rounding?: number;
  /** Ratios of changes that an estimate looks at. Default 5. */
  readonly window?: number;
}

export interface ExitDecision {
  readonly stop: boolean;
  /** Bound of the distance to the limit, in the largest entry; Infinity where none is known yet. */
  readonly remaining: number;
  /** Whether the contraction factor was estimated, so that `remaining` is no bound but a guess. */
  readonly heuristic: boolean;
}

export interface ExitRule {
  /** Takes the state after the next loop; the first one is the start. */
  push(state: ArrayLike<number>): ExitDecision;
}

/**
 * When to leave a loop: with a contraction factor K the limit is no farther than (K delta + rounding) / (1 - K) from the newest state, delta the last
 * change. The usual rule, delta below the tolerance, is wrong by a factor K / (1 - K).
 */
export function exitRule({ tolerance, contraction, rounding = 0, window = 5 }: ExitOptions): ExitRule {
  checkRange('exitRule', 'tolerance', tolerance, 0);
  checkRange('exitRule', 'rounding', rounding, 0);
  checkWhole('exitRule', 'window', window, 1);
  const proved = typeof contraction === 'number' ? contraction : contraction?.contraction;
  const certificate = typeof contraction === 'object' ? contraction : undefined;
  const weights = certificate?.weights;
  if (certificate !== undefined && certificate?.box === undefined) {
    throw new ArgumentError(
      'exitRule: contraction is neither a number nor a certificate of one box (see productBox and certify)',
      'contraction',
    );
  }
  if (certificate?.kind === 'krawczyk') {
    throw new ArgumentError(
      "exitRule: contraction is a certificate by Krawczyk's theorem, whose factor holds in its enclosure only",
      'contraction',
    );
  }
  if (contraction !== undefined) checkRange('exitRule', 'contraction', proved ?? Number.NaN, 0, 1 - Number.EPSILON / 2);
  const changes: number[] = [];
  let last: Float64Array | undefined;
  const heuristic = proved === undefined;

  /** max |x_i - y_i| / w_i, rounded up, and the largest weight. */
  function change(x: Float64Array, y: Float64Array): { delta: number; heaviest: number; lightest: number } {
    let delta = 0;
    let heaviest = 0;
    let lightest = Infinity;
    for (let i = 0; i < x.length; i++) {
      const w = weights?.[i] ?? 1;
      const apart = above(above(Math.abs(x[i] - y[i])) / w);
      delta = Math.max(delta, apart);
      heaviest = Math.max(heaviest, w);
      lightest = Math.min(lightest, w);
    }
    return { delta, heaviest, lightest };
  }

  return {
    push(state) {
      const x = finiteVector('push', 'state', state);
      if (last !== undefined && x.length !== last.length)
        throw new ShapeError(`push: the state has ${x.length} entries; those before had ${last.length}`);
      if (weights !== undefined && weights.length !== x.length)
        throw new ShapeError(`push: the state has ${x.length} entries; the certificate is for ${weights.length}`);
      const before = last;
      last = x;
      if (before === undefined) return { stop: false, remaining: Infinity, heuristic };
      // f maps the box into itself: from the first state inside on, all are.
      if (certificate !== undefined && !isInside(pointBox(before), certificate.box)) return { stop: false, remaining: Infinity, heuristic };
      const { delta, heaviest, lightest } = change(x, before);
      // The first changes are not where they will be, so an estimate needs two ratios.
      changes.push(delta);
      const estimated = changes.length > 2 ? largestRatio(changes, window) : Number.NaN;
      const K = proved ?? estimated;
      if (!(K < 1)) return { stop: false, remaining: delta === 0 && heuristic ? 0 : Infinity, heuristic };
      const remaining = above((above(above(K * delta) + above(rounding / lightest)) / below(1 - K)) * heaviest);
      return { stop: remaining <= tolerance, remaining, heuristic };
    },
  };
}

export interface Truncation {
  /** Loops run before the rule said stop; `loops` where it never did. */
  readonly exitLoop: number;
  /** Loops saved. */
  readonly saved: number;
  /** max |x_exit - x_loops|: what leaving early cost. */
  readonly error: number;
  /** The rule's bound, or guess, at the exit. */
  readonly remaining: number;
  readonly heuristic: boolean;
}

/** Runs all loops, and reports what the rule would have saved and what it would have cost. */
export function truncationReport(f: VecFn, x0: ArrayLike<number>, loops: number, options: ExitOptions): Truncation {
  checkWhole('truncationReport', 'loops', loops, 1);
  let x = finiteVector('truncationReport', 'x0', x0);
  const rule = exitRule(options);
  let decision = rule.push(x);
  let exit: { readonly loop: number; readonly state: Float64Array; readonly decision: ExitDecision } | undefined;
  for (let loop = 1; loop <= loops; loop++) {
    const next = new Float64Array(x.length);
    f(x, next);
    x = next;
    if (exit !== undefined) continue;
    decision = rule.push(x);
    if (decision.stop) exit = { loop, state: x, decision };
  }
  const { loop, state, decision: at } = exit ?? { loop: loops, state: x, decision };
  const error = state.reduce((most, v, i) => Math.max(most, Math.abs(v - x[i])), 0);
  return { exitLoop: loop, saved: loops - loop, error, remaining: at.remaining, heuristic: at.heuristic };
}

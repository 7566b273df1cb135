import { checkFunction, finiteVector } from '../check.ts';
import type { FixedPointOptions, FixedPointResult, Reason, VecFn } from './contract.ts';
import { startRun } from './run.ts';
import { settingsOf } from './settings.ts';

/**
 * Solves x = f(x) from x0. Failure to converge is a result, not an exception: see `reason`.
 *
 * @param f - writes f(x) to its second argument. Values that are not finite count as an infinite residual, never as converged; methods that
 *   can go back do.
 * @param x0 - finite numbers; not changed. None at all are solved at once.
 * @throws ArgumentError; NonFiniteError naming the entry of x0; what f throws.
 * Cost: besides f, O(d) an iteration for `picard`, `damped`, `aitken`, `squarem`; O(d m) for `anderson`, `broyden`, and an extrapolation; O(d^3)
 *   for `newton`, O(d m^2) for `newton-gmres`.
 */
export function solveFixedPoint(f: VecFn, x0: ArrayLike<number>, options: FixedPointOptions = {}): FixedPointResult {
  checkFunction('solveFixedPoint', 'f', f);
  const start = finiteVector('solveFixedPoint', 'x0', x0);
  const settings = settingsOf('solveFixedPoint', start.length, options);
  const { signal, onIteration } = options;
  let evaluations = 0;
  const evaluate: VecFn = (x, out) => {
    evaluations++;
    f(x, out);
  };
  const problem = { dimension: start.length, evaluate, jacobian: options.jacobian, jvp: options.jvp, settings };
  const run = startRun(problem, start);
  // What f does not write shows as no number.
  const fx = new Float64Array(start.length).fill(Number.NaN);
  const history: number[] = [];
  let reason: Reason | undefined;
  while (reason === undefined) {
    if (signal?.aborted) reason = 'aborted';
    else if (evaluations >= settings.maxEvaluations) reason = 'max-evaluations';
    else {
      evaluate(run.point, fx);
      reason = run.absorb(fx);
      history.push(run.last);
      onIteration?.({ iteration: run.iterations, evaluations, residual: run.last, best: run.residual });
    }
  }
  return {
    x: run.x,
    value: run.value,
    residual: run.residual,
    iterations: run.iterations,
    evaluations,
    converged: reason === 'converged',
    reason,
    method: settings.method,
    history,
    accelerated: run.accelerated,
  };
}

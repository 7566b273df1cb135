import { type Dense, dense, zeros } from '@x/linalg';
import { type LoopModel, loopedTransformer } from '../model.ts';

/** Which weights are trained: one step size; one for each loop; the diagonal of A; all of A (with step size 1). */
export type ParameterKind = 'scalar' | 'per-loop' | 'diagonal' | 'full';

/** How many numbers that is. */
export function parameterCount(kind: ParameterKind, loops: number, d: number): number {
  return { scalar: 1, 'per-loop': loops, diagonal: d, full: d * d }[kind];
}

/**
 * Those that make every loop a plain gradient step of size `eta`; of one step size a loop, from eta / 2 to 3 eta / 2, because the loss is
 * symmetric in them: from equal ones, descent would never tell them apart.
 */
export function plainParameters(kind: ParameterKind, loops: number, d: number, eta: number): Float64Array {
  const theta = new Float64Array(parameterCount(kind, loops, d)).fill(eta);
  if (kind === 'per-loop') return theta.map((value, t) => value * (0.5 + (t + 0.5) / loops));
  return kind === 'full' ? theta.map((value, i) => (i % (d + 1) === 0 ? value : 0)) : theta;
}

/** The query-key block of `diagonal` and `full`. */
export function blockOf(kind: 'diagonal' | 'full', theta: Float64Array, d: number): Dense {
  if (kind === 'full') return dense(d, d, theta);
  const A = zeros(d, d);
  for (let i = 0; i < d; i++) A.data[i * d + i] = theta[i]!;
  return A;
}

export function modelOf(kind: ParameterKind, theta: Float64Array, loops: number): LoopModel {
  if (kind === 'scalar') return loopedTransformer({ loops, step: theta[0]! });
  if (kind === 'per-loop') return loopedTransformer({ loops, step: theta });
  const d = kind === 'full' ? Math.round(Math.sqrt(theta.length)) : theta.length;
  return loopedTransformer({ loops, step: 1, preconditioner: kind === 'full' ? dense(d, d, theta) : theta });
}

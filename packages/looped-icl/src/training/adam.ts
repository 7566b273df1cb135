import { cosPi } from '@x/linalg';

/** Moments of Adam, as JSON can hold them. */
export interface AdamState {
  readonly kind: 'adam';
  readonly step: number;
  readonly first: readonly number[];
  readonly second: readonly number[];
}

export function adamStart(count: number): AdamState {
  return { kind: 'adam', step: 0, first: new Array<number>(count).fill(0), second: new Array<number>(count).fill(0) };
}

const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-9] as const;

/**
 * One step of Adam with a step size that falls along half a cosine from `rate` to 0 over `total` steps; theta is changed.
 *
 * Source: Kingma and Ba, arXiv 1412.6980.
 */
export function adamStep(state: AdamState, theta: Float64Array, gradient: Float64Array, rate: number, total: number): AdamState {
  const step = state.step + 1;
  const size = (rate * (1 + cosPi(Math.min(1, state.step / total)))) / 2;
  const first = state.first.map((m, i) => BETA1 * m + (1 - BETA1) * gradient[i]!);
  const second = state.second.map((v, i) => BETA2 * v + (1 - BETA2) * gradient[i]! * gradient[i]!);
  let [power1, power2] = [1, 1];
  for (let i = 0; i < step; i++) [power1, power2] = [power1 * BETA1, power2 * BETA2];
  for (let i = 0; i < theta.length; i++) {
    theta[i]! -= (size * (first[i]! / (1 - power1))) / (Math.sqrt(second[i]! / (1 - power2)) + EPSILON);
  }
  return { kind: 'adam', step, first, second };
}

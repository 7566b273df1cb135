import { log } from '@x/linalg';
import { ArgumentError } from '@x/linalg/errors';
import { PrivacyBudget } from '../budget/budget.ts';
import type { Block } from '../modes/mode.ts';
import { type BuilderOptions, DistanceBuilder } from '../oracle/builder.ts';
import { exactNumbers } from './exact.ts';

export interface BlackBoxOptions extends BuilderOptions {
  readonly budget: { readonly epsilon: number; readonly delta?: number } | { readonly rho: number };
  /** A data set, row by row. */
  readonly rows: ArrayLike<number>;
  /** The row that the neighbour has more. */
  readonly row: ArrayLike<number>;
  /** Builds of either data set. Default 40,000. */
  readonly builds?: number;
  /** Probability that a private mechanism fails. Default 1e-6. */
  readonly falseAlarm?: number;
  /** The released numbers of a data set; default a build by this package. To audit another mechanism under the package's claim. */
  readonly release?: (rows: ArrayLike<number>) => Float64Array;
}

export interface BlackBoxResult {
  /** With probability 1 - falseAlarm the true privacy parameter of this pair is at least this. */
  readonly atLeast: number;
  /** What the mechanism claims: epsilon; or mu = sqrt(2 rho), the shift of the mean in deviations. */
  readonly claimed: number;
  readonly holds: boolean;
  readonly measure: 'epsilon' | 'mu';
}

/**
 * Builds both of two neighbours often, and asks by how much the likelihood ratio under the claimed laws tells them apart.
 *
 * Laplace: an event {ratio >= threshold} is chosen on one half of the builds; on the other half its probabilities p and p' are bounded (Chernoff
 * and Hoeffding), and p <= e^epsilon p' + delta must be possible. Gaussian: the ratio is normal, and the distance of its means in deviations must
 * not exceed sqrt(2 rho). It can refute privacy and never prove it: it is weak where many numbers share the loss.
 *
 * Cost: 2 builds of small oracles.
 */
export function auditBlackBox({
  budget,
  rows,
  row,
  builds = 40_000,
  falseAlarm = 1e-6,
  release,
  ...options
}: BlackBoxOptions): BlackBoxResult {
  if (options.adjacency === 'replace') throw new ArgumentError('auditBlackBox: only add-remove neighbours are tried', 'adjacency');
  const build = (points: ArrayLike<number>) => new DistanceBuilder(options).add(points).release(new PrivacyBudget(budget)).releases[0]!;
  const numbers = ({ shared, columns }: { shared: Float64Array; columns: readonly Float64Array[] }) =>
    Float64Array.from([shared, ...columns].flatMap((values) => [...values]));
  const released = release ?? ((points: ArrayLike<number>) => numbers(build(points)));
  const { plan, privacy, design } = build([]);
  const blocks = [...plan.shared, ...plan.columns.flat()];
  const more = Float64Array.from([...Array.from(rows), ...Array.from(row)]);
  const [f, g] = [rows, more].map((points) => exactNumbers(points, design, plan)) as [Float64Array, Float64Array];
  const ratios = [rows, more].map((points) => Float64Array.from({ length: builds }, () => ratio(released(points), f, g, blocks)));
  if (plan.noise === 'gaussian') return shift(ratios[0]!, ratios[1]!, Math.sqrt(2 * (privacy.rho as number)), falseAlarm);
  return bestEvent(ratios[1]!, ratios[0]!, privacy.epsilon as number, falseAlarm);
}

/** log of the density under g over that under f. */
function ratio(values: Float64Array, f: Float64Array, g: Float64Array, blocks: readonly Block[]): number {
  let sum = 0;
  let i = 0;
  for (const { length, law } of blocks) {
    for (const end = i + length; i < end; i++) {
      const [a, b] = [values[i]! - f[i]!, values[i]! - g[i]!];
      sum += law.kind === 'laplace' ? (Math.abs(a) - Math.abs(b)) / law.parameter : (a * a - b * b) / (2 * law.parameter);
    }
  }
  return sum;
}

function bestEvent(likely: Float64Array, unlikely: Float64Array, claimed: number, falseAlarm: number): BlackBoxResult {
  const half = likely.length >> 1;
  const train = [likely.subarray(0, half), unlikely.subarray(0, half)].map((sample) => sample.slice().sort());
  const test = [likely.subarray(half), unlikely.subarray(half)];
  const share = (sorted: Float64Array, threshold: number) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] as number) >= threshold) high = middle;
      else low = middle + 1;
    }
    return (sorted.length - low) / sorted.length;
  };
  const epsilonOf = (p: number, q: number, n: number, alarm: number) => log(bound(p, n, alarm / 2, -1) / bound(q, n, alarm / 2, 1));
  let threshold = 0;
  let best = Number.NEGATIVE_INFINITY;
  for (let part = 0.005; part < 0.6; part *= 1.15) {
    const at = train[0]![Math.floor((1 - part) * half)] as number;
    const epsilon = epsilonOf(share(train[0]!, at), share(train[1]!, at), half, 0.02);
    if (epsilon > best) [best, threshold] = [epsilon, at];
  }
  const [p, q] = test.map((sample) => share(sample.slice().sort(), threshold)) as [number, number];
  const atLeast = epsilonOf(p, q, test[0]!.length, falseAlarm);
  return { atLeast, claimed, holds: atLeast <= claimed, measure: 'epsilon' };
}

/** The probability furthest from p on one side for which n KL(p, .) <= ln(1 / falseAlarm). */
function bound(p: number, n: number, falseAlarm: number, side: -1 | 1): number {
  const most = log(1 / falseAlarm) / n;
  const divergence = (r: number) => (p === 0 ? 0 : p * log(p / r)) + (p === 1 ? 0 : (1 - p) * log((1 - p) / (1 - r)));
  let [inside, outside] = [p, side < 0 ? 0 : 1];
  for (let k = 0; k < 60; k++) {
    const r = (inside + outside) / 2;
    if (divergence(r) <= most) inside = r;
    else outside = r;
  }
  return outside;
}

function shift(low: Float64Array, high: Float64Array, claimed: number, falseAlarm: number): BlackBoxResult {
  const moments = (sample: Float64Array) => {
    const mean = sample.reduce((a, b) => a + b, 0) / sample.length;
    return { mean, variance: sample.reduce((a, b) => a + (b - mean) ** 2, 0) / (sample.length - 1) };
  };
  const [a, b] = [moments(low), moments(high)];
  const found = (b.mean - a.mean) / Math.sqrt((a.variance + b.variance) / 2);
  // The error of a standardised difference of two means, with that of the deviation; a normal tail beyond z is below exp(-z^2 / 2).
  const z = Math.sqrt(2 * log(1 / falseAlarm));
  const atLeast = found - z * Math.sqrt(2 / low.length + (found * found) / (4 * low.length));
  return { atLeast, claimed, holds: atLeast <= claimed, measure: 'mu' };
}

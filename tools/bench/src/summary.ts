import { isKept, type Measured, type Observation } from './measure.ts';

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** What is told of a contender in a case. */
export interface Timing {
  /** Over the kept repetitions; over all of them when none was kept. */
  readonly seconds: Spread | undefined;
  readonly kept: number;
  /** Repetitions made. */
  readonly of: number;
}

/** The speed of a contender over another's, from pairs of repetitions of the same round. */
export interface Ratio extends Spread {
  /** Pairs of which both were kept. When there is none, the spread is over all pairs, and says little. */
  readonly kept: number;
  readonly of: number;
}

export function spread(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = ((sorted[Math.ceil(middle) - 1] as number) + (sorted[Math.floor(middle)] as number)) / 2;
  return { min: sorted[0] as number, median, max: sorted.at(-1) as number };
}

export function timing({ observations, tries }: Measured, best: number, gate: number): Timing {
  const all = observations.filter((o) => o !== undefined);
  const kept = all.filter((o) => isKept(o, best, gate));
  return { seconds: spread((kept.length > 0 ? kept : all).map((o) => o.seconds)), kept: kept.length, of: tries };
}

/** Speed of `a` over `b`: b's time divided by a's, round by round. Undefined when they share no round. */
export function pairedRatio(a: Measured, b: Measured, best: number, gate: number): Ratio | undefined {
  return ratios(a.observations, (o, round) => {
    const other = b.observations[round];
    return other && { value: other.seconds / o.seconds, kept: isKept(o, best, gate) && isKept(other, best, gate) };
  });
}

/** Speed of `a` over the calibration's, both in flops per second, the latter as measured around each repetition. */
export function shareOfCalibration(a: Measured, flops: number, calibrationFlops: number, best: number, gate: number): Ratio | undefined {
  return ratios(a.observations, (o) => ({
    value: flops / o.seconds / (((o.before + o.after) / 2) * calibrationFlops),
    kept: isKept(o, best, gate),
  }));
}

function ratios(
  observations: Measured['observations'],
  pair: (o: Observation, round: number) => { value: number; kept: boolean } | undefined,
): Ratio | undefined {
  const all = observations.flatMap((o, round) => (o && pair(o, round)) ?? []);
  const kept = all.filter((p) => p.kept);
  const range = spread((kept.length > 0 ? kept : all).map((p) => p.value));
  return range && { ...range, kept: kept.length, of: all.length };
}

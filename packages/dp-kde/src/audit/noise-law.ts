import { exp, log } from '@x/linalg';
import { checkWhole } from '../check.ts';
import { type Law, varianceOf } from '../noise/law.ts';
import { NoiseSampler } from '../noise/sampler.ts';
import { systemBits } from '../noise/source.ts';
import { normalCentral } from '../oracle/interval.ts';

export interface NoiseLawOptions {
  /** Default 400,000. */
  readonly draws?: number;
  /** Probability that right noise fails. Default 1e-6. */
  readonly falseAlarm?: number;
  /** Where the numbers come from; default the package's sampler on the system's source. */
  readonly draw?: (law: Law) => number;
}

export interface NoiseLawResult {
  /** Largest distance between the observed and the exact distribution function. */
  readonly distance: number;
  /** What chance allows: sqrt(ln(2 / falseAlarm) / (2 draws)), for any law (Dvoretzky, Kiefer, Wolfowitz; Massart 1990). */
  readonly allowed: number;
  readonly holds: boolean;
}

/** Compares numbers with the exact distribution function of a discrete law. With the defaults, 5 % in the scale is seen. */
export function auditNoiseLaw(law: Law, { draws = 400_000, falseAlarm = 1e-6, draw }: NoiseLawOptions = {}): NoiseLawResult {
  checkWhole('auditNoiseLaw', 'draws', draws, 1, 1e9);
  const sampler = new NoiseSampler(systemBits());
  const drawn = draw ?? (({ kind, parameter }: Law) => (kind === 'laplace' ? sampler.laplace(parameter) : sampler.gaussian(parameter)));
  const sample = Float64Array.from({ length: draws }, () => drawn(law)).sort();
  const distribution = distributionOf(law);
  let distance = 0;
  for (let i = 0; i < draws; ) {
    const y = sample[i] as number;
    distance = Math.max(distance, Math.abs(distribution(y - 1) - i / draws));
    while (i < draws && sample[i] === y) i++;
    // Numbers that are no whole ones are compared at the whole number below, where they have no probability to be.
    distance = Math.max(distance, Number.isInteger(y) ? Math.abs(distribution(y) - i / draws) : 1);
  }
  const allowed = Math.sqrt(log(2 / falseAlarm) / (2 * draws));
  return { distance, allowed, holds: distance <= allowed };
}

/** P(Y <= y) for whole y. */
function distributionOf({ kind, parameter }: Law): (y: number) => number {
  if (kind === 'laplace') {
    const p = exp(-1 / parameter);
    return (y) => (y >= 0 ? 1 - exp(-(y + 1) / parameter) / (1 + p) : exp(y / parameter) / (1 + p));
  }
  const deviation = Math.sqrt(varianceOf({ kind, parameter }));
  // A sum over such fine steps is the normal integral, to 1 / (24 sigma^2).
  if (deviation > 2 ** 18) return (y) => (1 + Math.sign(y + 0.5) * normalCentral(Math.abs(y + 0.5) / deviation)) / 2;
  const most = Math.ceil(12 * deviation);
  const sums = new Float64Array(2 * most + 1);
  let total = 0;
  for (let y = -most; y <= most; y++) {
    total += exp((-y * y) / (2 * parameter));
    sums[y + most] = total;
  }
  return (y) => (y < -most ? 0 : (sums[Math.min(y, most) + most] as number) / total);
}

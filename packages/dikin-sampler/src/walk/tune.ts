import { exp } from '@x/linalg';
import { effectiveSize } from '../diagnostics/ess.ts';
import type { Pace } from './pace.ts';
import type { Walk } from './walk.ts';

/** A walk with a step size. */
interface Scaled extends Walk {
  radius: number;
  /** Steps whose share of moves the step size decides, where `advance` makes others too. */
  dikinSteps?(steps: number): number;
}

/** What a pilot chain found; the chains that are kept use it unchanged. */
export interface Tuning {
  /** r of the Dikin walk; absent for hit-and-run. */
  readonly radius?: number;
  /** Steps a chain makes before its first draw. */
  readonly burnIn: number;
  /** Steps between draws. */
  readonly thin: number;
  /** Integrated autocorrelation time of the slowest coordinate, in steps. */
  readonly autocorrelationTime: number;
  /** Steps the pilot chain made. */
  readonly pilotSteps: number;
  /** False when the pilot ended at its limit before it was 100 autocorrelation times long. */
  readonly settled: boolean;
}

export interface TuneOptions {
  /** Fixed by the caller where given. */
  readonly radius?: number | undefined;
  readonly burnIn?: number | undefined;
  readonly thin?: number | undefined;
}

/**
 * Acceptance to aim at. The efficiency of random-walk proposals is flat between 0.25 and 0.5 (Roberts and Rosenthal 2001); with the
 * mean of the two the finished rate stays inside.
 */
const TARGET_ACCEPTANCE = 0.375;
/** Length of the pilot in autocorrelation times; the estimate of that time is then good to about a quarter. */
const PILOT_LENGTH = 100;
/** Burn-in and thinning in autocorrelation times: exp(-20) of the start is left, and draws have effective size of about half their number. */
const BURN_IN_TIMES = 20;
const THIN_TIMES = 0.5;

/**
 * Runs a chain that is thrown away: adapts the Dikin radius, then measures the autocorrelation time of every coordinate of the
 * frame, of f and of the smallest slack. Adaptation never touches a chain that is kept, so those are exact Markov chains.
 */
export async function tune(walk: Walk, dimension: number, pace: Pace, options: TuneOptions): Promise<Tuning> {
  let pilotSteps = 0;
  if (isScaled(walk)) {
    if (options.radius !== undefined) walk.radius = options.radius;
    else pilotSteps += await adaptRadius(walk, pace);
  }
  const radius = isScaled(walk) ? { radius: walk.radius } : {};
  if (options.burnIn !== undefined && options.thin !== undefined) {
    return { ...radius, burnIn: options.burnIn, thin: options.thin, autocorrelationTime: Number.NaN, pilotSteps, settled: true };
  }
  const { time, steps, settled } = await measure(walk, dimension, pace);
  return {
    ...radius,
    burnIn: options.burnIn ?? Math.ceil(BURN_IN_TIMES * time),
    thin: options.thin ?? Math.max(1, Math.ceil(THIN_TIMES * time)),
    autocorrelationTime: time,
    pilotSteps: pilotSteps + steps,
    settled,
  };
}

function isScaled(walk: Walk): walk is Scaled {
  return walk.kind === 'dikin' || walk.kind === 'auto';
}

const BLOCKS = 60;
const BLOCK_STEPS = 50;

/** Robbins and Monro's recursion on log r over blocks of steps; the result is the average over the second half. */
async function adaptRadius(walk: Scaled, pace: Pace): Promise<number> {
  const steps: Pick<Walk, 'advance'> = walk.dikinSteps ? { advance: walk.dikinSteps } : walk;
  let logRadius = 0;
  let sum = 0;
  for (let block = 0; block < BLOCKS; block++) {
    walk.radius = exp(logRadius);
    const rate = (await pace.advance(steps, BLOCK_STEPS)) / BLOCK_STEPS;
    logRadius += (3 / Math.sqrt(block + 1)) * (rate - TARGET_ACCEPTANCE);
    if (block >= BLOCKS / 2) sum += logRadius;
  }
  walk.radius = exp(sum / (BLOCKS / 2));
  return BLOCKS * BLOCK_STEPS;
}

/** Records kept; when they are full every second one is dropped and the stride doubled. */
const RECORDS = 1024;

async function measure(walk: Walk, dimension: number, pace: Pace): Promise<{ time: number; steps: number; settled: boolean }> {
  // Chords are cheap, and their walk takes of the order of d^2 steps.
  const limit = Math.max(100_000, 2_000 * dimension, walk.kind === 'cdhr' ? 20 * dimension * dimension : 0);
  const records: Float64Array[] = [];
  let stride = 1;
  for (let steps = 0; ; ) {
    while (records.length < RECORDS) {
      await pace.advance(walk, stride);
      steps += stride;
      records.push(Float64Array.from([...walk.position, walk.energy, walk.minSlack]));
    }
    const time = stride * slowest(records);
    const settled = steps >= PILOT_LENGTH * time;
    if (settled || steps >= limit) return { time, steps, settled };
    for (let i = 0; i < RECORDS / 2; i++) records[i] = records[2 * i + 1]!;
    records.length = RECORDS / 2;
    stride *= 2;
  }
}

/** Autocorrelation time, in records, of the slowest recorded quantity; constant ones (f of a uniform density) do not count. */
function slowest(records: readonly Float64Array[]): number {
  let longest = 1;
  for (let k = 0; k < records[0]!.length; k++) {
    const size = effectiveSize([Float64Array.from(records, (record) => record[k]!)]);
    if (!Number.isNaN(size)) longest = Math.max(longest, records.length / size);
  }
  return longest;
}

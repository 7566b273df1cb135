import type { Calibrator } from './calibration.ts';
import type { Clock } from './clock.ts';
import type { Run } from './suite.ts';

export interface Rules {
  /** Repetitions to be kept for each contender. */
  readonly keep: number;
  /** A repetition is kept when the calibrations before and after it reach this share of the best seen. */
  readonly gate: number;
  /** Wall time after which no further round begins. One round is always made. */
  readonly limitMs: number;
  /** A repetition runs its contender often enough to last this long. */
  readonly repetitionMs: number;
}

export const RULES: Rules = { keep: 7, gate: 0.95, limitMs: 20_000, repetitionMs: 10 };

/** One repetition of one contender. */
export interface Observation {
  /** Of one run. */
  readonly seconds: number;
  /** Calibration speeds around it. */
  readonly before: number;
  readonly after: number;
}

export interface Measured {
  readonly name: string;
  /** By round; undefined where the contender failed. */
  readonly observations: readonly (Observation | undefined)[];
  readonly failure: string | undefined;
}

interface Prepared {
  readonly name: string;
  readonly run: Run;
  readonly repeat: number;
  readonly asynchronous: boolean;
  readonly observations: (Observation | undefined)[];
  failure: string | undefined;
}

/** Results go here, so that the engine cannot drop the work. */
let sink: unknown;

/**
 * Measures contenders in rounds: each contender once a round, starting with another one each time, a calibration burst before and after
 * each repetition. Goes on until every contender has `keep` kept repetitions, or time is up.
 */
export async function measure(
  contenders: readonly { readonly name: string; readonly run: Run }[],
  calibrator: Calibrator,
  clock: Clock,
  rules: Rules = RULES,
): Promise<Measured[]> {
  const all: Prepared[] = [];
  for (const { name, run } of contenders) all.push(await warmUp(name, run, clock, rules));
  const end = clock.elapsed() + rules.limitMs;
  for (let round = 0; round === 0 || clock.elapsed() < end; round++) {
    for (let k = 0; k < all.length; k++) {
      const contender = all[(k + round) % all.length] as Prepared;
      if (contender.failure !== undefined) continue;
      try {
        contender.observations[round] = await observe(contender, calibrator, clock);
      } catch (error) {
        contender.failure = messageOf(error);
      }
    }
    const enough = (contender: Prepared) =>
      contender.failure !== undefined ||
      contender.observations.filter((o) => isKept(o, calibrator.best(), rules.gate)).length >= rules.keep;
    if (all.every(enough)) break;
  }
  return all.map(({ name, observations, failure }) => ({ name, observations, failure }));
}

/** Whether the machine was fast before and after an observation. */
export function isKept(observation: Observation | undefined, best: number, gate: number): observation is Observation {
  return observation !== undefined && observation.before >= gate * best && observation.after >= gate * best;
}

/** Runs until the engine has optimised, and finds how often a repetition has to run. */
async function warmUp(name: string, run: Run, clock: Clock, { repetitionMs }: Rules): Promise<Prepared> {
  const contender = { name, run, asynchronous: false, repeat: 1, observations: [], failure: undefined };
  try {
    const first = run();
    contender.asynchronous = first instanceof Promise;
    sink = await first;
    let each = 0;
    for (let count = 1, spent = 0; spent < 10 * repetitionMs && count < 1e9; count *= 2) {
      const time = await timed({ ...contender, repeat: count }, clock);
      spent += time;
      each = time / count;
    }
    return { ...contender, repeat: Math.max(1, Math.ceil(repetitionMs / each)) };
  } catch (error) {
    return { ...contender, failure: messageOf(error) };
  }
}

async function observe(contender: Prepared, calibrator: Calibrator, clock: Clock): Promise<Observation> {
  // Garbage of the contender before is not this one's; there when node runs with --expose-gc.
  (globalThis as { gc?: () => void }).gc?.();
  const before = calibrator.burst();
  const time = await timed(contender, clock);
  const after = calibrator.burst();
  return { seconds: time / contender.repeat / 1000, before, after };
}

/** Milliseconds of `repeat` runs. */
async function timed({ run, repeat, asynchronous }: Pick<Prepared, 'run' | 'repeat' | 'asynchronous'>, clock: Clock): Promise<number> {
  const start = clock.now();
  if (asynchronous) for (let k = 0; k < repeat; k++) sink = await run();
  else for (let k = 0; k < repeat; k++) sink = run();
  return clock.now() - start;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message.split('\n')[0]}` : String(error);
}

/** What the last run returned. */
export function lastOutput(): unknown {
  return sink;
}

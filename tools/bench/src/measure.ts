import { setTimeout as sleep } from 'node:timers/promises';
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

/** Bursts that are waited for a fast machine before a repetition. */
const WAITS = 25;
/** Repetitions of one contender in one round, while none is kept; only for those shorter than RETRY_MS. */
const ATTEMPTS = 4;
const RETRY_MS = 100;
const SETTLE_MS = 2;

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
  /** Repetitions made, those included that were repeated within their round. */
  readonly tries: number;
  readonly failure: string | undefined;
}

interface Prepared {
  readonly name: string;
  readonly run: Run;
  readonly outside: boolean;
  readonly repeat: number;
  asynchronous: boolean;
  readonly observations: (Observation | undefined)[];
  tries: number;
  failure: string | undefined;
}

/** Results go here, so that the engine cannot drop the work. */
export let sink: unknown;

/**
 * Measures contenders in rounds: each contender once a round, starting with another one each time, a calibration burst before and after
 * each repetition. One that would not be kept is repeated a few times, so that pairs of the same round are found on a noisy machine too.
 * Goes on until every contender has `keep` rounds in which both it and the first contender were kept, or time is up.
 */
export async function measure(
  contenders: readonly { readonly name: string; readonly run: Run; readonly outside?: boolean }[],
  calibrator: Calibrator,
  clock: Clock,
  rules: Rules = RULES,
): Promise<Measured[]> {
  const all: Prepared[] = [];
  for (const { name, run, outside = false } of contenders) all.push(await warmUp(name, run, outside, clock, rules));
  const end = clock.elapsed() + rules.limitMs;
  for (let round = 0; round === 0 || clock.elapsed() < end; round++) {
    for (let k = 0; k < all.length; k++) {
      const contender = all[(k + round) % all.length] as Prepared;
      if (contender.failure === undefined) await takeTurn(contender, round, calibrator, clock, rules);
    }
    const kept = (contender: Prepared, r: number) => isKept(contender.observations[r], calibrator.best(), rules.gate);
    const first = all.find(({ failure }) => failure === undefined);
    if (first === undefined) break;
    const rounds = Array.from({ length: round + 1 }, (_, r) => r).filter((r) => kept(first, r));
    if (all.every((contender) => contender.failure !== undefined || rounds.filter((r) => kept(contender, r)).length >= rules.keep)) break;
  }
  return all.map(({ name, observations, tries, failure }) => ({ name, observations, tries, failure }));
}

async function takeTurn(contender: Prepared, round: number, calibrator: Calibrator, clock: Clock, { gate }: Rules): Promise<void> {
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const observation = await observe(contender, calibrator, clock, gate);
      contender.observations[round] = observation;
      contender.tries++;
      const long = observation.seconds * contender.repeat > RETRY_MS / 1000;
      if (long || isKept(observation, calibrator.best(), gate)) return;
    }
  } catch (error) {
    contender.failure = messageOf(error);
  }
}

/** Whether the machine was fast before and after an observation. */
export function isKept(observation: Observation | undefined, best: number, gate: number): observation is Observation {
  return observation !== undefined && observation.before >= gate * best && observation.after >= gate * best;
}

/** Runs until the engine has optimised, and finds how often a repetition has to run. */
async function warmUp(name: string, run: Run, outside: boolean, clock: Clock, { repetitionMs }: Rules): Promise<Prepared> {
  const contender: Prepared = { name, run, outside, asynchronous: false, repeat: 1, observations: [], tries: 0, failure: undefined };
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

async function observe(contender: Prepared, calibrator: Calibrator, clock: Clock, gate: number): Promise<Observation> {
  await collectGarbage();
  let before = calibrator.burst();
  for (let wait = 0; wait < WAITS && before < gate * calibrator.best(); wait++) before = calibrator.burst();
  const time = await timed(contender, clock);
  const after = calibrator.burst();
  return { seconds: time / contender.repeat / 1000, before, after };
}

/**
 * Garbage of the contender before is not this one's. The collector's threads work on for a while after it returns, and their time would
 * count as the process's. Does nothing unless node runs with --expose-gc.
 */
async function collectGarbage(): Promise<void> {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) return;
  gc();
  await sleep(SETTLE_MS);
}

/** Milliseconds of `repeat` runs. */
async function timed(
  { run, outside, repeat, asynchronous }: Pick<Prepared, 'run' | 'outside' | 'repeat' | 'asynchronous'>,
  clock: Clock,
): Promise<number> {
  if (outside) {
    let seconds = 0;
    for (let k = 0; k < repeat; k++) seconds += (await run()) as number;
    return 1000 * seconds;
  }
  const start = clock.now();
  if (asynchronous) for (let k = 0; k < repeat; k++) sink = await run();
  else for (let k = 0; k < repeat; k++) sink = run();
  return clock.now() - start;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message.split('\n')[0]}` : String(error);
}

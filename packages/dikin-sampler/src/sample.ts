import { AbortedError, ArgumentError } from '@x/linalg';
import { checkRange, checkWhole } from './check.ts';
import { type ChainState, type Engine, localEngine, type Part, startWalk } from './engine.ts';
import { DensityError } from './errors.ts';
import { type Run, recorder, runOf } from './run.ts';
import { checkState, fingerprintOf, loadState, type SavedState } from './state.ts';
import type { Target } from './target.ts';
import { type Body, targetOf, type WalkOptions } from './target-of.ts';
import { pace } from './walk/pace.ts';
import { type Tuning, tune } from './walk/tune.ts';
import { workerEngine } from './workers.ts';

/** How many chains, and how they are made. */
export interface ChainOptions {
  /** Default 4; R-hat needs at least 2 to say anything. */
  readonly chains?: number;
  /** r of the Dikin walk; default tuned to an acceptance between 0.25 and 0.5 by a pilot chain, then frozen. */
  readonly radius?: number;
  /** Steps before the first draw of a chain; default 20 autocorrelation times, as a pilot chain measures them. */
  readonly burnIn?: number;
  /** Steps between two draws; default half an autocorrelation time. */
  readonly thin?: number;
  /** A whole number in [0, 2^53). Default 0. Equal seeds give equal draws, chain by chain, whatever the number of chains and workers. */
  readonly seed?: number;
  /**
   * Threads that chains run on beside this one: worker threads in Node, web workers in browsers. Default 0: on this one. The draws are
   * the same.
   */
  readonly workers?: number;
  /**
   * Goes on with the chains of an earlier run on the same body: bytes of `saveState`, or a run's `state`. Their number, seed, step size,
   * burn-in and thinning are in it; other ones are refused.
   */
  readonly resume?: Uint8Array | SavedState;
  readonly signal?: AbortSignal;
}

export type SampleOptions = WalkOptions &
  ChainOptions & {
    /** Draws kept of each chain. Default 1000. */
    readonly draws?: number;
    /** Called with the finished fraction in [0, 1], and with what makes a run of the draws so far. */
    readonly onProgress?: (fraction: number, soFar: () => Run) => void;
  };

export type StreamOptions = WalkOptions &
  ChainOptions & {
    /** Draws of each chain in a batch. Default 100. */
    readonly batch?: number;
  };

/** Streams of a seed: one a chain, and behind them that of the pilot. */
export const MOST_CHAINS = 1024;
const MOST_WORKERS = 256;

/** Batches take about as long as this, so that an abort and the display of progress need not wait. */
const BATCH_MS = 100;

/**
 * Draws from a density on a body with several chains from scattered starts.
 *
 * The kept chains are exact Markov chains for the density: step size, burn-in and thinning come from a pilot chain of its own, and
 * rejected steps count. Whether they have mixed is what `checkConvergence` tells from the result.
 *
 * @throws ArgumentError; ShapeError when the density has another dimension than the body; UnboundedBodyError for a uniform density on
 * an unbounded body; OutOfMemoryError for more draws than memory holds; NotConvergedError for a Gaussian whose mass on the body lies within
 * rounding of a facet; WorkerError when a worker dies; AbortedError when `signal` fires, with the finished draws, the same number of each
 * chain, as a `Run` in `partial`, from whose state the rest can be had; DensityError, with the same `partial`.
 */
export async function sample(body: Body, options: SampleOptions = {}): Promise<Run> {
  const { draws = 1000, onProgress, signal } = options;
  checkWhole('sample', 'draws', draws, 1);
  const target = open(body, options);
  const record = recorder(target, chainCount(options), draws);
  let chains: Chains | undefined;
  const soFar = () => runOf(target, chains!.state(), record.draws, record.take());
  try {
    chains = await startChains(body, target, options);
    for (let size = 1; record.draws < draws; ) {
      const before = performance.now();
      record.add(await chains.next(Math.min(size, draws - record.draws)));
      const took = performance.now() - before;
      size = Math.max(1, took < BATCH_MS / 2 ? size * 2 : took > BATCH_MS * 2 ? size >> 1 : size);
      onProgress?.(record.draws / draws, soFar);
      signal?.throwIfAborted();
    }
  } catch (error) {
    const partial = chains !== undefined && record.draws > 0 ? soFar() : undefined;
    if (error instanceof DensityError) error.partial = partial;
    if (!signal?.aborted) throw error;
    if (record.draws < draws) throw new AbortedError(`sample: aborted after ${record.draws} of ${draws} draws a chain`, partial);
  } finally {
    chains?.close();
  }
  return soFar();
}

/**
 * The same without an end: batches of draws as they are made, each a `Run` of its own. Ends when the consumer leaves the loop; nothing is
 * kept between batches but where the chains stand.
 *
 * @throws as `sample`; AbortedError without `partial`: all batches were handed out.
 */
export async function* sampleStream(body: Body, options: StreamOptions = {}): AsyncGenerator<Run, void, void> {
  const { batch = 100, signal } = options;
  checkWhole('sampleStream', 'batch', batch, 1);
  const target = open(body, options);
  let chains: Chains | undefined;
  try {
    chains = await startChains(body, target, options);
    for (;;) {
      const part = await chains.next(batch);
      yield runOf(target, chains.state(), batch, part);
      signal?.throwIfAborted();
    }
  } catch (error) {
    if (signal?.aborted) throw new AbortedError('sampleStream: aborted');
    throw error;
  } finally {
    chains?.close();
  }
}

function open(body: Body, options: WalkOptions & ChainOptions): Target {
  const { burnIn, thin, radius, seed, workers } = options;
  checkWhole('sample', 'chains', chainCount(options), 1, MOST_CHAINS);
  if (seed !== undefined) checkWhole('sample', 'seed', seed, 0);
  if (burnIn !== undefined) checkWhole('sample', 'burnIn', burnIn, 0);
  if (thin !== undefined) checkWhole('sample', 'thin', thin, 1);
  if (radius !== undefined) checkRange('sample', 'radius', radius, Number.MIN_VALUE);
  if (workers !== undefined) checkWhole('sample', 'workers', workers, 0, MOST_WORKERS);
  if (options.signal?.aborted) throw new AbortedError('sample: aborted before the first step');
  return targetOf(body, options);
}

function chainCount({ chains, resume }: ChainOptions): number {
  return chains ?? resumed(resume)?.chains.length ?? 4;
}

function resumed(resume: ChainOptions['resume']): SavedState | undefined {
  return resume instanceof Uint8Array ? loadState(resume) : resume;
}

/** @throws ArgumentError for an option that a resumed run cannot follow: with other steps it would be another chain, and not burned in. */
function checkUnchanged({ chains, seed, tuning }: SavedState, options: ChainOptions): void {
  const saved = { chains: chains.length, seed, radius: tuning.radius, burnIn: tuning.burnIn, thin: tuning.thin };
  for (const [name, value] of Object.entries(saved) as [keyof typeof saved, number | undefined][]) {
    const given = options[name];
    if (given === undefined || given === value) continue;
    throw new ArgumentError(`sample: ${name} is ${given}, and ${value} in the run that is resumed; leave it out`, name);
  }
}

/** Chains that run: their next draws, and where they stand. */
interface Chains {
  readonly seed: number;
  readonly tuning: Tuning;
  state(): Omit<SavedState, 'fingerprint'>;
  next(draws: number): Promise<Part>;
  close(): void;
}

async function startChains(body: Body, target: Target, options: WalkOptions & ChainOptions): Promise<Chains> {
  const { workers = 0, signal } = options;
  const saved = resumed(options.resume);
  const fingerprint = fingerprintOf(target);
  if (saved !== undefined) {
    checkState(saved, fingerprint);
    checkUnchanged(saved, options);
  }
  const seed = saved?.seed ?? options.seed ?? 0;
  const speed = pace(signal);
  const tuning = saved?.tuning ?? (await tune(startWalk(target, seed, MOST_CHAINS), target.dimension, speed, options));
  const chains = Array.from({ length: chainCount(options) }, (_, c) => c);
  const set = { seed, tuning, chains, states: saved?.chains };
  let states: readonly ChainState[] = saved?.chains ?? [];
  let draws = saved?.draws ?? 0;
  let engine: Engine | undefined = workers === 0 ? localEngine(target, set, speed) : await workerEngine(body, plain(options), set, workers);
  return {
    seed,
    tuning,
    state: () => ({ seed, tuning, draws, chains: states }),
    async next(count) {
      const part = await orAborted(engine!.next(count), signal);
      states = part.states;
      draws += count;
      return part;
    },
    close() {
      engine?.close();
      engine = undefined;
    },
  };
}

/** Without what belongs to this thread. */
function plain(options: WalkOptions & ChainOptions): WalkOptions {
  const { chains, radius, burnIn, thin, seed, workers, resume, signal, ...rest } = options;
  const { onProgress, ...walk } = rest as SampleOptions;
  return walk;
}

/** Workers do not hear the signal: this does not wait for them. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

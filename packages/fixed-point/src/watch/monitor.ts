import { ArgumentError, ShapeError } from '@x/linalg';
import { checkChoice, checkFunction, checkRange, checkWhole } from '../check.ts';
import { cosine, type Distance, divergence, relative } from './metrics.ts';

export interface MonitorOptions {
  /**
   * What is compared with the tolerance. `relative` (default): ||x' - x|| / ||x'||. `cosine`: 1 - cos of the angle of the two. `kl`: the divergence of
   * the decoded distributions, softmax(decode(x')) from softmax(decode(x)). `second-difference`: ||x'' - 2 x' + x|| / ||x''||, the change of the change.
   */
  readonly metric?: 'relative' | 'cosine' | 'kl' | 'second-difference';
  /** Default 1e-3. */
  readonly tolerance?: number;
  /** Loops in a row that must stay below the tolerance. Default 2. */
  readonly patience?: number;
  /** For `kl`: the logits of a state. Default the state itself. */
  readonly decode?: (state: Float64Array) => Float64Array;
}

/** `oscillating`: every second state agrees while neighbours do not. `diverging`: not finite, or changes a million times the first. */
export type Status = 'continue' | 'stable' | 'oscillating' | 'diverging';

export interface MonitorReport {
  /** The loop, counted from 1, whose state was the first of those found stable; undefined before. */
  readonly stableAt: number | undefined;
  readonly loops: number;
  readonly status: Status;
  /** The metric at each loop from the first that has one. */
  readonly history: readonly number[];
  /** ||x' - x|| at each loop from the second. */
  readonly changes: readonly number[];
  /** The largest ratio of successive changes over the last five: an estimate of the contraction factor, no bound. */
  readonly contractionEstimate: number;
}

export interface Monitor {
  /** Takes the state after the next loop; the first one is the start. The array is copied. */
  push(state: ArrayLike<number>): Status;
  report(): MonitorReport;
}

const WINDOW = 5;
/** Every second state agrees to this share of the change between neighbours, for as many loops as `patience`, and at least 4. */
const PERIOD_TWO = 1e-3;
const GROWTH = 1e6;

/**
 * Watches a trajectory for the loop at which it has stabilised. This is a heuristic: a small change says little where contraction is slow. For
 * a bound of what is still to come see `exitRule`.
 */
export function stabilizationMonitor(options: MonitorOptions = {}): Monitor {
  const { metric = 'relative', tolerance = 1e-3, patience = 2, decode } = options;
  checkChoice('stabilizationMonitor', 'metric', metric, ['relative', 'cosine', 'kl', 'second-difference']);
  checkRange('stabilizationMonitor', 'tolerance', tolerance, 0);
  checkWhole('stabilizationMonitor', 'patience', patience, 1);
  if (decode !== undefined) checkFunction('stabilizationMonitor', 'decode', decode);
  const compare = distanceOf(metric, decode);
  let states: Float64Array[] = [];
  const history: number[] = [];
  const changes: number[] = [];
  let loops = -1;
  let calm = 0;
  let swinging = 0;
  let stableAt: number | undefined;
  let status: Status = 'continue';

  function judge(): Status {
    const [now, before, earlier] = states;
    if (!now.every((v) => v - v === 0)) return 'diverging';
    if (before === undefined) return 'continue';
    const change = distance(now, before);
    changes.push(change);
    if (change > GROWTH * changes[0] && changes[0] > 0) return 'diverging';
    swinging = earlier !== undefined && change > 0 && distance(now, earlier) <= PERIOD_TWO * change ? swinging + 1 : 0;
    const value =
      metric === 'second-difference' ? (earlier === undefined ? undefined : secondDifference(now, before, earlier)) : compare(now, before);
    if (value !== undefined) {
      history.push(value);
      calm = value <= tolerance ? calm + 1 : 0;
      if (calm >= patience) {
        stableAt ??= loops - patience + 1;
        return 'stable';
      }
    }
    return swinging >= Math.max(patience, 4) ? 'oscillating' : 'continue';
  }

  return {
    push(state) {
      const copy = Float64Array.from(state);
      if (states.length > 0 && copy.length !== states[0].length) {
        throw new ShapeError(`push: the state has ${copy.length} entries; those before had ${states[0].length}`);
      }
      loops++;
      states = [copy, ...states.slice(0, 2)];
      status = judge();
      return status;
    },
    report: () => ({
      stableAt,
      loops: Math.max(loops, 0),
      status,
      history: [...history],
      changes: [...changes],
      contractionEstimate: largestRatio(changes, WINDOW),
    }),
  };
}

/** The largest ratio of successive changes among the last `window`; NaN with fewer than two changes. */
export function largestRatio(changes: readonly number[], window: number): number {
  let most = Number.NaN;
  for (let t = Math.max(1, changes.length - window); t < changes.length; t++) {
    const ratio = changes[t] === 0 ? 0 : changes[t] / changes[t - 1];
    if (ratio !== ratio) return ratio;
    if (!(ratio <= most)) most = ratio;
  }
  return most;
}

function distanceOf(metric: string, decode: MonitorOptions['decode']): Distance {
  if (metric === 'cosine') return cosine;
  if (metric !== 'kl') return relative;
  if (decode === undefined) return divergence;
  return (now, before) => {
    const [p, q] = [decode(now), decode(before)];
    if (!(p instanceof Float64Array && q instanceof Float64Array && p.length === q.length)) {
      throw new ArgumentError('push: decode did not return Float64Arrays of equal length', 'decode');
    }
    return divergence(p, q);
  };
}

function distance(a: Float64Array, b: Float64Array): number {
  return Math.sqrt(a.reduce((sum, v, i) => sum + (v - b[i]) ** 2, 0));
}

function secondDifference(now: Float64Array, before: Float64Array, earlier: Float64Array): number {
  const bend = Math.sqrt(now.reduce((sum, v, i) => sum + (v - 2 * before[i] + earlier[i]) ** 2, 0));
  const size = Math.sqrt(now.reduce((sum, v) => sum + v * v, 0));
  return bend === 0 ? 0 : bend / size;
}

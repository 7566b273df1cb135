import { ArgumentError } from '@x/linalg/errors';
import { checkChoice, checkWhole } from '../check.ts';
import { type Mask, maskOf } from '../masks/mask.ts';
import type { Shape } from '../schedules/machine.ts';
import type { Pass } from '../schedules/schedule.ts';

/** An attention layer, or what is computed of it. */
export interface Problem {
  /** Queries. */
  readonly nq: number;
  /** Keys; default nq. */
  readonly nk?: number;
  /** Size of a query and a key, and of a value (default d). */
  readonly d: number;
  readonly dv?: number;
  /** Heads of queries, and of keys and values (grouped-query attention; default as many). Default 1. */
  readonly heads?: number;
  readonly kvHeads?: number;
  /** Default 1. */
  readonly batch?: number;
  /** Of nq queries and nk keys, for every head; default all pairs. */
  readonly mask?: Mask;
  /** Default `forward`. */
  readonly pass?: Pass;
}

/** A fast memory, and what lies beyond it. */
export interface Memory {
  /** Its size, either in bytes or in words of `elementBytes`. */
  readonly bytes?: number;
  readonly words?: number;
  /** Bytes of an entry of Q, K, V and the results. Default 2. */
  readonly elementBytes?: 1 | 2 | 4 | 8;
  /** Bytes of a sum: of outputs and scores in fast memory, and of statistics anywhere. A multiple of `elementBytes`, its default. */
  readonly accumulatorBytes?: 1 | 2 | 4 | 8;
  /** Bytes per second between it and what lies beyond; for times. */
  readonly bandwidth?: number;
}

/** A problem and a memory, checked: so many times the same shape. */
export interface Setting {
  readonly pass: Pass;
  readonly shape: Shape;
  /** Heads of keys times batch. */
  readonly times: number;
  readonly M: number;
  readonly elementBytes: number;
  readonly bandwidth: number | undefined;
}

/** Words of data beyond which counts would not be exact. */
const MOST = 2 ** 53;

/** @throws ArgumentError naming what is wrong. */
export function settingOf(operation: string, problem: Problem, memory: Memory): Setting {
  const { nq, d, heads = 1, batch = 1, mask, pass = 'forward' } = problem;
  const { nk = nq, dv = d, kvHeads = heads } = problem;
  checkWhole(operation, 'nq', nq, 1, 2 ** 28);
  checkWhole(operation, 'nk', nk, 1, 2 ** 28);
  checkWhole(operation, 'd', d, 1, 2 ** 20);
  checkWhole(operation, 'dv', dv, 1, 2 ** 20);
  checkWhole(operation, 'heads', heads, 1, 2 ** 20);
  checkWhole(operation, 'kvHeads', kvHeads, 1, heads);
  checkWhole(operation, 'batch', batch, 1, 2 ** 20);
  checkChoice(operation, 'pass', pass, ['forward', 'backward', 'paperGradient']);
  if (heads % kvHeads !== 0)
    throw new ArgumentError(`${operation}: kvHeads is ${kvHeads}; it must divide heads, which is ${heads}`, 'kvHeads');
  if (mask !== undefined && (mask.queries !== nq || mask.keys !== nk)) {
    throw new ArgumentError(`${operation}: mask is ${mask.queries} x ${mask.keys}; it must be ${nq} x ${nk}`, 'mask');
  }
  const group = heads / kvHeads;
  const { M, elementBytes, accumulator } = wordsOf(operation, memory);
  const times = kvHeads * batch;
  // Two products of all pairs with d or dv, read once each, are more than any schedule moves.
  if (times * group * nq * nk * 4 * (d + dv) > MOST) {
    throw new ArgumentError(`${operation}: nq x nk x d is too large for exact counts below 2^53`, 'nq');
  }
  const shape: Shape = { nq: nq * group, nk, d, dv, accumulator, mask: mask === undefined ? undefined : stacked(mask, group) };
  return { pass, shape, times, M, elementBytes, bandwidth: memory.bandwidth };
}

function wordsOf(operation: string, memory: Memory): { M: number; elementBytes: number; accumulator: number } {
  const { bytes, words, elementBytes = 2, bandwidth } = memory;
  const { accumulatorBytes = elementBytes } = memory;
  checkChoice(operation, 'elementBytes', elementBytes, [1, 2, 4, 8]);
  checkChoice(operation, 'accumulatorBytes', accumulatorBytes, [1, 2, 4, 8]);
  if (accumulatorBytes < elementBytes) {
    throw new ArgumentError(
      `${operation}: accumulatorBytes is ${accumulatorBytes}; it must be at least elementBytes, ${elementBytes}`,
      'accumulatorBytes',
    );
  }
  if ((bytes === undefined) === (words === undefined))
    throw new ArgumentError(`${operation}: memory needs either bytes or words`, 'memory');
  if (bandwidth !== undefined && !(bandwidth > 0 && bandwidth < Number.POSITIVE_INFINITY)) {
    throw new ArgumentError(`${operation}: bandwidth is ${bandwidth}; it must be a positive number of bytes per second`, 'bandwidth');
  }
  const M = words ?? Math.floor(bytes! / elementBytes);
  checkWhole(operation, words === undefined ? 'bytes' : 'words', M, 1);
  return { M, elementBytes, accumulator: accumulatorBytes / elementBytes };
}

/** Heads that share keys are so many times the queries. */
function stacked(mask: Mask, group: number): Mask {
  if (group === 1) return mask;
  return maskOf(mask.queries * group, mask.keys, (i) => {
    const row = i % mask.queries;
    return Array.from({ length: mask.start[row + 1]! - mask.start[row]! }, (_, k) => {
      const p = mask.start[row]! + k;
      return [mask.from[p]!, mask.to[p]!] as const;
    });
  });
}

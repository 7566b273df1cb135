import { ArgumentError, BadFileError } from '@x/linalg/errors';
import { checkWhole } from './check.ts';
import { type ChainState, localEngine, startWalk } from './engine.ts';
import type { MapMerge } from './map-merge.ts';
import { type Run, runOf } from './run.ts';
import { type ChainOptions, MOST_CHAINS } from './sample.ts';
import { type Body, targetOf, type WalkOptions } from './target-of.ts';
import { pace } from './walk/pace.ts';
import { type Tuning, tune } from './walk/tune.ts';

export type { MapMerge } from './map-merge.ts';

/** Several chains on one body. Everything in it can be cloned, but for a user's density. */
export interface ChainsParams {
  readonly body: Body;
  readonly walk: WalkOptions;
  readonly seed: number;
  readonly tuning: Tuning;
  readonly chains: number;
  readonly draws: number;
}

/** One chain: a shard. */
export interface ChainShard extends Omit<ChainsParams, 'chains'> {
  readonly chain: number;
}

/** A finished chain: its draws, and where it stands. */
export interface FinishedChain extends ChainState {
  readonly chain: number;
  readonly samples: Float64Array;
  readonly recorded: Float64Array;
}

/** Finished chains in ascending order. */
export type FinishedChains = readonly FinishedChain[];

/**
 * Runs the pilot chain, once, and fixes what the chains share.
 *
 * @throws as `sample`.
 */
export async function chainsParams(
  body: Body,
  options: WalkOptions & Pick<ChainOptions, 'chains' | 'radius' | 'burnIn' | 'thin' | 'seed' | 'signal'> & { readonly draws?: number } = {},
): Promise<ChainsParams> {
  const { chains = 4, radius, burnIn, thin, seed = 0, signal, draws = 1000, ...walk } = options;
  checkWhole('chainsParams', 'chains', chains, 1, MOST_CHAINS);
  checkWhole('chainsParams', 'draws', draws, 1);
  checkWhole('chainsParams', 'seed', seed, 0);
  const target = targetOf(body, walk);
  const tuning = await tune(startWalk(target, seed, MOST_CHAINS), target.dimension, pace(signal), { radius, burnIn, thin });
  return { body, walk, seed, tuning, chains, draws };
}

/** `sample` as a map over chains and a merge: the same draws, bit for bit, wherever the chains run. */
export const sampling: MapMerge<ChainsParams, ChainShard, FinishedChains, Run> = {
  name: 'dikin-sampler',
  version: 1,
  plan: ({ chains, ...shared }) => Array.from({ length: chains }, (_, chain) => ({ ...shared, chain })),
  async map({ body, walk, seed, tuning, draws, chain }, signal) {
    const engine = localEngine(targetOf(body, walk), { seed, tuning, chains: [chain] }, pace(signal));
    const { samples, recorded, states } = await engine.next(draws);
    return [{ chain, samples, recorded, ...states[0]! }];
  },
  empty: [],
  merge(a, b) {
    const all = new Map([...a, ...b].map((one) => [one.chain, one]));
    return [...all.values()].sort((p, q) => p.chain - q.chain);
  },
  finish(parts, { body, walk, seed, tuning, chains, draws }) {
    const missing = Array.from({ length: chains }, (_, c) => c).filter((c) => parts[c]?.chain !== c);
    if (missing.length > 0) throw new ArgumentError(`finish: chains ${missing.join(', ')} of ${chains} are missing`, 'state');
    const join = (key: 'samples' | 'recorded') => {
      const width = parts[0]![key].length;
      const all = new Float64Array(width * chains);
      for (const part of parts) all.set(part[key], width * part.chain);
      return all;
    };
    const states = parts.map(({ walk: position, steps, moved }) => ({ walk: position, steps, moved }));
    return runOf(targetOf(body, walk), { seed, tuning, draws, chains: states }, draws, {
      samples: join('samples'),
      recorded: join('recorded'),
    });
  },
  encode(parts) {
    const arrays = parts.flatMap((part) => ARRAYS.map((key) => part[key]));
    const head = parts.map(({ chain, steps, moved, ...part }) => ({ chain, steps, moved, lengths: ARRAYS.map((key) => part[key].length) }));
    const text = new TextEncoder().encode(`${JSON.stringify(head)}\n`);
    const bytes = new Uint8Array(text.length + 8 * arrays.reduce((sum, { length }) => sum + length, 0));
    bytes.set(text);
    const view = new DataView(bytes.buffer);
    let at = text.length;
    for (const array of arrays) {
      for (const value of array) {
        view.setFloat64(at, value, true);
        at += 8;
      }
    }
    return bytes;
  },
  decode(bytes) {
    const end = bytes.indexOf(10);
    const head = parse(new TextDecoder().decode(bytes.subarray(0, Math.max(end, 0))));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = end + 1;
    const total = head.reduce((sum, { lengths }) => sum + lengths.reduce((a, b) => a + b, 0), 0);
    if (bytes.length !== at + 8 * total)
      throw new BadFileError(`decode: the state has ${bytes.length} bytes; it announces ${at + 8 * total}`);
    const read = (length: number) =>
      Float64Array.from({ length }, () => {
        at += 8;
        return view.getFloat64(at - 8, true);
      });
    return head.map(({ lengths, ...rest }) => {
      const [samples, recorded, walk] = lengths.map(read) as [Float64Array, Float64Array, Float64Array];
      return { ...rest, samples, recorded, walk };
    });
  },
};

const ARRAYS = ['samples', 'recorded', 'walk'] as const;

interface Head {
  readonly chain: number;
  readonly steps: number;
  readonly moved: number;
  readonly lengths: readonly number[];
}

function isPart(one: Partial<Head> | null): boolean {
  const whole = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  const lengths = one?.lengths;
  return Array.isArray(lengths) && lengths.length === ARRAYS.length && [one?.chain, one?.steps, one?.moved, ...lengths].every(whole);
}

function parse(text: string): readonly Head[] {
  try {
    const head: unknown = JSON.parse(text);
    if (Array.isArray(head) && head.every(isPart)) return head;
  } catch {
    // Said below.
  }
  throw new BadFileError('decode: this is no state of finished chains');
}

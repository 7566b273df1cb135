import { ArgumentError, BadFileError } from '@x/linalg/errors';
import { beforeAll, describe, expect, it } from 'vitest';
import { highs } from '../src/highs.ts';
import { gaussian, type Prepared, prepare, sample } from '../src/index.ts';
import { type ChainShard, chainsParams, sampling } from '../src/map.ts';
import { simplex } from './bodies.ts';

let body: Prepared;
beforeAll(async () => {
  body = await prepare(simplex(4), { solver: await highs() });
});

const density = gaussian({ mean: [0.1, 0.2, 0.3, 0.4], precision: [3, 4, 5, 6] });
/** As a queue would do it: shards and states cross as copies. */
const remotely = async (shard: ChainShard) => sampling.decode(sampling.encode(await sampling.map(structuredClone(shard))));

describe('sampling over shards', () => {
  it.each([{}, { walk: 'dikin' as const, density }])('is bit-equal to sample, in whatever order and however often (%#)', async (walk) => {
    const options = { ...walk, seed: 7, chains: 5, draws: 40 };
    const params = await chainsParams(body, options);
    const states = await Promise.all(sampling.plan(params).map(remotely));
    const whole = await sample(body, options);
    for (const order of [
      [0, 1, 2, 3, 4],
      [4, 2, 0, 1, 3, 2, 4],
    ]) {
      const merged = order.reduce((sum, c) => sampling.merge(sum, states[c]!), sampling.empty);
      expect(sampling.finish(merged, params)).toEqual(whole);
    }
    const [a, b, c] = states;
    expect(sampling.merge(sampling.merge(a!, b!), c!)).toEqual(sampling.merge(a!, sampling.merge(b!, c!)));
  });

  it('another seed, or a missing chain, is not the same', async () => {
    const params = await chainsParams(body, { seed: 7, chains: 2, draws: 10 });
    const [first, second] = sampling.plan(params);
    const one = await sampling.map(first!);
    expect(await sampling.map({ ...second!, seed: 8 })).not.toEqual(await sampling.map(second!));
    expect(() => sampling.finish(one, params)).toThrow(ArgumentError);
    const bytes = sampling.encode(one);
    for (const bad of [bytes.subarray(1), bytes.subarray(0, -3), new Uint8Array(), new TextEncoder().encode('{}\n')]) {
      expect(() => sampling.decode(bad)).toThrow(BadFileError);
    }
  });
});

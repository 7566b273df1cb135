import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentError, philox, type Rng, restore } from '../src/index.ts';

const seeds = fc.nat({ max: Number.MAX_SAFE_INTEGER });

describe('one stream', () => {
  it('is a function of seed and stream', () => {
    const draw = (rng: Rng): Float64Array => rng.fillUniform(new Float64Array(5));
    expect(draw(philox(1, 2))).toEqual(draw(philox(1, 2)));
    expect(draw(philox(1, 2))).not.toEqual(draw(philox(1, 3)));
    expect(draw(philox(1, 2))).not.toEqual(draw(philox(2, 2)));
    expect(draw(philox(2 ** 32))).not.toEqual(draw(philox(0)));
  });

  it('fillUniform draws the same bits as uniform, wherever it starts and however long it is', () => {
    fc.assert(
      fc.property(seeds, fc.nat({ max: 9 }), fc.nat({ max: 200 }), (seed, skip, length) => {
        const filled = philox(seed);
        const single = philox(seed);
        for (let i = 0; i < skip; i++) expect(filled.nextUint32()).toBe(single.nextUint32());
        expect(filled.fillUniform(new Float64Array(length))).toEqual(Float64Array.from({ length }, () => single.uniform()));
        expect(filled.state()).toEqual(single.state());
      }),
      { seed: 1 },
    );
  });

  it('a Float32Array gets the same draws, truncated below 1', () => {
    const wide = philox(3).fillUniform(new Float64Array(1001));
    const narrow = philox(3).fillUniform(new Float32Array(1001));
    expect([...narrow]).toEqual([...wide].map((u) => Math.floor(u * 2 ** 24) / 2 ** 24));
  });

  it('goes on from a saved state that went through JSON', () => {
    fc.assert(
      fc.property(seeds, seeds, fc.nat({ max: 50 }), (seed, stream, drawn) => {
        const rng = philox(seed, stream).split(drawn);
        for (let i = 0; i < drawn; i++) rng.nextUint32();
        const again = restore(JSON.parse(JSON.stringify(rng.state())));
        expect(Array.from({ length: 9 }, () => again.uniform())).toEqual(Array.from({ length: 9 }, () => rng.uniform()));
      }),
      { seed: 2, numRuns: 50 },
    );
  });

  it('crosses a word of the counter', () => {
    const rng = restore({ ...philox(4).state(), position: 2 ** 34 - 8 });
    const whole = restore({ ...philox(4).state(), position: 2 ** 34 - 8 }).fillUniform(new Float64Array(100));
    expect(Float64Array.from({ length: 100 }, () => rng.uniform())).toEqual(whole);
  });
});

describe('split', () => {
  it('depends on key, stream and index, not on the position', () => {
    const parent = philox(5);
    const before = parent.split(3).uniform();
    parent.uniform();
    expect(parent.split(3).uniform()).toBe(before);
    const children = [parent.split(4), philox(5, 1).split(3), philox(6).split(3), parent.split(3).split(3), parent.split(2 ** 40)];
    expect(new Set([before, ...children.map((c) => c.uniform())]).size).toBe(6);
  });
});

describe('bad arguments', () => {
  it.each([
    ['a negative seed', () => philox(-1)],
    ['a fractional seed', () => philox(0.5)],
    ['a seed of 2^53', () => philox(2 ** 53)],
    ['a NaN stream', () => philox(0, Number.NaN)],
    ['split(-1)', () => philox(0).split(-1)],
    ['integer(0)', () => philox(0).integer(0)],
    ['integer(1.5)', () => philox(0).integer(1.5)],
    ['integer(NaN)', () => philox(0).integer(Number.NaN)],
    ['a wrong state', () => restore({ ...philox(0).state(), position: -1 })],
    ['a wrong key', () => restore({ ...philox(0).state(), key: [0, 2 ** 32] })],
  ])('%s throws ArgumentError', (_, act) => expect(act).toThrow(ArgumentError));
});

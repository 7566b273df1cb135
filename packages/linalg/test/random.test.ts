import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentError, philox, type Rng, restore } from '../src/index.ts';

const seeds = fc.nat({ max: Number.MAX_SAFE_INTEGER });
/** Generators of every kind: stream 0, other streams (most beyond 2^32), children, and their children. */
const sources = fc.tuple(seeds, seeds, fc.constantFrom('plain', 'stream', 'child', 'grandchild')).map(([seed, other, kind]) => (): Rng => {
  if (kind === 'plain') return philox(seed);
  if (kind === 'stream') return philox(seed, other);
  return kind === 'child' ? philox(seed).split(other) : philox(seed, other).split(1).split(other);
});

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
      fc.property(sources, fc.nat({ max: 9 }), fc.nat({ max: 200 }), (source, skip, length) => {
        const filled = source();
        const single = source();
        for (let i = 0; i < skip; i++) expect(filled.nextUint32()).toBe(single.nextUint32());
        expect(filled.fillUniform(new Float64Array(length))).toEqual(Float64Array.from({ length }, () => single.uniform()));
        expect(filled.state()).toEqual(single.state());
      }),
    );
  });

  it('fillNormal draws the same bits as normal, wherever it starts and however long it is', () => {
    fc.assert(
      fc.property(sources, fc.nat({ max: 9 }), fc.nat({ max: 9 }), fc.nat({ max: 200 }), (source, words, normals, length) => {
        const filled = source();
        const single = source();
        for (const rng of [filled, single]) {
          for (let i = 0; i < words; i++) rng.nextUint32();
          for (let i = 0; i < normals; i++) rng.normal();
        }
        expect(filled.fillNormal(new Float64Array(length))).toEqual(Float64Array.from({ length }, () => single.normal()));
        expect(filled.state()).toEqual(single.state());
        expect(filled.normal()).toBe(single.normal());
      }),
    );
  });

  it('a pair of normals is the transform of two uniforms, and its second half is dropped by another draw', () => {
    const rng = philox(6);
    const first = rng.normal();
    const u = philox(6).fillUniform(new Float64Array(4));
    expect(first).toBeCloseTo(Math.sqrt(-2 * Math.log(1 - u[0]!)) * Math.cos(2 * Math.PI * u[1]!), 14);
    expect(rng.uniform()).toBe(u[2]);
    expect(rng.normal()).toBe(restore({ ...philox(6).state(), position: 8 }).normal());
  });

  it('a Float32Array gets the same draws, uniforms truncated below 1', () => {
    const wide = philox(3).fillUniform(new Float64Array(1001));
    const narrow = philox(3).fillUniform(new Float32Array(1001));
    expect([...narrow]).toEqual([...wide].map((u) => Math.floor(u * 2 ** 24) / 2 ** 24));
    const normals = philox(3).fillNormal(new Float64Array(1001));
    expect(philox(3).fillNormal(new Float32Array(1001))).toEqual(Float32Array.from(normals));
  });

  it('goes on from a saved state that went through JSON', () => {
    fc.assert(
      fc.property(seeds, seeds, fc.nat({ max: 50 }), (seed, stream, drawn) => {
        const rng = philox(seed, stream).split(drawn);
        for (let i = 0; i < drawn; i++) rng.normal();
        const again = restore(JSON.parse(JSON.stringify(rng.state())));
        expect(Array.from({ length: 9 }, () => again.normal())).toEqual(Array.from({ length: 9 }, () => rng.normal()));
      }),
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
    ['half a pair out of place', () => restore({ ...philox(0).state(), position: 2, halfPair: true })],
    ['a wrong key', () => restore({ ...philox(0).state(), key: [0, 2 ** 32] })],
  ])('%s throws ArgumentError', (_, act) => expect(act).toThrow(ArgumentError));
});

import { philox, type Rng } from '@x/linalg';
import { describe, expect, it } from 'vitest';
import {
  type Density,
  elliptope,
  exponential,
  gaussian,
  logConcave,
  prepareSpectrahedron,
  type SpectralFrame,
  type SpectralWalk,
  type SpectralWalkOptions,
  spectralDikinWalk,
  spectralFrameOf,
  spectralHitAndRun,
  uniform,
} from '../../src/index.ts';
import { plainKernel } from '../../src/kernel/instance.ts';

type Make = (frame: SpectralFrame, rng: Rng, options?: SpectralWalkOptions) => SpectralWalk;

const walks: readonly [string, Make][] = [
  ['hit-and-run', spectralHitAndRun],
  ['Dikin', spectralDikinWalk],
  ['Dikin, sketched', (frame, rng, options) => spectralDikinWalk(frame, rng, { ...options, sketch: { samples: 40 } })],
];
const densities: readonly [string, Density][] = [
  ['uniform', uniform],
  ['Gaussian', gaussian({ mean: [1, 0, 0, 0, 0, 0], precision: [1, 2, 3, 4, 5, 6] })],
  ['exponential', exponential([1, -2, 0, 0, 3, 1])],
  ['user', logConcave((x) => -(x[0]! ** 4) - Math.abs(x[1]!), 5)],
];

describe.each(walks)('%s in a spectrahedron', (_, make) => {
  const prepared = prepareSpectrahedron(elliptope(4));

  it.each(densities)('saved, it goes on with the same steps, bit for bit: %s', async (__, density) => {
    const frame = spectralFrameOf(await prepared, density);
    const walk = make(frame, philox(1, 5));
    walk.place(new Float64Array(6));
    walk.advance(321);
    const state = walk.save();
    walk.advance(77);
    const other = make(frame, philox(1, 5));
    other.restore(state);
    other.advance(70);
    other.advance(7);
    expect(other.position).toEqual(walk.position);
    expect(other.energy).toBe(walk.energy);
    expect(other.save()).toEqual(walk.save());
  });

  it.each(densities)('has the same bits without WebAssembly: %s', async (__, density) => {
    const frame = spectralFrameOf(await prepared, density);
    const fast = make(frame, philox(2, 3));
    const slow = make(frame, philox(2, 3), { makeKernel: plainKernel });
    for (const walk of [fast, slow]) {
      walk.place(new Float64Array(6));
      walk.advance(100);
    }
    expect(slow.save()).toEqual(fast.save());
    expect(fast.position.some((v) => v !== 0)).toBe(true);
  });

  it('refuses a point outside, and stays where it is when the density throws', async () => {
    const frame = spectralFrameOf(await prepared, uniform);
    const walk = make(frame, philox(1));
    expect(() => walk.place(Float64Array.of(2, 0, 0, 0, 0, 0))).toThrow('the point must lie inside');
    let calls = 0;
    const failing = logConcave(() => {
      if (++calls > 5) throw new Error('no');
      return 0;
    });
    const other = make(spectralFrameOf(await prepared, failing), philox(1));
    other.place(new Float64Array(6));
    expect(() => other.advance(100)).toThrow('logDensity: it threw Error: no');
    expect(other.position.every(Number.isFinite)).toBe(true);
  });
});

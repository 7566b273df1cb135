/** Draws of the library are independent of each other and of data that its user made from the same seed. */
import { readdirSync, readFileSync } from 'node:fs';
import { effort, mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import {
  type Dense,
  dense,
  gaussianSketch,
  leverageScores,
  philox,
  type RowSample,
  type SampleOptions,
  sampledRows,
  sampleRows,
  spectralDistortion,
} from '../src/index.ts';
import { philoxFor } from '../src/random/streams.ts';

const FALSE_ALARM = 1e-6;

describe('Property 5 for data from philox(seed), sampled with the same seed: distortion <= eps with probability 1 - delta', () => {
  const [n, eps, delta, trials] = [1000, 0.5, 0.1, effort(300)];
  const claim = (d: number, draw: (A: Dense, options: SampleOptions) => RowSample): void => {
    let violations = 0;
    for (let seed = 0; seed < trials; seed++) {
      const A = dense(n, d, philox(seed).fillUniform(new Float64Array(n * d)));
      const sample = draw(A, { eps, delta, seed });
      if (sample.indices.length === 0 || spectralDistortion(A, sampledRows(A, sample) as Dense).distortion > eps) violations++;
    }
    expect(violations).toBeWithinBinomial(trials, delta, FALSE_ALARM);
  };
  it.each([1, 2] as const)('holds, %d columns', (d) => {
    claim(d, sampleRows);
    claim(d, (A, options) => sampleRows(A, { ...options, scheme: 'multinomial' }));
  });
  it('fails for coins that are the data', () =>
    mustFail(() =>
      claim(1, (A, { eps: e = 1, delta: p = 1 }) => {
        const { scores } = leverageScores(A);
        const C = (2 / e ** 2) * (1 + e / 3) * Math.log(2 / p);
        const indices = Int32Array.from(scores.keys()).filter((i) => A.data[i]! < C * scores[i]!);
        return { indices, weights: Float64Array.from(indices, (i) => 1 / Math.sqrt(Math.min(1, C * scores[i]!))) };
      }),
    ));
});

describe('Theorem (Davidson and Szarek) for data from philox(seed), sketched with the same seed', () => {
  const [n, d, delta, trials] = [500, 8, 0.1, effort(300)];
  const t = Math.sqrt(2 * Math.log(2 / delta));
  /** As many rows as columns: then sketch and data, drawn alike, would be the same numbers. */
  const width = (Math.sqrt(d) + t) / Math.sqrt(d);
  const claim = (sketch: (A: Dense, seed: number) => Dense): void => {
    let violations = 0;
    for (let seed = 0; seed < trials; seed++) {
      const A = dense(n, d, philox(seed).fillNormal(new Float64Array(n * d)));
      const { smallest, largest } = spectralDistortion(A, sketch(A, seed));
      if (largest > 1 + width || smallest < 1 - width) violations++;
    }
    expect(violations).toBeWithinBinomial(trials, delta, FALSE_ALARM);
  };
  it('holds', () => claim((A, seed) => gaussianSketch(d, n, { seed }).apply(A)));
  it('fails for a sketch that is the data', () =>
    mustFail(() =>
      claim((A) => {
        const G = dense(d, d, new Float64Array(d * d));
        for (let i = 0; i < n; i++) {
          for (let r = 0; r < d; r++) {
            for (let c = 0; c < d; c++) G.data[r * d + c]! += (A.data[i * d + r]! * A.data[i * d + c]!) / Math.sqrt(d);
          }
        }
        return G;
      }),
    ));
});

describe('streams of the library', () => {
  const uses = ['gaussian', 'sparse', 'srht', 'rows', 'directions', 'start'] as const;
  it('differ by use, seed and stream, and from all that a user counts to', () => {
    const seeds = [0, 1, 2 ** 52];
    const own = uses.flatMap((use) => seeds.flatMap((seed) => [0, 1, 2 ** 32, 2 ** 52].map((stream) => philoxFor(use, seed, stream))));
    const users = seeds.flatMap((seed) => [0, 1, 2, 3, 2 ** 32].flatMap((stream) => [philox(seed, stream), philox(seed, stream).split(0)]));
    const first = [...own, ...users].map((rng) => rng.uniform());
    expect(new Set(first).size).toBe(first.length);
  });

  it('are the only ones that its functions draw from, each use in one file', () => {
    const root = new URL('../src/', import.meta.url);
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts') && !f.startsWith('generated'));
    const places = new Map<string, Set<string>>();
    for (const file of files) {
      if (/random[\\/](rng|streams)\.ts$/.test(file)) continue;
      for (const [, call] of readFileSync(new URL(file, root), 'utf8').matchAll(/\b(philox\(|philoxFor\('\w+')/g)) {
        places.set(call!, (places.get(call!) ?? new Set()).add(file));
      }
    }
    expect([...places.keys()].sort()).toEqual(uses.map((use) => `philoxFor('${use}'`).sort());
    expect([...places.values()].every((where) => where.size === 1)).toBe(true);
  });
});

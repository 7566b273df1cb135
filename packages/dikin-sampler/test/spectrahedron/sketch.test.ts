import { philox } from '@x/linalg';
import { effort, mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { elliptope, prepareSpectrahedron, sample, uniform } from '../../src/index.ts';
import { newKernel } from '../../src/kernel/instance.ts';
import { float64Copy, float64Region } from '../../src/kernel/memory.ts';
import { spectralFrameOf } from '../../src/spectrahedron/frame.ts';
import { loadPencil } from '../../src/spectrahedron/loaded.ts';
import type { Pencil } from '../../src/spectrahedron/pencil.ts';
import { sketchRegions } from '../../src/spectrahedron/sketch.ts';
import { spectralDikinWalk } from '../../src/spectrahedron/walk.ts';
import { eigen, transposeOf } from '../reference.ts';
import { randomSpectrahedron, square } from './bodies.ts';
import { logDetMetric, multiply } from './reference.ts';

const body = async (n: number, d: number) => spectralFrameOf(await prepareSpectrahedron(randomSpectrahedron(n, d, philox(n, 9))), uniform);

/** Eigenvalues of H^{-1/2} H~ H^{-1/2} at y = 0, by samples and seed. */
function sketched(pencil: Pencil): (samples: number, seed: number) => number[] {
  const { order: n, dimension: d } = pencil;
  const { values, vectors } = eigen(logDetMetric(pencil, new Array<number>(d).fill(0)));
  const root = square(d, (i, j) => vectors[i]![j]! / Math.sqrt(values[i]!));
  const kernel = newKernel();
  return (samples, seed) => {
    const mark = kernel.mark();
    const record = loadPencil(kernel, pencil, undefined, sketchRegions(kernel, pencil, { samples, seed }));
    const y = float64Copy(kernel, new Float64Array(d));
    const L = float64Region(kernel, n * n);
    const H = float64Copy(kernel, new Float64Array(d * d));
    kernel.spectraFactor(record, y.pointer, L.pointer);
    kernel.spectraHessian(record, L.pointer, H.pointer);
    const found = square(d, (i, j) => H.view()[Math.max(i, j) * d + Math.min(i, j)]!);
    kernel.release(mark);
    return eigen(multiply(multiply(root, found), transposeOf(root))).values;
  };
}

describe('P7: the sketched Hessian (TensorSRHT)', () => {
  const SAMPLES = 400;
  const D = 6;

  /**
   * At s = 400, d = 6 the errors of eigenvalues are of the order of sqrt(d / s) = 0.12; the claim is a factor 4 of it, in 95 % of the seeds, and
   * for determinants what follows from it.
   */
  const accuracy = async (samples: number) => {
    const { pencil } = await body(11, D);
    const relative = sketched(pencil);
    const eps = 4 * Math.sqrt(D / SAMPLES);
    const seeds = effort(100);
    let outside = 0;
    for (let seed = 0; seed < seeds; seed++) {
      const values = relative(samples, seed);
      const within = values.every((v) => Math.abs(v - 1) <= eps);
      if (!within) outside++;
      else {
        const logRatio = values.reduce((sum, v) => sum + Math.log(v), 0);
        expect(Math.abs(logRatio)).toBeLessThanOrEqual(D * Math.log((1 + eps) / (1 - eps)));
      }
    }
    expect(outside).toBeLessThanOrEqual(0.05 * seeds);
  };
  it('is within 4 sqrt(d / s) of the exact one, 95 times of 100', () => accuracy(SAMPLES));
  it('and not with a tenth of the samples', () => mustFail(() => accuracy(SAMPLES / 10)));

  it('is unbiased', async () => {
    const { pencil } = await body(7, 4);
    const relative = sketched(pencil);
    const seeds = effort(1000, 8000);
    // The mean of all eigenvalues is tr(H^{-1} H~) / d; one sketch of 40 samples has a spread of about sqrt(3 / 40), by its fourth moments.
    let sum = 0;
    let squares = 0;
    for (let seed = 0; seed < seeds; seed++) {
      const mean = relative(40, seed).reduce((a, b) => a + b, 0) / 4;
      sum += mean;
      squares += mean * mean;
    }
    const mean = sum / seeds;
    const error = Math.sqrt((squares / seeds - mean * mean) / seeds);
    // 4.9 standard errors: 1e-6 of false alarms.
    expect(Math.abs(mean - 1)).toBeLessThanOrEqual(4.9 * error);
  });

  it('is a function of the point alone: where a chain has been does not matter', async () => {
    const frame = await body(5, 4);
    const noise = philox(1).fillNormal(new Float64Array(4));
    const far = philox(2)
      .fillNormal(new Float64Array(4))
      .map((v) => 0.05 * v);
    const ratio = (path: readonly Float64Array[]) => {
      const walk = spectralDikinWalk(frame, philox(3), { sketch: { samples: 20, seed: 1 } });
      for (const y of path) {
        walk.place(y);
        walk.propose(philox(4).fillNormal(new Float64Array(4)));
        walk.accept();
      }
      walk.place(far);
      return walk.propose(noise);
    };
    expect(ratio([new Float64Array(4), far.map((v) => -v)])).toBe(ratio([]));
  });

  it('needs as many samples as dimensions, and reaches `sample`', async () => {
    const prepared = await prepareSpectrahedron(elliptope(4));
    const options = { walk: 'dikin', draws: 20, burnIn: 0, thin: 1, chains: 1 } as const;
    await expect(sample(prepared, { ...options, sketch: { samples: 5 } })).rejects.toThrow('sketch.samples is 5');
    const run = await sample(prepared, { ...options, sketch: { samples: 200 } });
    expect(run.acceptance[0]).toBeGreaterThan(0);
  });
});

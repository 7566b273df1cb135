import { dense, philox } from '@x/linalg';
import { effort, mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { inverseHessian } from '../src/covariance.ts';
import { evaluated } from '../src/gradient.ts';
import { whitenedQ } from '../src/hessian.ts';
import {
  type Inversion,
  invertLeverageGradient,
  invertLeverageGradients,
  leverageGradient,
  leverageHessian,
  residentDesign,
} from '../src/index.ts';
import { randomProblem } from './reference.ts';

function largest(x: ArrayLike<number>): number {
  return Array.from(x).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function problems(count: number, seed: number) {
  return Array.from({ length: count }, (_, t) => {
    const rng = philox(seed, t);
    const d = 1 + rng.integer(5);
    const problem = randomProblem(rng, 3 * d + 5 + rng.integer(60), d);
    return { ...problem, c: leverageGradient(problem.design, problem.x).gradient, rng };
  });
}

describe('The squared objective of the paper', () => {
  it('without regulariser has no stationary point in the cell but x: damped Gauss-Newton steps find it', async () => {
    for (const { design, x, c, signs } of problems(effort(20), 51)) {
      const found = await invertLeverageGradient(design, c, { signs, objective: 'least-squares' });
      expect(['certified', 'converged']).toContain(found.status);
      const { condition } = leverageGradient(design, x);
      expect(largest(found.x.map((value, j) => value - x[j]!)) / largest(x)).toBeLessThan(1e-9 * condition ** 2);
    }
  });
  /** Share of problems, columns scaled by 1 to 30, that the iteration solves to a decrement of 1e-8 within 60 steps. */
  const solved = async (mode: 'exact' | 'paper') => {
    let count = 0;
    const all = problems(12, 52);
    for (const { design, x, signs } of all) {
      const d = x.length;
      const scales = x.map((_, j) => 30 ** (j / Math.max(1, d - 1)));
      const scaled = {
        ...design,
        A: dense(
          design.A.rows,
          d,
          design.A.data.map((value, p) => value * scales[p % d]!),
        ),
      };
      const c = leverageGradient(
        scaled,
        x.map((value, j) => value / scales[j]!),
      ).gradient;
      const found: Inversion = await invertLeverageGradient(scaled, c, { signs, objective: 'least-squares', mode, maxIterations: 60 });
      if (found.decrement < 1e-8) count++;
      else expect(['certified', 'stalled', 'max-iterations']).toContain(found.status);
    }
    return count / all.length;
  };
  it('fails with sampled diagonal models (mode paper), which crawl where columns differ in scale, and the status says so', async () => {
    expect(await solved('exact')).toBe(1);
    await mustFail(async () => expect(await solved('paper')).toBeGreaterThan(0.7));
  });
  it('w and objective must fit', async () => {
    const [{ design, c, signs }] = problems(1, 53) as [ReturnType<typeof problems>[number]];
    const w = new Float64Array(c.length);
    await expect(invertLeverageGradient(design, c, { signs, objective: 'map' })).rejects.toMatchObject({ name: 'ArgumentError' });
    await expect(invertLeverageGradient(design, c, { signs, objective: 'convex', w })).rejects.toThrow();
    await expect(invertLeverageGradient(design, c, { signs, mode: 'paper' })).rejects.toMatchObject({ name: 'ArgumentError' });
  });
  it('a regulariser that makes it convex leaves nothing of x', async () => {
    const { design, x } = randomProblem(philox(54), 60, 4, { positive: true, cone: true });
    const c = leverageGradient(design, x).gradient;
    const { x: far, warnings } = await invertLeverageGradient(design, c, { objective: 'least-squares', w: new Float64Array(60).fill(100) });
    expect(warnings[0]).toMatch(/regulariser/);
    expect(largest(far) / largest(x)).toBeLessThan(0.2);
  });
});

describe('A status that is no answer says so', () => {
  it('too small a sample that cannot contract, and too few iterations', async () => {
    const [{ design, c, signs }] = problems(1, 55) as [ReturnType<typeof problems>[number]];
    expect((await invertLeverageGradient(design, c, { signs, maxIterations: 1 })).status).toBe('max-iterations');
  });
  it('continuation and long steps end at the same x', async () => {
    for (const { design, c, signs } of problems(5, 56)) {
      const [long, short] = [
        await invertLeverageGradient(design, c, { signs }),
        await invertLeverageGradient(design, c, { signs, continuation: true }),
      ];
      expect(largest(long.x.map((value, j) => value - short.x[j]!))).toBeLessThan(1e-8 * largest(long.x));
    }
  });
});

describe('The noise model', () => {
  /** Mean over trials of the square of (x_j - x*_j) over its predicted variance: 1, with a standard error of sqrt(2 / trials). */
  const claim = async (scale: number) => {
    const { design, x, signs } = randomProblem(philox(57), 80, 3);
    const { engine, at } = evaluated('test', design, x, { qhat: true, third: true });
    const c = leverageGradient(design, x).gradient;
    const d = x.length;
    const size = 1e-6 * largest(c);
    const covariance = dense(
      d,
      d,
      Float64Array.from({ length: d * d }, (_, p) => (p % (d + 1) === 0 ? size ** 2 : 0)),
    );
    const trials = 200;
    const sums = new Float64Array(d);
    for (let t = 0; t < trials; t++) {
      const e = philox(58, t).fillNormal(new Float64Array(d));
      const found = await invertLeverageGradient(
        design,
        c.map((value, j) => value + size * e[j]!),
        { signs, x0: x, noise: { covariance } },
      );
      const C = found.covariance!;
      for (let j = 0; j < d; j++) sums[j]! += (found.x[j]! - x[j]!) ** 2 / (scale * C.data[j * (d + 1)]!);
    }
    expect(engine.cols).toBe(inverseHessian(at.Z, whitenedQ(at)).rows);
    // Five standard errors: a false alarm in 1e6.
    for (const sum of sums) expect(Math.abs(sum / trials - 1)).toBeLessThan(5 * Math.sqrt(2 / trials));
  };
  it('covariance of x is Q^-1 cov(e) Q^-1', () => claim(1));
  it('fails for a third of it', () => mustFail(() => claim(1 / 3)));
  it('several gradients: the covariance falls as they are combined', async () => {
    const one = randomProblem(philox(59), 80, 3, { positive: true, cone: true });
    const identity = dense(3, 3, Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1));
    const releases = [0, 1].map((half) => {
      const design = { A: dense(40, 3, one.design.A.data.slice(half * 120, (half + 1) * 120)) };
      return { design, c: leverageGradient(design, one.x).gradient, noise: { covariance: identity } };
    });
    const [both, single] = [await invertLeverageGradients(releases), await invertLeverageGradients(releases.slice(0, 1))];
    const trace = ({ covariance }: Inversion) => [0, 4, 8].reduce((sum, p) => sum + covariance!.data[p]!, 0);
    expect(trace(both)).toBeLessThan(trace(single));
  });
});

describe('A resident design', () => {
  it('gives the bits of the design itself, again and again', () => {
    const { design, x } = randomProblem(philox(60), 300, 5);
    const resident = residentDesign(design);
    for (let t = 0; t < 2; t++) {
      expect(leverageGradient(resident, x)).toEqual(leverageGradient(design, x));
      for (const mode of ['exact', 'qhat', 'sampled'] as const) {
        expect(leverageHessian(resident, x, { mode })).toEqual(leverageHessian(design, x, { mode }));
      }
    }
  });
});

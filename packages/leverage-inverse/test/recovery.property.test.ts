import { type Dense, dense, eigenvalues, multiply, philox, transpose } from '@x/linalg';
import { chiSquareTest, effort, fitExponent, mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { upperProduct } from '../src/coordinates.ts';
import { createEngine, type Evaluation } from '../src/engine.ts';
import { whitenedQ } from '../src/hessian.ts';
import { type Design, invertLeverageGradient, invertLeverageGradients, leverageGradient, leverageHessian } from '../src/index.ts';
import { combine, inverseRoot, norm } from '../src/matrix.ts';
import { sampleByScores, sampledQhat } from '../src/solve/sample.ts';
import { randomProblem, times } from './reference.ts';

const MODES = ['exact', 'qhat', 'sampled', 'newton-cg'] as const;

function largest(x: Float64Array): number {
  return x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function problems(count: number, seed: number) {
  return Array.from({ length: count }, (_, t) => {
    const rng = philox(seed, t);
    const d = 1 + rng.integer(8);
    const cone = t % 4 === 3;
    const problem = randomProblem(rng, 3 * d + 5 + rng.integer(100), d, {
      spread: 10 ** (1 + (t % 3)),
      positive: cone,
      heavy: t % 5 === 0,
      cone,
    });
    return { ...problem, c: leverageGradient(problem.design, problem.x).gradient, rng };
  });
}

describe('Property 6: one exact gradient and the signs of slacks give x back, in all modes', () => {
  const claim = async (invert: (design: Design, c: Float64Array, signs: Int8Array, t: number) => Promise<Float64Array>, trials: number) => {
    for (const [t, { design, x, c, signs }] of problems(trials, 21).entries()) {
      const found = await invert(design, c, signs, t);
      const slack = leverageGradient(design, found).slack;
      expect(slack.every((value, i) => value * signs[i]! > 0)).toBe(true);
      const { condition } = leverageGradient(design, x);
      expect(largest(found.map((value, j) => value - x[j]!)) / largest(x)).toBeLessThan(1e-9 * condition ** 2);
    }
  };
  for (const mode of MODES) {
    it(`${mode}`, () =>
      claim(
        async (design, c, signs) => {
          const found = await invertLeverageGradient(design, c, { mode, signs });
          expect(['certified', 'converged']).toContain(found.status);
          return found.x;
        },
        effort(40, 300),
      ));
  }
  it('from a far corner: a start where a slack is 1e-4 of what it is at x, in all modes', async () => {
    for (const mode of MODES) {
      await claim(
        async (design, c, signs, t) => {
          const { x } = problems(t + 1, 21)[t]!;
          const h = philox(30, t).fillNormal(new Float64Array(x.length));
          const { slack } = leverageGradient(design, x);
          const least = Math.min(...times(design.A as Dense, h).map((move, i) => move / slack[i]!));
          const x0 = x.map((value, j) => value + (1 - 1e-4) * (h[j]! / Math.abs(least)));
          return (await invertLeverageGradient(design, c, { mode, signs, x0 })).x;
        },
        effort(10, 40),
      );
    }
  });
  it('fails for a Newton method that lets slacks change sign', () =>
    mustFail(() =>
      claim(async (design, c, signs) => {
        let { x } = await invertLeverageGradient(design, c, { signs, maxIterations: 1 });
        for (let t = 0; t < 60; t++) {
          try {
            const { gradient } = leverageGradient(design, x);
            const root = inverseRoot(leverageHessian(design, x));
            const p = times(
              root,
              times(
                transpose(root),
                gradient.map((value, k) => value - c[k]!),
              ),
            );
            const next = x.map((value, k) => value + p[k]!);
            leverageGradient(design, next);
            x = next;
          } catch {
            // It has run away to where nothing can be evaluated.
            break;
          }
        }
        return x;
      }, 40),
    ));
});

describe('Rows are drawn by their scores', () => {
  const scores = Float64Array.from({ length: 1000 }, (_, i) => (i % 7 === 0 ? 0 : 1 + (i % 5)));
  const total = scores.reduce((sum, value) => sum + value, 0);
  /** Counts by classes of i modulo 100, which blocks of 256 cut across; one false alarm in 1e6. */
  const claim = (draw: (m: number) => ArrayLike<number>) => {
    const m = 100_000;
    const counts = new Array<number>(100).fill(0);
    for (const i of Array.from(draw(m))) counts[i % 100]!++;
    const probabilities = counts.map((_, k) => scores.reduce((sum, value, i) => sum + (i % 100 === k ? value / total : 0), 0));
    expect(chiSquareTest(counts, probabilities).p).toBeGreaterThan(1e-6);
  };
  it('each as often as its score says, and never one without', () => {
    claim((m) => sampleByScores(scores, m, 5, 0).rows);
    const { rows, weights } = sampleByScores(scores, 5000, 6, 0);
    expect(rows.every((i, k) => scores[i]! > 0 && Math.abs(weights[k]! * 5000 * scores[i]! - total) < 1e-9 * total)).toBe(true);
    expect(rows.every((i, k) => k === 0 || rows[k - 1]! <= i)).toBe(true);
  });
  it('fails for uniform draws', () =>
    mustFail(() => claim((m) => Array.from(philox(7).fillUniform(new Float64Array(m)), (u) => Math.floor(1000 * u)))));
});

describe('Property 8: rates', () => {
  /** Contraction from one decrement to the next, and over all of them. */
  const contracts = async (mode: 'qhat' | 'sampled', rows: number) => {
    for (const { design, c, signs } of problems(effort(12), 24)) {
      const { iterations } = await invertLeverageGradient(design, c, { mode, signs, tolerance: 1e-11, sampleSize: rows * c.length });
      const decrements = iterations.map((one) => one.decrement).filter((value) => value > 1e-10 && value < 1e-4);
      for (let k = 1; k < decrements.length; k++) {
        // The decrement is measured in 2 Qhat at each point, the contraction in Q: their ratios lie within [1/2, 3/2] at most.
        expect(decrements[k]! / decrements[k - 1]!).toBeLessThan(0.5 * Math.sqrt(3) + 0.02);
      }
      if (decrements.length > 3) expect((decrements.at(-1)! / decrements[0]!) ** (1 / (decrements.length - 1))).toBeLessThan(0.55);
    }
  };
  it('a qhat step contracts by 1/2 in the norm of Q, near the solution', () => contracts('qhat', 1));
  it('fails for steps from samples of 3 d rows', () => mustFail(() => contracts('sampled', 3)));
  const quadratic = async (mode: 'exact' | 'qhat') => {
    let steps = 0;
    for (const { design, c, signs } of problems(effort(20), 25)) {
      const { iterations, x, certificate } = await invertLeverageGradient(design, c, { mode, signs });
      // Below what rounding may hide nothing contracts.
      const floor = certificate === undefined ? Number.POSITIVE_INFINITY : Math.max(1e-11, certificate.rounding);
      const decrements = iterations.map((one) => one.decrement);
      const full = iterations.map((one) => one.length === 1 && !one.kept);
      const engine = createEngine(design);
      const at = engine.evaluate('test', x, { qhat: true }) as Evaluation;
      const frame = { Z: upperProduct(at.Z, inverseRoot(at.qhat as Dense)), slack: at.slack };
      const mu = Math.sqrt(Math.max(...engine.rowNorms(frame)));
      for (let k = 1; k < decrements.length; k++) {
        if (!full[k - 1] || decrements[k - 1]! > 0.05 / mu || decrements[k]! < floor) continue;
        steps++;
        expect(decrements[k]!).toBeLessThanOrEqual(10 * mu * decrements[k - 1]! ** 2);
      }
    }
    expect(steps).toBeGreaterThan(5);
  };
  it('the exact mode converges quadratically: decrement_{k+1} <= 10 mu decrement_k^2', () => quadratic('exact'));
  it('fails for steps with 2 Qhat', () => mustFail(() => quadratic('qhat')));
  const sampledClaim = (weighted: boolean) => {
    for (const { design, x, rng } of problems(effort(20), 26)) {
      const engine = createEngine(design);
      const at = engine.evaluate('test', x, { qhat: true, third: true }) as Evaluation;
      const sample = sampleByScores(at.scores, 60 * engine.cols, 5, rng.integer(100));
      const M = sampledQhat(engine, at, sample);
      const used = weighted
        ? M
        : sampledQhat(engine, at, { ...sample, weights: sample.weights.map(() => engine.rows / sample.rows.length) });
      const root = inverseRoot(at.qhat as Dense);
      const spectrum = eigenvalues(multiply(multiply(transpose(root), M), root));
      const eps = Math.max(spectrum.at(-1)! - 1, 1 - spectrum[0]!);
      if (eps >= 1) continue;
      // I - Q^{1/2} (2 M)^-1 Q^{1/2} has the eigenvalues 1 - lambda / 2 of M^-1 Q.
      const half = inverseRoot(used);
      const lambda = eigenvalues(multiply(multiply(transpose(half), whitenedQ(at)), half));
      const rate = Math.max(Math.abs(1 - lambda[0]! / 2), Math.abs(1 - lambda.at(-1)! / 2));
      expect(rate).toBeLessThanOrEqual((0.5 + eps) / (1 - eps) + 1e-9);
    }
  };
  it('a sampled step contracts by (1/2 + eps) / (1 - eps) in the norm of Q, eps the measured distortion', () => sampledClaim(true));
  it('fails without the weights of the sample', () => mustFail(() => sampledClaim(false)));
});

describe('Property 9: noise moves x by Q^-1 e', () => {
  const claim = async (mode: 'exact' | 'qhat') => {
    for (const { design, x, c, signs, rng } of problems(effort(6), 27)) {
      const e = rng.fillNormal(new Float64Array(c.length));
      const root = inverseRoot(leverageHessian(design, x, { mode }));
      const predicted = times(root, times(transpose(root), e));
      const slack = leverageGradient(design, x).slack;
      const move = times(design.A, predicted);
      const most = Math.max(...slack.map((s, i) => Math.abs(move[i]! / s)));
      const sizes = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6].map((delta) => delta / most);
      const lengths: number[] = [];
      for (const size of sizes) {
        const { x: found } = await invertLeverageGradient(
          design,
          c.map((value, j) => value - size * e[j]!),
          { signs },
        );
        const moved = found.map((value, j) => value - x[j]!);
        lengths.push(norm(moved));
        expect(norm(moved.map((value, j) => value - size * predicted[j]!)) / (size * norm(predicted))).toBeLessThan(0.1);
      }
      expect(Math.abs(fitExponent(sizes, lengths).slope - 1)).toBeLessThan(0.1);
    }
  };
  it('within a tenth while that is small, and linearly over four decades', () => claim('exact'));
  it('fails for Qhat^-1 e', () => mustFail(() => claim('qhat')));
});

describe('Property 10: the regulariser moves the answer', () => {
  const { design, x } = randomProblem(philox(28), 60, 4, { positive: true, cone: true });
  const c = leverageGradient(design, x).gradient;
  const claim = async (mode: 'exact' | 'qhat', power: number) => {
    const Q = leverageHessian(design, x, { mode });
    const penalty = multiply(transpose(design.A), design.A);
    for (const w of [1e-4, 1e-3, 1e-2]) {
      const { x: found, status, warnings } = await invertLeverageGradient(design, c, { w: new Float64Array(60).fill(w) });
      expect(status).toBe('certified');
      expect(warnings[0]).toMatch(/regulariser/);
      const root = inverseRoot(combine(1, Q, w ** power, penalty));
      const pull = times(penalty, x).map((value) => -(w ** power) * value);
      const predicted = times(root, times(transpose(root), pull));
      const moved = found.map((value, j) => value - x[j]!);
      expect(norm(moved.map((value, j) => value - predicted[j]!)) / norm(predicted)).toBeLessThan(0.05);
    }
  };
  it('by (Q + A^T W^2 A)^-1 A^T W^2 A x to first order', () => claim('exact', 2));
  it('fails for Qhat, and for W', async () => {
    await mustFail(() => claim('qhat', 2));
    await mustFail(() => claim('exact', 1));
  });
  it('to zero as w grows', async () => {
    const { x: far } = await invertLeverageGradient(design, c, { w: new Float64Array(60).fill(1e4) });
    expect(norm(far) / norm(x)).toBeLessThan(1e-2);
  });
});

describe('Several gradients at one x', () => {
  it('give x, and average out noise', async () => {
    const one = randomProblem(philox(29), 80, 3, { positive: true, cone: true });
    const { x } = one;
    const split = [0, 1].map((half) => ({ A: dense(40, 3, one.design.A.data.slice(half * 120, (half + 1) * 120)) }));
    const releases = split.map((design) => ({ design, c: leverageGradient(design, x).gradient }));
    const { x: found, status } = await invertLeverageGradients(releases);
    expect(status).toBe('certified');
    expect(largest(found.map((value, j) => value - x[j]!))).toBeLessThan(1e-9);
  });
});

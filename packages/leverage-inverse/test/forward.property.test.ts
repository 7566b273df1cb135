import { csrFromDense, type Dense, dense, eigenvalues, multiply, philox } from '@x/linalg';
import { effort, mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import {
  type Design,
  leverageGradient,
  leverageHessian,
  leverageHessianDerivative,
  leverageHessianOperator,
  leverageJacobian,
} from '../src/index.ts';
import { naive, naiveGradient, naiveQuadratic, randomProblem } from './reference.ts';

/** Central differences of smooth functions with slacks of ratio 10: error of the order h^2, and eps / h from rounding; h = cbrt(eps). */
const H = 2 ** -17;
const FD = 2e-6;

function problems(count: number, options = {}) {
  return Array.from({ length: count }, (_, t) => {
    const rng = philox(11, t);
    const d = 1 + rng.integer(t % 3 === 0 ? 12 : 5);
    return { ...randomProblem(rng, d + 3 + rng.integer(40), d, { spread: 3, ...options }), rng, d };
  });
}

type Vector = ArrayLike<number>;

function largest(x: Vector): number {
  return Array.from(x).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function relative(x: Vector, y: Vector): number {
  return largest(Array.from(x, (value, i) => value - y[i]!)) / (largest(y) || 1);
}

/** (f(x + h e) - f(x - h e)) / (2 h), h relative to the smallest slack. */
function difference(f: (x: Float64Array) => Vector, x: Float64Array, direction: Float64Array, h: number): number[] {
  const step = (sign: number) => f(x.map((value, j) => value + sign * h * direction[j]!));
  const [up, down] = [step(1), step(-1)];
  return Array.from(up, (value, i) => (value - down[i]!) / (2 * h));
}

/** Scales a direction so that slacks move by at most themselves. */
function unitDirection(design: Design & { A: Dense }, x: Float64Array, direction: Float64Array): Float64Array {
  const { slack } = naive(design, x);
  const d = x.length;
  const move = slack.map((s, i) => Math.abs(direction.reduce((sum, value, j) => sum + design.A.data[i * d + j]! * value, 0) / s));
  return direction.map((value) => value / Math.max(...move));
}

describe('Property 1: derivatives agree with central differences', () => {
  type Formula = (design: Design & { A: Dense }, x: Float64Array, h: Float64Array) => Vector;
  const claim = (formula: Formula, function_: (design: Design, x: Float64Array) => Vector) => {
    for (const { design, x, rng, d } of problems(effort(40))) {
      const h = unitDirection(design, x, rng.fillNormal(new Float64Array(d)));
      expect(
        relative(
          formula(design, x, h),
          difference((y) => function_(design, y), x, h, H),
        ),
      ).toBeLessThan(FD);
    }
  };
  const product = (M: Dense, h: Float64Array) =>
    Array.from({ length: M.rows }, (_, i) => h.reduce((sum, v, j) => sum + M.data[i * M.cols + j]! * v, 0));
  const scores = (design: Design, x: Float64Array) => leverageGradient(design, x).scores;
  const g = (design: Design, x: Float64Array) => leverageGradient(design, x).gradient;
  const potential = (design: Design, x: Float64Array) => [leverageGradient(design, x).potential];
  const inner = (u: Float64Array, v: Float64Array) => u.reduce((sum, value, j) => sum + value * v[j]!, 0);

  it('V', () => claim((design, x, h) => [-inner(g(design, x), h)], potential));
  it('sigma', () => claim((design, x, h) => leverageJacobian(design, x).apply(h), scores));
  it('g', () => claim((design, x, h) => product(leverageHessian(design, x), h).map((value) => -value), g));
  it('g, by the operator', () =>
    claim(
      (design, x, h) =>
        leverageHessianOperator(design, x)
          .apply(h)
          .map((value) => -value),
      g,
    ));
  it('Q', () =>
    claim(
      (design, x, h) => leverageHessianDerivative(design, x, h).data,
      (design, x) => leverageHessian(design, x).data,
    ));
  /** What the gradient of ||g - c||^2 / 2, -Q (g - c), changes by along h: Q^2 h - DQ[g - c] h, or without the second term. */
  const squaredObjective = (full: boolean) => {
    const residual = (design: Design, x: Float64Array) => g(design, x).map((value, j) => value - 1 - 0.1 * j);
    claim(
      (design, x, h) => {
        const Q = leverageHessian(design, x);
        const squared = product(Q, Float64Array.from(product(Q, h)));
        const D = product(leverageHessianDerivative(design, x, residual(design, x)), h);
        return full ? squared.map((value, j) => value - D[j]!) : squared;
      },
      (design, x) => product(leverageHessian(design, x), residual(design, x)).map((value) => -value),
    );
  };
  it('the gradient of the squared objective', () => squaredObjective(true));
  it('fails for its Gauss-Newton part alone', () => mustFail(() => squaredObjective(false)));
  it('<v, sigma>', () => {
    for (const { design, x, rng, d } of problems(effort(20))) {
      const h = unitDirection(design, x, rng.fillNormal(new Float64Array(d)));
      const v = rng.fillNormal(new Float64Array(design.A.rows));
      const { gradient } = leverageGradient(design, x, { target: 'weighted', v });
      // The parts of <v, J h> may cancel; they are what rounding acts on.
      const size = largest(leverageJacobian(design, x).apply(h)) * largest(v) * design.A.rows;
      const [fd] = difference((y) => [inner(v, leverageGradient(design, y).scores)], x, h, H);
      expect(Math.abs(inner(gradient, h) - fd!)).toBeLessThan(FD * size);
    }
  });
  it('fails with the wrong sign of g', () => mustFail(() => claim((design, x, h) => [inner(g(design, x), h)], potential)));
  it('fails without P o P in J', () =>
    mustFail(() =>
      claim((design, x, h) => {
        const { Ax, scores: sigma } = naive(design, x);
        return product(Ax, h).map((u, i) => -2 * sigma[i]! * u);
      }, scores),
    ));
  it('fails with 2 Sigma for 3 Sigma in Q', () =>
    mustFail(() => claim((design, x, h) => product(naiveQuadratic(naive(design, x), 2, 2), h).map((value) => -value), g)));
  it('fails without the last term of DQ', () =>
    mustFail(() =>
      claim(
        (design, x, h) => {
          const full = leverageHessianDerivative(design, x, h);
          const { Ax, P } = naive(design, x);
          const u = product(Ax, h);
          const n = Ax.rows;
          // P o (P U P)
          const PUP = multiply(
            dense(
              n,
              n,
              P.data.map((value, p) => value * u[p % n]!),
            ),
            P,
          );
          const middle = dense(
            n,
            n,
            P.data.map((value, p) => value * PUP.data[p]!),
          );
          const term = multiply(multiply({ ...Ax, rows: Ax.cols, cols: n, rowStride: 1, colStride: Ax.cols }, middle), Ax);
          return full.data.map((value, p) => value + 8 * term.data[p]!);
        },
        (design, x) => leverageHessian(design, x).data,
      ),
    ));
});

describe('The kernel agrees with explicit projections', () => {
  it('scores, g, Q, dense and sparse, with strides', () => {
    for (const { design, x } of problems(effort(60), { spread: 30, heavy: true })) {
      const oracle = naive(design, x);
      const { rows, cols, data } = design.A;
      const strided: Dense = { rows, cols, data: new Float64Array(3 * rows * cols + 2), offset: 2, rowStride: 3 * cols, colStride: 2 };
      for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) strided.data[2 + 3 * cols * i + 2 * j] = data[i * cols + j]!;
      for (const A of [design.A, csrFromDense(design.A), strided]) {
        const other = { ...design, A };
        const { scores, gradient, condition } = leverageGradient(other, x);
        // The explicit inverse of the Gram matrix loses the square of the condition.
        const tolerance = 1e-14 * design.A.rows * condition ** 2;
        expect(relative(scores, oracle.scores)).toBeLessThan(tolerance);
        expect(relative(gradient, naiveGradient(oracle))).toBeLessThan(tolerance);
        expect(relative(leverageHessian(other, x).data, naiveQuadratic(oracle).data)).toBeLessThan(tolerance);
      }
    }
  });
});

describe('Property 2: identities', () => {
  type Forward = (design: Design & { A: Dense; b: Float64Array }, x: Float64Array) => { scores: Float64Array; gradient: Float64Array };
  type Weighted = (design: Design & { A: Dense }, x: Float64Array, v: Float64Array) => Vector;
  const weighted: Weighted = (design, x, v) => leverageGradient(design, x, { target: 'weighted', v }).gradient;
  const claim = (forward: Forward, gradientOf: Weighted = weighted) => {
    for (const { design: given, x, d } of problems(effort(60), { spread: 30 })) {
      const design = { ...given, b: given.b! };
      const { slack, condition } = leverageGradient(design, x);
      const { scores, gradient } = forward(design, x);
      const tolerance = 1e-14 * design.A.rows * d * condition;
      expect(Math.abs(scores.reduce((a, s) => a + s, 0) - d)).toBeLessThan(tolerance);
      const euler = scores.reduce((sum, sigma, i) => sum - (sigma * design.b[i]!) / slack[i]!, 0);
      const size = scores.reduce((sum, sigma, i) => sum + Math.abs((sigma * design.b[i]!) / slack[i]!), d);
      expect(Math.abs(gradient.reduce((sum, value, j) => sum + value * x[j]!, euler) - d)).toBeLessThan(tolerance * size);
      const A = { ...design.A, data: design.A.data.map((value) => 2 * value) };
      const doubled = forward({ A, b: design.b.map((value) => 2 * value) }, x);
      expect(relative(doubled.gradient, gradient)).toBeLessThan(tolerance);
      const constant = gradientOf(design, x, new Float64Array(design.A.rows).fill(1));
      const summands = Math.max(...scores.map((sigma, i) => sigma / Math.abs(slack[i]!))) * largest(design.A.data) * design.A.rows;
      expect(largest(constant)).toBeLessThan(tolerance * summands);
    }
  };
  it('scores sum to d; <g, x> - sum sigma b / s = d; g stays where rows and offsets are doubled; a constant v has gradient 0', () =>
    claim(leverageGradient));
  it('fails for scores of A instead of A_x', () =>
    mustFail(() =>
      claim((design, x) => {
        const { scores } = leverageGradient({ A: design.A, b: new Float64Array(design.A.rows).fill(-1) }, new Float64Array(x.length));
        return { scores, gradient: naiveGradient({ ...naive(design, x), scores: Array.from(scores, (sigma) => 1.001 * sigma) }) };
      }),
    ));
  it('fails for scores that are off by a millionth', () =>
    mustFail(() =>
      claim((design, x) => {
        const { scores, gradient } = leverageGradient(design, x);
        return { gradient, scores: scores.map((sigma) => sigma * (1 + 1e-6)) };
      }),
    ));
  it('fails for g without the slacks', () =>
    mustFail(() =>
      claim((design, x) => {
        const oracle = naive(design, x);
        return { scores: Float64Array.from(oracle.scores), gradient: naiveGradient({ ...oracle, Ax: design.A }) };
      }),
    ));
  it('fails for <v, sigma> without P o P', () =>
    mustFail(() =>
      claim(leverageGradient, (design, x, v) => {
        const oracle = naive(design, x);
        return naiveGradient({ ...oracle, scores: oracle.scores.map((sigma, i) => -2 * sigma * v[i]!) });
      }),
    ));
});

describe('Property 3: Qhat <= Q <= 3 Qhat', () => {
  const ratios = (design: Design, x: Float64Array, Q: Dense) => {
    const Qhat = leverageHessian(design, x, { mode: 'qhat' });
    const d = Q.rows;
    const root = inverseRootOf(Qhat);
    return eigenvalues(multiply(multiply({ ...root, rowStride: 1, colStride: d }, Q), root));
  };
  const claim = (quadratic: (design: Design & { A: Dense }, x: Float64Array) => Dense) => {
    let least = Number.POSITIVE_INFINITY;
    let most = 0;
    for (const { design, x } of [...problems(effort(40)), ...wide()]) {
      const values = ratios(design, x, quadratic(design, x));
      least = Math.min(least, values[0]!);
      most = Math.max(most, values.at(-1)!);
    }
    expect(least).toBeGreaterThan(1 - 1e-9);
    expect(most).toBeLessThan(3 + 1e-9);
    // Not vacuous: both ends are nearly reached.
    expect(least).toBeLessThan(1.3);
    expect(most).toBeGreaterThan(2.9);
  };
  it('holds, and is nearly reached at both ends', () => claim((design, x) => leverageHessian(design, x)));
  it('fails for 3 Sigma - P o P', () => mustFail(() => claim((design, x) => naiveQuadratic(naive(design, x), 3, 1))));
});

/** Scores near 1, and scores near 0. */
function wide() {
  const rng = philox(12);
  return [randomProblem(rng, 6, 5, { spread: 2 }), randomProblem(rng, 400, 2, { spread: 1.5 })];
}

function inverseRootOf(M: Dense): Dense {
  const d = M.rows;
  const U = new Float64Array(d * d);
  const L = new Float64Array(d * d);
  for (let j = 0; j < d; j++) {
    for (let i = j; i < d; i++) {
      let sum = M.data[i * d + j]!;
      for (let k = 0; k < j; k++) sum -= L[i * d + k]! * L[j * d + k]!;
      L[i * d + j] = i === j ? Math.sqrt(sum) : sum / L[j * d + j]!;
    }
  }
  for (let j = 0; j < d; j++) {
    for (let i = j; i < d; i++) {
      let sum = i === j ? 1 : 0;
      for (let k = j; k < i; k++) sum -= L[i * d + k]! * U[j * d + k]!;
      U[j * d + i] = sum / L[i * d + i]!;
    }
  }
  return dense(d, d, U);
}

describe('Property 4: -g is strictly monotone within a cell, and not across cells', () => {
  const inner = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, j) => sum + value * b[j]!, 0);
  /** `share`: of the way on which no slack vanishes. */
  const claim = (share: number) => {
    for (const { design, x, rng, d } of problems(effort(60))) {
      const y = unitDirection(design, x, rng.fillNormal(new Float64Array(d))).map((value, j) => x[j]! + share * value);
      const change = leverageGradient(design, x).gradient.map((value, j) => value - leverageGradient(design, y).gradient[j]!);
      expect(
        inner(
          change,
          x.map((value, j) => value - y[j]!),
        ),
      ).toBeLessThan(0);
    }
  };
  it('holds for two points of one cell', () => claim(0.95));
  it('fails for points of two cells', () => mustFail(() => claim(1.05)));
  const roots = (map: (gradient: number, slack: Float64Array) => number) => {
    const A = dense(8, 1, new Float64Array(8).fill(1));
    const b = Float64Array.from({ length: 8 }, (_, i) => i + 0.3 * Math.sin(i));
    const g = (x: number) => {
      const { gradient, slack } = leverageGradient({ A, b }, Float64Array.of(x));
      return map(gradient[0]!, slack);
    };
    let count = 0;
    for (let k = 0; k < 7; k++) {
      let [low, high] = [b[k]! + 1e-9, b[k + 1]! - 1e-9];
      expect((g(low) - 0.7) * (g(high) - 0.7)).toBeLessThan(0);
      for (let t = 0; t < 60; t++) {
        const middle = (low + high) / 2;
        if ((g(middle) - 0.7) * (g(low) - 0.7) > 0) low = middle;
        else high = middle;
      }
      if (Math.abs(g(low) - 0.7) < 1e-6) count++;
    }
    expect(count).toBe(7);
  };
  it('d = 1: n - 1 cells hold a point with one and the same g', () => roots((gradient) => gradient));
  it('fails for a map that does not tell the side of a face', () => mustFail(() => roots((gradient) => Math.abs(gradient))));
});

describe('Property 5: Qhat(y) >= (1 - delta)^2 / (1 + delta)^4 Qhat(x), delta = max |a_i^T (y - x) / s_i|', () => {
  const claim = (factor: (delta: number) => number) => {
    for (const { design, x, rng, d } of problems(effort(60))) {
      const delta = 0.9 * rng.uniform();
      const y = unitDirection(design, x, rng.fillNormal(new Float64Array(d))).map((value, j) => x[j]! + delta * value);
      const root = inverseRootOf(leverageHessian(design, x, { mode: 'qhat' }));
      const values = eigenvalues(
        multiply(multiply({ ...root, rowStride: 1, colStride: d }, leverageHessian(design, y, { mode: 'qhat' })), root),
      );
      expect(values[0]!).toBeGreaterThan(factor(delta) * (1 - 1e-9));
    }
  };
  it('holds', () => claim((t) => (1 - t) ** 2 / (1 + t) ** 4));
  it('the third derivative: |D^3 V[h, h, h]| <= 38 max |a_i^T h / s_i| h^T Qhat h; fails for 1 in place of 38', () => {
    const third = (most: number) => {
      for (const { design, x, rng, d } of problems(effort(60))) {
        const h = unitDirection(design, x, rng.fillNormal(new Float64Array(d)));
        const form = ({ data }: Dense) => h.reduce((sum, u, i) => sum + h.reduce((inner, v, j) => inner + u * data[i * d + j]! * v, 0), 0);
        const qhat = form(leverageHessian(design, x, { mode: 'qhat' }));
        expect(Math.abs(form(leverageHessianDerivative(design, x, h)))).toBeLessThanOrEqual(most * qhat);
      }
    };
    third(38);
    mustFail(() => third(1));
  });
  it('fails for the drift of H alone', () => mustFail(() => claim((t) => (1 + t) ** -0.5)));
});

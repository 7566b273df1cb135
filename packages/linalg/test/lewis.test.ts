/** Property 9. */
import { conditioned, effort, ensemble, mustFail, rankDeficient, withCondition } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AbortedError,
  ArgumentError,
  at,
  csrFromDense,
  type Dense,
  dense,
  leverageScores,
  lewisWeights,
  lewisWeightsAsync,
  multiply,
  NonFiniteError,
  NotConvergedError,
  philox,
  solve,
  toRows,
  zeros,
} from '../src/index.ts';
import { scaleRows } from '../src/sketch/columns.ts';

const powers = fc.constantFrom(0.5, 1, 1.5, 2, 3, 4, 6, 10);
const tall = conditioned({ rows: [13, 60], cols: [1, 8] }, [1, 1e4]);
const sum = (x: Float64Array): number => x.reduce((s, v) => s + v, 0);
/** W^(1/2 - 1/p) A over the largest factor, which leaves its leverage scores. */
const reweighted = (A: Dense, w: Float64Array, p: number): Dense => {
  const e = 0.5 - 1 / p;
  const base = e < 0 ? Math.min(...w.filter((x) => x > 0)) : Math.max(...w);
  return dense(
    A.rows,
    A.cols,
    A.data.map((x, q) => {
      const weight = w[Math.floor(q / A.cols)]!;
      return weight > 0 ? x * (weight / base) ** e : 0;
    }),
  );
};

describe('Definition: w_i is the leverage score of row i of W^(1/2 - 1/p) A', () => {
  const claim = (weights: (A: Dense, p: number) => Float64Array, A: Dense, p: number, rank: number): void => {
    const w = weights(A, p);
    const tau = leverageScores(reweighted(A, w, p)).scores;
    expect(Math.max(0, ...Array.from(w, (x, i) => (x > 0 ? Math.abs(tau[i]! / x - 1) : tau[i]!)))).toBeLessThanOrEqual(1e-9);
    expect(Math.abs(sum(w) - rank)).toBeLessThanOrEqual(1e-9 * A.cols);
  };
  it('holds, and the weights sum to the rank', () =>
    fc.assert(fc.property(tall, powers, (A, p) => claim((B, q) => lewisWeights(B, q).weights, A, p, A.cols))));
  it('holds for matrices that lack rank, with zero rows among them', () =>
    fc.assert(
      fc.property(rankDeficient({ rows: [10, 40], cols: [1, 6], tall: true }), fc.constantFrom(1, 1.5, 3), (A, p) =>
        claim((B, q) => lewisWeights(B, q).weights, A, p, A.rank),
      ),
    ));
  it('holds for p near 0 and for large p, within the default number of iterations', () => {
    for (const [l, p] of [0.02, 0.1, 40].entries()) {
      for (const [k, [n, d]] of [[1000, 5] as const, [200, 8] as const, [30, 8] as const].entries()) {
        for (const [q, name] of (['gaussian', 'cauchy', 'spiked'] as const).entries()) {
          // A Latin square; all combinations in the long tests.
          if ((k + l + q) % 3 < effort(1, 3)) claim((B, e) => lewisWeights(B, e).weights, ensemble(name, n, d, k), p, d);
        }
      }
    }
  });
  it.skipIf(effort(0, 1) === 0)('holds at the least p, where an iteration gains less than rounding errors add', () =>
    claim((B, q) => lewisWeights(B, q).weights, dense(60, 4, philox(3).fillNormal(new Float64Array(240))), 1e-3, 4),
  );
  it('fails there where factors of rows are cut off, and for 200 iterations', () => {
    const A = ensemble('gaussian', effort(300, 1000), 5, 1);
    const iterate =
      (most: number) =>
      (B: Dense, p: number): Float64Array => {
        let w = leverageScores(B).scores;
        for (let k = 0; k < 1750; k++) {
          const e = 0.5 - 1 / p;
          // Relative to even weights.
          const cut = w.map((x) => Math.min((x * (B.rows / B.cols)) ** e, most));
          const tau = leverageScores(scaleRows(B, cut) as Dense).scores;
          w = w.map((x, i) => x * (tau[i]! / x) ** ((2 * p) / (2 + p)));
        }
        return w;
      };
    claim(iterate(1e300), A, 0.02, A.cols);
    mustFail(() => claim(iterate(1), A, 0.02, A.cols));
    for (const p of [0.02, 40]) {
      mustFail(() =>
        claim((B, q) => caught(() => lewisWeights(B, q, { maxIterations: 200 }), NotConvergedError).partial as never, A, p, 5),
      );
    }
  });
  it('weights at and beyond the range of f64', () => {
    const A = dense(3, 1, new Float64Array([1, 0.5, 1e-10]));
    // d = 1: w_i is |a_i|^p over the sum of all.
    const { weights } = lewisWeights(A, 40);
    const truth = A.data.map((x) => x ** 40 / (1 + 2 ** -40));
    expect(weights[2]! * 2 ** 1000).toBeCloseTo(1, 8);
    // A residual of 1e-10 is an error of up to p / 2 + 1 times that.
    for (const i of [0, 1]) expect(Math.abs(weights[i]! / truth[i]! - 1)).toBeLessThanOrEqual(42e-10);
    expect(Math.abs(lewisWeights(A, 20).weights[2]! / 1e-200 - 1)).toBeLessThanOrEqual(1e-6);
    // Near 0 rows of all lengths weigh alike.
    const even = lewisWeights(dense(2, 1, new Float64Array([1, 1e-60])), 1e-3).weights;
    for (const [i, x] of [1, 1e-60].entries()) expect(Math.abs(even[i]! / (x ** 1e-3 / (1 + 1e-60 ** 1e-3)) - 1)).toBeLessThanOrEqual(1e-9);
  });
  const single = (rows: readonly number[]): Dense => dense(rows.length, 1, Float64Array.from(rows));
  /** d = 1: w_i is |a_i|^p over the sum of all, or 2^-1000 where it is smaller. */
  const closed = (rows: readonly number[], p: number): number[] => {
    const logs = rows.map((x) => (x === 0 ? Number.NEGATIVE_INFINITY : p * Math.log(x)));
    const largest = Math.max(...logs);
    const powered = logs.map((x) => Math.exp(x - largest));
    const total = powered.reduce((s, x) => s + x, 0);
    return powered.map((x, i) => (rows[i] === 0 ? 0 : Math.max(x / total, 2 ** -1000)));
  };
  const extremes: [rows: number[], p: number][] = [
    [[1, 1e-200], 1e-3],
    [[1, 1e-163], 0.5],
    [[1, 1, 0, 1e-170], 1],
    [[1, 1e-170], 3],
    [[1, 1e-40], 40],
    [[1, 0.99, 0.5], 1e3],
    [[1e-300, 0, 1e300], 0.5],
    [[5e-324, 1.7e308], 0.1],
  ];
  const agrees = (weights: (A: Dense, p: number) => Float64Array): void => {
    for (const [rows, p] of extremes) {
      const w = weights(single(rows), p);
      // A residual of 1e-10 is an error of up to p / 2 + 1 times that.
      for (const [i, x] of closed(rows, p).entries()) expect(Math.abs(w[i]! - x)).toBeLessThanOrEqual((p / 2 + 2) * 1e-10 * x);
    }
  };
  it('no row but those of zeros gets weight 0, whatever underflows on the way', () => {
    agrees((A, p) => lewisWeights(A, p).weights);
    agrees((A, p) => lewisWeights(csrFromDense(A), p).weights);
    mustFail(() => agrees((A, p) => lewisWeights(A, p).weights.map((w) => (w < 2 ** -999 ? 0 : w))));
  });
  it('fails for the leverage scores of A itself', () =>
    mustFail(() => fc.assert(fc.property(tall, fc.constantFrom(1, 3), (A, p) => claim((B) => leverageScores(B).scores, A, p, A.cols)))));
  it('gives the leverage scores at p = 2, and the same weights for sparse matrices and other bases of the columns', () =>
    fc.assert(
      fc.property(tall, powers, fc.nat({ max: 1e6 }), (A, p, seed) => {
        const { weights } = lewisWeights(A, p);
        if (p === 2) expect(weights).toEqual(leverageScores(A).scores);
        // Weights known to 1e-10 relative to their scores; a change of basis moves scores by up to cond * 1e-14 and weights by
        // at most (p + 2) / 2 times that.
        const M = withCondition(A.cols, A.cols, 100, seed);
        for (const other of [csrFromDense(A), multiply(A, M)]) {
          expect(Math.max(...lewisWeights(other, p).weights.map((w, i) => Math.abs(w / weights[i]! - 1)))).toBeLessThanOrEqual(1e-7);
        }
      }),
      { numRuns: effort(40) },
    ));
});

describe('Theorem: |a_i x|^p / ||A x||_p^p is at most w_i for p <= 2 and w_i d^(p/2 - 1) for p >= 2', () => {
  const claim = (bound: (w: number, p: number, d: number) => number): void =>
    fc.assert(
      fc.property(tall, powers, (A, p) => {
        const { weights: w } = lewisWeights(A, p);
        const d = A.cols;
        // The worst x for row i is near (A^T W^(1 - 2/p) A)^-1 a_i.
        const B = reweighted(A, w, p);
        const G = multiply({ ...B, rows: d, cols: B.rows, rowStride: 1, colStride: d }, B);
        for (let i = 0; i < A.rows; i += 3) {
          const x = solve(
            G,
            Float64Array.from({ length: d }, (_, j) => at(A, i, j)),
          );
          const values = toRows(A).map((row) => Math.abs(row.reduce((s, v, j) => s + v * x[j]!, 0)));
          const largest = Math.max(...values);
          const total = values.reduce((s, v) => s + (v / largest) ** p, 0);
          expect((values[i]! / largest) ** p / total).toBeLessThanOrEqual(bound(w[i]!, p, d) * (1 + 1e-6));
        }
      }),
    );
  it('holds at adversarial x', () => claim((w, p, d) => (p <= 2 ? w : w * d ** (p / 2 - 1))));
  it('fails for half of it', () => mustFail(() => claim((w, p, d) => 0.5 * (p <= 2 ? w : w * d ** (p / 2 - 1)))));
});

describe('Rate: residuals fall by |p - 2| / (p + 2) in the end', () => {
  /** The mean ratio from 1e-3 down to 1e-9. */
  const rate = (residuals: readonly number[]): number => {
    const part = residuals.filter((r) => r < 1e-3 && r > 1e-9);
    return (part.at(-1)! / part[0]!) ** (1 / (part.length - 1));
  };
  const claim = (run: (A: Dense, p: number) => readonly number[]): void => {
    for (const [name, seed] of [
      ['gaussian', 1],
      ['cauchy', 2],
    ] as const) {
      const A = ensemble(name, 400, 8, seed);
      for (const p of [1, 1.5, 3, 4, 6, 10]) expect(rate(run(A, p))).toBeLessThanOrEqual(Math.abs(p - 2) / (p + 2) + 0.05);
    }
  };
  it('holds for the damped step', () => claim((A, p) => lewisWeights(A, p).residuals));
  it('fails for the plain iteration of Cohen and Peng', () =>
    mustFail(() =>
      claim((A, p) => {
        let w = leverageScores(A).scores;
        const residuals: number[] = [];
        for (let k = 0; k < 60; k++) {
          const tau = leverageScores(reweighted(A, w, p)).scores;
          residuals.push(Math.max(...tau.map((t, i) => Math.abs(t / w[i]! - 1))));
          w = w.map((x, i) => x * (tau[i]! / x) ** (p / 2));
        }
        return residuals;
      }),
    ));
});

describe('lewisWeights', () => {
  it('stops, aborts and refuses with typed errors', () => {
    const A = dense(50, 3, philox(1).fillNormal(new Float64Array(150)));
    expect(() => lewisWeights(A, 6, { maxIterations: 3 })).toThrow(NotConvergedError);
    const control = new AbortController();
    const seen: number[] = [];
    const act = (): unknown =>
      lewisWeights(A, 6, {
        signal: control.signal,
        onProgress: (residual, iteration) => {
          seen.push(residual);
          if (iteration === 2) control.abort();
        },
      });
    expect(act).toThrow(expect.objectContaining({ name: 'AbortError', partial: expect.any(Float64Array) }));
    expect(seen).toHaveLength(3);
    // Now the signal has fired before the call.
    expect(act).toThrow(new AbortedError('lewisWeights: aborted before it started'));
    expect(seen).toHaveLength(3);
    expect(() => lewisWeights(A, 0)).toThrow(ArgumentError);
    for (const p of [Number.NaN, 1e-17, 9e-4, 1001, 1e9, Number.POSITIVE_INFINITY])
      expect(() => lewisWeights(A, p)).toThrow(expect.objectContaining({ name: 'ArgumentError', argument: 'p' }));
    // However little is asked for, there are iterations enough.
    for (const p of [1e-3, 2, 40, 1e3]) expect(lewisWeights(A, p, { tolerance: 1e3 }).residuals.at(-1)).toBeLessThanOrEqual(1e3);
    const bad = zeros(3, 1);
    bad.data[1] = Number.NaN;
    expect(() => lewisWeights(bad, 1)).toThrow(NonFiniteError);
    expect(lewisWeights(zeros(3, 2), 3)).toEqual({ weights: new Float64Array(3), rank: 0, iterations: 0, residuals: [0] });
  });
  it('an abort, or the last iteration, keeps the weights so far: a whole run tells their residual', () => {
    const A = dense(50, 3, philox(1).fillNormal(new Float64Array(150)));
    const { residuals } = lewisWeights(A, 6);
    const claim = (partial: unknown, residual: number): void => {
      const w = partial as Float64Array;
      const tau = leverageScores(reweighted(A, w, 6)).scores;
      expect(Math.max(...tau.map((t, i) => Math.abs(t / w[i]! - 1)))).toBeCloseTo(residual, 9);
    };
    for (const last of [0, 2, 5]) {
      const control = new AbortController();
      const onProgress = (_: number, iteration: number): void => {
        if (iteration === last) control.abort();
      };
      claim(caught(() => lewisWeights(A, 6, { signal: control.signal, onProgress }), AbortedError).partial, residuals[last + 1]!);
      const error = caught(() => lewisWeights(A, 6, { maxIterations: last + 1 }), NotConvergedError);
      claim(error.partial, residuals[last + 1]!);
      expect(error.residual).toBe(residuals[last + 1]);
      mustFail(() => claim(leverageScores(A).scores, residuals[last + 1]!));
    }
  });
  it('the asynchronous form gives the same bits, and an abort by an event keeps the weights so far', async () => {
    const A = dense(50, 3, philox(1).fillNormal(new Float64Array(150)));
    expect(await lewisWeightsAsync(A, 6)).toEqual(lewisWeights(A, 6));
    const control = new AbortController();
    setImmediate(() => control.abort());
    const aborted = lewisWeightsAsync(A, 6, { tolerance: 0, maxIterations: 1e6, signal: control.signal });
    await expect(aborted).rejects.toThrow(expect.objectContaining({ name: 'AbortError', partial: expect.any(Float64Array) }));
  });
});

function caught<E>(call: () => unknown, kind: new (...args: never[]) => E): E {
  try {
    call();
  } catch (error) {
    if (error instanceof kind) return error;
  }
  throw new Error(`no ${kind.name}`);
}

/** Property 8. */
import { conditioned, effort, ensemble, mustFail, rankDeficient, withCondition } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AbortedError,
  ArgumentError,
  csrFromDense,
  type Dense,
  dense,
  fromRows,
  type LstsqOptions,
  leastSquares,
  lstsq,
  lstsqAsync,
  NonFiniteError,
  NotConvergedError,
  norm2,
  nrm2,
  osnap,
  ShapeError,
  spectralDistortion,
  toRows,
  zeros,
} from '../src/index.ts';

const size = (x: Float64Array): number => Math.hypot(...x);
const right = (n: number, seed: number): Float64Array => ensemble('gaussian', n, 1, seed + 1).data;

describe('the gradient vanishes to backward stability: ||A^T r|| <= 1e-12 ||A|| ||r||, and what rounding A makes of x', () => {
  const problems = conditioned({ rows: [150, 600], cols: [1, 6] }, [1, 1e10]);
  const claim = (options: LstsqOptions): void =>
    fc.assert(
      fc.property(problems, fc.nat({ max: 1e6 }), (A, seed) => {
        const b = right(A.rows, seed);
        const rows = toRows(A);
        for (const M of [A, csrFromDense(A)]) {
          const { x, residualNorm } = lstsq(M, b, { ...options, sketch: { seed, ...options.sketch } });
          const r = b.map((v, i) => v - rows[i]!.reduce((s, a, j) => s + a * x[j]!, 0));
          const gradient = Float64Array.from({ length: A.cols }, (_, j) => r.reduce((s, v, i) => s + v * A.data[i * A.cols + j]!, 0));
          // A that is off by a few u changes the gradient by that much of ||A||^2 ||x||: no backward stable method promises less.
          const rounding = 16 * A.cols * 2 ** -53 * norm2(A) * size(x);
          expect(size(gradient)).toBeLessThanOrEqual(norm2(A) * (1e-12 * size(r) + rounding));
          expect(Math.abs(residualNorm - size(r))).toBeLessThanOrEqual(1e-12 * size(b) + rounding);
        }
      }),
      { numRuns: effort(30) },
    );
  for (const kind of ['osnap', 'gaussian', 'srht'] as const)
    it(`preconditioned by ${kind}`, () => claim({ method: 'precondition', sketch: { kind } }));
  it('preconditioned by a certified sketch', () => claim({ method: 'precondition', sketch: { distortion: 0.9, rows: 24 } }));
  it('direct', () => claim({ method: 'direct' }));
  it('fails for the sketched problem alone', () => mustFail(() => claim({ method: 'solve' })));
});

describe('Theorem: solving the sketched problem leaves at most sqrt((1 + eps) / (1 - eps)) times the least residual', () => {
  const claim = (solver: (A: Dense, b: Float64Array, seed: number) => number): void =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.nat({ max: 1e6 }), (d, seed) => {
        const A = ensemble('cauchy', 500, d, seed);
        const b = right(500, seed);
        const both = fromRows(toRows(A).map((row, i) => [...row, b[i]!]));
        const { distortion } = spectralDistortion(both, osnap(16 * d + 32, 500, { seed }).apply(both));
        if (distortion >= 1) return;
        const least = leastSquares(A, b).residualNorms[0]!;
        expect(solver(A, b, seed)).toBeLessThanOrEqual(Math.sqrt((1 + distortion) / (1 - distortion)) * least * (1 + 1e-9));
      }),
    );
  it('holds', () => claim((A, b, seed) => lstsq(A, b, { method: 'solve', sketch: { seed } }).residualNorm));
  it('fails where a fifth of the solution is lost', () =>
    mustFail(() =>
      claim((A, b, seed) => {
        // Data that A explains, so that the residual shows the error of x.
        const { x } = lstsq(A, b, { method: 'solve', sketch: { seed } });
        return size(b.map((v, i) => v - 20 * toRows(A)[i]!.reduce((s, a, j) => s + a * x[j]!, 0)));
      }),
    ));
});

describe('lstsq', () => {
  it('agrees with leastSquares, whatever it chooses', () =>
    fc.assert(
      fc.property(rankDeficient({ rows: [1, 300], cols: [1, 6], tall: true }), fc.nat({ max: 1e6 }), (A, seed) => {
        const b = right(A.rows, seed);
        const expected = leastSquares(A, b);
        for (const M of [A, csrFromDense(A)]) {
          const { x, residualNorm } = lstsq(M, b);
          expect(Math.abs(residualNorm - expected.residualNorms[0]!)).toBeLessThanOrEqual(1e-11 * size(b));
          expect(size(x)).toBeLessThanOrEqual(size(expected.X) * (1 + 1e-9) + 1e-12);
        }
      }),
    ));
  it('solves consistent systems, f32, and the zero right-hand side', () => {
    const A = ensemble('gaussian', 400, 5, 1);
    const b = Float64Array.from(toRows(A), (row) => row.reduce((s, a, j) => s + a * (j + 1), 0));
    expect(lstsq(A, b).method).toBe('direct');
    const { x, method } = lstsq(csrFromDense(A), b);
    expect(method).toBe('precondition');
    x.forEach((v, j) => {
      expect(Math.abs(v - j - 1)).toBeLessThanOrEqual(1e-11);
    });
    expect(lstsq(A, new Float64Array(400), { method: 'precondition' }).x).toEqual(new Float64Array(5));
    expect(lstsq(dense(400, 5, Float32Array.from(A.data)), b).residualNorm).toBeLessThan(1e-4);
    expect(lstsq(dense(3, 1, new Float32Array([1, 2, 2])), new Float64Array([1, 2, 2])).x[0]).toBeCloseTo(1, 14);
  });
  it('keeps to the method that was asked for where the condition number allows it', () => {
    for (let seed = 0; seed < 10; seed++) {
      const A = withCondition(600, 6, 10 ** (seed % 7), seed);
      expect(lstsq(A, right(600, seed), { method: 'precondition', sketch: { seed } }).method).toBe('precondition');
    }
  });
  it('scales with b to the ends of the range', () => {
    const A = ensemble('gaussian', 2000, 10, 4);
    const b = right(2000, 4);
    for (const M of [A, csrFromDense(A)]) {
      const plain = lstsq(M, b, { method: 'precondition' });
      for (const scale of [2 ** 600, 2 ** -600, 2 ** 1015, 2 ** -900]) {
        const scaled = lstsq(
          M,
          b.map((v) => v * scale),
          { method: 'precondition' },
        );
        // Powers of two: the same digits.
        expect(scaled.x).toEqual(plain.x.map((v) => v * scale));
        expect(scaled.iterations).toBe(plain.iterations);
        expect(Math.abs(scaled.residualNorm / scale / plain.residualNorm - 1)).toBeLessThanOrEqual(1e-13);
      }
    }
  });
  it('scales with A, by columns, to the ends of the range', () => {
    const A = ensemble('gaussian', 400, 3, 4);
    const b = right(400, 4);
    for (const method of ['precondition', 'solve'] as const) {
      const plain = lstsq(A, b, { method });
      for (const [j, powers] of [
        [0, [1000, -1000, 0]],
        [1015, [1015, 1018, 1021]],
        [-1000, [-1000, -990, -985]],
        [900, [-100, 0, 100]],
      ] as const) {
        const scaled = { ...A, data: A.data.map((v, p) => v * 2 ** powers[p % 3]!) };
        for (const M of [scaled, csrFromDense(scaled)]) {
          const { x, residualNorm } = lstsq(
            M,
            b.map((v) => v * 2 ** j),
            { method },
          );
          // Below 2^-1022 entries of A have lost digits.
          for (const [k, v] of x.entries())
            expect(Math.abs(v * 2 ** (powers[k]! - j) - plain.x[k]!)).toBeLessThanOrEqual(1e-4 * nrm2(plain.x));
          expect(Math.abs(residualNorm * 2 ** -j - plain.residualNorm)).toBeLessThanOrEqual(1e-4 * plain.residualNorm);
        }
      }
    }
  });
  it('says so where x or the norm of the residual overflows, whatever the method', () => {
    const one = { ...zeros(200, 1), data: new Float64Array(200).fill(1e-300) };
    const b = new Float64Array(200).fill(1e300);
    for (const method of ['auto', 'direct', 'precondition', 'solve'] as const) {
      for (const A of [one, csrFromDense(one)])
        expect(caught(() => lstsq(A, b, { method }))).toMatchObject({ name: 'NonFiniteError', argument: 'result' });
      const huge = new Float64Array(200).fill(1.7e308);
      expect(caught(() => lstsq(csrFromDense(zeros(200, 0)), huge, { method }))).toMatchObject({
        name: 'NonFiniteError',
        argument: 'result',
      });
    }
  });
  it('refuses what is wrong', () => {
    const A = ensemble('gaussian', 400, 5, 1);
    const b = right(400, 1);
    expect(() => lstsq(A, b.subarray(1))).toThrow(ShapeError);
    expect(() => lstsq(A, b, { method: 'magic' as never })).toThrow(ArgumentError);
    expect(() => lstsq(A, b, { method: 'precondition', sketch: { kind: 'magic' as never } })).toThrow(ArgumentError);
    expect(() => lstsq(A, b, { tolerance: -1 })).toThrow(ArgumentError);
    expect(() => lstsq(A, b, { method: 'precondition', maxIterations: 2 })).toThrow(NotConvergedError);
    const bad = zeros(400, 5);
    bad.data[11] = Number.NaN;
    expect(() => lstsq(bad, b)).toThrow(NonFiniteError);
  });
});

/** Aborts at iteration `at`. */
function stopping(at: number): { options: LstsqOptions; seen: number[] } {
  const control = new AbortController();
  const seen: number[] = [];
  const onProgress = (error: number, iteration: number): void => {
    seen.push(error);
    if (iteration === at) control.abort();
  };
  return { options: { method: 'precondition', signal: control.signal, onProgress }, seen };
}

describe('signal and progress', () => {
  const A = ensemble('cauchy', 2000, 20, 3);
  const b = right(2000, 3);
  it('an abort from onProgress keeps the x of the last round', () => {
    const { options, seen } = stopping(3);
    const error = caught(() => lstsq(A, b, options));
    expect(error).toBeInstanceOf(AbortedError);
    expect(seen).toHaveLength(3);
    // No round is finished: this is the solution of the sketched problem.
    expect((error as AbortedError).partial).toEqual(lstsq(A, b, { method: 'solve' }).x);
  });
  it('the last iteration keeps the x of the last round, in the units of b', () => {
    const { x, iterations } = lstsq(A, b, { method: 'precondition' });
    const claim = (scale: number, made: (partial: Float64Array) => Float64Array): void => {
      const scaled = b.map((v) => v * scale);
      const error = caught(() => lstsq(A, scaled, { method: 'precondition', maxIterations: iterations - 1 }));
      expect(error).toBeInstanceOf(NotConvergedError);
      const partial = made((error as NotConvergedError).partial as Float64Array);
      // A round gains half the digits of f64.
      expect(size(x.map((v, j) => v - partial[j]! / scale))).toBeLessThanOrEqual(1e-6 * size(x));
    };
    for (const scale of [1, 2 ** 600]) claim(scale, (partial) => partial);
    mustFail(() => claim(2 ** 600, (partial) => partial.map((v) => v * 2 ** -600)));
    mustFail(() => claim(1, () => lstsq(A, b, { method: 'solve' }).x));
  });
  it('the asynchronous form gives the same bits, and lets events through', async () => {
    expect(await lstsqAsync(A, b, { method: 'precondition' })).toEqual(lstsq(A, b, { method: 'precondition' }));
    const control = new AbortController();
    setImmediate(() => control.abort());
    await expect(lstsqAsync(A, b, { method: 'precondition', signal: control.signal })).rejects.toThrow(AbortedError);
  });
});

function caught(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

import { ArgumentError, NonFiniteError, philox } from '@x/linalg';
import { mustFail, seeds } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FixedPointOptions, METHODS, type Method, solveFixedPoint, type VecFn } from '../src/index.ts';
import { layer, symmetricWeights, tanhNet } from './maps.ts';
import { plainAnderson } from './reference.ts';

const ALL = METHODS.filter((method) => method !== 'auto');

/** x -> A x + b with ||A||_inf = K, and its fixed point by construction. */
function affine(d: number, K: number, seed: number) {
  const A = philox(seed).fillNormal(new Float64Array(d * d));
  for (let i = 0; i < d; i++) {
    const row = A.subarray(i * d, (i + 1) * d);
    const sum = row.reduce((total, v) => total + Math.abs(v), 0);
    for (let j = 0; j < d; j++) row[j] *= K / sum;
  }
  const p = philox(seed, 1).fillNormal(new Float64Array(d));
  const image = new Float64Array(d);
  layer(A, new Float64Array(d), (z) => z)(p, image);
  return {
    A,
    p,
    f: layer(
      A,
      p.map((v, i) => v - image[i]),
      (z) => z,
    ),
  };
}

const distance = (x: Float64Array, y: Float64Array) => x.reduce((most, v, i) => Math.max(most, Math.abs(v - y[i])), 0);

describe('C2: a posteriori ||x - p|| <= ||f(x) - x|| / (1 - K), for every method', () => {
  type Solve = (f: VecFn, x0: Float64Array, options: FixedPointOptions) => { x: Float64Array; residual: number };
  const claim = (method: Exclude<Method, 'auto'>, solve: Solve) =>
    fc.assert(
      fc.property(seeds(), fc.integer({ min: 1, max: 12 }), fc.constantFrom(0.1, 0.5, 0.9, 0.98), (seed, d, K) => {
        const { f, p } = affine(d, K, seed);
        const tolerance = 1e-3;
        const { x, residual } = solve(f, new Float64Array(d), { method, rtol: 0, atol: tolerance, maxIterations: 5000 });
        expect(residual).toBeLessThanOrEqual(tolerance);
        // Rounding of f: d products and sums of numbers below 10.
        expect(distance(x, p)).toBeLessThanOrEqual((residual + 20 * d * Number.EPSILON) / (1 - K));
      }),
      { numRuns: 20 },
    );

  it.each(ALL)('holds for %s', (method) => claim(method, solveFixedPoint));
  it('fails for the rule that looks at the change between iterates of a slow one', () =>
    mustFail(() =>
      claim('damped', (f, x0) => {
        const x = x0.slice();
        const fx = new Float64Array(x.length);
        for (let change = Infinity; change > 1e-3; ) {
          f(x, fx);
          change = 0;
          for (let i = 0; i < x.length; i++) {
            change = Math.max(change, 0.01 * Math.abs(fx[i] - x[i]));
            x[i] += 0.01 * (fx[i] - x[i]);
          }
        }
        return { x, residual: 1e-3 };
      }),
    ));
});

describe('C3: on affine maps', () => {
  // Walker and Ni 2011, theorem 2.2: without truncation Anderson's iterates follow GMRES, so d differences are enough.
  it.each([1, 2, 3, 5, 8])('Anderson with memory d = %i needs at most d + 2 evaluations, and two more where steps lead astray', (d) => {
    fc.assert(
      fc.property(seeds(), fc.constantFrom(0.3, 0.9, 1.7, 5, 50), (seed, K) => {
        const { f, p } = affine(d, K, seed);
        const run = solveFixedPoint(f, new Float64Array(d), { method: 'anderson', memory: d, atol: 1e-7, rtol: 0, conditionCap: 1e14 });
        expect(run.reason).toBe('converged');
        expect(run.iterations).toBeLessThanOrEqual(d + (K < 2 ? 2 : 4));
        // ||(I - A)^-1|| is not bounded for K > 1: there the residual is all that is claimed.
        if (K < 1) expect(distance(run.x, p)).toBeLessThanOrEqual(2e-7 / (1 - K));
      }),
      { numRuns: 25 },
    );
  });

  it.each(['mpe', 'rre', 'vea'] as const)('%s ends after its first cycle when its memory is the dimension', (method) => {
    for (let seed = 0; seed < 20; seed++) {
      const d = 1 + (seed % 4);
      const { f } = affine(d, 0.8, seed);
      const memory = method === 'vea' ? 2 * d : d;
      const run = solveFixedPoint(f, new Float64Array(d), { method, memory, atol: 1e-7, rtol: 0 });
      expect(run.converged).toBe(true);
      expect(run.iterations).toBeLessThanOrEqual(2 * d + 2);
    }
  });

  it.each([1, 2, 3, 4, 5])('contracts no slower than K with memory %i (Toth and Kelley 2015)', (memory) => {
    for (let seed = 0; seed < 10; seed++) {
      const K = 0.7;
      // The theorem is in the Euclidean norm: symmetric, so that K is that too.
      const f = layer(symmetricWeights(20, K, seed), philox(seed, 2).fillNormal(new Float64Array(20)), (z) => z);
      const options: FixedPointOptions = { method: 'anderson', memory, norm: 'euclidean', rtol: 0, atol: 1e-9 };
      const { history, accelerated, iterations } = solveFixedPoint(f, new Float64Array(20), options);
      for (const [k, r] of history.entries()) expect(r).toBeLessThanOrEqual(K ** k * history[0] * (1 + 1e-9) + 1e-13);
      expect(accelerated).toBeGreaterThanOrEqual(iterations - 2);
    }
  });

  it('the condition cap drops the oldest differences: where it allows none beside another, Anderson is that of memory 1', () => {
    const { f } = affine(8, 0.9, 3);
    const run = (memory: number, conditionCap: number) =>
      solveFixedPoint(f, new Float64Array(8), { method: 'anderson', memory, conditionCap, atol: 1e-8, rtol: 0 });
    const [capped, short] = [run(6, 1), run(1, 1e14)];
    expect(capped.iterations).toBe(short.iterations);
    // The differences are rotated in another order, so the last bits of numbers below 3 may be others.
    for (const [k, r] of capped.history.entries()) expect(Math.abs(r - short.history[k])).toBeLessThan(1e-12);
    expect(capped.iterations).toBeGreaterThan(run(6, 1e14).iterations);
  });
  it('damping adapts where full steps overshoot: residuals that grow, or are no numbers', () => {
    // 1 - 2.5 x: full steps grow by 2.5, halved ones fall by .75.
    const steep = layer(Float64Array.of(-2.5), Float64Array.of(1), (z) => z);
    expect(solveFixedPoint(steep, [0], { method: 'picard' }).converged).toBe(false);
    const run = solveFixedPoint(steep, [0], { method: 'damped', damping: 1, maxIterations: 200 });
    expect(run.converged).toBe(true);
    expect(run.x[0]).toBeCloseTo(1 / 3.5, 6);
  });

  it('Newton needs one step', () => {
    const { f } = affine(7, 3, 1);
    const jacobian = (_: Float64Array, out: Float64Array) => out.set(affine(7, 3, 1).A);
    expect(solveFixedPoint(f, new Float64Array(7), { method: 'newton', jacobian }).iterations).toBe(2);
    expect(solveFixedPoint(f, new Float64Array(7), { method: 'newton' }).iterations).toBeLessThanOrEqual(3);
  });
});

describe('counts of section 5: tol 1e-10, symmetric W, tanh', () => {
  /** Means over instances of this law, of evaluations; the counts measured before on one instance each. */
  const bars = [
    { d: 200, rho: 0.5, aa5: 20, aa10: 18, broyden: 21 },
    { d: 200, rho: 0.9, aa5: 73, aa10: 51, broyden: 65 },
    { d: 200, rho: 0.99, aa5: 198, aa10: 91, broyden: 94 },
    { d: 50, rho: 0.99, aa5: 76, aa10: 44, broyden: 44 },
  ];
  const SEEDS = [0, 1, 2, 3];
  it.each(bars)(
    'd = $d, rho = $rho: at most these, or what the textbook method needs on the same instances',
    ({ d, rho, aa5, aa10, broyden }) => {
      const mean = (count: (seed: number) => number) => SEEDS.reduce((sum, seed) => sum + count(seed), 0) / SEEDS.length;
      const ours = (options: FixedPointOptions) =>
        mean((seed) => {
          const run = solveFixedPoint(tanhNet(d, rho, seed), new Float64Array(d), { norm: 'euclidean', ...options });
          expect(run.converged).toBe(true);
          expect(run.evaluations).toBe(run.iterations);
          return run.evaluations;
        });
      const textbook = (m: number) => mean((seed) => plainAnderson(tanhNet(d, rho, seed), d, m, 1e-10));
      expect(ours({ method: 'anderson', memory: 5 })).toBeLessThanOrEqual(Math.max(aa5, textbook(5)));
      expect(ours({ method: 'anderson', memory: 10 })).toBeLessThanOrEqual(Math.max(aa10, textbook(10)));
      expect(ours({ method: 'broyden' })).toBeLessThanOrEqual(broyden);
    },
  );
});

describe('known equations', () => {
  // M - E + e sin E = 0.
  it.each(ALL)('Kepler by %s', (method) => {
    const run = solveFixedPoint(
      (x, out) => {
        out[0] = 1.2 + 0.9 * Math.sin(x[0]);
      },
      [1],
      { method, rtol: 0, atol: 1e-13 },
    );
    expect(run.reason).toBe('converged');
    expect(Math.abs(run.x[0] - 1.2 - 0.9 * Math.sin(run.x[0]))).toBeLessThan(1e-12);
  });

  // Not by Newton's: where two ways are equally short the map has a kink.
  it.each(['picard', 'anderson', 'broyden', 'squarem', 'damped'] as const)(
    'value iteration on a grid by %s: within residual / (1 - gamma) of the values of the shortest ways',
    (method) => {
      // Steps cost 1, the corner is home: the value of a cell is -(1 - gamma^n) / (1 - gamma) for n steps.
      const [side, gamma] = [6, 0.9];
      const f: VecFn = (v, out) => {
        for (let r = 0; r < side; r++) {
          for (let c = 0; c < side; c++) {
            const at = (i: number, j: number) => v[Math.min(Math.max(i, 0), side - 1) * side + Math.min(Math.max(j, 0), side - 1)];
            out[r * side + c] = r + c === 0 ? 0 : -1 + gamma * Math.max(at(r - 1, c), at(r + 1, c), at(r, c - 1), at(r, c + 1));
          }
        }
      };
      const run = solveFixedPoint(f, new Float64Array(side * side), { method, rtol: 0, atol: 1e-9 });
      expect(run.reason).toBe('converged');
      const truth = Float64Array.from({ length: side * side }, (_, p) => -(1 - gamma ** (Math.floor(p / side) + (p % side))) / (1 - gamma));
      expect(distance(run.x, truth)).toBeLessThanOrEqual((run.residual + 1e-14) / (1 - gamma));
    },
  );
  it('Colebrook: friction in a rough pipe', () => {
    // 1 / sqrt f = -2 log10(e / 3.7 + 2.51 / (Re sqrt f)) for e = 1e-4, Re = 1e5.
    const run = solveFixedPoint(
      (x, out) => {
        out[0] = -2 * Math.log10(1e-4 / 3.7 + (2.51 * x[0]) / 1e5);
      },
      [5],
    );
    expect(run.reason).toBe('converged');
    expect(Math.abs(run.x[0] + 2 * Math.log10(1e-4 / 3.7 + (2.51 * run.x[0]) / 1e5))).toBeLessThan(1e-9);
    expect(1 / run.x[0] ** 2).toBeCloseTo(0.0185, 4);
  });
  it('Steffensen is quadratic: four cycles reach rounding on cos x', () => {
    const run = solveFixedPoint(
      (x, out) => {
        out[0] = Math.cos(x[0]);
      },
      [1],
      { rtol: 0, atol: 1e-14 },
    );
    expect(run.method).toBe('aitken');
    expect(run.evaluations).toBeLessThanOrEqual(10);
    expect(run.x[0]).toBeCloseTo(0.7390851332151607, 14);
  });

  it('SQUAREM speeds up an EM map many times', () => {
    // Mixing proportion of two known normals, badly separated; the map is monotone with slope near 1.
    const data = philox(5)
      .fillNormal(new Float64Array(400))
      .map((v, i) => v + (i % 4 === 0 ? 0.6 : 0));
    const em: VecFn = (x, out) => {
      let sum = 0;
      for (const y of data) {
        const one = x[0] * Math.exp(-((y - 0.6) ** 2) / 2);
        sum += one / (one + (1 - x[0]) * Math.exp(-(y ** 2) / 2));
      }
      out[0] = sum / data.length;
    };
    const slow = solveFixedPoint(em, [0.9], { method: 'picard', maxIterations: 5000 });
    const fast = solveFixedPoint(em, [0.9], { method: 'squarem' });
    expect([slow.converged, fast.converged]).toEqual([true, true]);
    expect(fast.evaluations * 3).toBeLessThan(slow.evaluations);
  });
});

describe('reasons to stop are honest', () => {
  const negative: VecFn = (x, out) => {
    out[0] = -x[0];
  };
  it('oscillating: a period of two', () => {
    const run = solveFixedPoint(negative, [1], { method: 'picard' });
    expect(run).toMatchObject({ converged: false, reason: 'oscillating' });
    expect(solveFixedPoint(negative, [1], { method: 'damped' }).reason).toBe('converged');
  });
  it('diverged: astronomic, NaN, Infinity; NaN is never converged', () => {
    const doubling: VecFn = (x, out) => {
      out[0] = 3 * x[0];
    };
    expect(solveFixedPoint(doubling, [1], { method: 'picard' }).reason).toBe('diverged');
    for (const method of ALL) {
      for (const bad of [
        [Number.NaN, Number.NaN],
        [Number.NaN, 2],
        [1, Number.NaN],
        [Infinity, 2],
      ]) {
        const run = solveFixedPoint((_, out) => out.set(bad), [1, 2], { method });
        expect(run).toMatchObject({ converged: false, reason: 'diverged', residual: Infinity });
      }
    }
  });
  it('goes back from where f is not defined', () => {
    // log is NaN left of 0, where a full first step from 3 leads.
    const f: VecFn = (x, out) => {
      out[0] = Math.log(x[0]) - 3 * (x[0] - 1) + x[0];
    };
    for (const method of ['anderson', 'broyden', 'newton', 'newton-gmres', 'damped'] as const) {
      expect(solveFixedPoint(f, [3], { method, maxIterations: 5000 })).toMatchObject({ reason: 'converged' });
    }
  });
  it('stagnated: tolerances below rounding', () => {
    const f = tanhNet(20, 0.9, 3);
    const run = solveFixedPoint(f, new Float64Array(20), { method: 'anderson', rtol: 0, atol: 0 });
    expect(run.reason === 'stagnated' || run.residual === 0).toBe(true);
    expect(run.residual).toBeLessThan(1e-14);
  });
  it('limits and signals', () => {
    const f = tanhNet(20, 0.99, 1);
    expect(solveFixedPoint(f, new Float64Array(20), { maxIterations: 5 })).toMatchObject({ reason: 'max-iterations', iterations: 5 });
    const limited = solveFixedPoint(f, new Float64Array(20), { method: 'newton', maxEvaluations: 30 });
    expect(limited.reason).toBe('max-evaluations');
    const stop = new AbortController();
    const run = solveFixedPoint(f, new Float64Array(20), {
      signal: stop.signal,
      onIteration: ({ iteration }) => iteration === 7 && stop.abort(),
    });
    expect(run).toMatchObject({ reason: 'aborted', iterations: 7 });
  });
  it('singular: I - J has no inverse', () => {
    const shift: VecFn = (x, out) => {
      out[0] = x[0] + 1;
    };
    const jacobian = (_: Float64Array, out: Float64Array) => out.fill(1);
    expect(solveFixedPoint(shift, [0], { method: 'newton', jacobian }).reason).toBe('singular');
  });
  it('both tolerances count', () => {
    const f = affine(3, 0.5, 1).f;
    const big: VecFn = (x, out) => {
      f(
        x.map((v) => v * 1e-6),
        out,
      );
      for (let i = 0; i < 3; i++) out[i] *= 1e6;
    };
    const relative = solveFixedPoint(big, new Float64Array(3), { method: 'picard', rtol: 1e-6, atol: 0 });
    const absolute = solveFixedPoint(big, new Float64Array(3), { method: 'picard', rtol: 0, atol: 1e-6 });
    expect(relative.residual).toBeGreaterThan(1e-3);
    expect(absolute.residual).toBeLessThanOrEqual(1e-6);
  });
  it('returns the best iterate, not the last', () => {
    for (const method of ALL) {
      const { residual, history, x, value } = solveFixedPoint(tanhNet(10, 1.3, 4), new Float64Array(10).fill(0.3), {
        method,
        maxIterations: 40,
      });
      expect(residual).toBe(Math.min(...history));
      expect(distance(x, value)).toBe(residual);
    }
  });
});

describe('what is claimed of the acceleration', () => {
  it('a leap of SQUAREM onto the plain iterate is not counted', () => {
    const run = solveFixedPoint(
      (x, out) => {
        out[0] = 1 - x[0];
      },
      [0.2],
      { method: 'squarem', maxIterations: 50 },
    );
    expect([run.converged, run.accelerated]).toEqual([false, 0]);
  });
  it('no method finds a fixed point of x + 1, where there is none', () => {
    const shift: VecFn = (x, out) => out.set(x.map((v) => v + 1));
    for (const method of ALL) expect(solveFixedPoint(shift, [1, 2], { method }).converged).toBe(false);
  });
  it('an f that returns its value instead of writing it is not taken for zeros', () => {
    const returning = ((x: Float64Array) => [Math.cos(x[0])]) as unknown as VecFn;
    expect(solveFixedPoint(returning, [1])).toMatchObject({ converged: false, reason: 'diverged' });
  });
});

describe('arguments', () => {
  const f: VecFn = (x, out) => out.set(x);
  it('are checked before f is called', () => {
    expect(() => solveFixedPoint(f, [1, Number.NaN])).toThrow(NonFiniteError);
    expect(() => solveFixedPoint(f, [1], { method: 'magic' as Method })).toThrow(ArgumentError);
    expect(() => solveFixedPoint(f, [1], { damping: 0 })).toThrow(/damping/);
    expect(() => solveFixedPoint(f, [1], { memory: 0 })).toThrow(/memory/);
    expect(() => solveFixedPoint(f, [1], { rtol: Number.NaN })).toThrow(/rtol/);
    expect(() => solveFixedPoint(undefined as never, [1])).toThrow(/f is undefined/);
  });
  it('x0 is left as it was, and an empty one is solved', () => {
    const x0 = new Float64Array([3]);
    solveFixedPoint((_, out) => out.fill(1), x0);
    expect(x0[0]).toBe(3);
    expect(solveFixedPoint(f, [])).toMatchObject({ converged: true, residual: 0 });
  });
});

import { dense, philox } from '@x/linalg';
import { effort, mustFail, seeds } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  basinMap,
  box,
  type Certificate,
  certify,
  certifyNear,
  exitRule,
  loopedNet,
  refineBoundary,
  solveFixedPoint,
  stabilizationMonitor,
  truncationReport,
  type VecFn,
} from '../src/index.ts';
import { nearDiagonal, randomNet } from './nets.ts';

const line =
  (K: number, b = 0): VecFn =>
  (x, out) => {
    for (let i = 0; i < x.length; i++) out[i] = K * x[i] + b;
  };

function orbit(f: VecFn, x0: number[], loops: number): Float64Array[] {
  const states = [Float64Array.from(x0)];
  for (let t = 0; t < loops; t++) {
    const next = new Float64Array(x0.length);
    f(states[t], next);
    states.push(next);
  }
  return states;
}

describe('C4: the certified exit', () => {
  type Rule = (tolerance: number, K: number) => { push(x: Float64Array): { stop: boolean } };
  const claim = (rule: Rule) =>
    fc.assert(
      fc.property(seeds(), fc.constantFrom(0.5, 0.9, 0.99, 0.999), fc.constantFrom(1e-2, 1e-4), (seed, K, tolerance) => {
        const rng = philox(seed);
        const start = [1 + rng.uniform(), rng.normal()];
        const states = orbit(line(K, 0), start, 20_000);
        const watch = rule(tolerance, K);
        const at = states.findIndex((x) => watch.push(x).stop);
        expect(at).toBeGreaterThan(0);
        expect(Math.max(...states[at].map((v, i) => Math.abs(v - states[states.length - 1][i])))).toBeLessThanOrEqual(tolerance);
      }),
      { numRuns: effort(40) },
    );
  it('errs by at most the tolerance', () => claim((tolerance, contraction) => exitRule({ tolerance, contraction })));
  it('the usual rule, change below tolerance, does not: at K = .99 it errs by about 100 tolerances', () => {
    const naive: Rule = (tolerance) => {
      let last: Float64Array | undefined;
      return {
        push(x) {
          const before = last;
          last = x;
          return { stop: before !== undefined && Math.max(...x.map((v, i) => Math.abs(v - before[i]))) < tolerance };
        },
      };
    };
    mustFail(() => claim(naive));
    const states = orbit(line(0.99), [1], 20_000);
    const rule = naive(1e-4, 0.99);
    const at = states.findIndex((x) => rule.push(x).stop);
    expect(states[at][0] / 1e-4).toBeGreaterThan(95);
  });
  it('is sharp: on a line it stops at the first state that is near enough', () => {
    const states = orbit(line(0.9), [1], 400);
    const rule = exitRule({ tolerance: 1e-3, contraction: 0.9 });
    const at = states.findIndex((x) => rule.push(x).stop);
    expect(states[at][0]).toBeLessThanOrEqual(1e-3);
    expect(states[at - 1][0]).toBeGreaterThan(0.999e-3);
  });
  it('takes a certificate, weights and all', () => {
    const net = nearDiagonal(5, 'cubic', { seed: 2 });
    const start = [1, -1, 1, 1, -1];
    const certificate = certifyNear(net, solveFixedPoint(net.evaluate, start).x, { noise: 0.05 }) as Certificate;
    const report = truncationReport(net.evaluate, certificate.box.upper, 60, { tolerance: 1e-6, contraction: certificate });
    expect(report.heuristic).toBe(false);
    expect(report.saved).toBeGreaterThan(30);
    expect(report.error).toBeLessThanOrEqual(report.remaining);
    expect(report.remaining).toBeLessThanOrEqual(1e-6);
    const weighted = randomNet(3, 'tanh', 0.9, 1);
    const whole = certify(weighted, box(-1.1, 1.1, 3)) as Certificate;
    const rule = exitRule({ tolerance: 1e-6, contraction: { ...whole, weights: new Float64Array([1, 2, 4]) } });
    expect(() => rule.push([1, 2])).toThrow(/certificate/);
  });
  it('counts changes in the norm of the weights, however they are scaled, and rounding by the lightest', () => {
    // Rows sum to 10.5: only weights near (1, .01) make this a contraction.
    const net = loopedNet({ weights: dense(2, 2, new Float64Array([0.5, 10, 0.001, 0.5])) });
    const made = certifyNear(net, [0, 0], { noise: 1e-3 }) as Certificate;
    const { box: X } = made;
    for (const scale of [2 ** -20, 1, 2 ** 20]) {
      const contraction = { ...made, weights: made.weights.map((w) => w * scale) };
      const exact = exitRule({ tolerance: 1e-6, contraction });
      exact.push(X.upper);
      for (const x of orbit(net.evaluate, [...X.upper], 40).slice(1)) {
        const { remaining } = exact.push(x);
        // The limit is 0. K is .6, and the change before an error e at most (1 + 1 / .39) e.
        const apart = Math.max(...x.map((v, i) => Math.abs(v) / made.weights[i])) * Math.max(...made.weights);
        expect(remaining).toBeGreaterThanOrEqual(apart);
        expect(remaining).toBeLessThanOrEqual(10 * apart);
      }
      const noisy = exitRule({ tolerance: 1e-6, contraction, rounding: 1e-3 });
      const shifted: VecFn = (x, out) => {
        net.evaluate(x, out);
        for (let i = 0; i < 2; i++) out[i] += 1e-3;
      };
      const end = orbit(shifted, [0, 0], 100);
      noisy.push(end[99]);
      expect(end[100][0]).toBeGreaterThan(0.04);
      expect(noisy.push(end[100]).remaining).toBeGreaterThanOrEqual(end[100][0]);
    }
  });
  it('counts from the first state in the box, where the factor holds; a factor that holds in an enclosure only is refused', () => {
    const net = nearDiagonal(1, 'cubic', { seed: 2 });
    const certificate = certifyNear(net, [1], { noise: 0.05 }) as Certificate;
    // 0.02 is near the repelling point at 0: changes are small there, and K would make nothing of them.
    const states = orbit(net.evaluate, [0.02], 60);
    const rule = exitRule({ tolerance: 0.5, contraction: certificate });
    const decisions = states.map((x) => rule.push(x));
    const entry = states.findIndex(([x]) => x >= certificate.box.lower[0] && x <= certificate.box.upper[0]);
    expect(entry).toBeGreaterThan(5);
    expect(decisions.slice(0, entry + 1).every(({ stop, remaining }) => !stop && remaining === Infinity)).toBe(true);
    expect(decisions[entry + 1].stop).toBe(true);
    const naive = exitRule({ tolerance: 0.5, contraction: certificate.contraction as number });
    expect(states.findIndex((x) => naive.push(x).stop)).toBeLessThan(entry);
    const krawczyk = certify(net, certificate.box, { method: 'krawczyk' }) as Certificate;
    expect(() => exitRule({ tolerance: 1, contraction: krawczyk })).toThrow(/enclosure only/);
  });
  it('without a proof it says that it guesses, and never stops while changes grow', () => {
    const rule = exitRule({ tolerance: 1e-3 });
    const decisions = orbit(line(0.8), [1], 100).map((x) => rule.push(x));
    expect(decisions.every(({ heuristic }) => heuristic)).toBe(true);
    const at = decisions.findIndex(({ stop }) => stop);
    expect(0.8 ** at).toBeLessThanOrEqual(1.001e-3);
    const growing = exitRule({ tolerance: 1e9 });
    for (const x of orbit(line(1.1), [1], 50)) expect(growing.push(x).stop).toBe(false);
    expect(truncationReport(line(1.1), [1], 10, { tolerance: 1 })).toMatchObject({ exitLoop: 10, saved: 0, error: 0 });
  });
  it('adds the rounding of the loops', () => {
    const rule = exitRule({ tolerance: 1, contraction: 0.9, rounding: 1e-3 });
    rule.push([1]);
    expect(rule.push([1]).remaining).toBeGreaterThanOrEqual(0.01);
    expect(() => exitRule({ tolerance: 1, contraction: 1 })).toThrow(/contraction/);
    expect(() => exitRule({ tolerance: 1, contraction: Number.NaN })).toThrow(/contraction/);
  });
});

describe('stabilizationMonitor', () => {
  it.each(['relative', 'cosine', 'second-difference', 'kl'] as const)('%s: finds where a trajectory has settled', (metric) => {
    const monitor = stabilizationMonitor({ metric, tolerance: 1e-6, patience: 3 });
    const statuses = orbit(
      (x, out) => {
        for (let i = 0; i < 3; i++) out[i] = 0.5 * x[i] + i + 1;
      },
      [5, -1, 0],
      60,
    ).map((x) => monitor.push(x));
    const at = statuses.indexOf('stable');
    expect(at).toBeGreaterThan(5);
    expect(at).toBeLessThan(30);
    const report = monitor.report();
    expect(report.stableAt).toBe(at - 2);
    expect(report.loops).toBe(60);
    expect(report.contractionEstimate).toBeLessThanOrEqual(0.6);
    expect(report.history.slice(report.stableAt as number).every((v) => v <= 1e-6)).toBe(true);
  });
  it('one calm loop is not enough, and a zero state divides by nothing', () => {
    const monitor = stabilizationMonitor({ patience: 2 });
    expect([[0], [0], [1], [1], [1]].map((x) => monitor.push(x))).toEqual(['continue', 'continue', 'continue', 'continue', 'stable']);
  });
  it('oscillating: a period of two, that no change between neighbours shows', () => {
    const monitor = stabilizationMonitor();
    const statuses = orbit(line(-1, 1), [3], 10).map((x) => monitor.push(x));
    expect(statuses[9]).toBe('oscillating');
    const damped = stabilizationMonitor();
    expect(orbit(line(-0.7, 1), [3], 60).map((x) => damped.push(x))).not.toContain('oscillating');
  });
  it('diverging: NaN, or growth', () => {
    const monitor = stabilizationMonitor();
    monitor.push([1]);
    expect(monitor.push([Number.NaN])).toBe('diverging');
    const growing = stabilizationMonitor();
    expect(orbit(line(3), [1], 40).map((x) => growing.push(x))).toContain('diverging');
  });
  it('decodes for kl, and refuses states of another size', () => {
    const monitor = stabilizationMonitor({ metric: 'kl', decode: (x) => Float64Array.of(x[0], 0) });
    monitor.push([0, 5]);
    monitor.push([1, 5]);
    // KL of (s(1), s(-1)) from (1/2, 1/2): log 2 - entropy.
    const p = 1 / (1 + Math.exp(-1));
    expect(monitor.report().history[0]).toBeCloseTo(p * Math.log(2 * p) + (1 - p) * Math.log(2 * (1 - p)), 12);
    expect(() => monitor.push([1])).toThrow(/entries/);
  });
});

describe('basins', () => {
  const f: VecFn = (x, out) => {
    for (let i = 0; i < 2; i++) out[i] = (3 * x[i] - x[i] ** 3) / 2;
  };
  const plane = { origin: [0.001, 0.001], u: [1.2, 0], v: [0, 1.2] };

  it('of two cubics are the quadrants', async () => {
    const map = await basinMap(f, plane, { width: 24, height: 12 });
    expect(map.attractors).toHaveLength(4);
    for (let row = 0; row < 12; row++) {
      for (let col = 0; col < 24; col++) {
        const a = map.attractors[map.labels[row * 24 + col] - 1];
        expect([Math.sign(a[0]), Math.sign(a[1])]).toEqual([col < 12 ? -1 : 1, row < 6 ? 1 : -1]);
      }
    }
    const boundary = refineBoundary(f, map, 1e-7);
    expect(boundary.length).toBe(2 * (12 + 24));
    for (let k = 0; k < boundary.length; k += 2) {
      const off = Math.min(Math.abs(0.001 + 1.2 * boundary[k]), Math.abs(0.001 + 1.2 * boundary[k + 1]));
      expect(off).toBeLessThan(1.3e-7);
    }
  });
  it('starts that go nowhere have label 0', async () => {
    const map = await basinMap(
      (x, out) => out.set(x.map((v) => 2 * v)),
      { origin: [1], u: [0.1], v: [0] },
      { width: 3, maxIterations: 20 },
    );
    expect([...map.labels]).toEqual(new Array(9).fill(0));
  });
  it('abort', () => expect(basinMap(f, plane, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' }));
});

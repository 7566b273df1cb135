import { dense, philox, ShapeError } from '@x/linalg';
import { effort, mustFail, seeds } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ActivationSpec,
  type Box,
  box,
  type Certificate,
  certify,
  certifyKrawczyk,
  certifyMostRobust,
  certifyNear,
  certifyProduct,
  enumerateFixedPoints,
  errorBound,
  hypercubeFixedPoints,
  type IntervalMap,
  InvalidBoxError,
  isCertificate,
  type LoopedNet,
  loopedNet,
  type NoCertificate,
  noiseError,
  productBox,
  solveFixedPoint,
  verifyCertificate,
} from '../src/index.ts';
import { nearDiagonal, randomNet, scalar } from './nets.ts';

const inside = (x: Float64Array, { lower, upper }: Box, slack = 0) => x.every((v, i) => v >= lower[i] - slack && v <= upper[i] + slack);
const certified = (outcome: { status: string }): Certificate => {
  expect(outcome.status).toBe('certified');
  return outcome as Certificate;
};

/** Fixed points that Newton's method finds from random starts in a box, to 1e-9, without repetition. */
function newtonPoints(net: LoopedNet, X: Box, starts: number, seed: number): Float64Array[] {
  const rng = philox(seed, 99);
  const found: Float64Array[] = [];
  for (let k = 0; k < starts; k++) {
    const x0 = X.lower.map((l, i) => l + (X.upper[i] - l) * rng.uniform());
    const run = solveFixedPoint(net.evaluate, x0, { method: 'newton', jacobian: net.jacobian, rtol: 0, atol: 1e-13, maxIterations: 60 });
    if (!run.converged || !inside(run.x, X)) continue;
    if (found.every((p) => p.some((v, i) => Math.abs(v - run.x[i]) > 1e-7))) found.push(run.x);
  }
  return found;
}

describe('C1: a certificate means exactly one fixed point', () => {
  const cases = fc.tuple(
    seeds(),
    fc.integer({ min: 1, max: 4 }),
    fc.constantFrom<ActivationSpec>('tanh', 'cubic', 'gelu', 'sigmoid', { kind: 'exp-polynomial', coefficients: [0, 0.4, -0.1] }),
    fc.integer({ min: 1, max: 30 }).map((k) => k / 10),
    fc.constantFrom(0.01, 0.1, 0.5, 1.5),
  );
  let certificates = 0;
  const claim = (prove: (net: LoopedNet, X: Box) => { status: string; enclosure?: Box }) =>
    fc.assert(
      fc.property(cases, ([seed, d, activation, size, radius]) => {
        const net = randomNet(d, activation, size, seed);
        const rng = philox(seed, 3);
        const run = solveFixedPoint(net.evaluate, new Float64Array(d), { method: 'newton', jacobian: net.jacobian, maxIterations: 100 });
        // Near a fixed point where there is one, so that many boxes are interesting.
        const center = run.converged ? run.x.map((v) => v + 0.5 * radius * (2 * rng.uniform() - 1)) : rng.fillNormal(new Float64Array(d));
        const X = box(
          center.map((c) => c - radius),
          center.map((c) => c + radius),
        );
        const outcome = prove(net, X);
        if (outcome.status === 'unknown') return;
        const points = newtonPoints(net, X, 60, seed);
        if (outcome.status === 'empty') expect(points).toHaveLength(0);
        else {
          certificates++;
          expect(points).toHaveLength(1);
          if (outcome.enclosure) expect(inside(points[0], outcome.enclosure, 1e-12)).toBe(true);
        }
      }),
      { numRuns: effort(150) },
    );
  it('holds', () => {
    certificates = 0;
    claim((net, X) => certify(net, X));
    expect(certificates).toBeGreaterThan(30);
  });
  it('fails for K computed at the middle instead of over the box', () =>
    mustFail(() =>
      claim((net, X) => {
        const middle: IntervalMap = {
          ...net,
          jacobianRange: (l, u, outL, outU) => {
            const c = l.map((v, i) => (v + u[i]) / 2);
            net.jacobianRange(c, c, outL, outU);
          },
        };
        return certifyKrawczyk(middle, X);
      }),
    ));
  it('fails when f(X) need only meet X', () =>
    mustFail(() =>
      claim((net, X) => {
        const outcome = certify(net, X, { method: 'banach' }) as NoCertificate;
        return outcome.contraction !== undefined || /into itself/.test(outcome.reason ?? '') ? { status: 'certified' } : outcome;
      }),
    ));
});

describe('refusals', () => {
  it('a bias of -0.2 at the corner +1, beyond 1 / (3 sqrt 3): no certificate there, and the point is gone', async () => {
    const net = scalar('cubic', 1, -0.2);
    for (const radius of [0.01, 0.05, 0.1, 0.15, 0.2, 0.29]) {
      expect(certify(net, box([1 - radius], [1 + radius])).status).not.toBe('certified');
    }
    const out = new Float64Array(1);
    for (let k = 0; k <= 4000; k++) {
      const x = 0.3 + k / 2000;
      net.evaluate(new Float64Array([x]), out);
      expect(out[0]).toBeLessThan(x);
    }
    expect(await enumerateFixedPoints(net, box([0.3], [2.3]))).toMatchObject({ points: [], boundary: [], complete: true });
  });
  it('sharpness: symmetric boxes reach a bias of .15166 of either sign, grown ones the exact limits', () => {
    const symmetric = (bias: number) =>
      Array.from({ length: 400 }, (_, k) => (k + 1) / 1000).some(
        (r) => certify(scalar('cubic', 1, bias), box([1 - r], [1 + r]), { method: 'banach' }).status === 'certified',
      );
    // 3.3 of the derivation: both signs are covered up to delta - rho = .15166 at K = 1; towards the corner's own sign that is the limit.
    expect([symmetric(0.151), symmetric(-0.151), symmetric(0.1525)]).toEqual([true, true, false]);
    const grown = (bias: number) => {
      const net = scalar('cubic', 1, bias);
      return certifyMostRobust(net, solveFixedPoint(net.evaluate, [1], { method: 'newton', jacobian: net.jacobian }).x);
    };
    // Against the corner's sign the point vanishes in a saddle-node at 1 / (3 sqrt 3) = .19245.
    const limit = 1 / (3 * Math.sqrt(3));
    const near = certified(grown(-limit + 1e-4));
    expect(near.noiseRadius).toBeGreaterThan(0.9e-4);
    expect(near.noiseRadius).toBeLessThan(1e-4);
    expect(near.box.upper[0]).toBeLessThan(0.81);
    // With it, the slope passes -1 at z = sqrt(5/3), bias .43033.
    expect([grown(0.42).status, grown(0.44).status]).toEqual(['certified', 'unknown']);
  });
  it('degenerate: at the saddle-node nothing is decided about that place, and the rest is', async () => {
    // One more bit of bias either way would separate or remove the points; this float is within 1e-17 of the limit.
    const result = await enumerateFixedPoints(scalar('cubic', 1, -1 / (3 * Math.sqrt(3))), box(-2, 2, 1), { minWidth: 1e-5 });
    expect(result.complete).toBe(false);
    expect(result.points).toHaveLength(1);
    expect(result.undecided.every(({ lower, upper }) => lower[0] > 0.7 && upper[0] < 0.85)).toBe(true);
    expect(result.undecided.some(({ lower, upper }) => lower[0] < 0.7698 && upper[0] > 0.7698)).toBe(true);
  });
  it('slope 1 +- 1e-9 over an interval: not a contraction, and Krawczyk does not decide', () => {
    // tanh at 0 has slope 1; on [-1e-4, 1e-4] it lies within 1e-8 of it.
    expect(certify(scalar('tanh'), box([-1e-4], [1e-4])).status).toBe('unknown');
    // Exactly known slopes decide: x -> (1 - 1e-9) x.
    expect(certify(scalar('identity', 1 - 1e-9), box([-1], [1])).status).toBe('certified');
    expect(certify(scalar('identity', 1), box([-1], [1])).status).toBe('unknown');
    expect(certify(scalar('identity', 1 + 1e-9), box([-1], [1]))).toMatchObject({ status: 'certified', kind: 'krawczyk' });
  });
  it('a face on the fixed point: Banach holds for closed boxes, Krawczyk says nothing, enumeration puts it on the boundary', async () => {
    const half = scalar('identity', 0.5);
    expect(certify(half, box([0], [1]), { method: 'krawczyk' }).status).not.toBe('certified');
    const result = await enumerateFixedPoints(half, box([0], [1]));
    expect([result.points.length, result.boundary.length, result.complete]).toEqual([0, 1, true]);
    const corners = await enumerateFixedPoints(scalar('cubic'), box([-1], [1]));
    expect([corners.points.length, corners.boundary.length, corners.complete]).toEqual([1, 2, true]);
  });
  it('no box, and boxes that end where no number lies between their sides', async () => {
    const id = loopedNet({ weights: dense(1, 1, Float64Array.of(1)) });
    expect(() => certify(id, null as unknown as Box)).toThrow(/the box is null; { lower, upper } is needed/);
    // Every point is fixed: nothing can be decided, and the search must come to its end.
    const { complete, boxes } = await enumerateFixedPoints(id, box([1], [1 + 32 * Number.EPSILON]), { minWidth: 0 });
    expect(complete).toBe(false);
    expect(boxes).toBeLessThan(200);
  });
  it('bad boxes', () => {
    const net = scalar('tanh');
    expect(() => box([1], [0])).toThrow(InvalidBoxError);
    expect(() => box([Number.NaN], [0])).toThrow(/finite/);
    expect(() => certify(net, box(0, 1, 2))).toThrow(ShapeError);
    expect(() => certify(net, { lower: new Float64Array([1]), upper: new Float64Array([0]) })).toThrow(InvalidBoxError);
    expect(certify(scalar({ kind: 'polynomial', coefficients: [0, 0, 1e300] }), box([-1e300], [1e300])).status).toBe('unknown');
  });
});

describe('C1: enumeration is complete', () => {
  it.each([1, 2, 3, 4, 5])('the cubic has 3^d fixed points near the identity, 2^d of them attracting: d = %i', async (d) => {
    const result = await enumerateFixedPoints(nearDiagonal(d, 'cubic', { eps: 0.01 }), box(-1.6, 1.6, d));
    expect([result.points.length, result.complete, result.boundary.length]).toEqual([3 ** d, true, 0]);
    expect(result.points.filter(({ attracting }) => attracting === true)).toHaveLength(2 ** d);
    expect(result.points.filter(({ attracting }) => attracting === false)).toHaveLength(3 ** d - 2 ** d);
    // Boxes of a first version: 28, 143, 481, 1566.
    if (d < 5) expect(result.boxes).toBeLessThanOrEqual([28, 143, 481, 1566][d - 1]);
  });

  const claim = async (find: (net: LoopedNet, X: Box) => Promise<{ complete: boolean; points: readonly { enclosure: Box }[] }>) => {
    for (let seed = 0; seed < effort(40); seed++) {
      const d = 1 + (seed % 3);
      const net = randomNet(d, (['tanh', 'cubic', 'gelu'] as const)[Math.floor(seed / 3) % 3], 0.5 + (seed % 6), seed);
      const X = box(-2, 2, d);
      const { complete, points } = await find(net, X);
      if (!complete) continue;
      for (const p of newtonPoints(net, X, 200, seed)) expect(points.some(({ enclosure }) => inside(p, enclosure, 1e-9))).toBe(true);
    }
  };
  it('no multistart finds a point outside the list', () => claim((net, X) => enumerateFixedPoints(net, X)));
  it('fails for a search that is called complete', () =>
    mustFail(() =>
      claim(async (net, X) => {
        // Picard from a few starts sees what attracts.
        const points = [0.1, 0.7, -0.7].map(
          (t) =>
            solveFixedPoint(
              net.evaluate,
              X.lower.map(() => t),
            ).x,
        );
        return { complete: true, points: points.map((x) => ({ enclosure: { lower: x, upper: x } })) };
      }),
    ));

  it('a point on a cut, which both sides find, counts once', async () => {
    for (const gain of [2, 3, 5]) {
      for (const width of [2, 3, 4]) {
        // The first cut goes through 0, a fixed point.
        const result = await enumerateFixedPoints(scalar('cubic', gain), box([-0.493 * width], [0.507 * width]));
        expect([result.points.length, result.complete]).toEqual([3, true]);
      }
    }
  });
  it('finds a needle: a pair of points within 1e-4 that starts at random miss', async () => {
    // 200 neurons would be a steep well; a polynomial with a double hump does: x + c (x - a)^2 - delta crosses x twice within 1e-4.
    const [a, c, delta] = [0.3, 1, 2.5e-9];
    const net = scalar({ kind: 'polynomial', coefficients: [c * a * a - delta, 1 - 2 * c * a, c] });
    const result = await enumerateFixedPoints(net, box([-1], [1]));
    expect([result.points.length, result.complete]).toEqual([2, true]);
    expect(result.points[1].enclosure.lower[0] - result.points[0].enclosure.upper[0]).toBeCloseTo(1e-4, 9);
  });

  it('abort, limit and progress', async () => {
    const net = nearDiagonal(4, 'cubic');
    const limited = await enumerateFixedPoints(net, box(-1.6, 1.6, 4), { maxBoxes: 50 });
    expect([limited.complete, limited.boxes]).toEqual([false, 50]);
    await expect(enumerateFixedPoints(net, box(-1.6, 1.6, 4), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
      partial: { complete: false },
    });
  });
});

describe('4.2 in a weighted norm', () => {
  // ||W||_inf is above 1: only a norm with weights contracts, and a disturbance counts there as 1 / min w.
  const net = loopedNet({ weights: dense(2, 2, new Float64Array([0.5, 10, 0.001, 0.5])) });
  const made = certified(certifyNear(net, [0, 0], { noise: 1e-3 }));
  const end = () => {
    let x = new Float64Array(2);
    for (let t = 0; t < 200; t++) {
      const next = new Float64Array(2);
      net.evaluate(x, next);
      x = next.map((v) => v + 1e-3);
    }
    return Math.max(...x);
  };
  it('of a map that contracts only in weights a million times apart', () => {
    const far = loopedNet({ weights: dense(2, 2, Float64Array.of(0.5, 1e6, 0, 0.5)) });
    const certificate = certified(certify(far, box([-2e7, -1], [2e7, 1])));
    expect(certificate.contraction).toBeLessThan(0.95);
    expect(verifyCertificate(far, certificate)).toEqual({ valid: true, reason: '' });
  });
  it('orbits end within noiseError', () => {
    expect(Math.min(...made.weights)).toBeLessThan(0.1);
    expect(end()).toBeGreaterThan(0.04);
    expect(end()).toBeLessThanOrEqual(noiseError(made, 1e-3));
  });
  it('fails for eta / (1 - K)', () => mustFail(() => expect(end()).toBeLessThanOrEqual(1e-3 / (1 - (made.contraction as number)))));
  it('nor farther than the box reaches, where K is near 1', () => {
    const { net: steep, certificate } = hypercubeFixedPoints({ dimension: 2, kind: 'cubic', weightNoise: 0.05, biasNoise: 0.02 });
    const robust = certified(certifyMostRobust(steep, [1, 1]));
    for (const proof of [robust, certificate]) {
      expect(proof.noiseRadius / (1 - (proof.contraction as number))).toBeGreaterThan(1);
      expect(noiseError(proof)).toBeLessThan(0.6);
    }
    // Up to the far corner, not only from side to side.
    const far = Math.max(
      ...robust.box.lower.map((l, i) => Math.max(robust.enclosure.upper[i] - l, robust.box.upper[i] - robust.enclosure.lower[i])),
    );
    expect(noiseError(robust)).toBeGreaterThanOrEqual(far);
  });
  it('refuses what was not proved', () => {
    expect(() => noiseError(made, 2 * made.noiseRadius)).toThrow(/eta/);
    expect(() => noiseError(certified(certify(scalar('cubic'), box([-0.1], [0.1]), { method: 'krawczyk' })))).toThrow(/Krawczyk/);
  });
});

describe('C5: permuting coordinates permutes results', () => {
  it('of enumeration and certificates', async () => {
    const d = 3;
    const net = nearDiagonal(d, 'tanh', { gain: 1.6, eps: 0.3, seed: 2 });
    const order = [2, 0, 1];
    const [{ weights, bias }] = net.layers;
    const W = new Float64Array(d * d);
    for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) W[i * d + j] = weights[order[i] * d + order[j]];
    const permuted = loopedNet({ weights: dense(d, d, W), bias: order.map((k) => bias[k]), activation: 'tanh' });
    const [one, other] = [await enumerateFixedPoints(net, box(-2, 2, d)), await enumerateFixedPoints(permuted, box(-2, 2, d))];
    expect(one.complete && other.complete).toBe(true);
    expect(one.points.length).toBeGreaterThan(1);
    expect(other.points).toHaveLength(one.points.length);
    for (const { enclosure } of one.points) {
      const [lower, upper] = [order.map((k) => enclosure.lower[k]), order.map((k) => enclosure.upper[k])];
      expect(other.points.some((p) => p.enclosure.lower.every((l, i) => l <= upper[i] && p.enclosure.upper[i] >= lower[i]))).toBe(true);
    }
  });
});

describe('Theorem 4.1: every box that is a contraction holds a fixed point, and errors fall by K', () => {
  const claim = (bound: (K: number, t: number) => number) => {
    let sharpest = 0;
    for (let seed = 0; seed < effort(30); seed++) {
      const d = 1 + (seed % 10);
      const net = nearDiagonal(d, 'cubic', { eps: 0.03 + 0.09 * ((seed % 7) / 7), e: 0.02, seed });
      const corner = Float64Array.from({ length: d }, (_, i) => ((seed >> (i % 5)) & 1 ? 1 : -1));
      const run = solveFixedPoint(net.evaluate, corner, { rtol: 0, atol: 1e-15 });
      const { box: X, contraction } = certified(certifyNear(net, run.x, { noise: 0.02 }));
      const K = contraction as number;
      for (const start of [X.lower, X.upper, X.lower.map((l, i) => (i % 2 ? l : X.upper[i]))]) {
        let x = start.slice();
        const error0 = x.reduce((most, v, i) => Math.max(most, Math.abs(v - run.x[i])), 0);
        let before = error0;
        for (let t = 1; t <= 40; t++) {
          const next = new Float64Array(d);
          net.evaluate(x, next);
          x = next;
          const error = x.reduce((most, v, i) => Math.max(most, Math.abs(v - run.x[i])), 0);
          expect(error).toBeLessThanOrEqual(bound(K, t) * error0 * (1 + 1e-12) + 1e-14);
          if (before > 1e-3) sharpest = Math.max(sharpest, error / before / K);
          before = error;
        }
      }
    }
    return sharpest;
  };
  it('holds, and is not vacuous: some step falls by no better than K / 2', () => expect(claim((K, t) => K ** t)).toBeGreaterThan(0.5));
  it('fails for K^2 a loop', () => mustFail(() => void claim((K, t) => K ** (2 * t))));
});

describe('Theorem 4.2: with disturbances |h| <= eta, errors end within eta / (1 - K)', () => {
  const claim = (factor: number) => {
    for (let seed = 0; seed < effort(30); seed++) {
      const d = 1 + (seed % 8);
      const net = nearDiagonal(d, seed % 2 ? 'cubic' : 'tanh', { gain: seed % 2 ? 1 : 1.6, eps: 0.05, e: 0.02, seed });
      const run = solveFixedPoint(net.evaluate, new Float64Array(d).fill(seed % 3 ? 0.9 : -0.9), { rtol: 0, atol: 1e-15 });
      const { box: X, contraction, noiseRadius: eta } = certified(certifyNear(net, run.x, { noise: 0.02 }));
      const K = contraction as number;
      expect(eta).toBeGreaterThanOrEqual(0.0199);
      let x = X.upper.slice();
      const error = () => x.reduce((most, v, i) => Math.max(most, Math.abs(v - run.x[i])), 0);
      const error0 = error();
      for (let t = 1; t <= 200; t++) {
        const next = new Float64Array(d);
        net.evaluate(x, next);
        // The worst disturbance: away from the fixed point.
        x = next.map((v, i) => v + eta * (v >= run.x[i] ? 1 : -1));
        expect(inside(x, X)).toBe(true);
        expect(error()).toBeLessThanOrEqual((K ** t * error0 + (factor * eta) / (1 - K)) * (1 + 1e-12));
      }
    }
  };
  it('holds', () => claim(1));
  it('as it is stated: for K below .95 and |h| <= 1/m, |x - p| <= K^t |x0 - p| + 20 / m; fails for 10 / m', () => {
    const stated = (constant: number) => {
      const rng = philox(42);
      for (let trial = 0; trial < effort(200); trial++) {
        // tanh(K x + b): slopes within [0, K]; a line where b = 0 near 0.
        const K = 0.1 + 0.849 * (trial % 10 === 0 ? 1 : rng.uniform());
        const m = 10 ** (1 + 3 * rng.uniform());
        const net = scalar(trial % 2 ? 'tanh' : 'identity', K, rng.normal());
        const p = solveFixedPoint(net.evaluate, [0], { method: 'newton', jacobian: net.jacobian, atol: 1e-14, rtol: 0 }).x[0];
        const x = Float64Array.of(p + 3 * rng.normal());
        const error0 = Math.abs(x[0] - p);
        for (let t = 1; t <= 300; t++) {
          net.evaluate(x, x);
          x[0] += (x[0] >= p ? 1 : -1) / m;
          expect(Math.abs(x[0] - p)).toBeLessThanOrEqual(K ** t * error0 + constant / m + 1e-12);
        }
      }
    };
    stated(20);
    mustFail(() => stated(10));
  });
  it('fails with half the constant on a line, where it is tight', () => {
    const tight = (factor: number) => {
      const [K, eta] = [0.9, 0.01];
      let x = 0;
      for (let t = 0; t < 400; t++) x = K * x + eta;
      expect(x).toBeLessThanOrEqual((factor * eta) / (1 - K) + 1e-12);
      expect(x).toBeCloseTo(eta / (1 - K), 10);
    };
    tight(1);
    mustFail(() => tight(0.99));
  });
});

describe('C2: the error bound holds, from the residual and from the enclosure', () => {
  it('for points of the box', () => {
    for (let seed = 0; seed < 30; seed++) {
      const d = 1 + (seed % 6);
      const net = randomNet(d, 'tanh', 0.9, seed);
      const run = solveFixedPoint(net.evaluate, new Float64Array(d), { rtol: 0, atol: 1e-15 });
      const certificate = certified(certify(net, box(-1.1, 1.1, d)));
      expect(certificate.kind).toBe('banach');
      const rng = philox(seed, 5);
      for (let k = 0; k < 10; k++) {
        const x = run.x.map((v) => v + (rng.uniform() - 0.5) * 10 ** -k);
        const error = x.reduce((most, v, i) => Math.max(most, Math.abs(v - run.x[i])), 0);
        const bound = errorBound(net, certificate, x);
        expect(bound).toBeGreaterThanOrEqual(error - 1e-15);
        expect(bound).toBeLessThanOrEqual(20 * error + 1e-13);
      }
    }
  });
});

describe('2^d at once', () => {
  it('64 coordinates: 2^64 boxes, each of them certified by itself too', () => {
    const net = nearDiagonal(64, 'cubic');
    const certificate = certifyProduct(net, [-1, 1]);
    expect(certificate).toMatchObject({ status: 'certified', count: 2n ** 64n, choices: 2 });
    if (certificate.status !== 'certified') return;
    for (const index of [0n, 1n, 12345678901234567890n, 2n ** 64n - 1n]) {
      const X = productBox(certificate, index);
      expect(X.lower[0] > 0).toBe(index % 2n === 1n);
      const single = certified(certify(net, X, { method: 'banach' }));
      expect(single.contraction).toBeLessThanOrEqual(certificate.contraction * (1 + 1e-12));
    }
    expect(() => productBox(certificate, 2n ** 64n)).toThrow(/index/);
  });
  it.each([3, 10])('d = %i: 2^d starts end in 2^d different boxes', (d) => {
    const net = nearDiagonal(d, 'cubic', { eps: 0.03, e: 0.015 });
    const certificate = certifyProduct(net, [-1, 1], { noise: 0.02 });
    expect(certificate.status).toBe('certified');
    if (certificate.status !== 'certified') return;
    expect(certificate.noiseRadius).toBeGreaterThan(0.019);
    for (let index = 0; index < 2 ** d; index++) {
      const X = productBox(certificate, BigInt(index));
      const run = solveFixedPoint(net.evaluate, X.lower, { method: 'picard' });
      expect(run.converged && inside(run.x, X)).toBe(true);
    }
  });
  it('refuses where it is false: too much coupling, too much bias, points that merge', () => {
    expect(certifyProduct(nearDiagonal(6, 'cubic', { eps: 0.3 }), [-1, 1]).status).toBe('unknown');
    expect(certifyProduct(nearDiagonal(6, 'cubic', { e: 0.4 }), [-1, 1]).status).toBe('unknown');
    expect(certifyProduct(nearDiagonal(6, 'tanh', { gain: 0.9 }), [-1, 1]).status).toBe('unknown');
    expect(() =>
      certifyProduct(loopedNet([{ weights: dense(1, 1, new Float64Array(1)) }, { weights: dense(1, 1, new Float64Array(1)) }]), [0]),
    ).toThrow(/one layer/);
  });
});

describe('known systems', () => {
  it("Hopfield's network: what is stored attracts, with its negative, proved with room for disturbances, and is recalled with bits flipped", () => {
    const d = 24;
    // Three orthogonal patterns of eight, repeated.
    const patterns = [0b11110000, 0b11001100, 0b10101010].map((bits) =>
      Float64Array.from({ length: d }, (_, i) => ((bits >> (i % 8)) & 1 ? 1 : -1)),
    );
    const W = new Float64Array(d * d);
    for (const p of patterns) for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) W[i * d + j] += (3 * p[i] * p[j]) / d;
    const net = loopedNet({ weights: dense(d, d, W), activation: 'tanh' });
    for (const pattern of patterns) {
      for (const sign of [1, -1]) {
        const noisy = pattern.map((v, i) => sign * (i % 12 === 0 ? -v : v));
        const { x } = solveFixedPoint(net.evaluate, noisy, { method: 'picard' });
        expect(x.every((v, i) => v * sign * pattern[i] > 0.9)).toBe(true);
        const proof = certified(certifyMostRobust(net, x));
        expect([proof.attracting, verifyCertificate(net, proof).valid, proof.noiseRadius > 0.05]).toEqual([true, true, true]);
      }
    }
  });
});

describe('several layers, residuals, weights', () => {
  it('a residual block: f(x) = x + W2 tanh(W1 x + b)', async () => {
    const net = loopedNet(
      [
        { weights: dense(3, 2, new Float64Array([1, 0.2, -0.3, 1, 0.5, 0.5])), bias: [0.1, 0, -0.2], activation: 'tanh' },
        { weights: dense(2, 3, new Float64Array([-0.7, 0.1, 0.1, 0.2, -0.8, 0.05])), bias: [0.05, -0.1] },
      ],
      { residual: 1 },
    );
    const result = await enumerateFixedPoints(net, box(-3, 3, 2));
    expect([result.complete, result.points.length]).toEqual([true, 1]);
    expect(inside(newtonPoints(net, box(-3, 3, 2), 50, 1)[0], result.points[0].enclosure, 1e-12)).toBe(true);
    expect(result.points[0].attracting).toBe(true);
  });
  it('ranges and Jacobians of several layers hold samples', () => {
    const rng = philox(4);
    const net = loopedNet(
      [
        { weights: dense(5, 3, rng.fillNormal(new Float64Array(15))), activation: 'gelu' },
        { weights: dense(4, 5, rng.fillNormal(new Float64Array(20))), bias: [1, 2, 3, 4], activation: 'tanh' },
        { weights: dense(3, 4, rng.fillNormal(new Float64Array(12))) },
      ],
      { residual: 0.5 },
    );
    for (const radius of [1e-9, 0.01, 0.5]) {
      const c = rng.fillNormal(new Float64Array(3));
      const [l, u] = [c.map((v) => v - radius), c.map((v) => v + radius)];
      const bounds = [3, 3, 9, 9].map((n) => new Float64Array(n));
      net.range(l, u, bounds[0], bounds[1]);
      net.jacobianRange(l, u, bounds[2], bounds[3]);
      for (let k = 0; k < 200; k++) {
        const x = c.map((v) => v + radius * (2 * rng.uniform() - 1));
        const [fx, J] = [new Float64Array(3), new Float64Array(9)];
        net.evaluate(x, fx);
        net.jacobian(x, J);
        expect(inside(fx, { lower: bounds[0], upper: bounds[1] }, 1e-13)).toBe(true);
        expect(inside(J, { lower: bounds[2], upper: bounds[3] }, 1e-13)).toBe(true);
      }
      // First order: not wider than what the Jacobian allows, twice.
      if (radius < 1) expect(bounds[1][0] - bounds[0][0]).toBeLessThan(4 * radius * (Math.abs(bounds[2][0]) + Math.abs(bounds[3][0]) + 60));
    }
  });
  it('a norm above 1 with spectral radius below: Perron weights', () => {
    // Row sums 3.5; eigenvalues 0.5.
    const net = loopedNet({ weights: dense(2, 2, new Float64Array([0.5, 3, 0, 0.5])), bias: [1, 1] });
    const run = certified(certifyNear(net, [14, 2]));
    expect(run.kind).toBe('banach');
    expect(run.contraction).toBeLessThan(0.75);
    expect(run.weights[0]).toBeGreaterThan(run.weights[1]);
  });
  it('products fit or are refused', () => {
    const W = (r: number, c: number) => dense(r, c, new Float64Array(r * c));
    expect(() => loopedNet([{ weights: W(3, 2) }, { weights: W(2, 4) }])).toThrow(ShapeError);
    expect(() => loopedNet({ weights: W(3, 2) })).toThrow(/fed back/);
    expect(() => loopedNet({ weights: W(2, 2), bias: [1] })).toThrow(/bias/);
    expect(() => loopedNet({ weights: W(2, 2), activation: 'magic' as never })).toThrow(/activation/);
    expect(() => loopedNet([])).toThrow(/no layers/);
  });
});

it('isCertificate tells them apart', () => {
  expect(isCertificate(certify(scalar('tanh', 0.5), box([-1], [1])))).toBe(true);
  expect(isCertificate(certify(scalar('tanh', 0.5), box([2], [3])))).toBe(false);
});

import { type Dense, dense, multiply, philox, type Rng, transpose } from '@x/linalg';
import { effort, mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { type CertifiedPart, certificateOf } from '../src/certify.ts';
import {
  type Certificate,
  certify,
  type Design,
  invertLeverageGradient,
  invertLeverageGradients,
  leverageGradient,
  leverageHessian,
} from '../src/index.ts';
import { combine, inverseRoot, norm } from '../src/matrix.ts';
import { engineOf } from '../src/resident.ts';
import { exactSlacks } from '../src/slacks.ts';
import { exactGradient, slackErrors } from './oracle.ts';
import { randomProblem, times } from './reference.ts';

/** x is known, and the c whose solution it is comes from 256 binary digits, rounded once: `noiseBound` covers that. */
interface Known {
  readonly x: Float64Array;
  readonly parts: readonly (Omit<CertifiedPart, 'engine'> & { readonly design: Design & { A: Dense } })[];
  readonly w?: Float64Array;
  readonly rng: Rng;
}

const rounded = (c: Float64Array): number => 1.01 * 2 ** -53 * norm(c);

function shape(rng: Rng, t: number) {
  const d = 1 + rng.integer(8);
  const cone = t % 4 === 3;
  return { d, n: 3 * d + 5 + rng.integer(100), cone, spread: 10 ** (1 + (t % 3)), heavy: t % 5 === 0 };
}

function single(t: number): Known {
  const rng = philox(22, t);
  const { n, d, ...options } = shape(rng, t);
  const { design, x } = randomProblem(rng, n, d, { ...options, positive: options.cone });
  const c = exactGradient(design, x);
  return { x, parts: [{ design, c, weight: 1, noiseBound: rounded(c) }], rng };
}

/** Slacks that are what is left of numbers up to 1e6 times their size. */
function cancelling(t: number): Known {
  const { x: point, parts, rng } = single(4 * t);
  const { A, b } = parts[0]!.design;
  const shift = point.map((value) => value * 10 ** (2 * (t % 4)));
  const far = point.map((value, j) => value + shift[j]!);
  const moved = times(A, shift);
  const design = { A, b: b!.map((value, i) => value + moved[i]!) };
  const c = exactGradient(design, far);
  return { x: far, parts: [{ design, c, weight: 1, noiseBound: rounded(c) }], rng };
}

/** Two or three designs of very different sizes and weights at one x. */
function several(t: number): Known {
  const rng = philox(23, t);
  const { n, d, ...options } = shape(rng, t);
  const { x } = randomProblem(rng, n, d);
  const parts = Array.from({ length: 2 + (t % 2) }, (_, k) => {
    const { A } = randomProblem(rng, n + 7 * k, d, { heavy: options.heavy }).design;
    const size = 10 ** (3 * rng.uniform() - 1.5);
    const b = times(A, x).map((value) => value - size * (rng.uniform() < 0.5 ? -1 : 1) * options.spread ** (2 * rng.uniform() - 1));
    const c = exactGradient({ A, b }, x);
    return { design: { A, b }, c, weight: 10 ** (2 * rng.uniform() - 1), noiseBound: rounded(c) };
  });
  return { x, parts, rng };
}

/** c = g(x) - A^T W^2 A x: x minimises the regularised objective. */
function regularised(t: number): Known {
  const { x, parts, rng } = single(t);
  const { design } = parts[0]!;
  const w = Float64Array.from({ length: design.A.rows }, () => 10 ** (3 * rng.uniform() - 2));
  const c = exactGradient(design, x, w);
  return { x, parts: [{ design, c, weight: 1, noiseBound: rounded(c) }], w, rng };
}

/** sum weight Qhat(y) + A^T W^2 A. */
function metric({ parts, w }: Known, y: Float64Array): Dense {
  let M: Dense | undefined;
  for (const { design, weight } of parts) {
    const own = leverageHessian(design, y, { mode: 'qhat' });
    M = M === undefined ? combine(weight, own, 0, own) : combine(1, M, weight, own);
  }
  if (w === undefined) return M!;
  const { A } = parts[0]!.design;
  const scaled = { ...A, data: A.data.map((value, p) => value * w[Math.floor(p / A.cols)]!) };
  return combine(1, M!, 1, multiply(transpose(scaled), scaled));
}

interface Found {
  readonly certificate: Certificate;
  readonly distance: number;
  readonly error: Float64Array;
}

/** Certificates at points that lie 10^-1 to 10^-16 from x, in the norm of M. */
function certificates(problem: (t: number) => Known, count: number): Found[] {
  return Array.from({ length: count }, (_, t) => t).flatMap((t) => {
    const known = problem(t);
    const { x, parts, w, rng } = known;
    const step = times(inverseRoot(metric(known, x)), rng.fillNormal(new Float64Array(x.length)));
    const size = 10 ** (-1 - (t % 16)) / Math.sqrt(inner(step, times(metric(known, x), step)));
    const y = x.map((value, j) => value + size * step[j]!);
    const certificate = certificateOf(
      parts.map(({ design, ...part }) => ({ ...part, engine: engineOf(design) })),
      y,
      w,
    );
    // y - x is exact or nearly so: both are near each other.
    const error = y.map((value, j) => value - x[j]!);
    return certificate === undefined ? [] : [{ certificate, distance: Math.sqrt(inner(error, times(metric(known, y), error))), error }];
  });
}

function inner(u: Float64Array, v: Float64Array): number {
  return u.reduce((sum, value, j) => sum + value * v[j]!, 0);
}

/** `radius`: what is claimed to bound the distance. Each problem counts; at least three quarters of them have a proof. */
function claim(problem: (t: number) => Known, radius: (certificate: Certificate) => number, count: number): number[] {
  const found = certificates(problem, count);
  for (const { certificate, distance, error } of found) {
    // The distance itself is rounded, as slacks from cancellation are in M(y).
    expect(distance).toBeLessThanOrEqual(radius(certificate) * (1 + 1e-8));
    const share = radius(certificate) / certificate.radius;
    for (const [j, bound] of certificate.componentBound.entries()) expect(Math.abs(error[j]!)).toBeLessThanOrEqual(bound * share);
  }
  expect(found.length).toBeGreaterThan(0.75 * count);
  return found
    .filter(({ certificate: { residual, rounding, noise } }) => residual > 100 * (rounding + noise))
    .map(({ certificate, distance }) => distance / certificate.radius)
    .sort((a, b) => a - b);
}

describe('Property 7: the certificate is never wrong', () => {
  const families = [
    ['one gradient', single, effort(250, 1000)],
    ['slacks from cancellation', cancelling, effort(100, 500)],
    ['several gradients', several, effort(100, 500)],
    ['a regularised objective', regularised, effort(100, 500)],
  ] as const;
  for (const [name, problem, count] of families) {
    it(`${name}: holds, and is not loose: half of the errors are above 0.2 of the radius`, () => {
      const shares = claim(problem, ({ radius }) => radius, count);
      expect(shares[shares.length >> 1]!).toBeGreaterThan(0.2);
    });
    it(`${name}: fails for a fifth of the radius`, () => mustFail(() => void claim(problem, ({ radius }) => radius / 5, count)));
  }
  it('fails without the bound of rounding', () =>
    mustFail(
      () => void claim(single, ({ radius, residual, rounding, noise }) => (radius * residual) / (residual + rounding + noise), effort(250)),
    ));
  it('slacks have the errors that are allowed for, where thirty digits cancel; fails for 2^-53 of themselves', () => {
    const claim = (bound: (value: number, error: number) => number) => {
      for (let t = 0; t < effort(40); t++) {
        const rng = philox(26, t);
        const A = dense(20, 5, rng.fillNormal(new Float64Array(100)));
        const x = rng.fillNormal(new Float64Array(5)).map((value) => value * 10 ** (3 * rng.uniform()));
        // What is left of slacks in twice the precision, again and again: b takes one rounding of the product, the last column the rest.
        const first = exactSlacks(engineOf({ A }), x).values;
        for (let i = 0; i < 20; i++) A.data[5 * i + 4] = A.data[5 * i + 4]! * (1 + 2 ** -40);
        x[4] = 0;
        const b = exactSlacks(engineOf({ A }), x).values;
        x[4] = 1e-25 * first[0]!;
        const { values, errors } = exactSlacks(engineOf({ A, b }), x);
        const wrong = slackErrors({ A, b }, x, values);
        for (let i = 0; i < 20; i++) expect(wrong[i]!).toBeLessThanOrEqual(bound(values[i]!, errors[i]!));
      }
    };
    claim((_, error) => error);
    mustFail(() => claim((value) => 2 ** -53 * Math.abs(value)));
  });
});

describe('What a certificate says', () => {
  it('in another cell it proves another solution, or nothing', () => {
    const A = dense(3, 1, Float64Array.of(1, 1, 1));
    const b = Float64Array.of(0, 1, 3);
    const c = leverageGradient({ A, b }, Float64Array.of(0.4)).gradient;
    expect(certify({ A, b }, c, Float64Array.of(0.4))!.radius).toBeLessThan(1e-12);
    expect(certify({ A, b }, c, Float64Array.of(2))).toBeUndefined();
  });
  it('noise within the bound is covered; fails where the bound is left out', () => {
    const claim = (noiseBound: number) => {
      let proven = 0;
      for (let t = 0; t < 60; t++) {
        const { x, parts, rng } = single(t);
        const { design, c } = parts[0]!;
        const e = rng.fillNormal(new Float64Array(c.length));
        const size = (1e-6 * norm(c)) / norm(e);
        const noisy = c.map((value, j) => value + size * e[j]!);
        // The x of the noisy gradient, which is not x: how far x may be from it is what the bound is for.
        const certificate = certify(design, noisy, solved(design, noisy, x), { noiseBound: noiseBound * norm(c) });
        if (certificate === undefined) continue;
        proven++;
        const y = solved(design, noisy, x);
        for (const [j, bound] of certificate.componentBound.entries()) expect(Math.abs(y[j]! - x[j]!)).toBeLessThanOrEqual(bound);
      }
      expect(proven).toBeGreaterThan(10);
    };
    claim(1.01e-6);
    mustFail(() => claim(0));
  });
  it('with a regulariser it is of the minimiser, and that of the gradient is a wider one or none', async () => {
    const { design, x } = randomProblem(philox(24), 60, 3, { positive: true, cone: true });
    const c = leverageGradient(design, x).gradient;
    const w = new Float64Array(60).fill(1e-3);
    const map = await invertLeverageGradient(design, c, { w });
    expect(map.certificate).toMatchObject({ of: 'regularised' });
    const squares = await invertLeverageGradient(design, c, { w, objective: 'least-squares' });
    expect(squares.certificate).toMatchObject({ of: 'gradient' });
    for (const [j, bound] of squares.certificate!.componentBound.entries())
      expect(Math.abs(squares.x[j]! - x[j]!)).toBeLessThanOrEqual(bound);
    // The bias exceeds what the certificate of the minimiser allows for.
    expect(map.x.some((value, j) => Math.abs(value - x[j]!) > 1e3 * map.certificate!.componentBound[j]!)).toBe(true);
    const heavy = await invertLeverageGradient(design, c, { w: new Float64Array(60).fill(10), objective: 'least-squares' });
    expect(heavy.certificate).toBeUndefined();
  });
  it('of several gradients bounds the distance to the x of all', async () => {
    const one = randomProblem(philox(25), 80, 3, { positive: true, cone: true });
    const releases = [0, 1].map((half) => {
      const design = { A: dense(40, 3, one.design.A.data.slice(half * 120, (half + 1) * 120)) };
      const c = exactGradient(design, one.x);
      return { design, c, noise: { bound: rounded(c) } };
    });
    const { x, status, certificate } = await invertLeverageGradients(releases);
    expect(status).toBe('certified');
    for (const [j, bound] of certificate!.componentBound.entries()) expect(Math.abs(x[j]! - one.x[j]!)).toBeLessThanOrEqual(bound);
  });
  it('a row of zeros is no obstacle', () => {
    const { x, parts } = single(2);
    const { design } = parts[0]!;
    const { rows, cols, data } = design.A;
    const padded = { A: dense(rows + 1, cols, Float64Array.of(...data, ...new Float64Array(cols))), b: Float64Array.of(...design.b!, 1) };
    expect(certify(padded, exactGradient(design, x), x)!.radius).toBeLessThan(1e-9);
  });
});

/** Newton's method from x, which lies near the solution. */
function solved(design: Design, c: Float64Array, x: Float64Array): Float64Array {
  let y = x;
  for (let k = 0; k < 5; k++) {
    const root = inverseRoot(leverageHessian(design, y));
    const residual = leverageGradient(design, y).gradient.map((value, j) => value - c[j]!);
    const step = times(root, times(transpose(root), residual));
    y = y.map((value, j) => value + step[j]!);
  }
  return y;
}

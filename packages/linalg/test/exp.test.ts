import { describe, expect, it } from 'vitest';
import { exp } from '../src/elementary/exp.ts';
import { log } from '../src/elementary/log.ts';
import { cosPi, sinPi } from '../src/elementary/trig.ts';
import type { Kernel } from '../src/kernel/instance.ts';
import { type Big, bigCosPi, bigExp, bigLog, bigSinPi, F32, type Format, ulps } from './big-elementary.ts';
import { bothKernels } from './kernels.ts';

const { simd, plain } = bothKernels();

/** Marsaglia's xorshift32: enough for test points. */
function generator(seed: number): () => number {
  let s = seed;
  return () => {
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    return (s >>> 0) / 2 ** 32 + ((s >>> 0) % 65521) / 2 ** 52;
  };
}

function points(count: number, seed: number, draw: (u: number, v: number) => number): Float64Array {
  const u = generator(seed);
  return Float64Array.from({ length: count }, () => draw(u(), u()));
}

const signed = (v: number): number => (v < 0.5 ? -1 : 1);
/** Arguments of exp: the whole range, the neighbourhood of 0, and where k changes. */
const EXP_POINTS = Float64Array.from([
  ...points(6000, 1, (u) => -746 + 1456 * u),
  ...points(3000, 2, (u) => 2 * u - 1),
  ...points(1000, 3, (u, v) => signed(v) * 2 ** (-70 * u)),
  ...points(2000, 4, (u, v) => (Math.floor(2000 * u) - 1000 + 0.5 + (v - 0.5) * 1e-9) * Math.LN2).filter((x) => x < 709.7),
]).filter((x) => x < 709.78);
const EXP_POINTS_32 = Float32Array.from([
  ...points(8000, 5, (u) => -104 + 192.7 * u),
  ...points(4000, 6, (u) => 2 * u - 1),
  ...points(2000, 7, (u, v) => (Math.floor(260 * u) - 140 + 0.5 + (v - 0.5) * 1e-5) * Math.LN2),
]).filter((x) => x < 88.72);
/** Arguments of log: every binade, the neighbourhood of 1, subnormals. */
const LOG_POINTS = Float64Array.from([
  ...points(6000, 8, (u, v) => 2 ** (Math.floor(2100 * u) - 1074) * (1 + v)),
  ...points(4000, 9, (u) => 0.5 + 1.5 * u),
  ...points(1000, 10, (u, v) => 1 + signed(v) * 2 ** (-52 * u)),
  ...points(1000, 11, (u) => 2 ** -53 * Math.ceil(2 ** 53 * u)),
]).filter((x) => x > 0 && x < Infinity);
const TRIG_POINTS = Float64Array.from([
  ...points(6000, 12, (u) => 4 * u - 2),
  ...points(2000, 13, (u, v) => signed(v) * 2 ** (-300 * u)),
  ...points(1000, 14, (u, v) => Math.round(40 * u - 20) / 2 + signed(v) * 2 ** (-40 * v)),
  ...points(1000, 15, (u) => 2 ** 50 * u),
]);

type VectorFunction = (n: number, x: number, y: number) => void;

function run<T extends Float64Array | Float32Array>(k: Kernel, f: VectorFunction, x: T): T {
  const mark = k.mark();
  const from = k.allocate(x.byteLength);
  const to = k.allocate(x.byteLength);
  const make = x.constructor as new (b: ArrayBuffer, o: number, n: number) => T;
  new make(k.memory.buffer, from, x.length).set(x as never);
  f(x.length, from, to);
  const y = new make(k.memory.buffer, to, x.length).slice() as T;
  k.release(mark);
  return y;
}

function worst(x: ArrayLike<number>, y: ArrayLike<number>, reference: (x: number) => Big, format?: Format): number {
  let error = 0;
  for (let i = 0; i < x.length; i++) error = Math.max(error, ulps(y[i]!, reference(x[i]!), format));
  return error;
}

describe('error against 320-bit arithmetic, in ulp', () => {
  // The stated bounds are the worst of 150,000 draws a function, rounded up; for exp in f32 the worst of all f32 with 1/16 <= |x| < 89.
  it('exp in f64: 0.85', () => expect(worst(EXP_POINTS, EXP_POINTS.map(exp), bigExp)).toBeLessThan(0.85));
  it('exp in f32: 0.92', () => expect(worst(EXP_POINTS_32, run(simd, simd.sexp, EXP_POINTS_32), bigExp, F32)).toBeLessThan(0.92));
  it('log: 0.82', () => expect(worst(LOG_POINTS, LOG_POINTS.map(log), bigLog)).toBeLessThan(0.82));
  it('sinPi: 0.77', () => expect(worst(TRIG_POINTS, TRIG_POINTS.map(sinPi), bigSinPi)).toBeLessThan(0.77));
  it('cosPi: 0.77', () => expect(worst(TRIG_POINTS, TRIG_POINTS.map(cosPi), bigCosPi)).toBeLessThan(0.77));
});

const SPECIAL = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  709.782712893384,
  710,
  -745.1332191019411,
  -745.2,
  1e308,
  -1e308,
  5e-324,
  -5e-324,
  2 ** 53,
];
const NOT_FINITE = [Infinity, -Infinity, Number.NaN];

describe('same bits in TypeScript, in the SIMD kernel and in the plain fallback', () => {
  const extremes = (x: Float64Array): Float64Array => Float64Array.from([...SPECIAL, ...NOT_FINITE, ...x, 3]);
  const cases: [string, (x: number) => number, keyof Kernel & ('dexp' | 'dlog' | 'dsinPi' | 'dcosPi'), Float64Array][] = [
    ['exp', exp, 'dexp', extremes(EXP_POINTS)],
    ['log', log, 'dlog', extremes(LOG_POINTS)],
    ['sinPi', sinPi, 'dsinPi', extremes(TRIG_POINTS)],
    ['cosPi', cosPi, 'dcosPi', extremes(TRIG_POINTS)],
  ];
  it.each(cases)('%s in f64', (_, twin, name, x) => {
    const expected = x.map(twin);
    // toEqual tells 0 from -0 and takes all NaNs as one.
    expect(run(simd, simd[name], x)).toEqual(expected);
    expect(run(plain, plain[name], x)).toEqual(expected);
  });
  it('exp in f32, every length from 0 to 9', () => {
    const x = Float32Array.from([...SPECIAL, ...NOT_FINITE, 88.8, -103.9, -104, ...EXP_POINTS_32]);
    expect(run(simd, simd.sexp, x)).toEqual(run(plain, plain.sexp, x));
    for (let n = 0; n < 10; n++) {
      expect(run(simd, simd.sexp, x.slice(0, n))).toEqual(run(plain, plain.sexp, x).slice(0, n));
      expect(run(simd, simd.dexp, EXP_POINTS.slice(0, n))).toEqual(EXP_POINTS.slice(0, n).map(exp));
    }
  });
});

describe('special values', () => {
  it('exp', () => {
    expect([exp(0), exp(-0), exp(Infinity), exp(-Infinity), exp(Number.NaN)]).toEqual([1, 1, Infinity, 0, Number.NaN]);
    expect([exp(709.782712893384), exp(709.7827128933841)]).toEqual([1.7976931348622732e308, Infinity]);
    expect([exp(-745.1332191019411), exp(-745.1332191019412)]).toEqual([5e-324, 0]);
  });
  it('log', () => {
    expect([log(1), log(0), log(-0), log(Infinity)]).toEqual([0, -Infinity, -Infinity, Infinity]);
    expect([log(-1), log(-Infinity), log(Number.NaN)]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });
  it('sinPi and cosPi at multiples of 1/2', () => {
    expect([0, -0, 0.5, 1, -1, 1.5, 2, -0.5, 2 ** 60].map(sinPi)).toEqual([0, -0, 1, 0, -0, -1, 0, -1, 0]);
    expect([0, -0, 0.5, 1, -1, 1.5, 2, -0.5, 2 ** 60].map(cosPi)).toEqual([1, 1, 0, -1, -1, 0, 1, 0, 1]);
    expect(NOT_FINITE.map(sinPi)).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(NOT_FINITE.map(cosPi)).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });
});

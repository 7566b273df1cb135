/**
 * Every exported function refuses bad arguments: with a typed error that names what is wrong, and before it has changed anything.
 * The tables stand in ./bad-input; a function without a row makes this test fail.
 */
import { effort } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as linalg from '../src/index.ts';
import * as forMlMatrix from '../src/ml-matrix.ts';
import { A, any, type Row, x } from './bad-input/arguments.ts';
import { FACTORISATIONS } from './bad-input/factorisations.ts';
import { MATRICES } from './bad-input/matrices.ts';
import { ML_MATRIX } from './bad-input/ml-matrix.ts';
import { PRODUCTS } from './bad-input/products.ts';
import { RANDOM } from './bad-input/random.ts';
import { SKETCHING } from './bad-input/sketching.ts';

/** Functions that have no bad argument, each with the reason. */
const TOTAL: Readonly<Record<string, string>> = {
  at: 'not range-checked, as its documentation says: it stands in inner loops',
  isCsr: 'a test',
  capabilities: 'takes nothing',
  exp: 'defined for every number',
  log: 'defined for every number, with NaN for negative ones',
  sinPi: 'defined for every number, with NaN for infinities',
  cosPi: 'defined for every number, with NaN for infinities',
};

/** Exported functions, error classes left out. */
function functionsOf(module: object): string[] {
  const isError = (value: unknown): boolean => value === linalg.XError || any(value).prototype instanceof linalg.XError;
  return Object.entries(module).flatMap(([name, value]) => (typeof value === 'function' && !isError(value) ? [name] : []));
}

async function caught(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return 'no error';
}

const TABLE = { ...MATRICES, ...PRODUCTS, ...FACTORISATIONS, ...SKETCHING, ...RANDOM };

describe.each<[string, object, Readonly<Record<string, readonly Row[]>>, Readonly<Record<string, string>>]>([
  ['the main entry', linalg, TABLE, TOTAL],
  ['ml-matrix', forMlMatrix, ML_MATRIX, {}],
])('%s', (_, module, table, total) => {
  it('has rows for every function', () => {
    const named = [...Object.entries(table).flatMap(([name, rows]) => (rows.length > 0 ? [name] : [])), ...Object.keys(total)];
    expect(named.sort()).toEqual(functionsOf(module).sort());
  });

  it.each(Object.entries(table))('%s', async (_name, rows) => {
    for (const [what, call, error, fields] of rows) {
      const got = await caught(call);
      expect(got, what).toBeInstanceOf(linalg.XError);
      expect(got, what).toBeInstanceOf(error);
      expect(got, what).toMatchObject(fields ?? {});
    }
  });
});

/** Arguments of any kind, sound ones among them, so that calls get past their first checks. */
const junk = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, true, Number.NaN, -1, 0, 0.5, 2, 3, 2 ** 40, 10n, '3', 'lower', Symbol('s'), () => 1),
  fc.constantFrom<unknown>({}, [], [1], [[1, 2]], { length: 3 }, { length: 2 ** 40 }, new Date(0), Object.create(null), new Int32Array(3)),
  fc.constantFrom<unknown>(A, x, linalg.csrFromDense(A), linalg.philox(1), linalg.lu(A), linalg.cholesky(A), linalg.philox(1).state()),
  fc.constantFrom<unknown>({ A }, { A, B: A, C: 5 }, { A, B: A, triangle: 'lower' }, { rows: 2, cols: 2 }, { size: 2 }, { L: null }),
  fc.constantFrom<unknown>({ indices: [0], weights: [1] }, { threads: 0 }, { seed: '1' }, { method: 'precondition', sketch: { rows: 1 } }),
);

describe('whatever the arguments are, what is thrown is a typed error', () => {
  it.each(functionsOf(linalg).filter((name) => !(name in TOTAL) && name !== 'createPool'))('%s', async (name) => {
    await fc.assert(
      fc.asyncProperty(fc.array(junk, { maxLength: 5 }), async (parameters) => {
        const error = await caught(() => any(linalg)[name](...parameters));
        if (error !== 'no error') expect(error).toBeInstanceOf(linalg.XError);
      }),
      { numRuns: effort(300) },
    );
  });
});

/** Calls that would write to their argument, if something else were not bad. */
const IN_PLACE: Readonly<Record<string, readonly ((target: Float64Array) => unknown)[]>> = {
  gemm: [
    (C) => linalg.gemm({ A, B: linalg.zeros(2, 3), C: linalg.dense(3, 3, C) }),
    (C) => linalg.gemm({ A, B: A, beta: any('1'), C: linalg.dense(3, 3, C) }),
    (C) => linalg.gemm({ A, B: A, C: { ...linalg.dense(3, 3, C), rowStride: 4 } }),
    (C) => linalg.gemm({ A, B: A, algorithm: any('strassen'), C: linalg.dense(3, 3, C) }),
  ],
  gemmAsync: [
    (C) => linalg.gemmAsync({ A, B: linalg.zeros(2, 3), C: linalg.dense(3, 3, C) }),
    (C) => linalg.gemmAsync({ A, B: A, C: linalg.dense(3, 3, C), signal: AbortSignal.abort() }),
  ],
  syrk: [(C) => linalg.syrk({ A, weights: new Float64Array(2), C: linalg.dense(3, 3, C) })],
  gemv: [
    (y) => linalg.gemv({ A, x: new Float64Array(2), y: y.subarray(0, 3) }),
    (y) => linalg.gemv({ A, x, beta: any('1'), y: y.subarray(0, 3) }),
  ],
  rankOneUpdate: [(C) => linalg.rankOneUpdate(linalg.dense(3, 3, C), x, new Float64Array(2))],
  rankKUpdate: [(C) => linalg.rankKUpdate(linalg.dense(3, 3, C), A, linalg.zeros(3, 2))],
  axpy: [(y) => linalg.axpy(1, x, y), (y) => linalg.axpy(any('1'), y, y)],
  scale: [(y) => linalg.scale(any('1'), y)],
};

it.each(Object.entries(IN_PLACE))('%s changes nothing before the error', async (_, calls) => {
  for (const call of calls) {
    const target = Float64Array.from({ length: 9 }, (_value, i) => i + 1);
    expect(await caught(() => call(target))).toBeInstanceOf(linalg.XError);
    expect(target).toEqual(Float64Array.from({ length: 9 }, (_value, i) => i + 1));
  }
});

import { readInput } from '@x/inputs';
import { describeWithInput } from '@x/inputs/vitest';
import { BadFileError } from '@x/linalg/errors';
import { effort } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMat } from '../src/index.ts';
import { rowOf } from '../src/sparse.ts';
import { announced, cells, fieldless, file, full, sparse, struct, text, type Value } from './mat-writer.ts';

/** Two reactions, one metabolite with S = [1 -2], C = [1 1] <= 7. */
const COBRA = {
  S: sparse(1, 2, [0, 1, 2], [0, 0], [1, -2]),
  lb: full(2, 1, [-1, 0]),
  ub: full(2, 1, [10, Number.POSITIVE_INFINITY]),
  b: full(1, 1, [3]),
  c: full(2, 1, [0, 1]),
  csense: text('E'),
  rxns: cells([text('R_up'), text('R_ü')]),
  mets: cells([text('atp')]),
  C: full(1, 2, [1, 1]),
  d: full(1, 1, [7]),
  dsense: text('L'),
};

describe('readMat', () => {
  it.each([false, true])('reads a COBRA model, compressed: %s', async (compressed) => {
    const body = await readMat(file({ note: text('hello'), model: struct(COBRA) }, compressed));
    expect(body).toMatchObject({ variables: 2, names: ['R_up', 'R_ü'], rowNames: ['atp', 'C[0]'], objective: { sense: 'max' } });
    expect([...body.lower, ...body.upper]).toEqual([-1, 0, 10, Number.POSITIVE_INFINITY]);
    expect([...body.rowLower, ...body.rowUpper]).toEqual([3, Number.NEGATIVE_INFINITY, 3, 7]);
    expect([...rowOf(body.rows, 0).entries]).toEqual([1, -2]);
    expect([...body.objective!.coefficients]).toEqual([0, 1]);
  });

  it('reads {Aeq, beq, lb, ub} and {Aineq, bineq}, as variables or in a struct; full and sparse are the same', async () => {
    const bounds = { lb: full(2, 1, [0, 0]), ub: full(2, 1, [1, 1]) };
    const equations = { Aeq: full(1, 2, [1, 0]), beq: full(1, 1, [0.5]), ...bounds };
    const flat = await readMat(file(equations, true));
    expect(flat).toMatchObject({ variables: 2, rowNames: ['Aeq[0]'], names: ['x0', 'x1'] });
    expect(await readMat(file({ problem: struct(equations) }, true))).toEqual(flat);
    expect(await readMat(file({ ...equations, Aeq: sparse(1, 2, [0, 1, 1], [0], [1]) }, false))).toEqual(flat);
    const less = await readMat(file({ Aineq: full(1, 2, [1, 1]), bineq: full(1, 1, [1]), ...bounds }, true));
    expect([less.rowLower[0], less.rowUpper[0]]).toEqual([Number.NEGATIVE_INFINITY, 1]);
  });

  it.each<[string, Record<string, Value>, RegExp]>([
    ['no model', { a: text('x') }, /no model among the variables \(a\)/],
    ['two models', { a: struct(COBRA), b: struct(COBRA) }, /several models \(a, b\)/],
    ['too few bounds', { model: struct({ ...COBRA, lb: full(1, 1, [0]) }) }, /lb has 1 entries; the model has 2 variables/],
    ['a lower bound of +Infinity', { model: struct({ ...COBRA, lb: full(2, 1, [0, Number.POSITIVE_INFINITY]) }) }, /lb\[2\] is Infinity/],
    ['NaN', { model: struct({ ...COBRA, S: full(1, 2, [1, Number.NaN]) }) }, /S\(1, 2\) is NaN/],
    ['a matrix of text', { model: struct({ ...COBRA, S: text('zzz') }) }, /S is text; a matrix is needed/],
    ['a name twice', { model: struct({ ...COBRA, rxns: cells([text('a'), text('a')]) }) }, /the name a comes twice/],
    ['a sense that is none', { model: struct({ ...COBRA, csense: text('Q') }) }, /the sense of row 1 of S is Q/],
    [
      'a row beyond the matrix',
      { model: struct({ ...COBRA, S: sparse(1, 2, [0, 1, 2], [0, 9], [1, 1]) }) },
      /row 9 of a sparse matrix of 1 rows/,
    ],
    ['column starts that fall', { model: struct({ ...COBRA, S: sparse(1, 2, [0, 2, 1], [0, 0], [1, 1]) }) }, /do not rise/],
  ])('refuses %s', async (_, variables, message) => {
    const error = await readMat(file(variables, true)).catch((e) => e);
    expect(error).toBeInstanceOf(BadFileError);
    expect(error.message).toMatch(message);
  });

  it('refuses other files, what nests too deep, and what grows too large when decompressed', async () => {
    await expect(readMat(Buffer.from('nothing'))).rejects.toThrow(/no MATLAB level 5 file/);
    await expect(readMat(Buffer.from('\x89HDF\r\n', 'latin1'))).rejects.toThrow(/save it with -v7/);
    let deep: Value = text('x');
    for (let k = 0; k < 40; k++) deep = cells([deep]);
    await expect(readMat(file({ deep }, true))).rejects.toThrow(/nest deeper than 32/);
    const zeros = file({ Aeq: full(1000, 100, new Array(1e5).fill(0)) }, true);
    await expect(readMat(zeros, { maxBytes: 1e5 })).rejects.toThrow(/raise maxBytes/);
  });

  it('refuses sizes that a few bytes announce, before it makes room for them', async () => {
    const huge = 2 ** 31 - 1;
    for (const [S, message] of [
      [sparse(huge, 2, [0, 1, 2], [0, 0], [1, -2]), /at most 10000000 rows/],
      [announced(4, 1, huge), /characters; 1 x 2147483647 are announced/],
      [announced(4, huge, 2), /characters; 2147483647 x 2 are announced/],
      [fieldless(huge), /2147483647 items are announced/],
    ] as const) {
      const error = await readMat(file({ model: struct({ ...COBRA, S }) }, false)).catch((e) => e);
      expect(error).toBeInstanceOf(BadFileError);
      expect(error.message).toMatch(message);
    }
    const wide = struct({ Aeq: full(0, huge, []), lb: full(0, huge, []), ub: full(0, huge, []) });
    await expect(readMat(file({ wide }, false))).rejects.toThrow(BadFileError);
  });

  it('any damage gives a model or a BadFileError, never anything else', async () => {
    const whole = [file({ model: struct(COBRA) }, false), file({ model: struct(COBRA) }, true)];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...whole),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
        fc.option(fc.nat()),
        async (bytes, changes, cutAt) => {
          const damaged = Buffer.from(bytes);
          for (const [at, value] of changes) damaged[at % damaged.length] = value;
          const part = cutAt === null ? damaged : damaged.subarray(0, cutAt % damaged.length);
          const result = await readMat(part).catch((e) => e);
          if (result instanceof Error) expect(result).toBeInstanceOf(BadFileError);
        },
      ),
      { numRuns: effort(300) },
    );
  });
});

describeWithInput('metabolic/Recon1.mat', import.meta.url, (path) => {
  it('Recon1: 2766 equations, 3741 fluxes, 14299 coefficients', async () => {
    const body = await readMat(readInput(path));
    expect([body.rows.rows, body.variables, body.rows.data.length]).toEqual([2766, 3741, 14299]);
  });
});

describeWithInput('metabolic/Ec_iAF1260_flux1.mat', import.meta.url, (path) => {
  it('iAF1260, by names', async () => {
    const body = await readMat(readInput(path));
    expect([body.rows.rows, body.variables, body.names[0], body.rowNames[0]]).toEqual([1668, 2382, '12DGR120tipp', '10fthf[Cytosol]']);
  });
});

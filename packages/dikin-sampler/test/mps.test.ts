import { csrToDense, toRows } from '@x/linalg';
import { BadFileError } from '@x/linalg/errors';
import { effort } from '@x/testkit';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Polytope, readMps } from '../src/index.ts';
import { parseBound, parseDecimal } from '../src/readers/number.ts';

const INF = Number.POSITIVE_INFINITY;

/** A file with every section, in the given form's spacing. */
const EXAMPLE = `* a comment
NAME          EXAMPLE
OBJSENSE
    MAX
ROWS
 N  COST
 L  LIM1
 G  LIM2
 E  MYEQN
 E  OTHER
 N  SPARE
COLUMNS
    X         COST               1.0   LIM1               1.0
    X         LIM2               1.0   SPARE              9.0
    Y         COST               2.0   LIM1               1.0
    Y         MYEQN             -1.0
    Z         COST              -1.0   MYEQN            1.0D0
    Z         OTHER              .5
    W         OTHER             +2.
RHS
    RHS       COST             -10.0   LIM1               4.0
    RHS       LIM2               1.0   MYEQN              7.0
RANGES
    RNG       LIM1               2.5   LIM2               4.0
    RNG       MYEQN             -3.0   OTHER              5.0
BOUNDS
 UP BND       X                  4.0
 LO BND       Y                 -1.0
 UP BND       Y                  1.0
 MI BND       Z
 UP BND       W                 -2.0
ENDATA
`;

function entries(body: Polytope) {
  const { rowLower, rowUpper, lower, upper } = body;
  return { rows: toRows(csrToDense(body.rows)), rowLower: [...rowLower], rowUpper: [...rowUpper], lower: [...lower], upper: [...upper] };
}

function withBounds(lines: string): Polytope {
  return readMps(`NAME\nROWS\n N C\n L R\nCOLUMNS\n x R 1\n y R 1\nRHS\n B R 1\nBOUNDS\n${lines}\nENDATA\n`);
}

describe('readMps', () => {
  it('reads rows, ranges, bounds, objective and sense', () => {
    const body = readMps(EXAMPLE);
    expect(body.names).toEqual(['X', 'Y', 'Z', 'W']);
    expect(body.rowNames).toEqual(['LIM1', 'LIM2', 'MYEQN', 'OTHER']);
    expect(entries(body)).toEqual({
      rows: [
        [1, 1, 0, 0],
        [1, 0, 0, 0],
        [0, -1, 1, 0],
        [0, 0, 0.5, 2],
      ],
      // L: [rhs - |R|, rhs]; G: [rhs, rhs + |R|]; E: towards the sign of R.
      rowLower: [1.5, 1, 4, 0],
      rowUpper: [4, 5, 7, 5],
      // W: a negative upper bound without a lower one frees the lower side.
      lower: [0, -1, -INF, -INF],
      upper: [4, 1, INF, -2],
    });
    expect(body.objective).toEqual({ coefficients: Float64Array.of(1, 2, -1, 0), offset: 10, sense: 'max', name: 'COST' });
  });

  it('reads the same from both forms', () => {
    expect(readMps(EXAMPLE, { form: 'fixed' })).toEqual(readMps(EXAMPLE, { form: 'free' }));
  });

  it('reads names with spaces in fixed form, which auto falls back to', () => {
    const text = EXAMPLE.replaceAll(/LIM1( |$)/gm, 'LIM 1')
      .replaceAll('    X         ', '    MY X      ')
      .replaceAll('BND       X   ', 'BND       MY X');
    expect(readMps(text).names).toEqual(['MY X', 'Y', 'Z', 'W']);
    expect(readMps(text).rowNames[0]).toBe('LIM 1');
  });

  it.each([
    ['FR', ' FR B x', [-INF, INF]],
    ['MI', ' MI B x', [-INF, INF]],
    ['PL', ' PL B x', [0, INF]],
    ['BV', ' BV B x', [0, 1]],
    ['FX', ' FX B x 3', [3, 3]],
    ['UP', ' UP B x 3', [0, 3]],
    ['LO', ' LO B x -3', [-3, INF]],
    ['negative UP', ' UP B x -3', [-INF, -3]],
    ['negative UP after LO', ' LO B x -5\n UP B x -3', [-5, -3]],
    ['LO after negative UP', ' UP B x -3\n LO B x -5', [-5, -3]],
    ['UP 0', ' UP B x 0', [0, 0]],
    ['infinite UP', ' UP B x 1e30', [0, INF]],
    ['word for infinity', ' UP B x Inf\n LO B x -Infinity', [-INF, INF]],
    ['no set name', ' UP x 3', [0, 3]],
    ['no set name nor value', ' FR x', [-INF, INF]],
    ['FR with a number', ' FR B x 0', [-INF, INF]],
    ['second set ignored', ' UP B x 3\n UP C x 2', [0, 3]],
  ])('bound %s', (_, lines, expected) => {
    const body = withBounds(lines);
    expect([body.lower[0], body.upper[0]]).toEqual(expected);
    expect([body.lower[1], body.upper[1]]).toEqual([0, INF]);
  });

  it('lists integer variables that it reads as real', () => {
    expect(withBounds(' BV B x\n UI B y 4').relaxed).toEqual(['x', 'y']);
    const text = `ROWS\n N C\nCOLUMNS\n M1 'MARKER' 'INTORG'\n x C 1\n M2 'MARKER' 'INTEND'\n y C 1\nRHS\nENDATA`;
    expect(readMps(text).relaxed).toEqual(['x']);
  });

  it('takes names that would break an object used as a map', () => {
    const body = readMps(
      'ROWS\n N C\n L __proto__\n L constructor\nCOLUMNS\n __proto__ __proto__ 1 constructor 2\nRHS\n B __proto__ 3\nENDATA',
    );
    expect(body.names).toEqual(['__proto__']);
    expect([...body.rowUpper]).toEqual([3, 0]);
  });

  it.each([
    ['no ENDATA', 'ROWS\n N C\nCOLUMNS\n x C 1\n', undefined],
    ['unknown section', 'ROWS\n N C\nFROWS\n', 3],
    ['data before a section', ' N C\n', 1],
    ['unknown row type', 'ROWS\n Q C\n', 2],
    ['double row', 'ROWS\n N C\n L C\n', 3],
    ['unknown row', 'ROWS\n N C\nCOLUMNS\n x D 1\n', 4],
    ['double entry', 'ROWS\n N C\nCOLUMNS\n x C 1 C 2\n', 4],
    ['column in two places', 'ROWS\n N C\nCOLUMNS\n x C 1\n y C 1\n x C 1\n', 6],
    ['bad number', 'ROWS\n N C\nCOLUMNS\n x C 1x\n', 4],
    ['overflow', 'ROWS\n N C\nCOLUMNS\n x C 1e999\n', 4],
    ['missing number', 'ROWS\n N C\nCOLUMNS\n x C\n', 4],
    ['unknown bound type', 'ROWS\n N C\nCOLUMNS\n x C 1\nBOUNDS\n XX B x 1\n', 6],
    ['bound of an unknown column', 'ROWS\n N C\nCOLUMNS\n x C 1\nBOUNDS\n UP B y 1\n', 6],
    ['range of an objective', 'ROWS\n N C\nCOLUMNS\n x C 1\nRANGES\n R C 1\n', 6],
    ['two right-hand sides', 'ROWS\n N C\n L R\nCOLUMNS\n x R 1\nRHS\n B R 1\n B R 2\n', 8],
    ['bad sense', 'OBJSENSE\n UP\n', 2],
    ['no columns', 'ROWS\n N C\nENDATA\n', undefined],
  ])('refuses %s, naming the line', (_, text, line) => {
    expect(() => readMps(text)).toThrow(BadFileError);
    try {
      readMps(text);
    } catch (error) {
      expect((error as BadFileError).line).toBe(line);
    }
  });

  it('refuses a text longer than the limit before it reads it', () => {
    expect(() => readMps(EXAMPLE, { maxLength: 100 })).toThrow(/at most 100/);
  });

  it('never throws anything but BadFileError on damaged files', () => {
    const damage = fc.tuple(fc.nat(EXAMPLE.length), fc.nat(30), fc.string({ maxLength: 8 }));
    fc.assert(
      fc.property(damage, ([at, cutLength, insert]) => {
        try {
          readMps(EXAMPLE.slice(0, at) + insert + EXAMPLE.slice(at + cutLength));
        } catch (error) {
          if (!(error instanceof BadFileError)) throw error;
        }
      }),
      { seed: 1, numRuns: effort(2000, 100_000) },
    );
  });
});

describe('parseDecimal', () => {
  it('agrees with Number on every decimal notation, also after D for E', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }).filter((x) => x !== 0),
        fc.constantFrom('e', 'E', 'd', 'D'),
        (value, mark) => {
          expect(parseDecimal(value.toExponential().replace('e', mark))).toBe(value);
          expect(parseDecimal(String(value).replace('e', mark))).toBe(value);
        },
      ),
      { seed: 2 },
    );
  });

  it.each(['', '.', '-', '+-1', '1e', '1e+', '0x10', '1_000', ' 1', '1 ', 'NaN', 'Infinity', '1.2.3', '١'])('refuses "%s"', (text) => {
    expect(parseDecimal(text)).toBeUndefined();
  });

  it('takes time linear in a hostile field', () => {
    expect(parseDecimal(`${'1'.repeat(1_000_000)}x`)).toBeUndefined();
    expect(parseBound('-1e30')).toBe(-INF);
  });
});

import { readInput } from '@x/inputs';
import { describeWithInput } from '@x/inputs/vitest';
import { csrToDense, toRows } from '@x/linalg';
import { BadFileError } from '@x/linalg/errors';
import { effort } from '@x/testkit';
import fc from 'fast-check';
import load, { type Highs } from 'highs';
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
    ['FR after UP', ' UP B x 3\n FR B x', [-INF, INF]],
    ['PL after UP', ' UP B x 3\n PL B x', [0, INF]],
    ['MI and UP', ' MI B x\n UP B x 3', [-INF, 3]],
    ['BV after LO', ' LO B x -3\n BV B x', [0, 1]],
    ['UI', ' UI B x 4', [0, 4]],
    ['LI', ' LI B x 2', [2, INF]],
    ['large but finite', ' UP B x 9e29', [0, 9e29]],
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

  it('an integer variable that BOUNDS does not name lies in [0, 1], others do not', () => {
    const text = (bounds: string) =>
      `ROWS\n N C\nCOLUMNS\n M1 'MARKER' 'INTORG'\n x C 1\n y C 1\n M2 'MARKER' 'INTEND'\n z C 1\nRHS\nBOUNDS\n${bounds}ENDATA`;
    expect([...readMps(text(' LO B y 1\n')).upper]).toEqual([1, INF, INF]);
    expect([...readMps(text(' PL B y\n')).upper]).toEqual([1, INF, INF]);
    expect([...readMps(text('')).lower]).toEqual([0, 0, 0]);
  });

  it('counts the first set of right-hand sides and of ranges only, and the constant of the objective alone', () => {
    const body = readMps(
      'ROWS\n N C\n N SPARE\n L R\n G S\nCOLUMNS\n x C 1 R 1\n x S 1\nRHS\n B R 4 S 1\n B SPARE 7\n B2 R 5 C 9\nRANGES\n G R 1\n G2 R 2 S 3\nENDATA',
    );
    expect([...body.rowLower, ...body.rowUpper]).toEqual([3, 1, 4, INF]);
    expect(body.objective?.offset).toBe(0);
    const negative = readMps('ROWS\n N C\n L R\nCOLUMNS\n x C 1 R 1\nRHS\n B C -2.5 R -4\nENDATA');
    expect([negative.objective?.offset, negative.rowUpper[0]]).toEqual([2.5, -4]);
  });

  it('takes the size of a range on an inequality, whatever its sign', () => {
    const body = readMps('ROWS\n N C\n L R\n G S\nCOLUMNS\n x R 1 S 1\nRHS\n B R 4 S 1\nRANGES\n D R -2.5 S -3\nENDATA');
    expect([...body.rowLower, ...body.rowUpper]).toEqual([1.5, 1, 4, 4]);
  });

  it.each([
    ['on a line of its own', 'OBJSENSE\n    MAXIMIZE\n'],
    ['on the header', 'OBJSENSE MAX\n'],
  ])('reads the sense %s', (_, lines) => {
    expect(readMps(`NAME T\n${lines}ROWS\n N C\nCOLUMNS\n x C 1\nENDATA`).objective?.sense).toBe('max');
  });

  it('counts blank lines and comments, and reads lines that end in CR LF', () => {
    const text = 'NAME T\n* comment\n\nROWS\n N C\nCOLUMNS\n x D 1\nENDATA\n';
    for (const one of [text, text.replaceAll('\n', '\r\n')]) expect(() => readMps(one)).toThrow(/line 7/);
    expect(readMps(EXAMPLE.replaceAll('\n', '\r\n'), { form: 'fixed' })).toEqual(readMps(EXAMPLE));
  });

  it('refuses to cut a name or number that is longer than its field of a card, and says where', () => {
    const long = EXAMPLE.replaceAll(/LIM1( |$)/gm, 'LIM 1').replace('               1.0   LIM 1', '1.23456789012345   LIM 1');
    expect(() => readMps(long, { form: 'fixed' })).toThrow(/line 13 has characters between the fields/);
    // Names with spaces: it was meant in fixed form, so it is that reader's complaint that helps.
    expect(() => readMps(long)).toThrow(/line 13 has characters between the fields/);
    expect(() => readMps(EXAMPLE.replace('LIM1               1.0\n', 'LIM1              -1.05\n'), { form: 'fixed' })).toThrow(/line 13/);
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
    ['two constants', 'ROWS\n N C\n L R\nCOLUMNS\n x R 1\nRHS\n B C 1\n B C 1\n', 8],
    ['an infinite lower bound', 'ROWS\n N C\nCOLUMNS\n x C 1\nBOUNDS\n LO B x 1e30\n', 6],
    ['a bound fixed at infinity', 'ROWS\n N C\nCOLUMNS\n x C 1\nBOUNDS\n FX B x -Inf\n', 6],
    ['an upper bound of -infinity', 'ROWS\n N C\nCOLUMNS\n x C 1\nBOUNDS\n UP B x -1e30\n', 6],
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

/** The types are those of the CommonJS build, whose default lies a level deeper. */
const loadHighs = load as unknown as () => Promise<Highs>;

const NETLIB = [
  '25fv47',
  'adlittle',
  'afiro',
  'bandm',
  'blend',
  'degen2',
  'israel',
  'kb2',
  'sc105',
  'scfxm1',
  'sctap1',
  'share2b',
  'stocfor1',
];
for (const name of NETLIB) {
  describeWithInput(`netlib/${name}.mps.gz`, import.meta.url, (path) => {
    it(`${name}: the same polytope as HiGHS's own reader makes of it`, async () => {
      const text = readInput(path).toString('latin1');
      const { rows, rowLower, rowUpper, lower, upper, objective } = readMps(text);
      const model = (await loadHighs()).createModel();
      model.options.set({ output_flag: false });
      model.readModel({ format: 'mps', data: text });
      const lp = model.getLp('csr');
      model.dispose();
      const { starts, indices, values } = lp.matrix;
      expect(cells(rows.indptr, rows.indices, rows.data)).toEqual(cells(starts, indices, values));
      expect([rowLower, rowUpper, lower, upper]).toEqual([lp.rowLower, lp.rowUpper, lp.colLower, lp.colUpper]);
      expect([...objective!.coefficients, objective!.offset]).toEqual([...lp.colCost, lp.offset]);
    });
  });
}

/** Row, column and value of every entry, in one order. */
function cells(starts: ArrayLike<number>, indices: ArrayLike<number>, values: ArrayLike<number>): string[] {
  return Array.from({ length: starts.length - 1 }, (_, i) => i)
    .flatMap((i) =>
      Array.from({ length: starts[i + 1]! - starts[i]! }, (_, k) => `${i} ${indices[starts[i]! + k]} ${values[starts[i]! + k]}`),
    )
    .sort();
}

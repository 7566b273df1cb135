import { csrToDense, toRows } from '@x/linalg';
import { BadFileError } from '@x/linalg/errors';
import { effort } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBiggJson } from '../src/index.ts';

const MODEL = {
  metabolites: [{ id: 'a' }, { id: '__proto__' }],
  reactions: [
    { id: 'in', metabolites: { a: 1 }, lower_bound: 0, upper_bound: 10 },
    { id: 'turn', metabolites: JSON.parse('{"a": -1, "__proto__": 2}'), lower_bound: -1000, upper_bound: 1000 },
    { id: 'out', metabolites: JSON.parse('{"__proto__": -1}'), lower_bound: 0, upper_bound: 1000, objective_coefficient: 1 },
  ],
};

describe('readBiggJson', () => {
  it('reads the flux polytope', () => {
    const body = readBiggJson(JSON.stringify(MODEL));
    expect(body.names).toEqual(['in', 'turn', 'out']);
    expect(body.rowNames).toEqual(['a', '__proto__']);
    expect(toRows(csrToDense(body.rows))).toEqual([
      [1, -1, 0],
      [0, 2, -1],
    ]);
    expect([...body.rowLower, ...body.rowUpper]).toEqual([0, 0, 0, 0]);
    expect([...body.lower]).toEqual([0, -1000, 0]);
    expect([...body.upper]).toEqual([10, 1000, 1000]);
    expect(body.objective).toEqual({ coefficients: Float64Array.of(0, 0, 1), offset: 0, sense: 'max', name: 'objective' });
    expect(body.relaxed).toEqual([]);
  });

  const withBounds = (lower: unknown, upper: unknown) =>
    readBiggJson(JSON.stringify({ ...MODEL, reactions: [{ ...MODEL.reactions[0], lower_bound: lower, upper_bound: upper }] }));

  it('reads infinity in the words that other tools write, and bounds that fix a flux', () => {
    for (const [lower, upper] of [
      ['-inf', 'inf'],
      ['-Infinity', 'Infinity'],
    ]) {
      const body = withBounds(lower, upper);
      expect([body.lower[0], body.upper[0]]).toEqual([-Infinity, Infinity]);
    }
    const fixed = withBounds(8.39, 8.39);
    expect([fixed.lower[0], fixed.upper[0]]).toEqual([8.39, 8.39]);
  });

  it('refuses bounds that no flux satisfies, and a text longer than the limit', () => {
    expect(() => withBounds('inf', 'inf')).toThrow(/no flux satisfies/);
    expect(() => withBounds(0, '-inf')).toThrow(/no flux satisfies/);
    const text = JSON.stringify(MODEL);
    expect(() => readBiggJson(text, { maxLength: text.length - 1 })).toThrow(/at most/);
    expect(readBiggJson(text, { maxLength: text.length }).variables).toBe(3);
  });

  it.each([
    ['an array', '[]'],
    ['no metabolites', '{"reactions": []}'],
    ['no reactions', '{"metabolites": [], "reactions": []}'],
    ['a reaction without id', '{"metabolites": [], "reactions": [{}]}'],
    ['a double id', '{"metabolites": [{"id": "a"}, {"id": "a"}], "reactions": []}'],
    [
      'an unknown metabolite',
      '{"metabolites": [], "reactions": [{"id": "r", "metabolites": {"b": 1}, "lower_bound": 0, "upper_bound": 1}]}',
    ],
    [
      'a bound that is a string',
      '{"metabolites": [], "reactions": [{"id": "r", "metabolites": {}, "lower_bound": "0", "upper_bound": 1}]}',
    ],
    [
      'a null coefficient',
      '{"metabolites": [{"id": "a"}], "reactions": [{"id": "r", "metabolites": {"a": null}, "lower_bound": 0, "upper_bound": 1}]}',
    ],
  ])('refuses %s', (_, text) => {
    expect(() => readBiggJson(text)).toThrow(BadFileError);
  });

  it('never throws anything but BadFileError on damaged files', () => {
    const read = (text: string) => {
      try {
        readBiggJson(text);
      } catch (error) {
        if (!(error instanceof BadFileError)) throw error;
      }
    };
    const text = JSON.stringify(MODEL);
    const damage = fc.tuple(fc.nat(text.length), fc.nat(30), fc.string({ maxLength: 8 }));
    const values = [...text.matchAll(/"[^"]*"(?!:)|-?\d+|\[\]|\{\}/g)].map(({ index, 0: value }) => [index, value.length] as const);
    // Half of them stay JSON: only a value is another one.
    const replaced = fc.tuple(fc.constantFrom(...values), fc.json({ maxDepth: 2 }));
    fc.assert(
      fc.property(damage, replaced, ([at, cut, insert], [[index, length], value]) => {
        read(text.slice(0, at) + insert + text.slice(at + cut));
        read(text.slice(0, index) + value + text.slice(index + length));
      }),
      { seed: 3, numRuns: effort(1000, 50_000) },
    );
  });

  it('names the line where the text is not JSON and the engine tells it', () => {
    try {
      readBiggJson('{\n"metabolites": [],\n"reactions" []\n}');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(BadFileError);
      expect((error as BadFileError).line).toBe(3);
    }
  });
});

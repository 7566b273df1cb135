import { describe, expect, it } from 'vitest';
import { markdown } from '../src/format.ts';
import { placesIn, ratioOwners, withRatios, withTable } from '../src/readme.ts';
import type { RunResult, SuiteResult } from '../src/results.ts';

const spread = { min: 11, median: 12.34, max: 13, kept: 7, of: 9 };
const run: RunResult = {
  node: 'v20.1.0',
  date: '2026-01-01',
  clock: 'cpu',
  gate: 0.95,
  calibration: { name: 'fake' },
  cases: [
    {
      label: 'n = 8',
      contenders: [
        { name: '@x/a plain', status: 'measured' },
        { name: '@x/a auto', status: 'measured' },
        { name: 'peer 1.0', status: 'measured', ratio: spread },
        { name: 'gone 1.0', status: 'absent' },
      ],
    },
  ],
  bars: [{ of: '@x/a auto', over: 'peer 1.0', atLeast: 1, case: 'n = 8', ratio: { ...spread, median: 24, kept: 0 } }],
  exponents: [],
};
const result: SuiteResult = { suite: 'toy', title: 'toys', machine: { cpu: 'Fake', cores: 2, platform: 'linux' }, runs: [run] };

describe('a table', () => {
  const readme = 'a\n<!-- bench:toy -->\n<!-- /bench:toy -->\nb\n';

  it('stands at its place, and a missing result leaves the place empty', () => {
    const once = withTable(readme, 'toy', result);
    expect(once).toBe(`a\n<!-- bench:toy -->\n\n${markdown(result)}\n<!-- /bench:toy -->\nb\n`);
    expect(withTable(once as string, 'toy', result)).toBe(once);
    expect(withTable(once as string, 'toy', undefined)).toBe(readme);
  });

  it('has no place without markers', () => {
    expect(placesIn(readme)).toEqual(['toy']);
    expect(withTable(readme, 'other', result)).toBeUndefined();
  });
});

describe('a ratio', () => {
  const place = (of: string, over: string, text = 'not yet measured', name = '@x/a') =>
    `| <!-- ratio:${name}; toy; n = 8; ${of}; ${over} -->${text}<!-- /ratio --> |`;
  const filled = (of: string, over: string, results = [result]) => withRatios(place(of, over, '1'), '@x/a', results);

  it('is that over the first contender, or that of a target; a tilde where nothing was kept', () => {
    expect(filled('@x/a plain', 'peer 1.0')).toBe(place('@x/a plain', 'peer 1.0', '12.3 (11-13) [7] on Node 20.1.0'));
    expect(filled('@x/a auto', 'peer 1.0')).toBe(place('@x/a auto', 'peer 1.0', '~ 24 (11-13) [0] on Node 20.1.0'));
  });

  it('of several versions of Node is told for each', () => {
    const both = { ...result, runs: [run, { ...run, node: 'v24.1.0' }] };
    expect(filled('@x/a plain', 'peer 1.0', [both])).toContain('12.3 (11-13) [7] on Node 20.1.0, 12.3 (11-13) [7] on Node 24.1.0<');
  });

  it('without a result, of a peer that was absent or a case that was not reached, is not yet measured', () => {
    const [unmeasured, absent] = [place('@x/a plain', 'peer 1.0'), place('@x/a plain', 'gone 1.0')];
    expect(filled('@x/a plain', 'peer 1.0', [])).toBe(unmeasured);
    expect(filled('@x/a plain', 'gone 1.0')).toBe(absent);
    expect(filled('@x/a plain', 'peer 1.0', [{ ...result, runs: [{ ...run, cases: [], unfinished: ['n = 8'] }] }])).toBe(unmeasured);
  });

  it('of contenders that the result lacks is refused', () =>
    expect(() => filled('@x/a plain', 'pear 1.0')).toThrow("no case 'n = 8' with a contender 'pear 1.0'"));

  it('of another package is left as it is', () => {
    const other = place('x', 'y', '5', '@x/b');
    expect(withRatios(other, '@x/a', [result])).toBe(other);
    expect(ratioOwners(`${other}${place('x', 'y')}`)).toEqual(['@x/b', '@x/a']);
  });
});

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { closingLine, type Result, readResults, resultsOfClaims, writeResults } from '../src/results.ts';
import { resultsOf } from '../src/turbo.ts';

const file = (): string => join(mkdtempSync(join(tmpdir(), 'results-')), 'unit.json');

const MIXED: Result[] = [
  { name: 'a', outcome: 'passed' },
  { name: 'b', outcome: 'failed', detail: 'because' },
  { name: 'c', outcome: 'skipped', detail: 'no input' },
];

describe('results', () => {
  it('come back as they were written', () => {
    const path = file();
    writeResults(path, 'suite', MIXED);
    expect(readResults(path)).toEqual(MIXED);
  });

  it('are undefined where no report is', () => expect(readResults(file())).toBeUndefined());

  it('count a file that did not load as a failure', () => {
    const path = file();
    const report = { testResults: [{ name: 'x.test.ts', status: 'failed', message: 'SyntaxError', assertionResults: [] }] };
    writeFileSync(path, JSON.stringify(report));
    expect(readResults(path)).toEqual([{ name: 'x.test.ts', outcome: 'failed', detail: 'SyntaxError' }]);
  });

  it('close with the line that says how many', () => {
    expect(closingLine(MIXED)).toBe('1 passed, 1 failed, 1 skipped');
    expect(closingLine(MIXED.slice(0, 1))).toBe('1 passed, 0 failed');
  });
});

it('claims of the main job are results; only failed ones fail', () => {
  const claim = (verdict: string, more = {}) => ({ package: '@x/a', id: verdict, verdict, ...more });
  const results = [claim('holds'), claim('refuted-as-documented'), claim('skipped', { note: 'no b' }), claim('failed', { error: 'c' })];
  expect(resultsOfClaims({ results }).map(({ name, outcome, detail }) => [name, outcome, detail])).toEqual([
    ['@x/a/holds', 'passed', undefined],
    ['@x/a/refuted-as-documented', 'passed', undefined],
    ['@x/a/skipped', 'skipped', 'no b'],
    ['@x/a/failed', 'failed', 'c'],
  ]);
});

describe('a task', () => {
  it('without tests of its own is one check', () => {
    expect(resultsOf('@x/a#types', 0, undefined)).toMatchObject([{ outcome: 'passed' }]);
    expect(resultsOf('@x/a#types', 2, undefined)).toMatchObject([{ outcome: 'failed' }]);
  });

  it('that must leave a report fails without one', () => {
    for (const id of ['@x/a#unit', 'start']) {
      expect(resultsOf(id, 0, undefined)).toMatchObject([{ outcome: 'failed', detail: 'it left no report' }]);
    }
  });

  it('that exits with an error fails, whatever its report says', () => {
    expect(resultsOf('@x/a#unit', 1, [{ name: 'a', outcome: 'passed' }]).map((r) => r.outcome)).toEqual(['passed', 'failed']);
    expect(resultsOf('@x/a#unit', 1, MIXED)).toEqual(MIXED);
  });
});

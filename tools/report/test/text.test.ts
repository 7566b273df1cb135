import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatNumber, formatPower, formatSeconds, sentence, typographic } from '../src/format.ts';
import { domainOf, ticks } from '../src/html/axis.ts';
import { claimsTable, writeClaims } from '../src/readme.ts';
import type { Report, Result } from '../src/report.ts';
import { summaryTable, wrap } from '../src/summary.ts';

const result: Result = {
  package: '@x/a',
  id: 'one',
  claim: 'A claim | with a bar, and many words that have to be broken into several lines of the table because they do not fit into one.',
  source: 'Paper, Theorem 1',
  inputs: [],
  verdict: 'holds',
  measured: 'x'.repeat(80),
  bound: '<= 1',
  seconds: 1,
};

describe('numbers', () => {
  it.each([
    [0, '0'],
    [1234, '1234'],
    [12345, '12\u202f345'],
    [-1234567, '−1\u202f234\u202f567'],
    [0.123456, '0.1235'],
    [12345.678, '12\u202f350'],
    [1.5e-7, '1.5 × 10⁻⁷'],
    [-2.34567e22, '−2.346 × 10²²'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '−∞'],
  ])('%d reads %s', (value, text) => expect(formatNumber(value)).toBe(text));
  it.each([
    [1e6, '10⁶'],
    [1e-12, '10⁻¹²'],
    [100, '100'],
    [0.01, '0.01'],
  ])('%d is marked %s', (value, text) => expect(formatPower(value)).toBe(text));
  it.each([
    [0.01, '< 0.1 s'],
    [59.94, '59.9 s'],
    [119.7, '2 min 0 s'],
  ])('%d seconds read %s', (value, text) => expect(formatSeconds(value)).toBe(text));
});

describe('texts', () => {
  it.each([
    ['|x| <= 3.1e-13 and p >=1e-6', '|x| ≤\u00a03.1\u00a0×\u00a010⁻¹³ and p ≥\u00a010⁻⁶'],
    ['|a - b| of 20 x 3: 2.0e+1, Infinity', '|a − b| of 20\u00a0×\u00a03: 20, ∞'],
    ['-1e-1 - 2', '-0.1 − 2'],
    ['1 +- 2.0e+0', '1 ± 2.0'],
    ['file1e5 and x1e-3', 'file1e5 and x1e-3'],
  ])('%s is set as %s', (text, set) => expect(typographic(text)).toBe(set));
  it.each([
    ['own derivation', 'Own derivation.'],
    ['m = 3 rows.', 'm = 3 rows.'],
    ['Done!', 'Done!'],
  ])('%s as a sentence is %s', (text, set) => expect(sentence(text)).toBe(set));
});

describe('axes', () => {
  it.each([
    ['linear', [0, 1]],
    ['linear', [-3e-9, 5e-9]],
    ['linear', [7, 7]],
    ['linear', [0, 0]],
    ['linear', [1e300, 1e308]],
    ['log', [1, 1]],
    ['log', [1e-300, 1e300]],
    ['log', [3, 4]],
    ['log', [1, 50]],
    ['log', [2, 900]],
  ] as const)('%s %j has some marks, inside and in order', (scale, values) => {
    const domain = domainOf(values, scale === 'log');
    if (!domain) throw new Error('no domain');
    expect(domain[0]).toBeLessThan(domain[1]);
    const marks = ticks({ label: '', scale }, domain, 6);
    expect(marks.length).toBeGreaterThan(1);
    expect(marks.length).toBeLessThan(13);
    for (const [i, mark] of marks.entries()) {
      const slack = 1e-8 * Math.max(Math.abs(domain[0]), Math.abs(domain[1]));
      expect(mark).toBeGreaterThanOrEqual(domain[0] - slack);
      expect(mark).toBeLessThanOrEqual(domain[1] + slack);
      if (i > 0) expect(mark).toBeGreaterThan(marks[i - 1] as number);
    }
  });
});

describe('the summary', () => {
  const machine = { cpu: '', cores: 1, memoryGiB: 1, system: '', node: '' };
  const packages = [{ name: '@x/a', version: '1.0.0' }];
  const refuted = { ...result, verdict: 'refuted-as-documented' as const };
  const report: Report = { date: '', seed: 1, quick: true, seconds: 1, machine, packages, results: [result, refuted], unfinished: [] };
  it.each([60, 80, 100, 200])('fits into %d columns', (width) => {
    for (const line of summaryTable(report, width, false).split('\n')) expect(line.length).toBeLessThanOrEqual(width);
  });
  it('breaks at spaces and hyphens, and inside a word that is too long', () => {
    expect(wrap('refuted-as-documented', 13)).toEqual(['refuted-as-', 'documented']);
    expect(wrap('one two  three', 8)).toEqual(['one two', 'three']);
    expect(wrap('a bbbbbbbbb', 4)).toEqual(['a', 'bbbb', 'bbbb', 'b']);
    expect(wrap('', 4)).toEqual(['']);
  });
});

describe('a README', () => {
  const folder = mkdtempSync(join(tmpdir(), 'x-readme-'));
  const file = join(folder, 'README.md');
  it('gets the claims between its markers, and keeps the rest', () => {
    writeFileSync(file, 'before\n<!-- claims -->\nold\n<!-- /claims -->\nafter\n');
    expect(writeClaims(folder, [result])).toContain('1 claims written');
    const text = readFileSync(file, 'utf8');
    expect(text).toBe(`before\n<!-- claims -->\n${claimsTable([result])}<!-- /claims -->\nafter\n`);
    expect(text).toContain('A claim \\| with a bar');
    expect(writeClaims(folder, [{ ...result, verdict: 'skipped' }])).toContain('left as it is, because of one (skipped)');
    expect(readFileSync(file, 'utf8')).toBe(text);
    rmSync(folder, { recursive: true });
    expect(writeClaims(folder, [result])).toContain('has no markers');
  });
});

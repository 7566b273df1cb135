import { describe, expect, it } from 'vitest';
import { matrixTiles } from '../src/calibration.ts';
import { caseLines, digits, duration, markdown } from '../src/format.ts';
import { runSuite } from '../src/harness.ts';
import { compileKernel } from '../src/kernel.ts';
import { RULES } from '../src/measure.ts';
import { AbsentError } from '../src/peers.ts';
import type { CaseResult, RunResult, SuiteResult } from '../src/results.ts';
import type { Suite } from '../src/suite.ts';
import { fakeMachine } from './fake.ts';

function toySuite() {
  const machine = fakeMachine();
  const worker = (ms: number, output: number) => () => {
    machine.work(ms);
    return output;
  };
  const suite: Suite<number> = {
    id: 'toy',
    title: 'squares',
    cases: [1, 2, 4].map((n) => ({ label: `n = ${n}`, parameters: n, size: n, flops: 1e6 * n * n })),
    contenders: [
      { name: 'ours', setup: (n) => worker(n * n, n) },
      { name: 'peer', setup: (n) => worker(3 * n * n, n) },
      { name: 'small only', setup: (n) => (n > 1 ? undefined : worker(1, n)) },
      { name: 'wrong', setup: () => () => -1 },
      {
        name: 'missing',
        setup: () => {
          throw new AbsentError('cannot be had');
        },
      },
    ],
    check: (output, n) => {
      if (output !== n) throw new Error(`${output} is not ${n}`);
    },
    bars: [
      { of: 'ours', over: 'peer', atLeast: 2.5 },
      { of: 'ours', over: 'peer', atLeast: 4, cases: ['n = 2'] },
      { of: 'ours', over: 'calibration', atLeast: 0.9, cases: ['n = 1'] },
      { of: 'ours', over: 'missing', atLeast: 1, cases: ['n = 1'] },
      { of: 'ours', over: 'peer', atLeast: 9, node: [1] },
    ],
    exponents: [
      { of: 'ours', atMost: 2.1 },
      { of: 'ours', atMost: 1.5 },
      { of: 'ours', atMost: 3, atLeast: 1.9 },
      { of: 'ours', atMost: 3, atLeast: 2.1 },
    ],
  };
  return runSuite(suite, { rules: RULES, calibration: machine.calibration, clock: machine.clock });
}

describe('runSuite', () => {
  it('tells of each contender what became of it', async () => {
    const [small, middle] = (await toySuite()).cases;
    expect(small!.contenders.map(({ status }) => status)).toEqual(['measured', 'measured', 'measured', 'failed', 'absent']);
    expect(middle!.contenders.map(({ status }) => status)).toEqual(['measured', 'measured', 'omitted', 'failed', 'absent']);
    expect(small!.contenders[1]!.ratio!.median).toBeCloseTo(3, 8);
    expect(small!.contenders[0]!.share!.median).toBeCloseTo(1, 8);
    expect(small!.contenders[3]!.note).toBe('Error: -1 is not 1');
    expect(small!.contenders[4]!.note).toBe('AbsentError: cannot be had');
  });

  it('reports targets as met, missed or not known', async () => {
    const { bars, exponents } = await toySuite();
    expect(bars.map(({ case: label, atLeast, met }) => [label, atLeast, met])).toEqual([
      ['n = 1', 2.5, true],
      ['n = 2', 2.5, true],
      ['n = 4', 2.5, true],
      ['n = 2', 4, false],
      ['n = 1', 0.9, true],
      ['n = 1', 1, undefined],
    ]);
    expect(exponents.map(({ met }) => met)).toEqual([true, false, true, false]);
    expect(exponents[0]!.slope).toBeCloseTo(2, 8);
  });
});

it('a machine that turns out faster later on: everything is judged by the final best', async () => {
  const machine = fakeMachine();
  machine.slowness = (now) => (now < 1500 ? 2 : 1);
  const suite: Suite<number> = {
    id: 'late',
    title: 'late',
    cases: [1, 2].map((n) => ({ label: `${n}`, parameters: n })),
    contenders: [
      { name: 'a', setup: () => () => machine.work(10) },
      { name: 'b', setup: () => () => machine.work(20) },
    ],
    bars: [{ of: 'a', over: 'b', atLeast: 1.5 }],
  };
  const { cases, bars } = await runSuite(suite, {
    rules: { ...RULES, limitMs: 1000 },
    calibration: machine.calibration,
    clock: machine.clock,
  });
  expect(cases.map(({ contenders }) => contenders[1]!.ratio!.kept)).toEqual(bars.map(({ ratio }) => ratio!.kept));
  expect(cases[0]!.contenders[1]!.ratio!.kept).toBe(0);
  expect(bars.map(({ met }) => met)).toEqual([undefined, true]);
});

it('the default calibration compiles, and runs', async () => {
  const { name, run } = matrixTiles(await compileKernel());
  expect(name).toContain('WebAssembly');
  expect(run).not.toThrow();
});

it('a run that is interrupted holds the cases before, and names the others', async () => {
  const machine = fakeMachine();
  const soFar: RunResult[] = [];
  const suite: Suite<number> = {
    id: 'long',
    title: 'long',
    cases: [1, 2, 3].map((n) => ({ label: `${n}`, parameters: n })),
    contenders: [{ name: 'a', setup: (n) => () => machine.work(n) }],
    bars: [{ of: 'a', over: 'calibration', atLeast: 1 }],
  };
  const onCase = (_: CaseResult, run: RunResult) => void soFar.push(run);
  const whole = await runSuite(suite, { rules: RULES, calibration: machine.calibration, clock: machine.clock, onCase });
  expect(soFar.map(({ unfinished }) => unfinished)).toEqual([['2', '3'], ['3'], undefined]);
  expect(soFar.map(({ cases, bars }) => [cases.length, bars.length])).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
  expect(soFar[2]).toEqual(whole);
});

describe('tables', () => {
  const result = async (): Promise<SuiteResult> => ({
    suite: 'toy',
    title: 'squares',
    machine: { cpu: 'Fake 1', cores: 2, platform: 'linux x64' },
    runs: [{ ...(await toySuite()), node: 'v20.1.0', date: '2026-01-01' }],
  });

  it('hold speeds, ratios with range and counts, targets, machine', async () => {
    const text = markdown(await result());
    expect(text).toMatch(/^squares:\n\n\| case +\| contender +\| Node 20\.1\.0 +\| ours is faster by +\|\n\| -+ \| -+ \| -+ \| -+ \|\n/);
    expect(text).toMatch(/\| n = 1 +\| ours +\| 1 GF\/s, 1 of peak +\| +\|/);
    expect(text).toMatch(/\| +\| peer +\| 0\.333 GF\/s[^|]*\| 3 \(3-3\) \[7\] +\|/);
    expect(text).toMatch(/\| +\| missing +\| absent +\|/);
    expect(text).toMatch(/\| n = 2: ours \/ peer >= 4 +\| missed 3 \(3-3\) \[7\] /);
    expect(text).toMatch(/exponent <= 1\.5 +\| missed 2 /);
    expect(text).toMatch(/exponent in \[2\.1, 3\] +\| missed 2 /);
    expect(text).toContain('Fake 1, 2 cores, linux x64. Node 20.1.0: 2026-01-01, cpu time, calibrated by fake.');
  });

  it('mark what was not kept', () => {
    const timing = { seconds: { min: 1, median: 0.0015, max: 3 }, kept: 0, of: 4 };
    expect(caseLines({ label: 'x', contenders: [{ name: 'a', status: 'measured', timing }] })).toBe('x\n  a     ~ 1.5 ms  kept 0 of 4\n');
  });

  it('write numbers shortly', () => {
    expect([0.012345, 1.2345, 123.45, 12345].map(digits)).toEqual(['0.0123', '1.23', '123', '12345']);
    expect([2, 0.0021, 2.1e-6, 3e-9].map(duration)).toEqual(['2 s', '2.1 ms', '2.1 µs', '3 ns']);
  });
});

import { cpus } from 'node:os';
import { fitExponent } from '@x/testkit';
import { type Calibrator, calibrator, multiplyAdds } from './calibration.ts';
import { type Clock, clockFor } from './clock.ts';
import { type Measured, measure, messageOf, type Rules } from './measure.ts';
import { AbsentError } from './peers.ts';
import type { BarResult, CaseResult, ContenderResult, ExponentResult, Machine, RunResult } from './results.ts';
import type { Bar, Case, Run, Suite } from './suite.ts';
import { pairedRatio, type Ratio, shareOfCalibration, timing } from './summary.ts';

/** Told after each case, for whoever waits. */
export type OnCase = (suite: Suite, result: CaseResult) => void;

export function machine(): Machine {
  const cores = cpus();
  return { cpu: cores[0]?.model.trim() ?? 'unknown', cores: cores.length, platform: `${process.platform} ${process.arch}` };
}

/** Measures all cases of a suite in this process. */
export async function runSuite(
  suite: Suite,
  rules: Rules,
  onCase: OnCase = () => {},
  clock: Clock = clockFor(suite.clock),
): Promise<RunResult> {
  const gauge = calibrator(suite.calibration ?? multiplyAdds(), clock);
  const measured: { case: Case; all: Measured[]; result: CaseResult }[] = [];
  for (const one of suite.cases) {
    const outcome = await runCase(suite, one, gauge, clock, rules);
    measured.push({ case: one, ...outcome });
    onCase(suite, outcome.result);
  }
  const { name, flops } = gauge.calibration;
  const bars = (suite.bars ?? []).flatMap((bar) => measured.flatMap(({ case: one, all }) => judge(bar, one, all, gauge, rules)));
  return {
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    clock: clock.kind,
    gate: rules.gate,
    calibration: { name, ...(flops === undefined ? {} : { flopsPerSecond: flops * gauge.best() }) },
    cases: measured.map(({ result }) => result),
    bars,
    exponents: exponents(
      suite,
      measured.map(({ result }) => result),
    ),
  };
}

async function runCase(suite: Suite, one: Case, gauge: Calibrator, clock: Clock, rules: Rules) {
  const ready: { name: string; run: Run }[] = [];
  const out = new Map<string, ContenderResult>();
  for (const { name, setup } of suite.contenders) {
    try {
      const run = await setup(one.parameters);
      if (run === undefined) {
        out.set(name, { name, status: 'omitted' });
        continue;
      }
      suite.check?.(await run(), one.parameters, name);
      ready.push({ name, run });
    } catch (error) {
      out.set(name, { name, status: error instanceof AbsentError ? 'absent' : 'failed', note: messageOf(error) });
    }
  }
  const all = ready.length > 0 ? await measure(ready, gauge, clock, rules) : [];
  const first = all.find(({ name }) => name === suite.contenders[0]?.name);
  for (const each of all) out.set(each.name, describe(each, first, one, gauge, rules));
  const contenders = suite.contenders.map(({ name }) => out.get(name) as ContenderResult);
  const { label, flops, size } = one;
  const result: CaseResult = { label, ...(flops === undefined ? {} : { flops }), ...(size === undefined ? {} : { size }), contenders };
  return { all, result };
}

function describe(each: Measured, first: Measured | undefined, one: Case, gauge: Calibrator, { gate }: Rules): ContenderResult {
  const { name, failure } = each;
  if (failure !== undefined) return { name, status: 'failed', note: failure };
  const ratio = first && first !== each && first.failure === undefined ? pairedRatio(first, each, gauge.best(), gate) : undefined;
  const share = shareOf(each, one, gauge, gate);
  return {
    name,
    status: 'measured',
    timing: timing(each, gauge.best(), gate),
    ...(ratio ? { ratio } : {}),
    ...(share ? { share } : {}),
  };
}

function shareOf(each: Measured, one: Case, gauge: Calibrator, gate: number): Ratio | undefined {
  const peak = gauge.calibration.flops;
  return one.flops === undefined || peak === undefined ? undefined : shareOfCalibration(each, one.flops, peak, gauge.best(), gate);
}

function judge(bar: Bar, one: Case, all: readonly Measured[], gauge: Calibrator, { gate }: Rules): BarResult[] {
  const here = Number(process.versions.node.split('.')[0]);
  if ((bar.cases && !bar.cases.includes(one.label)) || (bar.node && !bar.node.includes(here))) return [];
  const find = (name: string) => all.find((each) => each.name === name && each.failure === undefined);
  const of = find(bar.of);
  const over = find(bar.over);
  const ratio = of && (bar.over === 'calibration' ? shareOf(of, one, gauge, gate) : over && pairedRatio(of, over, gauge.best(), gate));
  const met = ratio && ratio.kept > 0 ? ratio.median >= bar.atLeast : undefined;
  return [
    {
      of: bar.of,
      over: bar.over,
      atLeast: bar.atLeast,
      case: one.label,
      ...(ratio ? { ratio } : {}),
      ...(met === undefined ? {} : { met }),
    },
  ];
}

function exponents(suite: Suite, cases: readonly CaseResult[]): ExponentResult[] {
  return (suite.exponents ?? []).flatMap(({ of, atMost }) => {
    const points = cases.flatMap(({ size, contenders }) => {
      const seconds = contenders.find(({ name }) => name === of)?.timing?.seconds?.median;
      return size === undefined || seconds === undefined ? [] : [{ size, seconds }];
    });
    if (points.length < 2) return [];
    const { slope, low, high } = fitExponent(
      points.map((p) => p.size),
      points.map((p) => p.seconds),
    );
    return [{ of, atMost, slope, low, high, met: slope <= atMost }];
  });
}

import { cpus } from 'node:os';
import { fitExponent } from '@x/testkit';
import { type Calibrator, calibrator } from './calibration.ts';
import { type Clock, clockFor } from './clock.ts';
import { type Measured, measure, messageOf, type Rules } from './measure.ts';
import { AbsentError } from './peers.ts';
import type { BarResult, CaseResult, ContenderResult, ExponentResult, Machine, RunResult } from './results.ts';
import type { Bar, Calibration, Case, Run, Suite } from './suite.ts';
import { pairedRatio, type Ratio, shareOfCalibration, timing } from './summary.ts';

export function machine(): Machine {
  const cores = cpus();
  return { cpu: cores[0]?.model.trim() ?? 'unknown', cores: cores.length, platform: `${process.platform} ${process.arch}` };
}

/** What was measured of a case; told in numbers only by the best calibration of the whole run. */
interface Measurement {
  readonly one: Case;
  readonly all: readonly Measured[];
  readonly unmeasured: ReadonlyMap<string, ContenderResult>;
}

/** Fewer kept pairs decide nothing. */
const DECISIVE_PAIRS = 3;

export interface Settings {
  readonly rules: Rules;
  /** For suites without one of their own. */
  readonly calibration: Calibration;
  readonly clock?: Clock;
  /** Gets each case as it is told so far, and the run up to it, for whoever waits or may be interrupted. */
  readonly onCase?: (result: CaseResult, run: RunResult) => void;
}

/** Measures all cases of a suite in this process. */
export async function runSuite(suite: Suite, settings: Settings): Promise<RunResult> {
  const { rules, clock = clockFor(suite.clock), onCase } = settings;
  const gauge = calibrator(suite.calibration ?? settings.calibration, clock);
  const measurements: Measurement[] = [];
  for (const one of suite.cases) {
    const measurement = await measureCase(suite, one, gauge, clock, rules);
    measurements.push(measurement);
    onCase?.(caseResult(suite, measurement, gauge, rules), runResult(suite, measurements, gauge, clock, rules));
  }
  return runResult(suite, measurements, gauge, clock, rules);
}

/** What is told of a run that measured the first cases of a suite, or all. */
function runResult(suite: Suite, measurements: readonly Measurement[], gauge: Calibrator, clock: Clock, rules: Rules): RunResult {
  const { name, flops } = gauge.calibration;
  const cases = measurements.map((measurement) => caseResult(suite, measurement, gauge, rules));
  const unfinished = suite.cases.slice(cases.length).map(({ label }) => label);
  return {
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    clock: clock.kind,
    gate: rules.gate,
    calibration: { name, ...(flops === undefined ? {} : { flopsPerSecond: flops * gauge.best() }) },
    cases,
    bars: (suite.bars ?? []).flatMap((bar) => measurements.flatMap(({ one, all }) => judge(bar, one, all, gauge, rules))),
    exponents: exponents(suite, cases),
    ...(unfinished.length > 0 ? { unfinished } : {}),
  };
}

async function measureCase(suite: Suite, one: Case, gauge: Calibrator, clock: Clock, rules: Rules): Promise<Measurement> {
  const ready: { name: string; run: Run; outside: boolean }[] = [];
  const unmeasured = new Map<string, ContenderResult>();
  for (const { name, setup, outside = false } of suite.contenders) {
    try {
      const run = await setup(one.parameters);
      if (run === undefined) {
        unmeasured.set(name, { name, status: 'omitted' });
        continue;
      }
      suite.check?.(await run(), one.parameters, name);
      ready.push({ name, run, outside });
    } catch (error) {
      unmeasured.set(name, { name, status: error instanceof AbsentError ? 'absent' : 'failed', note: messageOf(error) });
    }
  }
  return { one, all: ready.length > 0 ? await measure(ready, gauge, clock, rules) : [], unmeasured };
}

function caseResult(suite: Suite, { one, all, unmeasured }: Measurement, gauge: Calibrator, rules: Rules): CaseResult {
  const { label, flops, size } = one;
  const first = all.find(({ name }) => name === suite.contenders[0]?.name);
  const contenders = suite.contenders.map(({ name }) => {
    const each = all.find((measured) => measured.name === name);
    return each ? describe(each, first, one, gauge, rules) : (unmeasured.get(name) as ContenderResult);
  });
  return { label, ...(flops === undefined ? {} : { flops }), ...(size === undefined ? {} : { size }), contenders };
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
  const met = ratio && ratio.kept >= DECISIVE_PAIRS ? ratio.median >= bar.atLeast : undefined;
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
  return (suite.exponents ?? []).flatMap(({ of, atMost, atLeast }) => {
    const points = cases.flatMap(({ size, contenders }) => {
      // The fastest repetition: what a neighbour adds is not the algorithm's, and it is not the same for every size.
      const seconds = contenders.find(({ name }) => name === of)?.timing?.seconds?.min;
      return size === undefined || seconds === undefined ? [] : [{ size, seconds }];
    });
    if (points.length < 2) return [];
    const { slope, low, high } = fitExponent(
      points.map((p) => p.size),
      points.map((p) => p.seconds),
    );
    return [
      {
        of,
        atMost,
        ...(atLeast === undefined ? {} : { atLeast }),
        slope,
        ...(points.length > 2 ? { low, high } : {}),
        met: slope <= atMost && !(atLeast !== undefined && slope < atLeast),
      },
    ];
  });
}

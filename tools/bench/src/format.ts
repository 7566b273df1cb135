import type { BarResult, CaseResult, ContenderResult, RunResult, SuiteResult } from './results.ts';
import type { Ratio } from './summary.ts';

/** Three significant digits, without an exponent. */
export function digits(x: number): string {
  return Math.abs(x) >= 1000 ? Math.round(x).toString() : Number(x.toPrecision(3)).toString();
}

/** A time with the unit that suits it. */
export function duration(seconds: number): string {
  const [scale, unit] = seconds >= 1 ? [1, 's'] : seconds >= 1e-3 ? [1e3, 'ms'] : seconds >= 1e-6 ? [1e6, 'µs'] : [1e9, 'ns'];
  return `${digits(seconds * scale)} ${unit}`;
}

/** Speed where the operations are known, else time. A tilde when no repetition was kept. */
export function speed({ timing, status }: ContenderResult, flops: number | undefined): string {
  if (status !== 'measured') return status === 'omitted' ? '' : status;
  if (!timing?.seconds) return '';
  const { median } = timing.seconds;
  const text = flops === undefined ? duration(median) : `${digits(flops / median / 1e9)} GF/s`;
  return timing.kept > 0 ? text : `~ ${text}`;
}

/** `12.1 (11.9-12.4) [7]`: median, range and kept pairs. A tilde when none was kept. */
export function ratio(value: Ratio | undefined): string {
  if (!value) return '';
  const text = `${digits(value.median)} (${digits(value.min)}-${digits(value.max)}) [${value.kept}]`;
  return value.kept > 0 ? text : `~ ${text}`;
}

export function verdict({ met }: { readonly met?: boolean }): string {
  return met === undefined ? 'not known' : met ? 'met' : 'missed';
}

/** Lines for a terminal. */
export function caseLines({ label, flops, contenders }: CaseResult): string {
  const width = Math.max(...contenders.map(({ name }) => name.length));
  const lines = contenders.map((each) => {
    const counts = each.timing ? `kept ${each.timing.kept} of ${each.timing.of}` : (each.note ?? '');
    const cells = [
      speed(each, flops).padStart(12),
      each.ratio ? `first is ${ratio(each.ratio)} x` : '',
      each.share ? `share ${ratio(each.share)}` : '',
    ];
    return `  ${each.name.padEnd(width)} ${cells.filter(Boolean).join('  ')}  ${counts}`;
  });
  return `${label}\n${lines.join('\n')}\n`;
}

export function barLine(bar: BarResult): string {
  return `${bar.case}: ${bar.of} over ${bar.over} >= ${bar.atLeast}: ${verdict(bar)}${bar.ratio ? `, ${ratio(bar.ratio)}` : ''}`;
}

/** The Markdown of a suite: speeds and ratios by case, contender and Node version, then targets, then how it was measured. */
export function markdown({ title, machine, runs }: SuiteResult): string {
  const first = runs[0]?.cases[0]?.contenders[0]?.name ?? '';
  // A suite of one contender compares nothing.
  const paired = runs.some(({ cases }) => cases.some(({ contenders }) => contenders.length > 1));
  const header = [
    'case',
    'contender',
    ...runs.flatMap(({ node }) => [`Node ${node.slice(1)}`, ...(paired ? [`${first} is faster by`] : [])]),
  ];
  const labels = [...new Set(runs.flatMap(({ cases }) => cases.map(({ label }) => label)))];
  const rows = labels.flatMap((label) => caseRows(label, runs, paired));
  const parts = [`${title}:`, table([header, ...rows])];
  const targets = targetRows(runs);
  if (targets.length > 0) parts.push(table([['target', ...runs.map(({ node }) => `Node ${node.slice(1)}`)], ...targets]));
  parts.push(footnote(machine, runs));
  return `${parts.join('\n\n')}\n`;
}

function caseRows(label: string, runs: readonly RunResult[], paired: boolean): string[][] {
  const here = runs.map(({ cases }) => cases.find((one) => one.label === label));
  const names = [...new Set(here.flatMap((one) => one?.contenders.map(({ name }) => name) ?? []))];
  return names.map((name, k) => {
    const cells = here.flatMap((one) => {
      const each = one?.contenders.find((contender) => contender.name === name);
      const measured = each ? `${speed(each, one?.flops)}${each.share ? `, ${digits(each.share.median)} of peak` : ''}` : '';
      return paired ? [measured, ratio(each?.ratio)] : [measured];
    });
    return [k === 0 ? label : '', name, ...cells];
  });
}

function targetRows(runs: readonly RunResult[]): string[][] {
  const rows = new Map<string, string[]>();
  const put = (name: string, k: number, text: string) => {
    const row = rows.get(name) ?? runs.map(() => '');
    row[k] = text;
    rows.set(name, row);
  };
  for (const [k, { bars, exponents }] of runs.entries()) {
    for (const bar of bars) put(`${bar.case}: ${bar.of} / ${bar.over} >= ${bar.atLeast}`, k, `${verdict(bar)} ${ratio(bar.ratio)}`.trim());
    for (const { of, atMost, atLeast, slope, low, high, ...e } of exponents) {
      const range = low === undefined || high === undefined ? '' : ` (95 %: ${digits(low)} to ${digits(high)})`;
      const claim = atLeast === undefined ? `<= ${atMost}` : `in [${atLeast}, ${atMost}]`;
      put(`time of ${of} grows with exponent ${claim}`, k, `${verdict(e)} ${digits(slope)}${range}`);
    }
  }
  return [...rows].map(([name, cells]) => [name, ...cells]);
}

function footnote(machine: SuiteResult['machine'], runs: readonly RunResult[]): string {
  const how = runs.map(
    ({ node, version, date, clock, calibration, unfinished = [] }) =>
      `Node ${node.slice(1)}: ${version === undefined ? '' : `version ${version}, `}${date}, ${clock} time, calibrated by ${calibration.name}` +
      (unfinished.length > 0 ? `, interrupted before ${unfinished.join(', ')}` : ''),
  );
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.platform}. ${how.join('; ')}.`,
    'Ratios are medians of paired repetitions (range) [pairs kept]; a repetition is kept when the calibrations before and after it reach',
    `${runs[0]?.gate ?? ''} of the best; ~ means none was kept. Contenders alternate in one process.`,
  ].join('\n');
}

/** A table as the formatter writes it: cells padded to the widest of their column. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] as readonly string[]).map((_, j) => Math.max(3, ...rows.map((row) => [...(row[j] ?? '')].length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, j) => cell + ' '.repeat((widths[j] as number) - [...cell].length)).join(' | ')} |`;
  const [header, ...body] = rows as [readonly string[], ...(readonly string[])[]];
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

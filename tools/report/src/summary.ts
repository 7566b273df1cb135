import { styleText } from 'node:util';
import type { Verdict } from './experiment.ts';
import { formatSeconds } from './format.ts';
import { countVerdicts, type Report, type Result } from './report.ts';

const COLOURS: Record<Verdict, Parameters<typeof styleText>[0]> = {
  holds: 'green',
  failed: 'red',
  'refuted-as-documented': 'yellow',
  skipped: 'dim',
};

/**
 * The report as a text table of at most `width` columns, with a last line of totals.
 *
 * @param width - at least 60; cells wrap.
 * @param colour - whether to use terminal colours.
 */
export function summaryTable(report: Report, width: number, colour: boolean): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const room = Math.min(Math.max(width, 60), 140) - 4 * 2 - 13;
  const widths = [Math.floor(room * 0.46), Math.floor(room * 0.27), Math.floor(room * 0.27), 13];
  const line = (cells: readonly string[], style?: Parameters<typeof styleText>[0]): string => {
    const wrapped = cells.map((cell, j) => wrap(cell, widths[j] as number));
    const height = Math.max(...wrapped.map((lines) => lines.length));
    const rows = Array.from({ length: height }, (_, i) =>
      wrapped.map((lines, j) => {
        const text = (lines[i] ?? '').padEnd(widths[j] as number);
        return style && j === 3 && lines[i] ? paint(style, text) : text;
      }),
    );
    return rows.map((row) => `  ${row.join('  ')}`.trimEnd()).join('\n');
  };
  const out = [paint('dim', line(['claim', 'measured', 'bound', 'verdict']))];
  for (const { name, version } of report.packages) {
    const own = report.results.filter((result) => result.package === name);
    if (own.length > 0) out.push('', `${paint('bold', name)} ${version}`);
    for (const result of own)
      out.push('', line([withReason(result), result.measured, result.bound, result.verdict], COLOURS[result.verdict]));
  }
  return `${out.join('\n')}\n\n${totals(report)}\n`;
}

/** A claim, followed by what a reader has to know when there is nothing measured to look at. */
function withReason({ claim, verdict, note, error }: Result): string {
  if (error !== undefined) return `${claim}\n${error.split('\n', 1)[0]}`;
  return verdict === 'skipped' && note !== undefined ? `${claim}\n${note}` : claim;
}

function totals({ results, unfinished, seconds }: Report): string {
  const counts = Object.entries(countVerdicts(results)).filter(([, count]) => count > 0);
  const parts = counts.map(([verdict, count]) => `${count} ${verdict}`);
  if (unfinished.length > 0) parts.push(`${unfinished.length} not finished (interrupted)`);
  return `${parts.join(', ') || 'nothing was run'}; ${formatSeconds(seconds)}`;
}

/** Breaks text into lines of at most `width` characters, at spaces and hyphens where it can. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines = [''];
    for (const word of paragraph.match(/\S+?(?:-(?=\w{3})|(?=\s|$))\s*/g) ?? []) {
      const last = lines.length - 1;
      if ((lines[last] + word).trimEnd().length <= width) lines[last] += word;
      else {
        if (lines[last] === '') lines.pop();
        for (let rest = word; rest !== ''; rest = rest.slice(width)) lines.push(rest.slice(0, width));
      }
    }
    return lines.map((one) => one.trimEnd());
  });
}

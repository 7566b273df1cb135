import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from './report.ts';

const BLOCK = /(<!-- claims -->\n)[\s\S]*?(<!-- \/claims -->)/;

/**
 * Puts a package's results between the markers `<!-- claims -->` and `<!-- /claims -->` of its README.
 *
 * @returns what was done, or why nothing was: no README, no markers, or results that would take something away from it.
 */
export function writeClaims(folder: string, results: readonly Result[]): string {
  const file = join(folder, 'README.md');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (!BLOCK.test(text)) return `${file} has no markers <!-- claims --> and <!-- /claims -->: left as it is`;
  const missing = results.filter(({ verdict }) => verdict === 'skipped' || verdict === 'failed');
  if (missing.length > 0)
    return `${file} is left as it is, because of ${missing.map(({ id, verdict }) => `${id} (${verdict})`).join(', ')}`;
  writeFileSync(
    file,
    text.replace(BLOCK, (_, open, close) => `${open}${claimsTable(results)}${close}`),
  );
  return `${file}: ${results.length} claims written`;
}

/** The results as a Markdown table. */
export function claimsTable(results: readonly Result[]): string {
  const rows = results.map(({ claim, source, measured, bound, verdict, note }) => {
    const verdictCell = verdict === 'refuted-as-documented' && note !== undefined ? `${verdict}: ${note}` : verdict;
    return `| ${[`${claim} (${source})`, measured, bound, verdictCell].map(cell).join(' | ')} |\n`;
  });
  return `| claim | measured | bound | verdict |\n| --- | --- | --- | --- |\n${rows.join('')}`;
}

function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[|<\\]/g, '\\$&');
}

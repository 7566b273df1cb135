import type { Table, Verdict } from '../experiment.ts';
import { formatNumber, formatSeconds, sentence, typographic } from '../format.ts';
import { countVerdicts, type Report, type Result } from '../report.ts';
import { Html, html } from './escape.ts';
import { renderPlot } from './plot.ts';
import { STYLE } from './style.ts';

const BADGES: Record<Verdict, string> = {
  holds: '✓ holds',
  failed: '✗ failed',
  'refuted-as-documented': '≠ refuted, as documented',
  skipped: '– skipped',
};
/** Tables up to this length are open; longer ones are folded. */
const SHORT = 12;
/** Tables of up to so many columns may stand beside a plot. */
const NARROW = 5;
/** Rows shown of a folded table; the JSON file holds all. */
const MOST = 1000;

/** The report as one HTML document without scripts, which loads nothing from anywhere. */
export function renderPage(report: Report): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Claims, measured: ${report.packages.map(({ name }) => name).join(', ')}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
${head(report)}
${report.results.length > 0 && summary(report)}
${report.packages.map((one) => packageSection(one, report.results))}
<footer>All numbers, tables and series of this page are in the JSON file beside it.</footer>
</main>
</body>
</html>
`.text;
}

function head(report: Report): Html {
  const counts = countVerdicts(report.results);
  const { machine } = report;
  const facts: [string, string | undefined][] = [
    ['Seed', String(report.seed)],
    ['Sizes', report.quick ? 'quick: smaller sizes, same claims' : 'full'],
    ['Started', `${report.date.slice(0, 16).replace('T', ' ')} UTC`],
    ['Took', formatSeconds(report.seconds)],
    ['Versions', report.packages.map(({ name, version }) => `${name} ${version}`).join(', ')],
    ['Commit', machine.commit?.replace(/\+$/, ' with local changes')],
    ['Processor', `${machine.cpu}, ${machine.cores} ${machine.cores === 1 ? 'core' : 'cores'}, ${machine.memoryGiB} GiB`],
    ['System', machine.system],
    ['Node', machine.node],
  ];
  return html`<header>
<h1>Claims, measured</h1>
<p class="lead">Each claim of the papers behind these packages, run again on this machine: what was measured, what it is compared with, and
whether it holds. Every verdict is computed from the data; no run time decides one.</p>
${
  report.unfinished.length > 0 &&
  html`<p class="notice"><b>Interrupted.</b> ${report.unfinished.length} of ${report.unfinished.length + report.results.length} experiments did
not finish: ${report.unfinished.join(', ')}.</p>`
}
<ul class="totals">
${(Object.keys(BADGES) as Verdict[]).map((verdict) => html`<li class="${counts[verdict] > 0 ? verdict : 'none'}"><b>${counts[verdict]}</b>${BADGES[verdict].slice(2)}</li>`)}
</ul>
<dl class="facts">
${facts.map(([name, value]) => value && html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
</dl>
</header>`;
}

function summary({ packages, results }: Report): Html {
  return html`<section>
<h2>Summary</h2>
<table class="summary">
<thead><tr><th>Claim</th><th>Measured</th><th>Bound</th><th>Verdict</th></tr></thead>
${packages.map(({ name }) => {
  const own = results.filter((result) => result.package === name);
  return own.length > 0 && html`<tbody><tr><th colspan="4">${name}</th></tr>${own.map(summaryRow)}</tbody>`;
})}
</table>
</section>`;
}

function summaryRow(result: Result): Html {
  return html`<tr><td><a href="#${anchor(result)}">${typographic(result.claim)}</a></td><td data-label="Measured">${typographic(result.measured)}</td><td
data-label="Bound">${typographic(result.bound)}</td><td>${badge(result.verdict)}</td></tr>`;
}

function packageSection({ name, version }: Report['packages'][number], results: readonly Result[]): Html | false {
  const own = results.filter((result) => result.package === name);
  return own.length > 0 && html`<section><h2>${name} <small>${version}</small></h2>${own.map(article)}</section>`;
}

function article(result: Result): Html {
  const facts = [
    sentence(result.source),
    result.inputs.length > 0 && `Input: ${result.inputs.join(', ')}.`,
    `experiments/${result.id}.ts, ${formatSeconds(result.seconds)}.`,
  ];
  return html`<article id="${anchor(result)}">
${badge(result.verdict)}
<h3>${typographic(result.claim)}</h3>
<p class="soft">${facts.filter((fact) => fact !== false).join(' ')}</p>
${result.verdict !== 'skipped' && !result.error && html`<dl class="against"><div><dt>Measured</dt><dd>${typographic(result.measured)}</dd></div><div><dt>Bound</dt><dd>${typographic(result.bound)}</dd></div></dl>`}
${result.note !== undefined && html`<p class="note">${sentence(result.note)}</p>`}
${result.error !== undefined && html`<pre class="error">${result.error}</pre>`}
${(result.plots || result.table) && html`<div class="data">${result.plots?.map(renderPlot)}${result.table && renderTable(result.table)}</div>`}
</article>
`;
}

function renderTable({ columns, rows }: Table): Html {
  const numeric = columns.map((_, j) => rows.length > 0 && rows.every((row) => isNumeric(row[j])));
  const side = (j: number) => numeric[j] && html` class="number"`;
  const table = html`<div class="scroll${columns.length > NARROW && ' full'}" tabindex="0"><table>
<thead><tr>${columns.map((name, j) => html`<th${side(j)}>${typographic(name)}</th>`)}</tr></thead>
<tbody>
${rows.slice(0, MOST).map((row) => html`<tr>${row.map((cell, j) => html`<td${side(j)}>${typeof cell === 'number' ? formatNumber(cell) : typographic(cell)}</td>`)}</tr>\n`)}
</tbody>
</table></div>`;
  if (rows.length <= SHORT) return table;
  const rest = rows.length > MOST && html`<p class="soft">The first ${MOST} of ${rows.length} rows; the JSON file has all.</p>`;
  return html`<details class="full"><summary>Table of ${rows.length} rows</summary>${table}${rest}</details>`;
}

function isNumeric(cell: string | number | undefined): boolean {
  return typeof cell === 'number' || (cell !== undefined && /^[-+−]?(\d[\d.,]*(e[-+]?\d+)?( ?%)?|Infinity|∞)$|^(NaN|-)$/.test(cell));
}

function badge(verdict: Verdict): Html {
  return html`<span class="badge ${verdict}">${BADGES[verdict]}</span>`;
}

function anchor({ package: name, id }: Result): string {
  return `${name}/${id}`.replace(/[^\w-]+/g, '-').replace(/^-/, '');
}

/** The report's style sheet: light and dark, from a phone to a desk, nothing fetched. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fcfbf8; --card: #ffffff; --ink: #1b1d22; --soft: #5d6370; --line: #e2dfd7; --accent: #1f5fbf;
  --holds: #17683f; --holds-back: #e1f2e7; --failed: #a3201c; --failed-back: #fbe5e2;
  --refuted: #7a4a00; --refuted-back: #faecd0; --skipped: #565c68; --skipped-back: #ebecee;
  --series-1: #1f5fbf; --series-2: #c2500a; --series-3: #12805c; --series-4: #8a3fb0; --series-5: #b8245d; --series-6: #5d6370;
  --series-7: #8a6d00; --series-8: #0b7c93;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", Georgia, "Noto Serif", "DejaVu Serif", serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14161a; --card: #1b1e24; --ink: #e6e7ea; --soft: #a0a6b2; --line: #32363f; --accent: #86b4ff;
    --holds: #7bd8a1; --holds-back: #163524; --failed: #ff9c94; --failed-back: #431c1a;
    --refuted: #f2c14e; --refuted-back: #3b2d0d; --skipped: #b4bac5; --skipped-back: #2b2f37;
    --series-1: #7fb0ff; --series-2: #ffa25f; --series-3: #5fd0a3; --series-4: #cf9df0; --series-5: #ff8bb2; --series-6: #a0a6b2;
    --series-7: #e0c24a; --series-8: #5cc8dd;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 var(--sans); font-variant-numeric: tabular-nums; }
main { max-width: 68rem; margin: 0 auto; padding: 3.5rem 1.5rem 5rem; }
h1, h2, h3 { font-family: var(--serif); font-weight: 600; line-height: 1.2; text-wrap: balance; }
h1 { font-size: clamp(2rem, 5vw, 2.9rem); margin: 0 0 .9rem; letter-spacing: -.015em; }
h2 { font-size: 1.6rem; margin: 4rem 0 1.2rem; padding-top: 1rem; border-top: 2px solid var(--ink); }
h2 small { font: 400 .9rem var(--sans); color: var(--soft); margin-left: .5rem; }
h3 { font-size: 1.22rem; line-height: 1.4; margin: .5rem 0 .3rem; text-wrap: pretty; }
a { color: var(--accent); text-underline-offset: .15em; text-decoration-thickness: 1px; }
p, td, dd, h3, figcaption, li { overflow-wrap: break-word; }
code, pre { font-family: var(--mono); font-size: .88em; }
.lead { font-size: 1.13rem; max-width: 46rem; margin: 0 0 2rem; text-wrap: pretty; }
.soft, .lead + .soft { color: var(--soft); }

.totals { display: grid; grid-template-columns: repeat(4, 1fr); gap: .75rem; list-style: none; margin: 0 0 2rem; padding: 0; }
.totals li { border-radius: 10px; padding: .8rem 1rem; line-height: 1.3; background: var(--back); color: var(--fore); }
.totals b { display: block; font: 600 2rem/1.15 var(--serif); }
.totals .none { background: none; box-shadow: inset 0 0 0 1px var(--line); color: var(--soft); }
.holds { --fore: var(--holds); --back: var(--holds-back); }
.failed { --fore: var(--failed); --back: var(--failed-back); }
.refuted-as-documented { --fore: var(--refuted); --back: var(--refuted-back); }
.skipped { --fore: var(--skipped); --back: var(--skipped-back); }
.badge { display: inline-block; white-space: nowrap; border-radius: 99px; padding: .12em .7em; font: 600 .8rem/1.5 var(--sans); color: var(--fore); background: var(--back); }

.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(13.5rem, 1fr)); gap: .9rem 1.5rem; margin: 0; font-size: .9rem; line-height: 1.4; }
.facts dt { color: var(--soft); font-size: .8rem; }
.facts dd { margin: 0; }
.notice { border-left: 4px solid var(--failed); background: var(--failed-back); padding: .8rem 1rem; border-radius: 0 8px 8px 0; margin: 0 0 2rem; }

.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-size: .9rem; line-height: 1.4; }
th { text-align: left; font-weight: 600; font-size: .8rem; color: var(--soft); vertical-align: bottom; }
th, td { padding: .45rem 1.5rem .45rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
td.number, th.number { text-align: right; }
td.number { white-space: nowrap; }
.summary { width: 100%; }
.summary td:first-child { width: 44%; font-family: var(--serif); font-size: 1rem; }
.summary tbody th { padding-top: 1.3rem; font: 600 .95rem var(--sans); color: var(--ink); }
.summary td:nth-child(2), .summary td:nth-child(3) { width: 21%; }
.summary .badge { white-space: normal; border-radius: .8rem; }
.summary a { color: inherit; text-decoration-color: var(--line); }
.summary a:hover { color: var(--accent); text-decoration-color: currentcolor; }

article { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.5rem 1.75rem; margin: 0 0 1.5rem; scroll-margin-top: 1rem; }
article > .soft { margin: 0; font-size: .9rem; }
.against { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .3rem 1.75rem; margin: 1.1rem 0; padding: .9rem 0; border: solid var(--line); border-width: 1px 0; }
.against dt { font-size: .8rem; color: var(--soft); }
.against dd { margin: 0; font-size: 1.08rem; font-weight: 600; line-height: 1.35; }
.note { margin: 1rem 0; max-width: 46rem; text-wrap: pretty; }
pre.error { overflow-x: auto; background: var(--failed-back); color: var(--ink); border-radius: 8px; padding: .9rem 1rem; line-height: 1.45; max-height: 24rem; }

.data { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1.75rem 2rem; margin: 1.2rem 0 .4rem; align-items: start; }
.data > * { min-width: 0; }
.data > .full { grid-column: 1 / -1; }
.plot { margin: 0; max-width: 36rem; }
.plot > svg { display: block; width: 100%; height: auto; font: 12.5px var(--sans); }
.plot > svg.narrow { display: none; }
.plot figcaption { font-size: .92rem; line-height: 1.4; color: var(--soft); }
.plot figcaption b { color: var(--ink); font-weight: 600; display: block; }
.plot .empty { color: var(--soft); border: 1px dashed var(--line); border-radius: 8px; padding: 2.5rem 1rem; text-align: center; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; margin: .5rem 0 0; padding: 0; font-size: .85rem; line-height: 1.4; }
.legend svg { vertical-align: -.08em; margin-right: .15rem; }
summary { cursor: pointer; color: var(--accent); font-size: .92rem; width: fit-content; }
details[open] > summary { margin-bottom: .6rem; }
footer { margin-top: 4rem; color: var(--soft); font-size: .88rem; }

@media (max-width: 44rem) {
  main { padding: 2rem 1rem 3rem; }
  article { padding: 1.1rem 1rem; border-radius: 10px; }
  .totals { grid-template-columns: repeat(2, 1fr); }
  .facts { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .8rem 1rem; }
  .against { grid-template-columns: 1fr; gap: .6rem; }
  .plot > svg.wide { display: none; }
  .plot > svg.narrow { display: block; }
  .summary, .summary tbody, .summary tr, .summary td, .summary th { display: block; width: auto; }
  .summary thead { display: none; }
  .summary tbody th { padding: 1.4rem 0 .3rem; border: 0; }
  .summary td { border: 0; padding: .1rem 0; }
  .summary td:nth-child(n) { width: auto; }
  .summary td:first-child { padding-top: .7rem; }
  .summary td:last-child { padding: .4rem 0 .8rem; border-bottom: 1px solid var(--line); }
  .summary td[data-label]::before { content: attr(data-label) ": "; color: var(--soft); }
}
@media print { article { break-inside: avoid; } body { background: none; } }
`;

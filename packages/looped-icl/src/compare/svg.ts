import { type ErrorCurves, METHODS, type Method } from './compare.ts';

/** Colours that stay apart for most readers, in the order in which methods are drawn. */
const COLOURS = [
  '#4269d0',
  '#efb118',
  '#ff725c',
  '#6cc5b0',
  '#3ca951',
  '#a463f2',
  '#97bbf5',
  '#9c6b4e',
  '#9498a0',
  '#d6608c',
  '#222222',
] as const;

const [WIDTH, HEIGHT] = [820, 460] as const;
const AREA = { left: 70, right: 150, top: 40, bottom: 50 } as const;
/** Errors below this part of the largest are drawn at the edge: rounding is no news. */
const FLOOR = 1e-14;
/** Text lines that are closer are moved apart. */
const LINE = 14;

/** Error curves on a logarithmic axis as a self-contained SVG: curves of methods that loop, dashed levels of those that do not. */
export function errorCurvesSvg({ loops, curves, levels }: ErrorCurves, options: { readonly title?: string } = {}): string {
  const { title = 'Mean squared error of the predictions after each loop' } = options;
  const lines = [
    ...curves.map(({ method, errors }) => ({ method, errors, dashed: false })),
    ...levels.map(({ method, error }) => ({ method, errors: new Float64Array(loops + 1).fill(error), dashed: true })),
  ];
  const first = Math.max(...lines.map(({ errors }) => errors[0]!).filter(Number.isFinite), Number.MIN_VALUE);
  const shown = lines.flatMap(({ errors }) => [...errors]).filter((error) => error > FLOOR * first && error < 1e4 * first);
  const low = Math.floor(log10(Math.min(...shown, first)));
  const high = Math.max(low + 1, Math.ceil(log10(Math.max(...shown, first))));
  const x = (t: number) => AREA.left + ((WIDTH - AREA.left - AREA.right) * t) / Math.max(1, loops);
  const y = (error: number) => {
    // What is no number any more has left at the top.
    if (Number.isNaN(error)) return AREA.top;
    const power = Math.min(high, Math.max(low, log10(Math.max(error, Number.MIN_VALUE))));
    return AREA.top + ((HEIGHT - AREA.top - AREA.bottom) * (high - power)) / (high - low);
  };

  const grid = ticks(low, high).map(
    (power) =>
      `<line x1="${AREA.left}" x2="${WIDTH - AREA.right}" y1="${round(y(10 ** power))}" y2="${round(y(10 ** power))}" stroke="#ddd"/>` +
      `<text x="${AREA.left - 8}" y="${round(y(10 ** power) + 4)}" text-anchor="end">1e${power}</text>`,
  );
  const step = Math.max(1, Math.ceil(loops / 10));
  const axis = Array.from({ length: Math.floor(loops / step) + 1 }, (_, i) => i * step).map(
    (t) => `<text x="${round(x(t))}" y="${HEIGHT - AREA.bottom + 20}" text-anchor="middle">${t}</text>`,
  );
  const paths = lines.map(({ method, errors, dashed }) => {
    const points = Array.from(errors, (error, t) => (Number.isNaN(error) ? '' : `${round(x(t))},${round(y(error))}`)).filter(
      (point) => point !== '',
    );
    const style = `fill="none" stroke="${colourOf(method)}" stroke-width="${dashed ? 1.5 : 2}"${dashed ? ' stroke-dasharray="5 4"' : ''}`;
    return `<polyline points="${points.join(' ')}" ${style}><title>${method}</title></polyline>`;
  });
  const names = apart(lines.map(({ method, errors }) => ({ method, at: y(errors.at(-1)!) }))).map(
    ({ method, at }) => `<text x="${WIDTH - AREA.right + 8}" y="${round(at + 4)}" fill="${colourOf(method)}">${method}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="${AREA.left}" y="22" font-size="14">${escaped(title)}</text>`,
    ...grid,
    ...axis,
    `<text x="${(AREA.left + WIDTH - AREA.right) / 2}" y="${HEIGHT - 10}" text-anchor="middle">loops</text>`,
    ...paths,
    ...names,
    '</svg>',
    '',
  ].join('\n');
}

/** Error curves as CSV: a line for each loop, a column for each method. */
export function errorCurvesCsv({ loops, curves, levels }: ErrorCurves): string {
  const header = ['loop', ...curves.map(({ method }) => method), ...levels.map(({ method }) => method)].join(',');
  const lines = Array.from({ length: loops + 1 }, (_, t) =>
    [t, ...curves.map(({ errors }) => errors[t]), ...levels.map(({ error }) => error)].join(','),
  );
  return `${[header, ...lines].join('\n')}\n`;
}

function colourOf(method: Method): string {
  return COLOURS[METHODS.indexOf(method)]!;
}

function ticks(low: number, high: number): number[] {
  const step = Math.max(1, Math.ceil((high - low) / 8));
  return Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, i) => high - i * step);
}

/** Moves labels down until none overlaps the one above it, and all up again where the last would fall off. */
function apart<L extends { at: number }>(labels: readonly L[]): L[] {
  const placed = labels.map((label) => ({ ...label })).sort((a, b) => a.at - b.at);
  for (let i = 1; i < placed.length; i++) placed[i]!.at = Math.max(placed[i]!.at, placed[i - 1]!.at + LINE);
  const over = Math.max(0, (placed.at(-1)?.at ?? 0) - (HEIGHT - AREA.bottom));
  for (let i = placed.length - 1, limit = HEIGHT - AREA.bottom; over > 0 && i >= 0; i--, limit -= LINE)
    placed[i]!.at = Math.min(placed[i]!.at, limit);
  return placed;
}

function log10(value: number): number {
  return Math.log(value) / Math.LN10;
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

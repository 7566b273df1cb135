import * as P from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Axis, Plot, Series } from '../experiment.ts';
import { sentence, typographic } from '../format.ts';
import { type Domain, domainOf, tickLabel, ticks } from './axis.ts';
import { Html, html } from './escape.ts';
import { type Point, type Points, readPoints } from './points.ts';

/** Two drawings, so that text has a readable size on a phone as on a desk; the style sheet shows the one that fits. */
const SIZES = [
  { name: 'wide', width: 500, height: 320, ticksX: 6, ticksY: 6 },
  { name: 'narrow', width: 340, height: 270, ticksX: 4, ticksY: 5 },
] as const;
type Size = (typeof SIZES)[number];

/** About the width of a letter of the axes' text. */
const LETTER = 6.6;

/** Lower ones are drawn first, so that lines and points stay visible. */
const LAYER: Record<Series['kind'], number> = { bars: 0, band: 1, rule: 2, line: 3, points: 4 };

/** Colours that style.ts defines, for light and dark. */
const COLOURS = 8;

/** More lines than these take turns in dashes, so that one shows through the gaps of another that covers it. */
const FEW = 4;
const DASHES = ['none', '7 3', '2 2.5'];

/** A series, read, with its colour. */
interface Drawn extends Points {
  readonly label: string;
  readonly colour: string;
  /** Of a line among many. */
  readonly dash: string;
  /** Whether other bars stand behind these. */
  readonly outlined: boolean;
}

/** A plot as a figure of inline SVG, with a legend when it has more than one series. */
export function renderPlot(plot: Plot): Html {
  const logX = plot.x.scale === 'log';
  const logY = plot.y.scale === 'log';
  const many = plot.series.filter(({ kind }) => kind === 'line').length > FEW;
  const series = plot.series.map((one, i): Drawn => {
    return {
      ...readPoints(one, logX, logY),
      label: typographic(one.label),
      colour: `var(--series-${(i % COLOURS) + 1})`,
      dash: many ? (DASHES[i % DASHES.length] as string) : 'none',
      outlined: one.kind === 'bars' && plot.series.findIndex(({ kind }) => kind === 'bars') < i,
    };
  });
  const x = domainOf(series.flatMap(horizontalValues), logX);
  const y = domainOf(series.flatMap(verticalValues(logY)), logY);
  return html`<figure class="plot">
<figcaption><b>${typographic(plot.title)}</b>${plot.caption !== undefined && html` ${sentence(plot.caption)}`}</figcaption>
${series.length > 1 && html`<ul class="legend">${series.map(legendEntry)}</ul>`}
${y === undefined ? html`<p class="empty">No finite values to draw.</p>` : SIZES.map((size) => draw(plot, series, x ?? [0, 1], y, size))}
</figure>
`;
}

function draw(plot: Plot, series: readonly Drawn[], x: Domain, y: Domain, size: Size): Html {
  const { document } = parseHTML('<!doctype html><body></body>');
  const ticksX = ticks(plot.x, x, size.ticksX);
  const ticksY = ticks(plot.y, y, size.ticksY);
  const marginLeft = 18 + LETTER * longest(ticksY.map((value) => tickLabel(plot.y, value)));
  // Names that would touch each other stand aslant.
  const name = LETTER * longest(plot.x.names ?? []);
  const aslant = name > (size.width - marginLeft - 16) / ticksX.length - 6;
  const svg = P.plot({
    document: document as unknown as Document,
    width: size.width,
    height: size.height,
    marginTop: 26,
    marginBottom: aslant ? 50 + Math.min(0.7 * name, 120) : 44,
    marginLeft,
    marginRight: 16,
    x: {
      ...scale(plot.x, x, ticksX),
      labelAnchor: 'center',
      labelOffset: aslant ? 44 + Math.min(0.7 * name, 120) : 38,
      tickRotate: aslant ? -40 : 0,
    },
    y: { ...scale(plot.y, y, ticksY), grid: true },
    marks: [...series].sort((a, b) => LAYER[a.kind] - LAYER[b.kind]).map((one) => mark(one, y)),
  }) as unknown as { outerHTML: string };
  // The page styles the drawing; Plot's own style sheet knows neither its colours nor its font.
  const inner = svg.outerHTML.replace(/^<svg [^>]*>(<style>[\s\S]*?<\/style>)?/, '').replace(COORDINATES, shorten);
  const open = `<svg xmlns="http://www.w3.org/2000/svg" class="${size.name}" viewBox="0 0 ${size.width} ${size.height}" role="img" text-anchor="middle" fill="currentColor"`;
  return html`${new Html(open)} aria-label="${plot.title}">${new Html(inner)}
`;
}

function longest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, text.length), 0);
}

function scale(axis: Axis, domain: Domain, ticks: readonly number[]): P.ScaleOptions {
  return {
    type: axis.scale ?? 'linear',
    domain,
    label: typographic(axis.label),
    labelArrow: 'none',
    ticks,
    tickFormat: (value: number) => tickLabel(axis, value),
    tickSize: 4,
  } as P.ScaleOptions;
}

function mark({ kind, points, colour, dash, outlined }: Drawn, y: Domain): P.Markish {
  const data = [...points];
  switch (kind) {
    case 'line':
      return [
        P.line(data, { x: 'x', y: 'y', stroke: colour, strokeWidth: data.length > 500 ? 1 : 2, strokeDasharray: dash }),
        P.dot(data.filter(isolated), { x: 'x', y: 'y', fill: colour, r: 2.5 }),
      ];
    case 'points':
      return P.dot(data, { x: 'x', y: 'y', fill: colour, r: data.length > 300 ? 1.6 : 3, fillOpacity: data.length > 300 ? 0.6 : 0.9 });
    case 'band':
      return P.areaY(data, { x: 'x', y1: 'y', y2: 'y2', fill: colour, fillOpacity: 0.22 });
    case 'rule':
      return P.ruleY(data, { y: 'y', stroke: colour, strokeWidth: 1.6, strokeDasharray: '6 4' });
    case 'bars': {
      const half = 0.45 * spacing(data);
      const foot = Math.max(0, y[0]);
      const sides = { x1: (d: Point) => d.x - half, x2: (d: Point) => d.x + half };
      return P.rect(data, {
        ...sides,
        y1: foot,
        y2: 'y',
        fill: colour,
        ...(outlined ? { fillOpacity: 0.1, stroke: colour } : { fillOpacity: 0.55 }),
      });
    }
  }
}

/** Whether a point has no neighbour to draw a line to. */
function isolated(_: Point, i: number, points: readonly Point[]): boolean {
  return [points[i - 1], points[i + 1]].every((neighbour) => neighbour === undefined || Number.isNaN(neighbour.y));
}

function horizontalValues({ kind, points }: Points): number[] {
  const values = finite(points.map(({ x, y }) => (Number.isNaN(y) ? Number.NaN : x)));
  if (kind !== 'bars') return values;
  const half = values.length > 1 ? 0.5 * spacing(points) : 1.5;
  return values.flatMap((x) => [x - half, x + half]);
}

function verticalValues(log: boolean) {
  return ({ kind, points }: Points): number[] => {
    const values = finite(points.flatMap(({ y, y2 }) => (Number.isNaN(y) ? [] : [y, y2])));
    return kind === 'bars' && !log && values.length > 0 ? [0, ...values] : values;
  };
}

/** The least distance between neighbours, which is the room that a bar has. */
function spacing(points: readonly Point[]): number {
  const xs = finite(points.map(({ x }) => x)).sort((a, b) => a - b);
  const gaps = xs.slice(1).map((x, i) => x - (xs[i] as number));
  const least = gaps.filter((gap) => gap > 0).reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  return Number.isFinite(least) ? least : 1;
}

function finite(values: readonly number[]): number[] {
  return values.filter(Number.isFinite);
}

const SWATCH: Record<Series['kind'], string> = {
  line: '<path d="M1,6H21" stroke-width="2.5" stroke-dasharray="var(--dash)"/>',
  rule: '<path d="M1,6H21" stroke-width="2" stroke-dasharray="6 4"/>',
  points: '<circle cx="11" cy="6" r="3.5" fill="currentColor" stroke="none"/>',
  band: '<rect x="1" y="1" width="20" height="10" fill="currentColor" fill-opacity=".25" stroke="none"/>',
  bars: '<path d="M3,11V5H9V11ZM12,11V1H18V11Z" fill="currentColor" fill-opacity="var(--fill)"/>',
};

function legendEntry({ kind, label, colour, dash, outlined, every }: Drawn): Html {
  const swatch = `<svg viewBox="0 0 22 12" width="22" height="12" fill="none" stroke="currentColor" style="color:${colour};--dash:${dash};--fill:${outlined ? 0.1 : 0.6}" aria-hidden="true">${SWATCH[kind]}</svg>`;
  return html`<li>${new Html(swatch)} ${label}${every > 1 && ` (one in ${every})`}</li>`;
}

/** Attributes that hold coordinates, whose digits past the hundredth nobody sees. */
const COORDINATES = / (d|transform|[xy][12]?|c[xy]|width|height)="[^"]*"/g;

function shorten(attribute: string): string {
  return attribute.replace(/(\.\d\d)\d+/g, '$1');
}

import type { BasinMap } from './basins.ts';
import { colorsOf, dotsOf, hueOf, radiusOf } from './picture.ts';

/** Shades of a hue: fewer give longer runs of one colour. */
const SHADES = 6;
/** Attractors that the legend names. */
const NAMED = 12;

/**
 * A picture of basins as SVG, with axes in the coordinates of the plane and a legend of the share of starts that each attractor takes. One path a colour,
 * of the runs of cells in each row; attractors that lie on the plane are dots.
 */
export function basinSvg(map: BasinMap): string {
  const { width, height } = map;
  const size = width / 28;
  const [left, right, below] = [4.8 * size, 8.6 * size, 3.2 * size];
  const box = [-left, -size, left + width + right, height + size + below];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box.map(rounded).join(' ')}" font-family="sans-serif" font-size="${rounded(size)}">`,
    `<rect x="${rounded(box[0])}" y="${rounded(box[1])}" width="${rounded(box[2])}" height="${rounded(box[3])}" fill="#fff"/>`,
    `<g shape-rendering="crispEdges">${cells(map)}</g>`,
    ...dotsOf(map).map(
      ([x, y]) =>
        `<circle cx="${rounded(x)}" cy="${rounded(y)}" r="${rounded(radiusOf(width))}" fill="#fff" stroke="#000" stroke-width="${rounded(width / 500)}"/>`,
    ),
    axes(map, size),
    legend(map, size),
    '</svg>\n',
  ].join('');
}

function rounded(v: number): string {
  return String(Number(v.toFixed(3)));
}

function cells(map: BasinMap): string {
  const { width, height } = map;
  const paths = new Map<string, string>();
  const colorAt = colorsOf(map, SHADES);
  for (let row = 0; row < height; row++) {
    for (let col = 0; col < width; ) {
      const color = colorAt(row * width + col);
      let end = col + 1;
      while (end < width && colorAt(row * width + end) === color) end++;
      paths.set(color, `${paths.get(color) ?? ''}M${col} ${row}h${end - col}v1h${col - end}z`);
      col = end;
    }
  }
  return [...paths].map(([color, d]) => `<path fill="${color}" d="${d}"/>`).join('');
}

/** What runs along a direction of the plane: one coordinate, or else the parameter itself. */
function scaleOf(origin: Float64Array, direction: Float64Array, parameter: string) {
  const moved = Array.from(direction.keys()).filter((i) => direction[i] !== 0);
  const [i] = moved;
  if (moved.length !== 1 || !(direction[i] > 0)) return { name: parameter, least: -1, most: 1 };
  return { name: `x[${i}]`, least: origin[i] - direction[i], most: origin[i] + direction[i] };
}

/** About five round numbers from `least` to `most`. */
function ticks(least: number, most: number): number[] {
  const raw = (most - least) / 5;
  const unit = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5].find((k) => k * unit >= raw) ?? 10) * unit;
  const first = Math.ceil(least / step - 1e-9);
  const count = Math.floor(most / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, k) => (first + k) * step);
}

function axes({ width, height, plane: { origin, u, v } }: BasinMap, size: number): string {
  const [across, up] = [scaleOf(origin, u, 's'), scaleOf(origin, v, 't')];
  const shown = (value: number) => String(Number(value.toPrecision(6)));
  const line = (x1: number, y1: number, x2: number, y2: number) =>
    `<path d="M${rounded(x1)} ${rounded(y1)}L${rounded(x2)} ${rounded(y2)}" stroke="#000" stroke-width="${rounded(size / 15)}"/>`;
  const text = (x: number, y: number, anchor: string, content: string) =>
    `<text x="${rounded(x)}" y="${rounded(y)}" text-anchor="${anchor}">${content}</text>`;
  const parts = [
    `<rect width="${width}" height="${height}" fill="none" stroke="#000" stroke-width="${rounded(size / 15)}"/>`,
    text(width / 2, height + 2.8 * size, 'middle', across.name),
    `<g transform="translate(${rounded(-3.8 * size)} ${rounded(height / 2)}) rotate(-90)">${text(0, 0, 'middle', up.name)}</g>`,
  ];
  for (const value of ticks(across.least, across.most)) {
    const x = ((value - across.least) / (across.most - across.least)) * width;
    parts.push(line(x, height, x, height + size / 3), text(x, height + 1.4 * size, 'middle', shown(value)));
  }
  for (const value of ticks(up.least, up.most)) {
    const y = (1 - (value - up.least) / (up.most - up.least)) * height;
    parts.push(line(0, y, -size / 3, y), text(-0.5 * size, y + 0.35 * size, 'end', shown(value)));
  }
  return parts.join('');
}

/** Light shades mean few loops. */
function legend(map: BasinMap, size: number): string {
  const { width, labels, attractors } = map;
  const counts = new Float64Array(attractors.length + 1);
  for (const label of labels) counts[label]++;
  const rows = Array.from(attractors.keys())
    .slice(0, NAMED)
    .map((k) => ({ label: `${k + 1}`, share: counts[k + 1], colors: [0, 0.5, 1].map((shade) => hueOf(map, k, shade)) }));
  if (counts[0] > 0) rows.push({ label: 'none', share: counts[0], colors: ['#000', '#000', '#000'] });
  const x = width + size;
  const parts = rows.map(({ label, share, colors }, k) => {
    const y = 1.5 * size * k;
    const swatch = colors.map(
      (color, i) =>
        `<rect x="${rounded(x + 0.6 * size * i)}" y="${rounded(y)}" width="${rounded(0.6 * size)}" height="${rounded(size)}" fill="${color}"/>`,
    );
    const words = `${label}: ${((100 * share) / labels.length).toFixed(1)} %`;
    return `${swatch.join('')}<text x="${rounded(x + 2.2 * size)}" y="${rounded(y + 0.85 * size)}">${words}</text>`;
  });
  const rest = attractors.length - NAMED;
  if (rest > 0) parts.push(`<text x="${rounded(x)}" y="${rounded(1.5 * size * rows.length + 0.85 * size)}">and ${rest} others</text>`);
  return parts.join('');
}

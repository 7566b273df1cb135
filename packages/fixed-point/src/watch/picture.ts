import type { BasinMap } from './basins.ts';

/** An image, row by row from the top: four bytes a pixel, red, green, blue, opacity. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** Light for few iterations, dark for many; nothing reached is black. */
const LIGHTEST = 0.82;
const DARKEST = 0.28;
/** Shades in an SVG: fewer give longer runs of one colour. */
const SVG_SHADES = 6;

/** A picture of basins: a hue for each attractor, lighter where it was reached sooner. */
export function basinPixels(map: BasinMap): Pixels {
  const { width, height, labels, attractors } = map;
  const shade = shadesOf(map);
  const data = new Uint8ClampedArray(4 * width * height);
  for (let p = 0; p < width * height; p++) {
    const color = labels[p] === 0 ? [0, 0, 0] : colorOf(labels[p] - 1, attractors.length, LIGHTEST + (DARKEST - LIGHTEST) * shade[p]);
    data.set(color, 4 * p);
    data[4 * p + 3] = 255;
  }
  return { width, height, data };
}

/** The same as SVG: one path a colour, of the runs of cells in each row; attractors that lie on the plane are dots. */
export function basinSvg(map: BasinMap): string {
  const { width, height, labels, attractors } = map;
  const shade = shadesOf(map);
  const paths = new Map<string, string>();
  const colorAt = (p: number) => {
    if (labels[p] === 0) return '#000';
    const step = Math.min(SVG_SHADES - 1, Math.floor(shade[p] * SVG_SHADES));
    const color = colorOf(labels[p] - 1, attractors.length, LIGHTEST + ((DARKEST - LIGHTEST) * step) / (SVG_SHADES - 1));
    return `#${color.map((v) => Math.round(v).toString(16).padStart(2, '0')).join('')}`;
  };
  for (let row = 0; row < height; row++) {
    for (let col = 0; col < width; ) {
      const color = colorAt(row * width + col);
      let end = col + 1;
      while (end < width && colorAt(row * width + end) === color) end++;
      paths.set(color, `${paths.get(color) ?? ''}M${col} ${row}h${end - col}v1h${col - end}z`);
      col = end;
    }
  }
  const shapes = [...paths].map(([color, d]) => `<path fill="${color}" d="${d}"/>`);
  const dots = attractors
    .map((a) => placeOf(map, a))
    .filter((place) => place !== undefined)
    .map(
      ([s, t]) =>
        `<circle cx="${((s + 1) * width) / 2}" cy="${((1 - t) * height) / 2}" r="${width / 120}" fill="#fff" stroke="#000" stroke-width="${width / 500}"/>`,
    );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" shape-rendering="crispEdges">${shapes.join('')}${dots.join('')}</svg>\n`;
}

/** Iterations by rank among all cells, from 0 to 1, so that a few slow ones do not make all others light. */
function shadesOf({ iterations }: BasinMap): Float64Array {
  const count = new Float64Array(65_536);
  for (const n of iterations) count[n]++;
  let below = 0;
  for (let n = 0; n < count.length; n++) {
    const here = count[n];
    count[n] = (below + here / 2) / Math.max(1, iterations.length);
    below += here;
  }
  return Float64Array.from(iterations, (n) => count[n]);
}

/** Hues as far from each other as can be; a second ring of paler ones from eight attractors on. */
function colorOf(k: number, count: number, lightness: number): [number, number, number] {
  const hue = (360 * k) / Math.max(count, 1) + 210;
  const saturation = count > 8 && k % 2 === 1 ? 0.45 : 0.85;
  const chroma = (1 - Math.abs(2 * lightness - 1)) * saturation;
  const channel = (shift: number) => {
    const h = ((hue / 30 + shift) % 12) - 0;
    return 255 * (lightness - (chroma / 2) * Math.max(-1, Math.min(h - 3, 9 - h, 1)));
  };
  return [channel(0), channel(8), channel(4)];
}

/** The coordinates (s, t) of a point that lies on the plane, to a hundredth of its sides, and within its window. */
function placeOf({ plane: { origin, u, v } }: BasinMap, x: Float64Array): readonly [number, number] | undefined {
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, w, i) => sum + w * b[i], 0);
  const w = x.map((c, i) => c - origin[i]);
  const [uu, uv, vv, uw, vw] = [dot(u, u), dot(u, v), dot(v, v), dot(u, w), dot(v, w)];
  const determinant = uu * vv - uv * uv;
  if (!(determinant > 0)) return undefined;
  const s = (vv * uw - uv * vw) / determinant;
  const t = (uu * vw - uv * uw) / determinant;
  const off = w.reduce((most, c, i) => Math.max(most, Math.abs(c - s * u[i] - t * v[i])), 0);
  return Math.abs(s) <= 1 && Math.abs(t) <= 1 && off <= 0.01 * Math.sqrt(uu + vv) ? [s, t] : undefined;
}

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

/** A picture of basins: a hue for each attractor, lighter where it was reached sooner; attractors that lie on the plane are white dots. */
export function basinPixels(map: BasinMap): Pixels {
  const { width, height, labels, attractors } = map;
  const shade = shadesOf(map);
  const data = new Uint8ClampedArray(4 * width * height);
  for (let p = 0; p < width * height; p++) {
    const color = labels[p] === 0 ? [0, 0, 0] : colorOf(labels[p] - 1, attractors.length, LIGHTEST + (DARKEST - LIGHTEST) * shade[p]);
    data.set(color, 4 * p);
    data[4 * p + 3] = 255;
  }
  for (const [x, y] of dotsOf(map)) drawDot(data, width, height, x, y);
  return { width, height, data };
}

/** A white disc with a black rim. */
function drawDot(data: Uint8ClampedArray, width: number, height: number, x: number, y: number): void {
  const radius = radiusOf(width);
  for (let row = Math.max(0, Math.floor(y - radius)); row < Math.min(height, y + radius); row++) {
    for (let col = Math.max(0, Math.floor(x - radius)); col < Math.min(width, x + radius); col++) {
      const away = Math.hypot(col + 0.5 - x, row + 0.5 - y) / radius;
      if (away <= 1) data.fill(away <= 0.7 ? 255 : 0, 4 * (row * width + col), 4 * (row * width + col) + 3);
    }
  }
}

/** Of a dot, in cells; in small pictures there is no room for any. */
export function radiusOf(width: number): number {
  return width / 100;
}

/** Where attractors lie on the plane, in cells from the left and from the top. */
export function dotsOf(map: BasinMap): readonly (readonly [number, number])[] {
  return map.attractors.flatMap((a) => {
    const place = placeOf(map, a);
    return place === undefined ? [] : [[((place[0] + 1) * map.width) / 2, ((1 - place[1]) * map.height) / 2] as const];
  });
}

/** The colour of a cell in hexadecimal digits; with `steps`, in no more shades than that. */
export function colorsOf(map: BasinMap, steps: number): (p: number) => string {
  const shade = shadesOf(map);
  return (p) => {
    if (map.labels[p] === 0) return '#000';
    return hueOf(map, map.labels[p] - 1, Math.min(steps - 1, Math.floor(shade[p] * steps)) / (steps - 1));
  };
}

/** The colour of an attractor in hexadecimal digits, from light at shade 0 to dark at 1. */
export function hueOf({ attractors }: BasinMap, k: number, shade: number): string {
  const color = colorOf(k, attractors.length, LIGHTEST + (DARKEST - LIGHTEST) * shade);
  return `#${color.map((v) => Math.round(v).toString(16).padStart(2, '0')).join('')}`;
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
    const h = (hue / 30 + shift) % 12;
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

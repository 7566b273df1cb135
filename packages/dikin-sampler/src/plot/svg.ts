/** Charts as text: SVG that follows the reader's light or dark scheme, needs no script and no font of its own. */

const WIDTH = 640;
const LEFT = 64;
const RIGHT = 16;
const TOP = 32;
const BOTTOM = 44;

/** One pair of axes. */
export interface Panel {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  /** Drawn in data coordinates through `place`. */
  draw(place: Place): string;
  readonly yLabel: string;
  /** Ticks on the y axis; default true. */
  readonly yTicks?: boolean;
}

/** Maps data coordinates to those of the picture, to a hundredth. */
export interface Place {
  x(value: number): number;
  y(value: number): number;
}

/** Distinguishable colours, also for who sees red and green alike (Okabe and Ito 2008), by class name c0 to c6; later chains repeat them. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8c6d1f'] as const;
const DARK = ['#4aa8e8', '#ff8a3d', '#2ec79a', '#e9a3c9', '#f5b83d', '#8fd0f7', '#cdb06a'] as const;

export const colourClass = (chain: number): string => `c${chain % COLOURS.length}`;

/** Panels above each other over a common x axis. */
export function chart(title: string, xLabel: string, legend: readonly string[], panels: readonly Panel[], height: number): string {
  const total = TOP + panels.length * height + BOTTOM;
  const colours = (values: readonly string[]) => values.map((c, k) => `.c${k}{stroke:${c}}.f.c${k}{fill:${c};stroke:none}`).join('');
  const style = `svg{color:#222;background:#fff;font:12px system-ui,sans-serif}text{fill:currentColor}.a{stroke:currentColor;stroke-opacity:.5}.g{stroke:currentColor;stroke-opacity:.12}.l{fill:none;stroke-width:1.2}.e{stroke:currentColor;stroke-dasharray:4 3}.p{fill:currentColor;fill-opacity:.15}${colours(COLOURS)}@media(prefers-color-scheme:dark){svg{color:#ddd;background:#161616}${colours(DARK)}}`;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${total}" width="${WIDTH}" height="${total}" role="img" aria-label="${quoted(title)}">`,
    `<style>${style}</style><rect width="100%" height="100%" fill="none"/>`,
    `<text x="${LEFT}" y="20" font-weight="600">${quoted(title)}</text>`,
    key(legend),
    ...panels.map((panel, k) => axes(panel, TOP + k * height, height, k === panels.length - 1)),
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${total - 8}" text-anchor="middle">${quoted(xLabel)}</text>`,
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

function key(legend: readonly string[]): string {
  const step = 72;
  const from = WIDTH - RIGHT - step * legend.length;
  return legend
    .map(
      (label, k) =>
        `<rect x="${from + k * step}" y="11" width="10" height="10" class="f ${colourClass(k)}"/><text x="${from + k * step + 14}" y="20">${quoted(label)}</text>`,
    )
    .join('');
}

function axes(panel: Panel, top: number, height: number, last: boolean): string {
  const gap = 8;
  const bottom = top + height - gap;
  const place: Place = {
    x: scale(panel.x, LEFT, WIDTH - RIGHT),
    y: scale(panel.y, bottom, top + gap),
  };
  const lines: string[] = [];
  if (panel.yTicks !== false) {
    for (const t of ticks(panel.y, 4)) {
      const y = place.y(t);
      lines.push(
        `<path class="g" d="M${LEFT} ${y}H${WIDTH - RIGHT}"/><text x="${LEFT - 6}" y="${y + 4}" text-anchor="end">${label(t)}</text>`,
      );
    }
  }
  const middle = (top + bottom) / 2;
  lines.push(`<text transform="translate(14 ${middle}) rotate(-90)" text-anchor="middle">${quoted(panel.yLabel)}</text>`);
  lines.push(panel.draw(place));
  lines.push(`<path class="a" d="M${LEFT} ${bottom}H${WIDTH - RIGHT}"/>`);
  if (last) {
    for (const t of ticks(panel.x, 6)) {
      lines.push(
        `<path class="a" d="M${place.x(t)} ${bottom}v4"/><text x="${place.x(t)}" y="${bottom + 17}" text-anchor="middle">${label(t)}</text>`,
      );
    }
  }
  return lines.join('');
}

function scale([low, high]: readonly [number, number], from: number, to: number): (value: number) => number {
  // A quantity of one value stands in the middle.
  return (value) => Math.round(100 * (high > low ? from + ((value - low) / (high - low)) * (to - from) : (from + to) / 2)) / 100;
}

/** Round numbers within an interval, about `count` of them. */
export function ticks([low, high]: readonly [number, number], count: number): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, k) => (first + k) * step);
}

function label(value: number): string {
  return Math.abs(value) < 1e5 && (value === 0 || Math.abs(value) >= 1e-3) ? String(Number(value.toPrecision(6))) : value.toExponential(1);
}

/** Names come from files, and may hold what XML has no place for. */
function quoted(text: string): string {
  return Array.from(text, (c) => (c < ' ' ? '\ufffd' : '&<>"\''.includes(c) ? `&#${c.charCodeAt(0)};` : c)).join('');
}

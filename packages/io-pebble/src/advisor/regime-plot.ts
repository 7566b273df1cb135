import { keepsScores, ONCE } from './advise.ts';
import { GPUS, type GpuName } from './presets.ts';
import type { Memory, Problem } from './problem.ts';
import { type Regimes, regimes } from './regimes.ts';

export interface RegimePlotOptions {
  /** Sizes of fast memory in words; default 2^8 to 2^20. */
  readonly least?: number;
  readonly most?: number;
  /** GPUs whose shared memory is marked; default all that are in range. */
  readonly gpus?: readonly GpuName[];
  readonly title?: string;
}

const [WIDTH, HEIGHT] = [860, 550] as const;
const AREA = { left: 76, right: 150, top: 44, bottom: 84 } as const;
const COLOURS = ['#4269d0', '#e07b00', '#d03a5b', '#2a9d8f', '#8a5cd6'] as const;
const LINE = 15;

/**
 * The regime plot of a problem as a self-contained SVG, light or dark as the reader's screen: bytes moved against the size of fast memory, both
 * logarithmic, for every schedule with its best tiles, thick where it is the best; below them the proven lower bound; crossovers, regimes and
 * GPUs are marked.
 *
 * @throws ArgumentError.
 */
export function regimePlot(problem: Problem, memory: Omit<Memory, 'bytes' | 'words'> = {}, options: RegimePlotOptions = {}): string {
  const { least = 2 ** 8, most = 2 ** 20 } = options;
  const found = regimes(problem, memory, { least, most });
  const { nq, nk = nq, d, pass = 'forward' } = problem;
  const title = options.title ?? `${pass}: bytes moved, ${nq} queries, ${nk} keys of size ${d}`;
  const scales = scalesOf(found);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${escaped(title)}" font-family="system-ui, sans-serif" font-size="12">`,
    '<style>.ink{fill:#222}.soft{fill:#666}.rule{stroke:#ddd}.mark{stroke:#999}.paper{fill:#fff}.bound{stroke:#222}.halo{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}',
    '@media(prefers-color-scheme:dark){.ink{fill:#eee}.soft{fill:#aaa}.rule{stroke:#333}.mark{stroke:#777}.paper{fill:#161616}.bound{stroke:#eee}.halo{stroke:#161616}}</style>',
    `<rect class="paper" width="${WIDTH}" height="${HEIGHT}"/>`,
    `<text class="ink" x="${AREA.left}" y="24" font-size="15">${escaped(title)}</text>`,
    ...axes(found, scales),
    ...devices(found, scales, options.gpus),
    ...curves(found, scales),
    ...crossings(found, scales, d),
    ...regimesBelow(found, scales),
    '</svg>',
    '',
  ].join('\n');
}

interface Scales {
  readonly x: (words: number) => number;
  readonly y: (words: number) => number;
  readonly low: number;
  readonly high: number;
}

function scalesOf({ sizes, schedules, lowerBound, bytesPerWord }: Regimes): Scales {
  const all = [...schedules.flatMap(({ words }) => [...words]), ...lowerBound].filter((value) => Number.isFinite(value) && value > 0);
  const low = Math.floor(Math.log10(Math.min(...all) * bytesPerWord));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...all) * bytesPerWord)));
  const [first, last] = [Math.log2(sizes[0]!), Math.log2(sizes[sizes.length - 1]!)];
  return {
    low,
    high,
    x: (words) => AREA.left + ((WIDTH - AREA.left - AREA.right) * (Math.log2(words) - first)) / (last - first),
    y: (words) => AREA.top + ((HEIGHT - AREA.top - AREA.bottom) * (high - Math.log10(words * bytesPerWord))) / (high - low),
  };
}

function axes({ sizes, bytesPerWord }: Regimes, { x, low, high }: Scales): string[] {
  const bottom = HEIGHT - AREA.bottom;
  const horizontal = Array.from({ length: high - low + 1 }, (_, k) => {
    const power = low + k;
    const y = AREA.top + ((bottom - AREA.top) * (high - power)) / (high - low);
    return `<line class="rule" x1="${AREA.left}" x2="${WIDTH - AREA.right}" y1="${round(y)}" y2="${round(y)}"/><text class="soft" x="${AREA.left - 8}" y="${round(y + 4)}" text-anchor="end">${bytes(10 ** power, 1000)}</text>`;
  });
  const [first, last] = [Math.ceil(Math.log2(sizes[0]! * bytesPerWord)), Math.floor(Math.log2(sizes[sizes.length - 1]! * bytesPerWord))];
  const step = Math.max(1, Math.ceil((last - first) / 10));
  const vertical = Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, k) => {
    const power = first + k * step;
    const at = x(2 ** power / bytesPerWord);
    return `<text class="soft" x="${round(at)}" y="${bottom + 20}" text-anchor="middle">${bytes(2 ** power, 1024)}</text>`;
  });
  const middle = (AREA.left + WIDTH - AREA.right) / 2;
  return [...horizontal, ...vertical, `<text class="soft" x="${middle}" y="${HEIGHT - 8}" text-anchor="middle">fast memory</text>`];
}

/** GPUs closer to each other than this, in pixels, share a label. */
const CLOSE = 14;

/** Vertical lines at the shared memory of GPUs. */
function devices({ sizes, bytesPerWord }: Regimes, { x }: Scales, chosen?: readonly GpuName[]): string[] {
  const groups: { readonly lines: Set<number>; readonly names: string[] }[] = [];
  const known = GPUS.filter(({ name }) => chosen === undefined || chosen.includes(name));
  for (const { name, blockKiB } of known.sort((a, b) => a.blockKiB - b.blockKiB)) {
    const words = (blockKiB * 1024) / bytesPerWord;
    if (words < sizes[0]! || words > sizes[sizes.length - 1]!) continue;
    const at = round(x(words));
    const near = groups.at(-1);
    if (near !== undefined && at - Math.max(...near.lines) < CLOSE) {
      near.lines.add(at);
      near.names.push(name);
    } else groups.push({ lines: new Set([at]), names: [name] });
  }
  return groups.flatMap(({ lines, names }) => [
    ...[...lines].map(
      (at) => `<line class="mark" x1="${at}" x2="${at}" y1="${AREA.top}" y2="${HEIGHT - AREA.bottom}" stroke-dasharray="2 4"/>`,
    ),
    `<text class="soft halo" transform="translate(${Math.min(...lines) - 3} ${AREA.top + 4}) rotate(-90)" text-anchor="end" font-size="10">${names.join(', ')}</text>`,
  ]);
}

/** What each size of fast memory means, under the axis: where scores go, and where nothing is left to gain. */
function regimesBelow({ sizes, schedules, lowerBound }: Regimes, { x }: Scales): string[] {
  const best = Array.from(sizes, (_, k) => schedules.reduce((least, one) => (one.words[k]! < least.words[k]! ? one : least)));
  const kinds = best.map(({ schedule, words }, k) => {
    if (!Number.isFinite(words[k]!)) return '';
    if (words[k]! <= ONCE * lowerBound[k]!) return 'all moves once';
    return keepsScores(schedule) ? 'scores stay in fast memory' : 'scores go to slow memory';
  });
  const y = HEIGHT - AREA.bottom + 38;
  return kinds.flatMap((kind, k) => {
    if (kind === '' || (k > 0 && kinds[k - 1] === kind)) return [];
    const next = kinds.findIndex((other, later) => later > k && other !== kind);
    const [from, to] = [round(x(sizes[k]!)), round(x(sizes[next === -1 ? sizes.length - 1 : next]!))];
    const label =
      to - from < 110 ? '' : `<text class="ink" x="${round((from + to) / 2)}" y="${y + 14}" text-anchor="middle">${kind}</text>`;
    return [`<line class="bound" x1="${from + 2}" x2="${to - 2}" y1="${y}" y2="${y}" stroke-width="1.5"/>${label}`];
  });
}

function curves(found: Regimes, { x, y }: Scales): string[] {
  const { sizes, schedules, lowerBound } = found;
  const line = (values: Float64Array) =>
    Array.from(values, (value, k) => (Number.isFinite(value) ? `${round(x(sizes[k]!))},${round(y(value))}` : ''))
      .filter((point) => point !== '')
      .join(' ');
  /** Where a schedule is the best, and one step further, so that stretches meet. */
  const leads = (of: number) => (k: number) =>
    [k, k - 1].some((at) => at >= 0 && schedules.every(({ words }, other) => other === of || schedules[of]!.words[at]! <= words[at]!));
  const stretches = (values: Float64Array, wanted: (k: number) => boolean) =>
    Array.from(values, (value, k) => {
      if (!Number.isFinite(value) || !wanted(k)) return '';
      const begins = k === 0 || !wanted(k - 1) || !Number.isFinite(values[k - 1]!);
      return `${begins ? 'M' : 'L'}${round(x(sizes[k]!))} ${round(y(value))}`;
    }).join('');
  const labels = schedules.map(({ schedule, words }, k) => ({
    text: schedule as string,
    at: y(words[words.length - 1]!),
    colour: COLOURS[k % COLOURS.length]! as string | undefined,
  }));
  const shown = labels.filter(({ at }) => Number.isFinite(at));
  shown.push({ text: 'lower bound', at: y(lowerBound[lowerBound.length - 1]!), colour: undefined });
  return [
    ...schedules.map(
      ({ schedule, words }, k) =>
        `<polyline points="${line(words)}" fill="none" stroke="${COLOURS[k % COLOURS.length]}" stroke-width="1.5"><title>${schedule}</title></polyline>`,
    ),
    ...schedules.map(
      ({ words }, k) =>
        `<path d="${stretches(words, leads(k))}" fill="none" stroke="${COLOURS[k % COLOURS.length]}" stroke-width="4" stroke-linecap="round"/>`,
    ),
    `<polyline class="bound" points="${line(lowerBound)}" fill="none" stroke-width="2" stroke-dasharray="6 4"><title>lower bound</title></polyline>`,
    ...apart(shown).map(
      ({ text, at, colour }) =>
        `<text ${colour === undefined ? 'class="ink"' : `fill="${colour}"`} x="${WIDTH - AREA.right + 8}" y="${round(at + 4)}">${text}</text>`,
    ),
  ];
}

/** Dots where the best schedule begins to keep scores in fast memory, or no longer does, with the size in units of d^2. */
function crossings({ crossovers, sizes, schedules }: Regimes, { x, y }: Scales, d: number): string[] {
  const changes = crossovers.filter(({ from, to }) => keepsScores(from) !== keepsScores(to));
  return changes.map(({ size, to }) => {
    const at = schedules.find(({ schedule }) => schedule === to)!.words[sizes.indexOf(size)]!;
    const [cx, cy] = [round(x(size)), round(y(at))];
    return `<circle class="ink" cx="${cx}" cy="${cy}" r="5"/><text class="ink halo" x="${cx - 8}" y="${cy + 20}" text-anchor="end">${to} best from ${(size / d ** 2).toPrecision(2)} d²</text>`;
  });
}

/** Moves labels down until none overlaps the one above it, and up again where the last would fall off. */
function apart<L extends { at: number }>(labels: readonly L[]): L[] {
  const placed = labels.map((label) => ({ ...label })).sort((a, b) => a.at - b.at);
  for (let i = 1; i < placed.length; i++) placed[i]!.at = Math.max(placed[i]!.at, placed[i - 1]!.at + LINE);
  for (let i = placed.length - 1, limit = HEIGHT - AREA.bottom; i >= 0; i--, limit -= LINE) placed[i]!.at = Math.min(placed[i]!.at, limit);
  return placed;
}

function bytes(value: number, base: 1000 | 1024): string {
  const units = base === 1000 ? ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] : ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let unit = 0;
  let rest = value;
  while (rest >= base && unit < units.length - 1) {
    rest /= base;
    unit++;
  }
  return `${Math.round(rest)} ${units[unit]}`;
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

import { chainsOf } from '../diagnostics/summary.ts';
import { type Chains, pool, ranks } from '../diagnostics/transform.ts';
import type { Run } from '../run.ts';
import { chart, colourClass, type Place } from './svg.ts';

/** More points than this a chain only thicken a line. */
const POINTS = 1000;

const BINS = 20;

/**
 * The draws of a quantity in their order, one line a chain: chains that have mixed look like each other, and like noise.
 *
 * @param which - position or name of a coordinate, or the name of another recorded quantity.
 * @returns an SVG document. @throws ArgumentError when the run has no such quantity; so do the others.
 */
export function tracePlot(run: Run, which: number | string): string {
  const chains = chainsOf(run, which);
  const name = nameOf(run, which);
  return chart(
    `Trace of ${name}`,
    'draw',
    legend(chains),
    [
      {
        x: [0, Math.max(1, run.draws - 1)],
        y: extent(chains),
        yLabel: name,
        draw: (place) => chains.map((chain, c) => line(chain, place, c)).join(''),
      },
    ],
    260,
  );
}

/**
 * How often the draws of each chain fall into each twentieth of all draws by rank. Where chains have mixed, all bars reach the dashed
 * line but for chance (Vehtari et al. 2021, section 4).
 */
export function rankPlot(run: Run, which: number | string): string {
  const chains = chainsOf(run, which);
  const name = nameOf(run, which);
  const total = run.chains * run.draws;
  const counts = ranks(chains).map((chain) => {
    const bins = new Float64Array(BINS);
    for (const rank of chain) {
      const bin = Math.min(BINS - 1, Math.floor(((rank - 1) / total) * BINS));
      bins[bin] = bins[bin]! + 1;
    }
    return bins;
  });
  const expected = run.draws / BINS;
  const most = Math.max(2 * expected, ...counts.map((bins) => Math.max(...bins)));
  return chart(
    `Ranks of ${name}`,
    'rank among all draws',
    legend(chains),
    counts.map((bins, c) => ({
      x: [0, total],
      y: [0, most],
      yLabel: `chain ${c}`,
      yTicks: false,
      draw: (place) => `${bars(bins, total / BINS, 0, place, `f ${colourClass(c)}`)}${level(expected, [0, total], place)}`,
    })),
    Math.max(40, Math.min(110, 440 / chains.length)),
  );
}

/** The density of a quantity: a histogram of all draws, and over it one of each chain. */
export function marginalPlot(run: Run, which: number | string): string {
  const chains = chainsOf(run, which);
  const name = nameOf(run, which);
  const [low, high] = extent(chains);
  const count = Math.max(5, Math.min(60, Math.round(Math.cbrt(run.chains * run.draws) * 2)));
  const width = (high - low) / count || 1;
  const density = (values: Float64Array) => {
    const bins = new Float64Array(count);
    for (const value of values) {
      const bin = Math.min(count - 1, Math.floor((value - low) / width));
      bins[bin] = bins[bin]! + 1 / (values.length * width);
    }
    return bins;
  };
  const all = density(pool(chains));
  const each = chains.map(density);
  return chart(
    `Marginal of ${name}`,
    name,
    legend(chains),
    [
      {
        x: [low, low + width * count],
        y: [0, 1.05 * Math.max(...all, ...each.map((bins) => Math.max(...bins)))],
        yLabel: 'density',
        draw: (place) => `${bars(all, width, low, place, 'p')}${each.map((bins, c) => steps(bins, width, low, place, c)).join('')}`,
      },
    ],
    260,
  );
}

function nameOf(run: Run, which: number | string): string {
  return typeof which === 'number' ? run.names[which]! : which;
}

/** Names of the chains, while there is room for them. */
function legend(chains: Chains): string[] {
  return chains.length > 5 ? [] : chains.map((_, c) => `chain ${c}`);
}

function extent(chains: Chains): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const chain of chains) {
    for (const x of chain) {
      if (x < low) low = x;
      if (x > high) high = x;
    }
  }
  return [low, high];
}

function line(chain: Float64Array, place: Place, c: number): string {
  const stride = Math.max(1, Math.ceil(chain.length / POINTS));
  let path = '';
  for (let t = 0; t < chain.length; t += stride) path += `${path === '' ? 'M' : 'L'}${place.x(t)} ${place.y(chain[t]!)}`;
  return `<path class="l ${colourClass(c)}" stroke-opacity=".75" d="${path}"/>`;
}

function bars(bins: Float64Array, width: number, low: number, place: Place, kind: string): string {
  const zero = place.y(0);
  return Array.from(bins, (value, k) => {
    const left = place.x(low + k * width);
    const top = place.y(value);
    return `<rect class="${kind}" x="${left}" y="${top}" width="${round(Math.max(0.5, place.x(low + (k + 1) * width) - left - 1))}" height="${round(zero - top)}"/>`;
  }).join('');
}

function steps(bins: Float64Array, width: number, low: number, place: Place, c: number): string {
  const path = Array.from(
    bins,
    (value, k) => `${k === 0 ? 'M' : 'L'}${place.x(low + k * width)} ${place.y(value)}H${place.x(low + (k + 1) * width)}`,
  );
  return `<path class="l ${colourClass(c)}" d="${path.join('')}"/>`;
}

function level(value: number, [from, to]: readonly [number, number], place: Place): string {
  return `<path class="e" d="M${place.x(from)} ${place.y(value)}H${place.x(to)}"/>`;
}

function round(value: number): number {
  return Math.round(100 * value) / 100;
}

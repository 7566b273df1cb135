import type { Axis } from '../experiment.ts';
import { formatNumber, formatPower } from '../format.ts';

/** The part of an axis that a plot shows. */
export type Domain = readonly [low: number, high: number];

/** The smallest domain around all finite values, with a margin; undefined when there are none. */
export function domainOf(values: Iterable<number>, log: boolean): Domain | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return undefined;
  if (log) {
    const margin = low === high ? 2 : 10 ** (0.03 * decades(low, high));
    return [Math.max(low / margin, Number.MIN_VALUE), Math.min(high * margin, Number.MAX_VALUE)];
  }
  if (low === high) return [low - (Math.abs(low) / 2 || 1), high + (Math.abs(high) / 2 || 1)];
  const margin = 0.03 * (high - low);
  return [low === 0 ? 0 : low - margin, high === 0 ? 0 : high + margin];
}

/** Powers of ten from `low` to `high`. */
function decades(low: number, high: number): number {
  return Math.log10(high) - Math.log10(low);
}

/** Where an axis has marks: about `count` of them, at round numbers. */
export function ticks(axis: Axis, [low, high]: Domain, count: number): number[] {
  if (axis.names) return steps(low, high, 1);
  if (axis.scale !== 'log') return steps(low, high, roundStep((high - low) / (1.3 * count)));
  const span = decades(low, high);
  if (span > 3) {
    const stride = Math.ceil(span / count);
    return steps(Math.log10(low), Math.log10(high), stride).map((exponent) => 10 ** exponent);
  }
  const digits = span > 1.5 ? [1, 3] : [1, 2, 5];
  const round = steps(Math.floor(Math.log10(low)), Math.log10(high), 1).flatMap((exponent) =>
    digits.map((digit) => digit * 10 ** exponent),
  );
  const inside = round.filter((value) => value >= low && value <= high);
  return inside.length >= 3 ? inside : steps(low, high, roundStep((high - low) / (1.3 * count)));
}

/** The text at a mark. */
export function tickLabel(axis: Axis, value: number): string {
  if (axis.names) return axis.names[value] ?? '';
  return axis.scale === 'log' ? formatPower(value) : formatNumber(value);
}

/** Multiples of `step` in [low, high]. */
function steps(low: number, high: number, step: number): number[] {
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** The least of 1, 2, 5 times a power of ten that is not below `step`. */
function roundStep(step: number): number {
  const unit = 10 ** Math.floor(Math.log10(step));
  return unit * ([1, 2, 5].find((digit) => digit * unit >= step * (1 - 1e-9)) ?? 10);
}

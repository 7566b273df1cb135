import type { Axis } from '../experiment.ts';
import { formatTick } from '../format.ts';

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
    const margin = low === high ? 2 : (high / low) ** 0.03;
    return [low / margin, high * margin];
  }
  const margin = 0.03 * (high - low) || 0.5 * Math.abs(low) || 1;
  return [low === 0 ? 0 : low - margin, high === 0 ? 0 : high + margin];
}

/** Where an axis has marks: at most about `count`, at round numbers. */
export function ticks(axis: Axis, [low, high]: Domain, count: number): number[] {
  if (axis.names) return steps(low, high, Math.max(1, Math.ceil((high - low) / count)));
  if (axis.scale !== 'log') return steps(low, high, roundStep((high - low) / count));
  const decades = Math.log10(high / low);
  if (decades > 3) {
    const stride = Math.ceil(decades / count);
    return steps(Math.log10(low), Math.log10(high), stride).map((exponent) => 10 ** exponent);
  }
  const digits = decades > 1.5 ? [1, 3] : [1, 2, 5];
  const round = steps(Math.floor(Math.log10(low)), Math.log10(high), 1).flatMap((exponent) =>
    digits.map((digit) => digit * 10 ** exponent),
  );
  const inside = round.filter((value) => value >= low && value <= high);
  return inside.length >= 3 ? inside : steps(low, high, roundStep((high - low) / count));
}

/** The text at a mark. */
export function tickLabel(axis: Axis, value: number): string {
  return axis.names ? (axis.names[value] ?? '') : formatTick(value);
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

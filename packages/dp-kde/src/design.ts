import { ArgumentError } from '@x/linalg/errors';
import { checkChoice, checkWhole } from './check.ts';

/**
 * Which data sets are neighbours: `add-remove`, one row more or less, their number being secret; `replace`, one row changed, their number
 * being public.
 */
export type Adjacency = 'add-remove' | 'replace';

export const ADJACENCIES: readonly Adjacency[] = ['add-remove', 'replace'];

/** Lower and upper bound of a column. They must be known without looking at the data. */
export type Bounds = readonly [lower: number, upper: number];

export interface DesignOptions {
  readonly bounds: readonly Bounds[];
  /** Default `add-remove`. */
  readonly adjacency?: Adjacency;
  /** The most rows that one person may have; every sensitivity is multiplied by it. Default 1. */
  readonly rowsPerUser?: number;
  /** Cells of each column, a power of two in [2, 2^20]. Default 4096. */
  readonly resolution?: number;
  /** Binary places of a position inside its cell, in [0, 20]. Default 13. */
  readonly fractionBits?: number;
}

/** Everything public about how rows become whole numbers. */
export interface Design {
  readonly bounds: readonly Bounds[];
  readonly adjacency: Adjacency;
  readonly rowsPerUser: number;
  readonly cells: number;
  readonly levels: number;
  readonly fractionBits: number;
  /** 2^fractionBits: positions are whole numbers in [0, cells * one]. */
  readonly one: number;
}

/** Positions stay below 2^30, so that they are exact in 32 bits. */
const POSITION_BITS = 30;

/** @throws ArgumentError naming the option that is wrong. */
export function designOf(operation: string, options: DesignOptions): Design {
  const { bounds, adjacency = 'add-remove', rowsPerUser = 1, resolution = 4096, fractionBits = 13 } = options ?? {};
  if (!Array.isArray(bounds) || bounds.length === 0 || bounds.length > 65_536) {
    throw new ArgumentError(`${operation}: bounds must be a list of 1 to 65536 pairs [lower, upper]`, 'bounds');
  }
  const own = bounds.map((pair: Bounds, j): Bounds => {
    const [lower, upper] = Array.isArray(pair) && pair.length === 2 ? pair : [Number.NaN, Number.NaN];
    if (!(Number.isFinite(lower) && Number.isFinite(upper) && lower < upper && Number.isFinite(upper - lower))) {
      throw new ArgumentError(`${operation}: bounds[${j}] is ${String(pair)}; it must be two finite numbers, the lower first`, 'bounds');
    }
    return [lower, upper];
  });
  checkChoice(operation, 'adjacency', adjacency, ADJACENCIES);
  checkWhole(operation, 'rowsPerUser', rowsPerUser, 1, 2 ** 20);
  checkWhole(operation, 'resolution', resolution, 2, 2 ** 20);
  const levels = 31 - Math.clz32(resolution);
  if (2 ** levels !== resolution) {
    throw new ArgumentError(`${operation}: resolution is ${resolution}; it must be a power of two`, 'resolution');
  }
  checkWhole(operation, 'fractionBits', fractionBits, 0, Math.min(20, POSITION_BITS - levels));
  return { bounds: own, adjacency, rowsPerUser, cells: resolution, levels, fractionBits, one: 2 ** fractionBits };
}

/** The most rows for which every sum is a whole number of at most 2^52, to which noise can be added exactly. */
export function mostRows({ cells, one }: Design): number {
  return Math.floor(2 ** 52 / (cells * one));
}

export function rangeOf([lower, upper]: Bounds): number {
  return upper - lower;
}

import { ArgumentError } from '@x/linalg/errors';
import { boundOf } from '../bounds/lower-bound.ts';
import { checkWhole } from '../check.ts';
import { type ScheduleName, schedulesFor } from '../schedules/all.ts';
import { movedWords } from '../schedules/schedule.ts';
import { FINEST } from '../schedules/search.ts';
import { bestTiles } from './cost.ts';
import { type Memory, type Problem, settingOf } from './problem.ts';

/** Words moved against the size of fast memory. */
export interface Regimes {
  /** Sizes of fast memory in words, ascending. */
  readonly sizes: Float64Array;
  /** For each schedule the words at each size; Infinity where it does not fit. */
  readonly schedules: readonly { readonly schedule: ScheduleName; readonly words: Float64Array }[];
  readonly lowerBound: Float64Array;
  /** Sizes at which the best schedule becomes another one. */
  readonly crossovers: readonly { readonly size: number; readonly from: ScheduleName; readonly to: ScheduleName }[];
  readonly bytesPerWord: number;
}

/**
 * What every schedule moves with its best tiles as fast memory grows.
 *
 * @param memory - its size is not used. @param options - from `least` to `most` words, geometrically; default 2^8 to 2^20 in 200 steps.
 * @throws ArgumentError.
 */
export function regimes(
  problem: Problem,
  memory: Omit<Memory, 'bytes' | 'words'> = {},
  options: { readonly least?: number; readonly most?: number; readonly steps?: number } = {},
): Regimes {
  const { least = 2 ** 8, most = 2 ** 20, steps = 200 } = options;
  checkWhole('regimes', 'least', least, 1);
  checkWhole('regimes', 'most', most, least + 1);
  checkWhole('regimes', 'steps', steps, 2, 1e6);
  if ('bytes' in memory || 'words' in memory)
    throw new ArgumentError('regimes: memory has a size; sizes are given by least and most', 'memory');
  const setting = settingOf('regimes', problem, { ...memory, words: most });
  const sizes = Float64Array.from({ length: steps }, (_, k) => Math.round(least * (most / least) ** (k / (steps - 1))));
  const schedules = schedulesFor(setting.pass).map((schedule) => ({
    schedule: schedule.name as ScheduleName,
    words: sizes.map((M) => {
      const tiles = bestTiles(schedule, { ...setting, M }, FINEST);
      if (tiles === undefined) return Number.POSITIVE_INFINITY;
      const { loads, stores } = movedWords(schedule, setting.shape, tiles);
      return setting.times * (loads + stores);
    }),
  }));
  const bestAt = (k: number) => schedules.reduce((best, candidate) => (candidate.words[k]! < best.words[k]! ? candidate : best));
  const bestWords = (k: number) => Math.min(...schedules.map(({ words }) => words[k]!));
  const crossovers = Array.from(sizes, (size, k) => ({ size, from: bestAt(Math.max(0, k - 1)).schedule, to: bestAt(k).schedule })).filter(
    ({ from, to }, k) => from !== to && Number.isFinite(bestWords(k - 1)),
  );
  const lowerBound = sizes.map((M) => boundOf({ ...setting, M }).words);
  return { sizes, schedules, lowerBound, crossovers, bytesPerWord: setting.elementBytes };
}

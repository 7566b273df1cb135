import { boundOf, type LowerBound } from '../bounds/lower-bound.ts';
import { type ScheduleName, schedulesFor } from '../schedules/all.ts';
import { bestTiles, type Cost, grainOf, priced, type TileOptions } from './cost.ts';
import { type Memory, type Problem, settingOf } from './problem.ts';

/** A schedule with its best tiles, and how it compares. */
export interface Ranked extends Cost {
  /** Words over those of the lower bound: no schedule can be better by more than this factor. */
  readonly ratioToLowerBound: number;
  /** Seconds that the bytes take at the memory's bandwidth, where that is given. */
  readonly seconds?: number;
}

export interface Advice {
  /** All schedules that fit, those that move least first. */
  readonly ranked: readonly Ranked[];
  readonly lowerBound: LowerBound;
  /**
   * `fits`: the best schedule reads every input and writes every output about once (within 5 %), so that more fast memory is of no use;
   * `large`: one that keeps scores in fast memory is best; `small`: scores go to slow memory.
   */
  readonly regime: 'small' | 'large' | 'fits';
  /** What to mind, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Ranks the schedules for a problem by the words they move with the best tiles that fit, beside the proven lower bound.
 *
 * The words are those between this memory and the next level; on a GPU some of the reads may be served by the L2 cache.
 *
 * @param options - sizes that tiles are multiples of; the default, 1, is the ideal that no matrix unit reaches.
 * @throws ArgumentError. An empty ranking means that no schedule fits.
 * Cost: microseconds; under a mask some 100 passes over it for each schedule, about a second for thousands of queries.
 */
export function advise(problem: Problem, memory: Memory, options: TileOptions = {}): Advice {
  const setting = settingOf('advise', problem, memory);
  const grain = grainOf('advise', options);
  const bound = boundOf(setting);
  const ranked = schedulesFor(setting.pass)
    .flatMap((schedule): Ranked[] => {
      const tiles = bestTiles(schedule, setting, grain);
      if (tiles === undefined) return [];
      const found = priced(schedule, setting, tiles);
      const seconds = setting.bandwidth === undefined ? {} : { seconds: found.bytes / setting.bandwidth };
      return [{ ...found, ratioToLowerBound: found.words / bound.words, ...seconds }];
    })
    .sort((a, b) => a.words - b.words);
  const best = ranked[0];
  const small = best === undefined || !keepsScores(best.schedule);
  const once = best !== undefined && bound.which === 'trivial' && best.ratioToLowerBound <= ONCE;
  const regime = once ? 'fits' : small ? 'small' : 'large';
  return { ranked, lowerBound: bound, regime, notes: notesOf(regime, setting.shape.mask !== undefined, options) };
}

/** Moving every input and output about once is this many times the trivial bound. */
export const ONCE = 1.05;

/** Whether a schedule keeps scores in fast memory. */
export function keepsScores(schedule: ScheduleName): boolean {
  return /flash|large/i.test(schedule);
}

function notesOf(regime: Advice['regime'], masked: boolean, { align = 1, alignKeys = 1 }: TileOptions): string[] {
  const notes = ['Words are between this memory and the next level: caches in between may serve some of the reads.'];
  if (align === 1 && alignKeys === 1)
    notes.push('Tiles of any size are an ideal: with align and alignKeys you see the price of real ones.');
  if (masked)
    notes.push('A schedule skips blocks without allowed pairs and moves all of the others; the best tiles are those that a search found.');
  if (regime === 'fits') notes.push('Inputs and outputs are moved about once: more fast memory is of no use.');
  if (regime === 'small') notes.push('Fast memory is too small to keep scores in it: they are written and read again.');
  return notes;
}

/** What moves over each boundary of several levels of memory, the innermost first: each level is a fast memory to the next. */
export function adviseLevels(problem: Problem, levels: readonly Memory[], options: TileOptions = {}): readonly Advice[] {
  return levels.map((level) => advise(problem, level, options));
}

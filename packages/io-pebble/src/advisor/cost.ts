import { ArgumentError } from '@x/linalg/errors';
import { checkChoice, checkWhole } from '../check.ts';
import { CapacityError } from '../errors.ts';
import { SCHEDULE_NAMES, type ScheduleName, scheduleOf } from '../schedules/all.ts';
import { liveWords, movedWords, type Phase, type Schedule, type Tiles } from '../schedules/schedule.ts';
import { FINEST, type Grain } from '../schedules/search.ts';
import { type Memory, type Problem, type Setting, settingOf } from './problem.ts';

/** What a schedule moves between fast and slow memory, over all heads and the batch. */
export interface Cost {
  readonly schedule: ScheduleName;
  readonly tiles: Tiles;
  /** Words read and written, and both together. */
  readonly loads: number;
  readonly stores: number;
  readonly words: number;
  readonly bytes: number;
  /** The most words in fast memory at once. */
  readonly peak: number;
}

/**
 * Words that a schedule moves with given tiles, in closed form.
 *
 * @param tiles - sizes by the names that `tileNames` tells. One beyond what there is moves no more, but counts in the room it would take.
 * @throws ArgumentError; CapacityError when the tiles do not fit.
 * Cost: O(1); under a mask O(queries + its intervals + touched blocks).
 */
export function cost(problem: Problem, memory: Memory, schedule: ScheduleName, tiles: Tiles): Cost {
  const setting = settingOf('cost', problem, memory);
  const chosen = scheduleFor('cost', schedule, setting);
  checkTiles('cost', chosen, tiles);
  const peak = liveWords(chosen, setting.shape, tiles);
  if (peak > setting.M)
    throw new CapacityError(`cost: the tiles of ${schedule} take ${peak} words; fast memory has ${setting.M}`, peak, setting.M);
  return priced(chosen, setting, tiles);
}

/** @throws ArgumentError unless there is a whole number from 1 on for every tile size of the schedule, and for no other name. */
export function checkTiles(operation: string, schedule: Schedule, tiles: Tiles): void {
  const names = schedule.phases.flatMap((phase) => Object.keys(phase.tiles));
  for (const name of names) checkWhole(operation, `tiles.${name}`, tiles[name]!, 1);
  const unknown = Object.keys(tiles).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new ArgumentError(`${operation}: ${schedule.name} has no tile size ${unknown}; it has ${names.join(', ')}`, 'tiles');
}

/** Names of a schedule's tile sizes, and what each cuts. */
export function tileNames(schedule: ScheduleName): Readonly<Record<string, string>> {
  checkChoice('tileNames', 'schedule', schedule, SCHEDULE_NAMES);
  return Object.assign({}, ...scheduleOf(schedule).phases.map(({ tiles }) => tiles)) as Record<string, string>;
}

export interface TileOptions {
  /** Sizes of blocks of queries, and first sides of other tiles, are multiples of this, unless a block takes all. Default 1. */
  readonly align?: number;
  /** The same for blocks of keys and second sides. Default 1; matrix units want 16. */
  readonly alignKeys?: number;
}

/**
 * The tiles with which a schedule moves least, of those that fit; of equals those that need least room.
 *
 * Exact where there is no mask; under a mask the best of the candidates without one and of what is found downhill from there, each counted
 * exactly: a few per cent above the best of all.
 *
 * @throws ArgumentError; CapacityError when not even the smallest tiles fit.
 * Cost: O(sqrt n) counts a product, 64 a flash schedule.
 */
export function optimizeTiles(problem: Problem, memory: Memory, schedule: ScheduleName, options: TileOptions = {}): Cost {
  const setting = settingOf('optimizeTiles', problem, memory);
  const chosen = scheduleFor('optimizeTiles', schedule, setting);
  const best = bestTiles(chosen, setting, grainOf('optimizeTiles', options));
  if (best !== undefined) return priced(chosen, setting, best);
  const least = liveWords(chosen, setting.shape, smallest(chosen));
  throw new CapacityError(
    `optimizeTiles: no tiles of ${schedule} fit into ${setting.M} words; the smallest take ${least}`,
    least,
    setting.M,
  );
}

export function grainOf(operation: string, { align = FINEST.rows, alignKeys = FINEST.cols }: TileOptions): Grain {
  checkWhole(operation, 'align', align, 1);
  checkWhole(operation, 'alignKeys', alignKeys, 1);
  return { rows: align, cols: alignKeys };
}

function smallest(schedule: Schedule): Tiles {
  return Object.fromEntries(schedule.phases.flatMap(({ tiles }) => Object.keys(tiles).map((name) => [name, 1])));
}

export function bestTiles(schedule: Schedule, { shape, M }: Setting, grain: Grain): Tiles | undefined {
  const tiles: Record<string, number> = {};
  for (const phase of schedule.phases) {
    const best = bestOfPhase(phase, shape, M, grain);
    if (best === undefined) return undefined;
    Object.assign(tiles, best);
  }
  return tiles;
}

/** Under a mask, where a count takes time, no more candidates than this at first, and no more steps from the best of them. */
const MOST_MASKED = 48;
const MOST_STEPS = 40;

interface Counted {
  readonly tiles: Tiles;
  readonly words: number;
  readonly live: number;
}

function bestOfPhase(phase: Phase, shape: Setting['shape'], M: number, grain: Grain): Tiles | undefined {
  const better = (best: Counted | undefined, tiles: Tiles): Counted | undefined => {
    const { loads, stores } = phase.words(shape, tiles);
    const words = loads + stores;
    if (best !== undefined && words > best.words) return best;
    const live = phase.live(shape, tiles);
    return best === undefined || words < best.words || live < best.live ? { tiles, words, live } : best;
  };
  let best: Counted | undefined;
  const masked = shape.mask !== undefined;
  for (const tiles of masked ? thinned(phase.candidates(shape, M, grain)) : phase.candidates(shape, M, grain)) best = better(best, tiles);
  if (!masked || best === undefined) return best?.tiles;
  // Smaller tiles than fit may touch fewer blocks: squares, then from the best so far downhill, a size or two at a time.
  for (const tiles of squares(best.tiles, shape, grain)) if (phase.live(shape, tiles) <= M) best = better(best, tiles);
  for (let steps = 0, from: Counted | undefined; steps < MOST_STEPS && from !== best; steps++) {
    from = best;
    for (const tiles of neighbours(best!.tiles, shape, grain)) if (phase.live(shape, tiles) <= M) best = better(best, tiles);
  }
  return best!.tiles;
}

/** Steps that counting the blocks of one tiling may take. */
const MOST_COUNTING = 2e6;

/** Square tiles of powers of two, or of as many grains, smaller ones only where counting their blocks is cheap. */
function* squares(tiles: Tiles, { nq, nk, mask }: Setting['shape'], grain: Grain): Generator<Tiles, void, void> {
  const [first, second] = Object.keys(tiles);
  if (first === undefined || second === undefined) return;
  for (let size = 1; size < Math.max(nq, nk); size *= 2) {
    if (mask!.pairs / size <= MOST_COUNTING) yield { [first]: size * grain.rows, [second]: size * grain.cols };
  }
}

/** Tiles with one size a half, three quarters, one less or more, four thirds or twice as large, or both a half. */
function* neighbours(tiles: Tiles, { nq, nk, d, dv }: Setting['shape'], grain: Grain): Generator<Tiles, void, void> {
  const [first, second] = Object.keys(tiles);
  const most = Math.max(nq, nk, d, dv);
  const scaled = (size: number, by: number, step: number) => Math.min(most, Math.max(step, Math.round((size * by) / step) * step));
  const halves: [string, number][] = [];
  for (const [name, step] of [
    [first, grain.rows],
    [second, grain.cols],
  ] as const) {
    if (name === undefined) continue;
    const size = tiles[name]!;
    halves.push([name, scaled(size, 0.5, step)]);
    for (const by of [0.5, 0.75, 4 / 3, 2]) yield { ...tiles, [name]: scaled(size, by, step) };
    if (size > step) yield { ...tiles, [name]: size - step };
    yield { ...tiles, [name]: Math.min(most, size + step) };
  }
  yield { ...tiles, ...Object.fromEntries(halves) };
}

function thinned(candidates: Iterable<Tiles>): Iterable<Tiles> {
  const list = [...candidates];
  if (list.length <= MOST_MASKED) return list;
  // Evenly by rank, which is geometric in sizes where there are many.
  return Array.from({ length: MOST_MASKED }, (_, k) => list[Math.round((k * (list.length - 1)) / (MOST_MASKED - 1))]!);
}

export function priced(schedule: Schedule, { shape, times, elementBytes }: Setting, tiles: Tiles): Cost {
  const { loads, stores } = movedWords(schedule, shape, tiles);
  return {
    schedule: schedule.name as ScheduleName,
    tiles: { ...tiles },
    loads: times * loads,
    stores: times * stores,
    words: times * (loads + stores),
    bytes: times * (loads + stores) * elementBytes,
    peak: liveWords(schedule, shape, tiles),
  };
}

export function scheduleFor(operation: string, name: ScheduleName, { pass }: Pick<Setting, 'pass'>): Schedule {
  checkChoice(operation, 'schedule', name, SCHEDULE_NAMES);
  const schedule = scheduleOf(name);
  if (schedule.pass !== pass) {
    throw new ArgumentError(`${operation}: schedule ${name} computes ${schedule.pass}; the problem's pass is ${pass}`, 'schedule');
  }
  return schedule;
}

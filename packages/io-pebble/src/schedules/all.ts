import { backwardFlash } from './backward-flash.ts';
import { backwardSmallCache } from './backward-small-cache.ts';
import { flash1 } from './flash1.ts';
import { flash2 } from './flash2.ts';
import { paperLargeCache } from './paper-large-cache.ts';
import { paperSmallCache } from './paper-small-cache.ts';
import type { Pass, Schedule } from './schedule.ts';
import { smallCache } from './small-cache.ts';
import { unfused } from './unfused.ts';

const SCHEDULES = [unfused, smallCache, flash1, flash2, backwardFlash, backwardSmallCache, paperSmallCache, paperLargeCache] as const;

export type ScheduleName =
  | 'unfused'
  | 'smallCache'
  | 'flash1'
  | 'flash2'
  | 'backwardFlash'
  | 'backwardSmallCache'
  | 'paperSmallCache'
  | 'paperLargeCache';

export const SCHEDULE_NAMES: readonly ScheduleName[] = SCHEDULES.map(({ name }) => name as ScheduleName);

export function scheduleOf(name: ScheduleName): Schedule {
  return SCHEDULES.find((schedule) => schedule.name === name)!;
}

export function schedulesFor(pass: Pass): readonly Schedule[] {
  return SCHEDULES.filter((schedule) => schedule.pass === pass);
}

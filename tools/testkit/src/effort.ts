const FULL = process.env.X_FULL === '1';

/**
 * How often a property is run or a trial is made: `usual`, and `full` in the long tests (`pnpm test:full`, X_FULL=1), by default ten
 * times as often.
 */
export function effort(usual: number, full: number = 10 * usual): number {
  return FULL ? full : usual;
}

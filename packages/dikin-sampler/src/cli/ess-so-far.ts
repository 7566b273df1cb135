import { chainsOf, essBulk, type Run } from '../index.ts';

/** The share of the time that may go into telling how far it is. */
const SHARE = 0.05;
/** Draws below which there is nothing to tell. */
const LEAST_DRAWS = 8;

/** What the progress bar says beside the finished fraction: the least bulk ESS over all coordinates so far, worked out now and then. */
export function essSoFar(now: () => number = () => performance.now()): (soFar: () => Run) => string {
  let note = '';
  let due = 0;
  return (soFar) => {
    const before = now();
    if (before < due) return note;
    const run = soFar();
    if (run.draws < LEAST_DRAWS) return note;
    const fixed = new Set(run.fixed);
    const sizes = run.names.flatMap((name, j) => (fixed.has(name) ? [] : [essBulk(chainsOf(run, j))]));
    note = `| ESS ${Math.floor(sizes.reduce((least, size) => (Number.isNaN(size) ? 0 : Math.min(least, size)), Number.POSITIVE_INFINITY))}`;
    due = now() + (now() - before) / SHARE;
    return note;
  };
}

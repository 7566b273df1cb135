/** What time is measured by. */
export interface Clock {
  readonly kind: 'cpu' | 'wall';
  /** Milliseconds of the measured kind. */
  now(): number;
  /** Milliseconds of wall time, for limits. */
  elapsed(): number;
}

const COARSE_MS = 0.1;

const cpu: Clock = {
  kind: 'cpu',
  now: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  elapsed: () => performance.now(),
};

const wall: Clock = { kind: 'wall', now: () => performance.now(), elapsed: () => performance.now() };

/**
 * The clock of a suite. CPU time is the better one on a shared machine, since what other processes take away is not counted; but some
 * systems advance it in ticks of 4 ms and more, and it says nothing on threads that work at once. So: CPU time by default where it is
 * fine, wall time else. Either way the calibration gate drops what was measured while the machine was slow.
 */
export function clockFor(wanted: 'cpu' | 'wall' | undefined): Clock {
  if (wanted === 'wall') return wall;
  return wanted === 'cpu' || granularity(cpu) <= COARSE_MS ? cpu : wall;
}

/** The median step in which a clock advances. */
export function granularity(clock: Clock): number {
  const steps: number[] = [];
  const end = clock.elapsed() + 50;
  for (let last = clock.now(); steps.length < 99 && clock.elapsed() < end; ) {
    const now = clock.now();
    if (now > last) steps.push(now - last);
    last = now;
  }
  steps.sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)] ?? Number.POSITIVE_INFINITY;
}

import type { Clock } from '../src/clock.ts';
import type { Calibration } from '../src/suite.ts';

/** A machine whose time passes only by work, at a speed that the test sets. */
export interface FakeMachine {
  readonly clock: Clock;
  readonly calibration: Calibration;
  /** Work of this many milliseconds at full speed. */
  work(ms: number): void;
  /** Slowness by time: 1 is full speed. */
  slowness: (now: number) => number;
}

export function fakeMachine(): FakeMachine {
  let time = 0;
  const machine = {
    slowness: (_now: number) => 1,
    clock: { kind: 'cpu' as const, now: () => time, elapsed: () => time },
    work: (ms: number) => {
      time += ms * machine.slowness(time);
    },
    calibration: { name: 'fake', run: () => machine.work(0.1), flops: 1e5 },
  };
  return machine;
}

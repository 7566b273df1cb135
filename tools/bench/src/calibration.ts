import type { Clock } from './clock.ts';
import type { Calibration } from './suite.ts';

/**
 * A burst is the best of a few short parts. It has to tell in which state the machine is, not whether something crossed its way: one part
 * of 2 ms came within 0.95 of the best in 4 of 10 cases on a machine where the best of four of 0.5 ms did so in 97 of 100.
 */
const PART_MS = 0.5;
const PARTS = 4;
const WARM_UP_MS = 100;
/** Bursts made at first, so that the best is known before anything is judged by it. */
const FIRST_BURSTS = 50;

/** Four independent chains of multiply-adds in plain JavaScript. */
export function multiplyAdds(): Calibration {
  const state = new Float64Array([1, 2, 3, 4]);
  return {
    name: 'multiply-adds in JavaScript',
    run: () => {
      let [a, b, c, d] = state as unknown as [number, number, number, number];
      for (let k = 0; k < 20_000; k++) {
        a = a * 0.999 + 0.5;
        b = b * 0.998 + 0.5;
        c = c * 0.997 + 0.5;
        d = d * 0.996 + 0.5;
      }
      state.set([a, b, c, d]);
    },
  };
}

/** Tells how fast the machine is at the moment. One for a whole process, so that the best speed seen is the process's. */
export interface Calibrator {
  readonly calibration: Calibration;
  /** Runs a burst; its speed in runs per second. */
  burst(): number;
  /** The best speed seen three times: a single freak reading must not condemn all others. */
  best(): number;
}

export function calibrator(calibration: Calibration, clock: Clock): Calibrator {
  const warm = clock.elapsed() + WARM_UP_MS;
  let count = 0;
  const start = clock.now();
  do {
    calibration.run();
    count++;
  } while (clock.elapsed() < warm);
  const perPart = Math.max(1, Math.round((PART_MS * count) / (clock.now() - start)));
  const top: number[] = [];
  const part = () => {
    const begin = clock.now();
    for (let k = 0; k < perPart; k++) calibration.run();
    return perPart / ((clock.now() - begin) / 1000);
  };
  const burst = () => {
    let speed = 0;
    for (let k = 0; k < PARTS; k++) speed = Math.max(speed, part());
    top.push(speed);
    top.sort((a, b) => b - a);
    top.length = Math.min(top.length, 3);
    return speed;
  };
  for (let k = 0; k < FIRST_BURSTS; k++) burst();
  return { calibration, burst, best: () => top[2] as number };
}

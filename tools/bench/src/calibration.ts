import type { Clock } from './clock.ts';
import type { Calibration } from './suite.ts';

const BURST_MS = 2;
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
  const perBurst = Math.max(1, Math.round((BURST_MS * count) / (clock.now() - start)));
  const top: number[] = [];
  const burst = () => {
    const begin = clock.now();
    for (let k = 0; k < perBurst; k++) calibration.run();
    const speed = perBurst / ((clock.now() - begin) / 1000);
    top.push(speed);
    top.sort((a, b) => b - a);
    top.length = Math.min(top.length, 3);
    return speed;
  };
  for (let k = 0; k < FIRST_BURSTS; k++) burst();
  return { calibration, burst, best: () => top[2] as number };
}

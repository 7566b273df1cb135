import type { Clock } from './clock.ts';
import type { Calibration } from './suite.ts';

/**
 * A burst is the best of a few short parts. It has to tell in which state the machine is, not whether something crossed its way: one part
 * of 2 ms came within 0.95 of the best in 4 of 10 cases on a machine where the best of four of 0.5 ms did so in 97 of 100.
 */
const PART_MS = 0.5;
const PARTS = 4;
const SWEEPS = 10;
const WARM_UP_MS = 100;
/** Bursts made at first, so that the best is known before anything is judged by it. */
const FIRST_BURSTS = 50;

/**
 * The default: a packed matrix product's inner loops (assembly/calibration.ts). A loop of plain JavaScript does not do: while a neighbour
 * on the same hardware halved the speed of SIMD kernels, it ran as fast as ever, and everything was kept.
 *
 * @param kernel - the compiled module, base64.
 */
export function matrixTiles(kernel: string): Calibration {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(kernel, 'base64')));
  const { fill, sweep } = exports as Record<'fill' | 'sweep', () => number>;
  fill();
  return {
    name: 'tiles of an f64 matrix product in WebAssembly',
    run: () => {
      for (let k = 0; k < SWEEPS; k++) sweep();
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

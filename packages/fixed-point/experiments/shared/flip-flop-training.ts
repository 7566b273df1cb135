import { philox } from '@x/linalg';

/** x <- tanh(W x + B u + b), outputs C x + c. */
export interface Recurrent {
  readonly W: Float64Array;
  readonly B: Float64Array;
  readonly b: Float64Array;
  readonly C: Float64Array;
  readonly c: Float64Array;
}

interface Training {
  readonly bits: number;
  readonly hidden: number;
  readonly steps: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (fraction: number) => void;
}

const LOOPS = 20;
const BATCH = 16;
const RATE = 0.01;
/** Of a pulse on a line at a loop. */
const CHANCE = 0.25;

/**
 * Trains a network to remember the sign of the last pulse on each line, by backpropagation through time and Adam. The last third of training goes on with
 * rates that fall to a hundredth.
 */
export function trainFlipFlop({ bits, hidden: d, steps, seed, signal, onProgress }: Training): { net: Recurrent; loss: number } {
  const rng = philox(seed);
  const sizes = [d * d, d * bits, d, bits * d, bits];
  const scales = [1 / Math.sqrt(d), 0.5, 0, 0.5, 0];
  const [W, B, b, C, c] = sizes.map((n, k) => rng.fillNormal(new Float64Array(n)).map((v) => v * scales[k]));
  const parameters = [W, B, b, C, c];
  const gradients = sizes.map((n) => new Float64Array(n));
  const [gW, gB, gb, gC, gc] = gradients;
  const moments = sizes.map((n) => [new Float64Array(n), new Float64Array(n)]);
  const states = Array.from({ length: LOOPS + 1 }, () => new Float64Array(d));
  const inputs = Array.from({ length: LOOPS + 1 }, () => new Float64Array(bits));
  const errors = Array.from({ length: LOOPS + 1 }, () => new Float64Array(bits));
  let loss = 0;

  /** One sequence: outputs forwards, gradients backwards. */
  function sequence(): void {
    const memory = new Float64Array(bits);
    states[0].fill(0);
    for (let t = 1; t <= LOOPS; t++) {
      const [x, u] = [states[t - 1], inputs[t]];
      for (let k = 0; k < bits; k++) {
        // The first loop sets every line.
        u[k] = t === 1 || rng.uniform() < CHANCE ? (rng.uniform() < 0.5 ? -1 : 1) : 0;
        if (u[k] !== 0) memory[k] = u[k];
      }
      for (let i = 0; i < d; i++) {
        let z = b[i];
        for (let j = 0; j < d; j++) z += W[i * d + j] * x[j];
        for (let k = 0; k < bits; k++) z += B[i * bits + k] * u[k];
        states[t][i] = Math.tanh(z);
      }
      for (let o = 0; o < bits; o++) {
        let y = c[o];
        for (let i = 0; i < d; i++) y += C[o * d + i] * states[t][i];
        errors[t][o] = y - memory[o];
        loss += errors[t][o] ** 2 / (LOOPS * BATCH * bits);
      }
    }
    let back = new Float64Array(d);
    for (let t = LOOPS; t > 0; t--) {
      const [x, now, u] = [states[t - 1], states[t], inputs[t]];
      const before = new Float64Array(d);
      for (let o = 0; o < bits; o++) {
        gc[o] += errors[t][o];
        for (let i = 0; i < d; i++) {
          gC[o * d + i] += errors[t][o] * now[i];
          back[i] += errors[t][o] * C[o * d + i];
        }
      }
      for (let i = 0; i < d; i++) {
        const dz = back[i] * (1 - now[i] ** 2);
        gb[i] += dz;
        for (let j = 0; j < d; j++) {
          gW[i * d + j] += dz * x[j];
          before[j] += dz * W[i * d + j];
        }
        for (let k = 0; k < bits; k++) gB[i * bits + k] += dz * u[k];
      }
      back = before;
    }
  }

  for (let step = 1; step <= steps; step++) {
    signal.throwIfAborted();
    for (const g of gradients) g.fill(0);
    loss = 0;
    for (let k = 0; k < BATCH; k++) sequence();
    const rate = RATE * Math.min(1, 0.01 ** ((step / steps - 2 / 3) * 3));
    for (const [k, p] of parameters.entries()) {
      const [first, second] = moments[k];
      for (let i = 0; i < p.length; i++) {
        const g = gradients[k][i] / (LOOPS * BATCH);
        first[i] = 0.9 * first[i] + 0.1 * g;
        second[i] = 0.999 * second[i] + 0.001 * g * g;
        p[i] -= (rate * (first[i] / (1 - 0.9 ** step))) / (Math.sqrt(second[i] / (1 - 0.999 ** step)) + 1e-8);
      }
    }
    if (step % 50 === 0) onProgress(step / steps);
  }
  return { net: { W, B, b, C, c }, loss };
}

import { log } from '@x/linalg';
import { exp } from '../interval/exp.ts';

/** How far apart two states are, in the sense of a metric. */
export type Distance = (now: Float64Array, before: Float64Array) => number;

/** ||now - before|| / ||now||, Euclidean; 0 for two zeros. */
export const relative: Distance = (now, before) => {
  let change = 0;
  let size = 0;
  for (let i = 0; i < now.length; i++) {
    change += (now[i] - before[i]) ** 2;
    size += now[i] ** 2;
  }
  return change === 0 ? 0 : Math.sqrt(change / size);
};

/** 1 - cosine of the angle between the states, by |now/||now|| - before/||before|||^2 / 2, which does not cancel. */
export const cosine: Distance = (now, before) => {
  const a = Math.sqrt(now.reduce((sum, v) => sum + v * v, 0));
  const b = Math.sqrt(before.reduce((sum, v) => sum + v * v, 0));
  if (a === 0 || b === 0) return a === b ? 0 : 1;
  let apart = 0;
  for (let i = 0; i < now.length; i++) apart += (now[i] / a - before[i] / b) ** 2;
  return apart / 2;
};

/** Kullback-Leibler divergence of softmax(now) from softmax(before), in nats. */
export const divergence: Distance = (now, before) => {
  const p = logSoftmax(now);
  const q = logSoftmax(before);
  let sum = 0;
  for (let i = 0; i < p.length; i++) sum += exp(p[i]) * (p[i] - q[i]);
  return Math.max(0, sum) + (sum - sum);
};

function logSoftmax(logits: Float64Array): Float64Array {
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const total = log(logits.reduce((sum, v) => sum + exp(v - most), 0)) + most;
  return logits.map((v) => v - total);
}

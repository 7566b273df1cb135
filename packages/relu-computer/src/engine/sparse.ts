import type { Stage } from '../network/stage.ts';
import type { Engine } from './engine.ts';

/** h' = ReLU(W h + b), or without the ReLU; in f32 every product and sum is rounded to f32. */
export function applyStage(stage: Stage, h: Float64Array, out: Float64Array, float: 'f32' | 'f64' = 'f64'): void {
  const { rows, rowStart, columns, values, bias, kind } = stage;
  const least = kind === 'relu' ? 0 : Number.NEGATIVE_INFINITY;
  for (let i = 0, p = 0; i < rows; i++) {
    let sum = bias[i]!;
    const end = rowStart[i + 1]!;
    if (float === 'f32') for (; p < end; p++) sum = Math.fround(sum + Math.fround(values[p]! * h[columns[p]!]!));
    else for (; p < end; p++) sum += values[p]! * h[columns[p]!]!;
    out[i] = Math.max(sum, least);
  }
}

/** All rows of all stages, by their nonzeros. Cost of a step: two flops a nonzero. */
export function sparseEngine(stages: readonly Stage[], x: ArrayLike<number>, float: 'f32' | 'f64' = 'f64'): Engine {
  const state = Float64Array.from(x);
  const input = state.slice();
  const values = stages.map(({ rows }) => new Float64Array(rows));
  const nonzeros = stages.reduce((total, stage) => total + stage.values.length, 0);
  let operations = 0;
  return {
    state,
    input,
    put(index, value) {
      state[index] = value;
    },
    step() {
      input.set(state);
      let h = input;
      stages.forEach((stage, k) => {
        applyStage(stage, h, values[k]!, float);
        h = values[k]!;
      });
      state.set(h);
      operations += nonzeros;
    },
    activations: (stage) => values[stage]!.slice(),
    get operations() {
      return operations;
    },
  };
}

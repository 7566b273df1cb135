import { dense, gemv } from '@x/linalg';
import { ArgumentError } from '@x/linalg/errors';
import type { Stage } from '../network/stage.ts';
import type { Engine } from './engine.ts';

/** Entries of all matrices together: 1 GiB of f64. */
const MOST_ENTRIES = 2 ** 27;

/**
 * Every stage as a dense matrix, as an inference runtime would have it. Cost of a step: two flops an entry, width^2 a stage.
 *
 * @throws ArgumentError where the matrices would take more than 1 GiB.
 */
export function denseEngine(stages: readonly Stage[], x: ArrayLike<number>): Engine {
  const entries = stages.reduce((total, { rows, cols }) => total + rows * cols, 0);
  if (entries > MOST_ENTRIES) {
    throw new ArgumentError(
      `createMachine: dense matrices of this machine take ${8 * entries} bytes; at most ${8 * MOST_ENTRIES} are allowed (use sparse or event)`,
      'engine',
    );
  }
  const matrices = stages.map(toDense);
  const values = stages.map(({ rows }) => new Float64Array(rows));
  const state = Float64Array.from(x);
  const input = state.slice();
  let operations = 0;
  return {
    state,
    input,
    put(index, value) {
      state[index] = value;
    },
    step() {
      input.set(state);
      let h: Float64Array = input;
      stages.forEach(({ bias, kind }, k) => {
        const y = values[k]!;
        y.set(bias);
        gemv({ A: matrices[k]!, x: h, beta: 1, y });
        if (kind === 'relu') for (let i = 0; i < y.length; i++) if (!(y[i]! > 0)) y[i] = 0;
        h = y;
      });
      state.set(h);
      operations += entries;
    },
    activations: (stage) => values[stage]!.slice(),
    get operations() {
      return operations;
    },
  };
}

function toDense({ rows, cols, rowStart, columns, values }: Stage) {
  const data = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++) for (let p = rowStart[i]!; p < rowStart[i + 1]!; p++) data[i * cols + columns[p]!] = values[p]!;
  return dense(rows, cols, data);
}

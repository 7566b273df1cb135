import { checkWhole } from '../check.ts';
import { checkSizes, gaussianInputs } from './linear.ts';
import { family, type TaskSampler, type TaskSizes } from './task.ts';

export interface NetworkOptions extends TaskSizes {
  /** Units of the hidden layer. */
  readonly hidden: number;
}

/** Two-layer networks with ReLU: y = sum_h a_h max(0, v_h^T x), a and v normal, scaled to variance 1. Inputs N(0, I). @throws ArgumentError. */
export function networkTasks(options: NetworkOptions): TaskSampler {
  const { d, hidden } = options;
  checkSizes('networkTasks', options);
  checkWhole('networkTasks', 'hidden', hidden, 1);
  return family(options, gaussianInputs(d), (rng) => {
    const inner = rng.fillNormal(new Float64Array(hidden * d));
    const outer = rng.fillNormal(new Float64Array(hidden));
    // max(0, v^T x)^2 has mean d / 2.
    const scale = Math.sqrt(2 / (hidden * d));
    const of = (x: Float64Array) => {
      let sum = 0;
      for (let h = 0; h < hidden; h++) {
        let input = 0;
        for (let j = 0; j < d; j++) input += inner[h * d + j]! * x[j]!;
        sum += outer[h]! * Math.max(0, input);
      }
      return scale * sum;
    };
    return { of };
  });
}

export interface TreeOptions extends TaskSizes {
  readonly depth: number;
}

/** Decision trees: at each inner node the sign of one input, chosen at random; at each leaf a normal number. Inputs N(0, I). @throws ArgumentError. */
export function treeTasks(options: TreeOptions): TaskSampler {
  const { d, depth } = options;
  checkSizes('treeTasks', options);
  checkWhole('treeTasks', 'depth', depth, 0, 20);
  return family(options, gaussianInputs(d), (rng) => {
    const splits = Array.from({ length: 2 ** depth - 1 }, () => rng.integer(d));
    const leaves = rng.fillNormal(new Float64Array(2 ** depth));
    const of = (x: Float64Array) => {
      let node = 0;
      for (let level = 0; level < depth; level++) node = 2 * node + (x[splits[node]!]! > 0 ? 2 : 1);
      return leaves[node - splits.length]!;
    };
    return { of };
  });
}

import { ArgumentError } from '@x/linalg/errors';
import { shown } from './arguments.ts';
import type { Engine } from './engine/engine.ts';
import type { StateLayout } from './layout.ts';
import { neuronIndex, neuronName, type Stage } from './network/stage.ts';

/** One neuron in the last step: its inputs that were not 0, with their weights, and what came of them. */
export interface Explanation {
  readonly name: string;
  readonly terms: readonly { readonly name: string; readonly weight: number; readonly value: number }[];
  readonly bias: number;
  readonly sum: number;
  readonly value: number;
}

/** @throws ArgumentError where the stage has no such neuron. */
export function explain(stages: readonly Stage[], layout: StateLayout, engine: Engine, index: number, which: number | string): Explanation {
  const stage = stages[index]!;
  const named = typeof which === 'string' ? neuronIndex(stage, which) : which;
  const neuron = named ?? -1;
  if (!(Number.isInteger(neuron) && neuron >= 0 && neuron < stage.rows)) {
    throw new ArgumentError(
      `explain: neuron is ${shown(which)}; stage ${stage.name} has neurons 0 to ${stage.rows - 1}: ${stage.groups.map(({ name }) => name).join(', ')}`,
      'neuron',
    );
  }
  const before = index === 0 ? engine.input : engine.activations(index - 1);
  const groups = index === 0 ? layout.groups : stages[index - 1]!.groups;
  const { rowStart, columns, values, bias, kind } = stage;
  const terms = Array.from({ length: rowStart[neuron + 1]! - rowStart[neuron]! }, (_, k) => {
    const p = rowStart[neuron]! + k;
    return { name: neuronName({ groups }, columns[p]!), weight: values[p]!, value: before[columns[p]!]! };
  });
  const sum = terms.reduce((total, { weight, value }) => total + weight * value, bias[neuron]!);
  return {
    name: neuronName(stage, neuron),
    terms: terms.filter(({ value }) => value !== 0),
    bias: bias[neuron]!,
    sum,
    value: kind === 'relu' ? Math.max(0, sum) : sum,
  };
}

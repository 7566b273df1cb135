import { checkObject } from './arguments.ts';
import type { Machine } from './machine.ts';
import { neuronName } from './network/stage.ts';

/** A neuron that is not 0. */
export interface LitNeuron {
  readonly index: number;
  readonly name: string;
  readonly value: number;
}

/** Groups that hand the memory on, cell by cell: most of what is not 0, and the least telling. */
const CARRIES_MEMORY: ReadonlySet<string> = new Set(['memory', 'kept']);

/**
 * The neurons of a stage that were not 0 in the last step.
 *
 * @param options.memory - whether those that only hand the memory on are among them. Default false.
 * @param options.most - stop after so many. Default all.
 * @throws ArgumentError for the interpreter, and where there has been no step.
 */
export function litNeurons(
  machine: Machine,
  stage: number | string,
  options: { readonly memory?: boolean; readonly most?: number } = {},
): LitNeuron[] {
  checkObject('litNeurons', 'machine', machine, 'what createMachine returns');
  checkObject('litNeurons', 'options', options);
  const { memory = false, most = Number.POSITIVE_INFINITY } = options;
  const values = machine.activations(stage);
  const { stages } = machine.computer;
  const { groups } = stages[typeof stage === 'number' ? stage : stages.findIndex(({ name }) => name === stage)]!;
  const found: LitNeuron[] = [];
  for (const { name, start, count } of groups) {
    if (!memory && CARRIES_MEMORY.has(name)) continue;
    for (let index = start; index < start + count; index++) {
      if (found.length >= most) return found;
      if (values[index] !== 0) found.push({ index, name: neuronName({ groups }, index), value: values[index]! });
    }
  }
  return found;
}

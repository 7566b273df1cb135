import { mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { buildComputer, type ReluComputer } from '../src/computer.ts';
import { neuronIndex, neuronName } from '../src/network/stage.ts';
import { DESIGNS } from '../src/types.ts';

/** Every stage and every neuron, of the state as well, is found by its name. */
function claim({ stages, layout }: Pick<ReluComputer, 'stages' | 'layout'>): void {
  const names = stages.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  // In "stage: neuron" the last colon parts them.
  for (const { groups } of [layout, ...stages]) for (const { name } of groups) expect(name).not.toContain(':');
  for (const { name, rows, groups } of [{ name: 'state', rows: layout.size, ...layout }, ...stages]) {
    for (let i = 0; i < rows; i++) {
      const found = neuronIndex({ groups }, neuronName({ groups }, i));
      if (found !== i) expect.fail(`${name}: ${neuronName({ groups }, i)} is neuron ${found}, and ${i} as well`);
    }
  }
}

describe('stages and neurons have names of their own', () => {
  // Machines of one word, and such whose trees have many levels.
  it.each(DESIGNS)('%s', (design) => {
    for (const words of [1, 2, 20, 60]) {
      for (const errorCorrection of [false, true]) {
        for (const radix of [2, 4, 16]) claim(buildComputer({ words, bits: 9, design, radix, errorCorrection }));
      }
    }
  });
  it('fails where two groups, or two stages, have the same', () => {
    const { layout, stages } = buildComputer({ words: 20, bits: 9 });
    mustFail(() => claim({ layout, stages: [...stages, stages[0]!] }));
    mustFail(() =>
      claim({ layout, stages: stages.map((stage) => ({ ...stage, groups: stage.groups.map((group) => ({ ...group, name: 'a' })) })) }),
    );
  });
});

import { philox } from '@x/linalg';
import { mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { buildComputer, type ReluComputer } from '../src/computer.ts';
import { sparseEngine } from '../src/engine/sparse.ts';
import { differenceOn } from './trajectory.ts';

const computer = buildComputer({ words: 14, bits: 4, haltAt: 13, design: 'paper23' });

/** Whether some step of some program goes wrong. */
function goesWrong(broken: ReluComputer): boolean {
  const rng = philox(3);
  for (let t = 0; t < 300; t++) if (differenceOn(broken, ({ stages }, x) => sparseEngine(stages, x), rng, 30) !== undefined) return true;
  return false;
}

/** The network with a layer, its ReLU stage and its linear one, left out: as all map the same registers, that is the identity there. */
function without(layer: number): ReluComputer {
  return { ...computer, stages: computer.stages.filter((_, k) => Math.floor(k / 2) !== layer) };
}

describe('the paper: 23 layers, of which none is padding', () => {
  it('has as many layers in each part as the paper', () => {
    const count = new Map<string, number>();
    for (const part of computer.parts!) count.set(part, (count.get(part) ?? 0) + 1);
    expect([...count]).toEqual([
      ['read the instruction', 2],
      ['read the data', 2],
      ['subtract', 7],
      ['write back', 2],
      ['next pc', 6],
      ['branch', 4],
    ]);
    expect(computer.stages.map(({ kind }) => kind)).toEqual(Array.from({ length: 46 }, (_, k) => (k % 2 === 0 ? 'relu' : 'linear')));
  });

  it('is right', () => expect(goesWrong(computer)).toBe(false));

  it.each(Array.from({ length: 23 }, (_, layer) => layer))('goes wrong without layer %i', (layer) => {
    mustFail(() => expect(goesWrong(without(layer))).toBe(false));
  });
});

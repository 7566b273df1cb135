import { dense, gemm, leastSquares, philox } from '@x/linalg';
import { mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { buildComputer, type ReluComputer } from '../src/computer.ts';
import { sparseEngine } from '../src/engine/sparse.ts';
import { differenceOn, type MakeEngine } from './trajectory.ts';

const computer = buildComputer({ words: 14, bits: 4, haltAt: 13, design: 'paper23' });
const LAYERS = Array.from({ length: 23 }, (_, layer) => layer);

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

describe('the paper: 23 layers, none of which is the identity or affine', () => {
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

  it.each(LAYERS)('goes wrong where layer %i is the identity', (layer) => {
    mustFail(() => expect(goesWrong(without(layer))).toBe(false));
  });

  /** What each layer gets and gives, all registers, in the steps of many programs. */
  const met = LAYERS.map(() => ({ got: [] as number[][], gave: [] as number[][] }));
  const watching: MakeEngine = ({ stages }, x) => {
    const engine = sparseEngine(stages, x);
    const step = () => {
      engine.step();
      for (const layer of LAYERS) {
        met[layer]!.got.push([1, ...(layer === 0 ? engine.input : engine.activations(2 * layer - 1))]);
        met[layer]!.gave.push([...engine.activations(2 * layer + 1)]);
      }
    };
    return { ...engine, state: engine.state, step };
  };
  const rng = philox(5);
  while (met[0]!.got.length < 1000) differenceOn(computer, watching, rng, 30);

  /** How far the best affine map stays from what a layer gave, in the entry where it does worst. */
  function farFromAffine(got: readonly number[][], gave: readonly number[][]): number {
    const A = dense(got.length, got[0]!.length, Float64Array.from(got.flat()));
    const B = dense(gave.length, gave[0]!.length, Float64Array.from(gave.flat()));
    const { X } = leastSquares(A, B);
    const best = gemm({ A, B: X });
    return B.data.reduce((far, value, i) => Math.max(far, Math.abs(value - best.data[i]!)), 0);
  }

  // Entries are bits; solving for them in f64 leaves some 1e-12.
  it.each(LAYERS)('layer %i does what no affine map does', (layer) => {
    const { got, gave } = met[layer]!;
    expect(farFromAffine(got, gave)).toBeGreaterThan(0.01);
  });

  it('an affine map is seen to be one: a bit flipped, two added', () => {
    const { got } = met[10]!;
    mustFail(() =>
      expect(
        farFromAffine(
          got,
          got.map((x) => [1 - x[3]!, x[9]! + x[70]!]),
        ),
      ).toBeGreaterThan(0.01),
    );
  });
});

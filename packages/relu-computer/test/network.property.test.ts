import { philox } from '@x/linalg';
import { mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { buildComputer, type ReluComputer } from '../src/computer.ts';
import { sparseEngine } from '../src/engine/sparse.ts';
import { NotExactError } from '../src/errors.ts';
import type { Stage } from '../src/network/stage.ts';
import { toOnnx } from '../src/onnx/export.ts';
import { DESIGNS, type Design } from '../src/types.ts';
import { noCoverage } from './coverage.ts';
import { differenceOn, type MakeEngine } from './trajectory.ts';

const sparse: MakeEngine = ({ stages }, x) => sparseEngine(stages, x);

/**
 * Machines of all small shapes, those whose halt lies inside the memory and those of one word among them; some have words
 * about as long as f64 takes.
 */
function machines(design: Design, count: number): ReluComputer[] {
  const rng = philox(7, DESIGNS.indexOf(design));
  return Array.from({ length: count }, (_, k) => {
    const bits = k % 10 === 9 ? [16, 32, 44][rng.integer(3)]! : 2 + rng.integer(7);
    const words = 1 + rng.integer(Math.min(2 ** bits - 1, 40));
    const haltAt = 1 + rng.integer(Math.min(words, 2 ** bits - 3));
    return buildComputer({ words, bits, haltAt, design, radix: 2 + rng.integer(5) });
  });
}

describe.each(DESIGNS)('P1: one pass of the network is one instruction (%s)', (design) => {
  it('every entry, on programs that meet every case', () => {
    const seen = noCoverage();
    machines(design, 150).forEach((computer, k) => {
      const rng = philox(11, k);
      for (let t = 0; t < 2; t++) expect(differenceOn(computer, sparse, rng, 60, seen)).toBeUndefined();
    });
    // Where a case was not met the test says nothing about it.
    for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(20);
  });

  it('also where every stage ends in a ReLU, as the strict depth counts them', () => {
    // Bits of +-1 have signs, so the paper's layers do not.
    const strict: MakeEngine = ({ stages }, x) =>
      sparseEngine(
        stages.map((stage) => ({ ...stage, kind: 'relu' as const })),
        x,
      );
    const differs = machines(design, 40).some((computer, k) => differenceOn(computer, strict, philox(29, k), 60) !== undefined);
    expect(differs).toBe(design === 'paper23');
  });

  it('notices nine in ten single weights changed by one', () => {
    const computer = buildComputer({ words: 14, bits: 4, haltAt: 13, design, radix: 4 });
    const rng = philox(13);
    const mutants = 100;
    let caught = 0;
    for (let k = 0; k < mutants; k++) {
      const broken = withChangedWeight(computer, rng);
      const programs = philox(17);
      for (let t = 0; t < 600; t++) {
        if (differenceOn(broken, sparse, programs, 30) === undefined) continue;
        caught++;
        break;
      }
    }
    // What is left are weights that no valid state puts to use, such as the ends of staircases.
    expect(caught).toBeGreaterThanOrEqual(0.9 * mutants);
  });
});

/** A copy of the network with one weight or bias one more or one less. */
function withChangedWeight(computer: ReluComputer, rng: ReturnType<typeof philox>): ReluComputer {
  const index = rng.integer(computer.stages.length);
  const stage = computer.stages[index]!;
  const key = rng.uniform() < 0.8 && stage.values.length > 0 ? 'values' : 'bias';
  const changed = stage[key].slice();
  const at = rng.integer(changed.length);
  changed[at] = changed[at]! + (rng.uniform() < 0.5 ? 1 : -1);
  return { ...computer, stages: computer.stages.map((s, k) => (k === index ? { ...s, [key]: changed } : s)) };
}

describe.each(DESIGNS)('P3: sums are exact (%s)', (design) => {
  /** The largest sum of magnitudes over many steps, and the first activation outside its claim. */
  function observed(computer: ReluComputer): { largest: number; outside: string | undefined } {
    let largest = 0;
    let outside: string | undefined;
    const watching: MakeEngine = ({ stages, layout }, x) => {
      const engine = sparseEngine(stages, x);
      return {
        ...engine,
        state: engine.state,
        step() {
          engine.step();
          stages.forEach((stage, k) => {
            const before = k === 0 ? engine.input : engine.activations(k - 1);
            largest = Math.max(largest, largestSum(stage, before));
            outside ??= outsideClaim(stage.groups, engine.activations(k));
          });
          outside ??= outsideClaim(layout.groups, engine.input);
        },
      };
    };
    const rng = philox(19);
    for (let t = 0; t < 40; t++) differenceOn(computer, watching, rng, 30);
    return { largest, outside };
  }

  it('no sum exceeds the bound, and all values are as claimed', () => {
    for (const computer of machines(design, 15)) {
      const { largest, outside } = observed(computer);
      expect(outside).toBeUndefined();
      expect(largest).toBeLessThanOrEqual(computer.bound);
      // A bound far above what happens would refuse words that are fine.
      expect(computer.bound).toBeLessThanOrEqual(64 * largest);
    }
  });

  it('fails for a bound of a third of the size', () =>
    mustFail(() => {
      const computer = buildComputer({ words: 30, bits: 6, design, radix: 4 });
      expect(observed(computer).largest).toBeLessThanOrEqual(computer.bound / 3);
    }));

  it('in any order of additions: every row backwards', () => {
    const backwards: MakeEngine = ({ stages }, x) => sparseEngine(stages.map(reversed), x);
    for (const [k, computer] of machines(design, 20).entries())
      expect(differenceOn(computer, backwards, philox(27, k), 40)).toBeUndefined();
  });

  it('f32 gives what f64 gives', () => {
    const rng = philox(23);
    const rounded: MakeEngine = ({ stages }, x) => sparseEngine(stages, x, 'f32');
    for (let t = 0; t < 30; t++) {
      const computer = buildComputer({ words: 30, bits: 10, design, radix: 4, float: 'f32' });
      expect(differenceOn(computer, rounded, rng, 40)).toBeUndefined();
    }
  });
});

/** The same stage with the entries of each row in the opposite order. */
function reversed(stage: Stage): Stage {
  const [columns, values] = [stage.columns.slice(), stage.values.slice()];
  for (let i = 0; i < stage.rows; i++) {
    columns.subarray(stage.rowStart[i]!, stage.rowStart[i + 1]!).reverse();
    values.subarray(stage.rowStart[i]!, stage.rowStart[i + 1]!).reverse();
  }
  return { ...stage, columns, values };
}

function largestSum({ rows, rowStart, columns, values, bias }: Stage, h: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < rows; i++) {
    let sum = Math.abs(bias[i]!);
    for (let p = rowStart[i]!; p < rowStart[i + 1]!; p++) sum += Math.abs(values[p]! * h[columns[p]!]!);
    largest = Math.max(largest, sum);
  }
  return largest;
}

function outsideClaim(groups: Stage['groups'], values: Float64Array): string | undefined {
  for (const { name, start, count, claim } of groups) {
    const part = values.subarray(start, start + count);
    const least = claim.signed ? -claim.max : 0;
    if (part.some((v) => !(v >= least && v <= claim.max)))
      return `${name}: ${part.find((v) => !(v >= least && v <= claim.max))} beyond ${claim.max}`;
    if (claim.oneHot && part.filter((v) => v !== 0).length > 1) return `${name}: more than one is not 0`;
  }
  return undefined;
}

describe('words too long for the float', () => {
  /** The most bits that each design can have in f32, with 20 words; in f64 it is 48, and 46 for demux. As in the README. */
  const MOST: Readonly<Record<Design, number>> = { basic: 20, 'two-level': 20, speculative: 20, demux: 17, paper23: 48 };
  it.each(DESIGNS)('f32 is refused from the first bit on that could round: %s', (design) => {
    const make = (bits: number) => buildComputer({ words: 20, bits, design, float: 'f32' });
    expect(make(MOST[design]).bound).toBeLessThan(2 ** 24);
    if (design !== 'paper23') expect(() => make(MOST[design] + 1)).toThrow(NotExactError);
  });
  it('demux: as the README says for more words', () => {
    for (const [words, float, most] of [
      [60, 'f32', 17],
      [1000, 'f32', 13],
      [60, 'f64', 46],
      [1000, 'f64', 42],
      [32768, 'f64', 38],
    ] as const) {
      const make = (bits: number) => buildComputer({ words, bits, design: 'demux', float });
      make(most);
      expect(() => make(most + 1)).toThrow(NotExactError);
    }
  });
  it('toOnnx refuses f32 likewise', () =>
    expect(() => toOnnx(buildComputer({ words: 20, bits: 30 }), { float: 'f32' })).toThrow(NotExactError));
});

import { philox } from '@x/linalg';
import { mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { buildComputer, type ReluComputer, stats } from '../src/computer.ts';
import { sparseEngine } from '../src/engine/sparse.ts';
import { NotExactError } from '../src/errors.ts';
import { createMachine } from '../src/machine.ts';
import type { Stage } from '../src/network/stage.ts';
import { toOnnx } from '../src/onnx/export.ts';
import { DESIGNS, type Design } from '../src/types.ts';
import { noCoverage } from './coverage.ts';
import { differenceOn, type MakeEngine } from './trajectory.ts';

const sparse: MakeEngine = ({ stages }, x) => sparseEngine(stages, x);

/** Machines of all small shapes, those whose halt lies inside the memory and those of one word among them. */
function machines(design: Design, count: number): ReluComputer[] {
  const rng = philox(7, DESIGNS.indexOf(design));
  return Array.from({ length: count }, () => {
    const bits = 3 + rng.integer(6);
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

  it('f32 gives what f64 gives', () => {
    const rng = philox(23);
    const rounded: MakeEngine = ({ stages }, x) => sparseEngine(stages, x, 'f32');
    for (let t = 0; t < 30; t++) {
      const computer = buildComputer({ words: 30, bits: 10, design, radix: 4, float: 'f32' });
      expect(differenceOn(computer, rounded, rng, 40)).toBeUndefined();
    }
  });
});

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
    ] as const) {
      const make = (bits: number) => buildComputer({ words, bits, design: 'demux', float });
      make(most);
      expect(() => make(most + 1)).toThrow(NotExactError);
    }
  });
  it('toOnnx refuses f32 likewise', () =>
    expect(() => toOnnx(buildComputer({ words: 20, bits: 30 }), { float: 'f32' })).toThrow(NotExactError));
});

describe('P5: sizes', () => {
  it('at most 60 weights a word, whatever the number of words; depth depends on neither words nor bits', () => {
    for (const design of ['basic', 'two-level', 'speculative'] as const) {
      const sizes = [64, 1024, 16384].map((words) => stats(buildComputer({ words, bits: 16, design })));
      for (const [k, { nonzeros, factoredDepth, strictDepth }] of sizes.entries()) {
        expect(nonzeros).toBeLessThanOrEqual(60 * [64, 1024, 16384][k]! + 1000);
        expect([factoredDepth, strictDepth]).toEqual([sizes[0]!.factoredDepth, sizes[0]!.strictDepth]);
      }
    }
  });
});

describe.each(DESIGNS)('P4: halting is a fixed point, and running is one only where the instruction changes nothing (%s)', (design) => {
  const computer = buildComputer({ words: 30, bits: 8, design });
  const { layout, stages } = computer;
  const staysAt = (memory: readonly number[], pc: number): boolean => {
    const x = layout.encode(
      Float64Array.from({ length: 30 }, (_, i) => memory[i] ?? 0),
      pc,
    );
    const engine = sparseEngine(stages, x);
    engine.step();
    return x.every((value, i) => value === engine.state[i]);
  };
  it('holds', () => {
    for (const pc of [30, 31, 200, 255]) expect(staysAt([3, 4, 5], pc)).toBe(true);
    // 9 9 0 with m[9] = 0; then with m[9] = 1, with another target, and reading and writing.
    expect(staysAt([9, 9, 0], 0)).toBe(true);
    expect(staysAt([9, 9, 0, 0, 0, 0, 0, 0, 0, 1], 0)).toBe(false);
    expect(staysAt([9, 9, 3], 0)).toBe(false);
    expect(staysAt([255, 9, 0], 0)).toBe(false);
    expect(staysAt([9, 255, 0], 0)).toBe(false);
  });
});

describe.each(DESIGNS)('P9: a program that is moved, its addresses with it, does the same there (%s)', (design) => {
  const [words, bits, halt] = [60, 8, 255];
  const computer = buildComputer({ words, bits, design });
  /** Instructions that end in a halt, and data behind them that they work on. */
  function program(rng: ReturnType<typeof philox>) {
    const [instructions, data] = [2 + rng.integer(6), 2 + rng.integer(6)];
    const code = 3 * instructions;
    const cell = () => code + rng.integer(data - 1);
    const image = Array.from({ length: instructions - 1 }, () => {
      const io = rng.uniform();
      return [io < 0.1 ? halt : cell(), io > 0.9 ? halt : cell(), 3 * rng.integer(instructions)];
    }).flat();
    // The last cell stays 0: a jump.
    const zero = code + data - 1;
    return { code, image: [...image, zero, zero, halt, ...Array.from({ length: data - 1 }, () => rng.integer(256)), 0] };
  }
  const moved = ({ code, image }: ReturnType<typeof program>, by: number, fixed = code) =>
    image.map((word, i) => (i < fixed && word !== halt ? word + by : word));
  function claim(fixedUp: (code: number) => number): void {
    let [jumps, halts] = [0, 0];
    for (let t = 0; t < 60; t++) {
      const rng = philox(31, t);
      const made = program(rng);
      const by = 1 + rng.integer(words - made.image.length - 1);
      const [here, there] = [0, by].map((at) => {
        const input = philox(37, t);
        const output: number[] = [];
        const image = new Float64Array(words);
        image.set(moved(made, at, at === 0 ? made.code : fixedUp(made.code)), at);
        const machine = createMachine(computer, image, { pc: at, input: () => input.integer(256), output: (word) => output.push(word) });
        const { steps, reason } = machine.run({ maxSteps: 40 });
        return { machine, output, steps, reason };
      }) as [Ran, Ran];
      expect(there.output).toEqual(here.output);
      expect([there.steps, there.reason]).toEqual([here.steps, here.reason]);
      expect(there.machine.pc).toBe(here.machine.halted ? halt : here.machine.pc + by);
      const after = { code: made.code, image: [...here.machine.memory()].slice(0, made.image.length) };
      expect([...there.machine.memory()].slice(by, by + made.image.length)).toEqual(moved(after, by));
      if (here.machine.halted) halts++;
      else jumps++;
    }
    expect(Math.min(jumps, halts)).toBeGreaterThan(3);
  }
  it('holds', () => claim((code) => code));
  it('fails where the last instruction but one keeps its old addresses', () => mustFail(() => claim((code) => code - 6)));
});

interface Ran {
  readonly machine: ReturnType<typeof createMachine>;
  readonly output: number[];
  readonly steps: number;
  readonly reason: string;
}

describe.each(DESIGNS)('P10: errors in the state (%s)', (design) => {
  /** Every entry of every state is off by up to `size` before the pass. */
  function claim(errorCorrection: boolean, size: number, bits = 6): void {
    const noise = philox(41);
    const perturbed: MakeEngine = ({ stages }, x) => {
      const engine = sparseEngine(stages, x);
      return {
        ...engine,
        state: engine.state,
        step() {
          for (let i = 0; i < engine.state.length; i++) engine.put(i, engine.state[i]! + size * (2 * noise.uniform() - 1));
          engine.step();
        },
      };
    };
    const computer = buildComputer({ words: 20, bits, design, radix: 4, errorCorrection });
    const seen = noCoverage();
    for (let t = 0; t < 20; t++) expect(differenceOn(computer, perturbed, philox(43, t), 30, seen)).toBeUndefined();
    expect(Math.min(seen.jumps, seen.falls, seen.reads, seen.writes)).toBeGreaterThan(5);
  }
  it('with error correction, all steps are exact where every entry is off by up to 0.01, or by up to 1/4', () => {
    claim(true, 0.01);
    claim(true, 0.25);
    claim(true, 0.25, 9);
  });
  it('nothing changes where there is no error', () => claim(true, 0));
  it('fails without error correction at 0.01', () => mustFail(() => claim(false, 0.01)));
  it('fails with it beyond 1/4, where states are no longer apart', () => mustFail(() => claim(true, 0.6)));
});

describe('P7: weights know nothing of a program', () => {
  it('two builds are equal, and a machine leaves them alone', () => {
    const [a, b] = [0, 1].map(() => buildComputer({ words: 30, bits: 8, design: 'speculative' })) as [ReluComputer, ReluComputer];
    for (let t = 0; t < 20; t++) differenceOn(a, sparse, philox(t), 40);
    expect(a.stages).toEqual(b.stages);
  });
});

import { philox } from '@x/linalg';
import { fitExponent, mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { assemble } from '../src/asm/assemble.ts';
import { buildComputer, type ReluComputer, stats } from '../src/computer.ts';
import { sparseEngine } from '../src/engine/sparse.ts';
import { interpreter } from '../src/interpreter.ts';
import { createMachine } from '../src/machine.ts';
import { DESIGNS, type Design } from '../src/types.ts';
import { noCoverage } from './coverage.ts';
import { randomProgram } from './programs.ts';
import { differenceOn, type MakeEngine } from './trajectory.ts';

const sparse: MakeEngine = ({ stages }, x) => sparseEngine(stages, x);

describe.each(DESIGNS)('P4: halting is a fixed point, and running is one only where the instruction changes nothing (%s)', (design) => {
  const computer = buildComputer({ words: 30, bits: 8, haltAt: 28, design });

  /** Whether the network leaves a state as it is, and whether the interpreter does. */
  function compared({ layout, stages, architecture }: ReluComputer, memory: ArrayLike<number>, pc: number) {
    const x = layout.encode(memory, pc);
    const engine = sparseEngine(stages, x);
    engine.step();
    const oracle = interpreter(architecture, memory, pc);
    const { inputUsed, output } = oracle.step(0);
    const changes = inputUsed || output !== undefined || oracle.pc !== pc || oracle.memory.some((word, i) => word !== memory[i]);
    return { network: x.every((value, i) => value === engine.state[i]), interpreter: !changes };
  }

  function claim(broken: ReluComputer): void {
    let [still, moving, halted] = [0, 0, 0];
    for (let t = 0; t < 400; t++) {
      const rng = philox(47, t);
      const memory = randomProgram(computer.architecture, rng);
      const pc = t % 5 === 0 ? 28 + rng.integer(228) : rng.integer(28);
      // Instructions that subtract 0 and jump to themselves.
      if (t % 3 === 0 && pc < 27) memory.set([29, 29, pc], pc);
      if (t % 2 === 0) memory[29] = 0;
      const { network, interpreter: right } = compared(broken, memory, pc);
      expect(network, `pc ${pc}, ${memory}`).toBe(right);
      if (pc >= 28) halted++;
      else if (right) still++;
      else moving++;
    }
    expect(Math.min(still, moving, halted)).toBeGreaterThan(20);
  }

  it('holds', () => claim(computer));

  it('fails where the stage that fetches forgets that the machine has halted', () =>
    mustFail(() => {
      // The neurons that keep a halted machine's pc; speculative has them for both places.
      const stages = computer.stages.map((stage) => {
        const bias = stage.bias.slice();
        for (const { name, start, count } of stage.groups) if (name.startsWith('stay')) bias.fill(-1e6, start, start + count);
        return { ...stage, bias };
      });
      claim({ ...computer, stages });
    }));
});

describe('P5: sizes', () => {
  /** Weights a word at most, and the fewest words of the fit: small ones show what does not grow so: digits of `two-level`, additions of `paper23`. */
  const MOST: Readonly<Record<Design, readonly [weights: number, from: number]>> = {
    basic: [60, 64],
    'two-level': [60, 256],
    speculative: [60, 64],
    demux: [75, 64],
    paper23: [16 * 76, 256],
  };

  /** At most so many weights a word, and proportional to the words. */
  function claim(design: Design, weights: (words: number) => number): void {
    const [most, from] = MOST[design];
    const sizes = [from, 4 * from, 16 * from, 64 * from].filter((words) => design !== 'paper23' || words <= 1024);
    for (const words of sizes) expect(weights(words)).toBeLessThanOrEqual(most * words + 1000);
    const { slope } = fitExponent(sizes, sizes.map(weights));
    expect(Math.abs(slope - 1)).toBeLessThanOrEqual(0.02);
  }

  it.each(DESIGNS)('%s: weights grow as the words do', (design) =>
    claim(design, (words) => stats(buildComputer({ words, bits: 16, design })).nonzeros),
  );

  it('fails for n log n weights, and for 61 a word', () => {
    mustFail(() => claim('basic', (words) => words * Math.log2(words)));
    mustFail(() => claim('basic', (words) => 61 * words + 1000));
  });

  it('depth depends on neither words nor bits; that of demux grows by three ReLU stages a level of the tree', () => {
    const depths = (design: Design, sizes: readonly (readonly [words: number, bits: number])[]) =>
      sizes.map(([words, bits]) => {
        const { factoredDepth, strictDepth } = stats(buildComputer({ words, bits, design }));
        return `${factoredDepth} ${strictDepth}`;
      });
    const SIZES = [
      [3, 2],
      [60, 6],
      [60, 40],
      [1000, 16],
      [4096, 13],
    ] as const;
    for (const design of ['basic', 'two-level', 'speculative', 'paper23'] as const)
      expect(new Set(depths(design, SIZES)).size, design).toBe(1);
    expect(
      depths('demux', [
        [60, 6],
        [60, 40],
      ]),
    ).toEqual(['9 17', '9 17']);
    expect(
      depths('demux', [
        [16, 16],
        [1000, 16],
        [4096, 16],
        [4097, 16],
      ]),
    ).toEqual(['6 12', '12 22', '12 22', '15 27']);
  });
});

describe('work of a step', () => {
  /** Products a step of a loop whose operands lie at the other end of the memory, where the most changes in a tree. */
  function products(design: Design, engine: 'event' | 'sparse', words: number): number {
    const source = `loop: one count; count sum; Z Z loop; .[${words - 13}] one: 1 count: 0 sum: 0 Z: 0`;
    const machine = createMachine(buildComputer({ words, bits: 16, design }), assemble(source).image, { engine });
    machine.run({ maxSteps: 3 });
    const before = machine.operations;
    machine.run({ maxSteps: 30 });
    return (machine.operations - before) / 30;
  }
  const SIZES = [256, 1024, 4096, 16384];
  const slope = (design: Design, engine: 'event' | 'sparse') =>
    fitExponent(
      SIZES,
      SIZES.map((words) => products(design, engine, words)),
    ).slope;
  const sparseClaim = (of: number) => expect(Math.abs(of - 1)).toBeLessThanOrEqual(0.02);
  const eventClaim = (of: number) => expect(of).toBeLessThanOrEqual(0.5);
  it('sparse: proportional to the words', () => sparseClaim(slope('basic', 'sparse')));
  it('event on demux: at most their square root', () => eventClaim(slope('demux', 'event')));
  it('fails for the event engine on basic, whose staircases change as far as addresses do', () =>
    mustFail(() => eventClaim(slope('basic', 'event'))));
  it('sparse fails the bound of event, and event that of sparse', () => {
    mustFail(() => eventClaim(slope('basic', 'sparse')));
    mustFail(() => sparseClaim(slope('demux', 'event')));
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

describe.each(DESIGNS)('P7: weights know nothing of a program (%s)', (design) => {
  const build = () => buildComputer({ words: 30, bits: 8, design });
  /** Of two computers that ran different programs. */
  function claim(make: MakeEngine): void {
    const [a, b] = [build(), build()];
    for (let t = 0; t < 5; t++) differenceOn(a, make, philox(t), 40);
    differenceOn(b, make, philox(99), 40);
    expect(a.stages).toEqual(b.stages);
    expect(a.stages).toEqual(build().stages);
  }
  it('two builds are equal, whatever they have run', () => {
    claim(sparse);
    for (const engine of ['event', 'dense'] as const) {
      const used = build();
      createMachine(used, randomProgram(used.architecture, philox(3)), { engine, input: () => 1 }).run({ maxSteps: 50 });
      expect(used.stages).toEqual(build().stages);
    }
  });
  it('fails for an engine that keeps a program in the weights', () =>
    mustFail(() =>
      claim((computer, x) => {
        computer.stages[0]!.bias[0] = x[0]! + x[1]! + x[2]!;
        return sparse(computer, x);
      }),
    ));
});

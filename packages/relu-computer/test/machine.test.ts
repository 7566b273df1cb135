import { philox } from '@x/linalg';
import { AbortedError, ArgumentError, OutOfMemoryError } from '@x/linalg/errors';
import { effort, mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { weightsOf } from '../src/check.ts';
import {
  assemble,
  buildComputer,
  createMachine,
  decode,
  encode,
  InputExhaustedError,
  type MachineOptions,
  OutOfRangeError,
  parseImage,
  type ReluComputer,
  runAsync,
  StepLimitError,
  stats,
  VerificationError,
} from '../src/index.ts';
import { DESIGNS } from '../src/types.ts';
import { HELLO, PRODUCT } from './hello.ts';
import { randomProgram } from './programs.ts';

const ENGINES = ['event', 'sparse', 'dense', 'interpreter'] as const;

function written(run: (output: (word: number) => void) => void): string {
  const codes: number[] = [];
  run((word) => codes.push(word));
  return String.fromCharCode(...codes);
}

describe.each(DESIGNS)('%s', (design) => {
  const computer = buildComputer({ words: 48, bits: 8, design });

  it('prints hello in 71 steps, in every engine', () => {
    for (const engine of ENGINES) {
      const text = written((output) => {
        const machine = createMachine(computer, parseImage(HELLO, { bits: 8 }), { engine, output });
        expect(machine.run({ maxSteps: 1000, verifyEvery: 1 })).toEqual({ steps: 71, reason: 'halted' });
        expect(machine.halted).toBe(true);
      });
      expect(text).toBe('Hello, world!\n');
    }
  });

  it('reads: the product of two words', () => {
    const { image } = assemble(PRODUCT, { bits: 8 });
    for (const engine of ENGINES) {
      const out: number[] = [];
      createMachine(computer, image, { engine, input: [7, 9], output: (word) => out.push(word) }).run({ maxSteps: 1000 });
      expect(out).toEqual([63]);
    }
  });

  /** @param broken - a network that one of the engines gets in place of the right one. */
  function equalEngines(broken?: ReluComputer): void {
    // Its dense matrices are large.
    const programs = design === 'paper23' ? effort(6, 30) : 30;
    const networks = ENGINES.filter((engine) => engine !== 'interpreter');
    for (let k = 0; k < programs; k++) {
      const rng = philox(k);
      const memory = randomProgram(computer.architecture, rng);
      const options = (engine: (typeof ENGINES)[number]): MachineOptions => {
        const input = philox(100 + k);
        return { engine, pc: k, history: 20, input: () => input.integer(256) };
      };
      const machines = ENGINES.map((engine, e) =>
        createMachine(broken !== undefined && e === k % networks.length ? broken : computer, memory, options(engine)),
      );
      const states = () => machines.map((machine) => ({ memory: [...machine.memory()], pc: machine.pc }));
      const same = () => {
        const [first, ...rest] = states();
        for (const state of rest) expect(state).toEqual(first);
        return first;
      };
      const seen = [same()];
      for (let t = 0; t < 15; t++) {
        const infos = machines.map((machine) => machine.step());
        for (const info of infos) expect(info).toEqual(infos[0]);
        // All neurons of all stages, from the first step on.
        if (machines[0]!.steps > 0) {
          for (const stage of computer.stages.keys()) {
            const [first, ...rest] = networks.map((_, e) => machines[e]!.activations(stage));
            for (const values of rest) expect(values.findIndex((value, i) => value !== first![i])).toBe(-1);
          }
        }
        seen.push(same());
      }
      const taken = machines[0]!.steps;
      for (let t = taken; t > taken - Math.min(taken, 8); t--) {
        for (const machine of machines) expect(machine.stepBack()).toBe(true);
        expect(same()).toEqual(seen[t - 1]);
      }
      for (const machine of machines) machine.step();
      same();
    }
  }

  it('P6: all engines are in equal states at every step, with equal neurons, and after going back', () => equalEngines());

  it('P6: fails where one engine has a weight of its own', () =>
    mustFail(() => {
      const index = computer.stages.findIndex(({ kind }) => kind === 'relu') + 2;
      const stages = computer.stages.map((stage, k) => (k === index ? { ...stage, bias: stage.bias.map((b) => b + 1) } : stage));
      equalEngines({ ...computer, stages });
    }));
});

const hello = (options: MachineOptions = {}) =>
  createMachine(buildComputer({ words: 48, bits: 8 }), parseImage(HELLO, { bits: 8 }), options);

describe('the runner', () => {
  it('stops at breakpoints, at changed cells and at the limit, and goes on', () => {
    const machine = hello();
    expect(machine.run({ maxSteps: 100, breakpoints: new Set([9]) })).toEqual({ steps: 3, reason: 'breakpoint' });
    expect(machine.pc).toBe(9);
    expect(machine.run({ maxSteps: 100, watch: new Set([3]) })).toEqual({ steps: 1, reason: 'watch' });
    expect(machine.word(3)).toBe(18);
    expect(machine.run({ maxSteps: 5 })).toEqual({ steps: 5, reason: 'limit' });
    expect(machine.run({ maxSteps: 100 })).toEqual({ steps: 71 - 9, reason: 'halted' });
    expect(machine.step()).toMatchObject({ halted: true, next: 255 });
  });

  it('makes the limit an error where that is asked for, and goes on', async () => {
    const machine = hello();
    expect(() => machine.run({ maxSteps: 5, onLimit: 'throw' })).toThrow(expect.objectContaining({ name: 'StepLimitError', steps: 5 }));
    await expect(runAsync(machine, { maxSteps: 65, onLimit: 'throw' })).rejects.toThrow(StepLimitError);
    expect(machine.run({ maxSteps: 100, onLimit: 'throw' })).toEqual({ steps: 1, reason: 'halted' });
    expect(machine.run({ maxSteps: 0, onLimit: 'throw' })).toEqual({ steps: 0, reason: 'halted' });
  });
  it('stops for the same reason in slices: a limit at a breakpoint is a limit', async () => {
    for (const maxSteps of [0, 3]) {
      const options = { maxSteps, breakpoints: new Set([0, 9]) };
      expect(await runAsync(hello(), options)).toEqual(hello().run(options));
    }
  });

  it('keeps snapshots', () => {
    const machine = hello();
    machine.run({ maxSteps: 20 });
    const kept = machine.snapshot();
    machine.run({ maxSteps: 30 });
    machine.restore(kept);
    expect(machine.snapshot()).toEqual(kept);
    expect(machine.run({ maxSteps: 1000 }).steps).toBe(51);
  });

  it('stands before the instruction that finds no input, and goes on when there is some', () => {
    const words: number[] = [3];
    const out: number[] = [];
    const { image } = assemble(PRODUCT, { bits: 8 });
    const machine = createMachine(buildComputer({ words: 48, bits: 8 }), image, { input: () => words.shift(), output: (w) => out.push(w) });
    expect(() => machine.run({ maxSteps: 1000 })).toThrow(InputExhaustedError);
    expect([machine.pc, machine.steps]).toEqual([3, 1]);
    words.push(5);
    machine.run({ maxSteps: 1000 });
    expect(out).toEqual([15]);
  });

  it('reads -1 at the end of the input in the dialect of howerj', () => {
    const { image } = assemble('(-1) a; a b; b (-1); Z Z (-1); . a: 0 b: 0 Z: 0', { bits: 8 });
    const out: number[] = [];
    createMachine(buildComputer({ words: 48, bits: 8 }), image, { dialect: 'howerj', output: (w) => out.push(w) }).run({ maxSteps: 9 });
    expect(out).toEqual([1]);
  });

  it('explains a neuron, by names, in the last step', () => {
    const machine = hello();
    machine.step();
    // m[17] - m[15]: 72 - 0.
    expect(machine.explain('result', 'result')).toMatchObject({
      name: 'result',
      sum: 72,
      value: 72,
      terms: [
        { name: 'b - a + W', weight: 1, value: 328 },
        { name: 'b >= a', weight: -256, value: 1 },
      ],
    });
    expect(machine.explain('fetch', 'fetch B[0]')).toMatchObject({ name: 'fetch B[0]', value: 17, bias: -255 });
    expect(() => machine.explain('fetch', 'fetch B[99]')).toThrow(ArgumentError);
  });

  it('notices a network that is wrong', () => {
    const computer = buildComputer({ words: 48, bits: 8 });
    const stages = computer.stages.map((stage) => (stage.name === 'result' ? { ...stage, bias: stage.bias.map((b) => b + 1) } : stage));
    const machine = createMachine({ ...computer, stages }, parseImage(HELLO, { bits: 8 }));
    expect(() => machine.run({ maxSteps: 100, verifyEvery: 1 })).toThrow(VerificationError);
  });

  /** The machine of hello with the biases of some entries of the state changed, run with comparisons of all memory far apart. */
  const brokenAt = (group: string, offset: number, verifyEvery: number, image = HELLO) => {
    const computer = buildComputer({ words: 48, bits: 8 });
    const at = computer.layout.groups.find(({ name }) => name === group)!.start + offset;
    const stages = computer.stages.map((stage) =>
      stage.name === 'state' ? { ...stage, bias: stage.bias.map((b, i) => (i === at ? b + 1 : b)) } : stage,
    );
    return createMachine({ ...computer, stages }, parseImage(image, { bits: 8 }), { input: [7, 7, 7] }).run({
      maxSteps: 1000,
      verifyEvery,
    });
  };
  it('notices a wrong word written out, at any step', () => {
    // Memory and pc are right throughout.
    for (const every of [1, 1e6]) expect(() => brokenAt('output', 0, every)).toThrow(/the word written out is \d+; the interpreter's is/);
    expect(() => brokenAt('output valid', 0, 1)).toThrow(/the word written out is/);
  });
  it('notices a reading step that does not tell of it, or a step that does', () =>
    expect(() => brokenAt('input used', 0, 1, '255 30 3 255 31 6 0 0 255')).toThrow(/whether a word was read is/));
  it('notices a wrong pc or a wrong word in the cell that a step writes, at that step', () => {
    expect(() => brokenAt('pc', 0, 1e6)).toThrow(expect.objectContaining({ step: 1 }));
    expect(() => brokenAt('memory', 17, 1e6)).toThrow(expect.objectContaining({ step: 1 }));
  });

  it('takes many steps back at once', () => {
    const machine = hello({ history: 50 });
    machine.run({ maxSteps: 10 });
    const kept = machine.snapshot();
    machine.run({ maxSteps: 30 });
    expect(machine.stepBack(30)).toBe(true);
    expect(machine.snapshot()).toEqual(kept);
    expect(machine.stepBack(11)).toBe(false);
    expect([machine.steps, machine.pc]).toEqual([0, 0]);
    expect(() => machine.stepBack(-1)).toThrow(ArgumentError);
    expect(machine.run({ maxSteps: 1000 })).toEqual({ steps: 71, reason: 'halted' });
  });
  it('takes steps back where the history is as long as a number can say', () => {
    for (const history of [100, 2, Number.MAX_SAFE_INTEGER]) {
      const machine = hello({ history });
      machine.run({ maxSteps: 1 });
      const kept = machine.snapshot();
      machine.run({ maxSteps: 2 });
      expect(machine.stepBack(2)).toBe(true);
      expect(machine.snapshot()).toEqual(kept);
    }
  });
  it('gives back what was read, in its order', () => {
    const machine = createMachine(buildComputer({ words: 48, bits: 8 }), [255, 30, 3, 255, 31, 6, 255, 32, 9], {
      history: 9,
      input: [5, 6, 7, 8],
    });
    machine.run({ maxSteps: 3 });
    machine.stepBack(2);
    machine.run({ maxSteps: 2 });
    expect([30, 31, 32].map(machine.word)).toEqual([5, 6, 7]);
  });

  it('restores no state that is none', () => {
    const machine = hello();
    const good = machine.snapshot();
    for (const pc of [Number.NaN, -1, 0.5, 256, 1e300]) expect(() => machine.restore({ ...good, pc })).toThrow(ArgumentError);
    for (const steps of [Number.NaN, -1]) expect(() => machine.restore({ ...good, steps })).toThrow(ArgumentError);
    expect(() => machine.restore({ ...good, memory: good.memory.slice(1) })).toThrow(ArgumentError);
    machine.run({ maxSteps: 1000 });
    const end = machine.snapshot();
    expect(end.pc).toBe(255);
    machine.restore(good);
    machine.restore(end);
    expect(machine.halted).toBe(true);
  });

  it('compares across runs that are shorter than the distance of two comparisons', () => {
    const computer = buildComputer({ words: 48, bits: 8 });
    // Cell 40, which the program does not use, counts up.
    const stages = computer.stages.map((stage) =>
      stage.name === 'state' ? { ...stage, bias: stage.bias.map((b, i) => (i === 40 ? b + 1 : b)) } : stage,
    );
    const slices = (steps: number) => {
      const machine = createMachine({ ...computer, stages }, parseImage(HELLO, { bits: 8 }));
      while (machine.steps < steps) machine.run({ maxSteps: 1, verifyEvery: 5 });
    };
    slices(4);
    expect(() => slices(5)).toThrow(expect.objectContaining({ name: 'VerificationError', step: 5 }));
  });

  it('can be aborted', () => {
    const controller = new AbortController();
    controller.abort();
    expect(() => hello().run({ maxSteps: 100, signal: controller.signal })).toThrow(AbortedError);
  });
});

describe('bad input', () => {
  const computer = buildComputer({ words: 4, bits: 8 });
  it('is refused with the place', () => {
    expect(() => createMachine(computer, [1, 2, 3, 4, 5])).toThrow('the image has 5 words; the memory has 4');
    expect(() => createMachine(computer, [1, 256])).toThrow(expect.objectContaining({ name: 'OutOfRangeError', word: 1, value: 256 }));
    expect(() => createMachine(computer, [Number.NaN])).toThrow(OutOfRangeError);
    expect(() => createMachine(computer, [], { engine: 'fast' as never })).toThrow(ArgumentError);
    expect(() => createMachine(computer, [], { pc: 4 })).toThrow(ArgumentError);
    expect(() => createMachine(buildComputer({ words: 20000, bits: 16 }), [], { engine: 'dense' })).toThrow('use sparse or event');
    const stepped = createMachine(computer, []);
    expect(() => stepped.activations(0)).toThrow('no step yet');
    expect(() => stepped.explain(0, 0)).toThrow('no step yet');
    stepped.step();
    for (const neuron of [-1, 0.5, 1e9, 'none']) expect(() => stepped.explain(0, neuron)).toThrow(`neuron is ${neuron}`);
    for (const stage of [-1, 99, 'none']) expect(() => stepped.activations(stage)).toThrow(`no stage ${stage}`);
    expect(() => createMachine(computer, [], { engine: 'interpreter' }).activations(0)).toThrow(ArgumentError);
    expect(() => createMachine(computer, []).run({ maxSteps: Number.NaN })).toThrow(ArgumentError);
    expect(() => createMachine(computer, [255, 0, 0], { input: [999] }).step()).toThrow(OutOfRangeError);
  });
  it('states that are none', () => {
    for (const design of DESIGNS) {
      const made = buildComputer({ words: 4, bits: 8, design });
      const state = encode(made, [1, 2, 3, 255], { pc: 2 });
      expect(decode(made, state)).toEqual({ memory: Float64Array.of(1, 2, 3, 255), pc: 2, output: undefined });
      expect(() => decode(made, state.slice(1))).toThrow(ArgumentError);
      for (const value of [0.999, -3, 256, Number.NaN, Number.POSITIVE_INFINITY]) {
        const wrong = state.map((entry, i) => (i === 3 ? value : entry));
        expect(() => decode(made, wrong)).toThrow(expect.objectContaining({ name: 'OutOfRangeError', word: 3 }));
      }
    }
  });
  it('a computer that fits into no memory, before anything is built', () => {
    expect(() => buildComputer({ words: 2 ** 22, bits: 48, design: 'paper23' })).toThrow(OutOfMemoryError);
    expect(() => buildComputer({ words: 2 ** 22, bits: 48, errorCorrection: true })).toThrow(OutOfMemoryError);
  });
  it('the number of weights by which that is judged is near to theirs', () => {
    for (const design of DESIGNS) {
      for (const [errorCorrection, radix] of [
        [false, 2],
        [false, 16],
        [false, 500],
        [true, 16],
      ] as const) {
        const made = buildComputer({ words: 500, bits: 12, design, errorCorrection, radix });
        const ratio = weightsOf(made.architecture) / stats(made).nonzeros;
        expect(ratio, design).toBeGreaterThan(0.9);
        expect(ratio, design).toBeLessThan(1.4);
      }
    }
  });
  it('a computer that cannot be', () => {
    for (const spec of [
      { words: 0, bits: 8 },
      { words: 256, bits: 8 },
      { words: 3, bits: 1 },
      { words: 3, bits: 49 },
      { words: 2.5, bits: 8 },
      { words: 10, bits: 8, haltAt: 11 },
      { words: 10, bits: 8, radix: 1 },
      { words: 10, bits: 24, design: 'demux' as const, radix: 17 },
      { words: 10, bits: 24, design: 'two-level' as const, radix: 2 ** 20 },
      { words: 10, bits: 8, design: 'other' as never },
      { words: 10, bits: 8, float: 'f16' as never },
      { words: Number.NaN, bits: 8 },
      undefined as never,
    ]) {
      expect(() => buildComputer(spec)).toThrow(ArgumentError);
    }
  });
});

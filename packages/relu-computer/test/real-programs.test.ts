import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describeWithInput } from '@x/inputs/vitest';
import { effort, mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import {
  assemble,
  buildComputer,
  createMachine,
  DESIGNS,
  type Design,
  type Dialect,
  type Machine,
  type MachineOptions,
  type MachineSpec,
  parseImage,
  type ReluComputer,
} from '../src/index.ts';
import { HELLO, PRODUCT } from './hello.ts';

/** A program, where it runs, and how far. */
interface Program {
  readonly image: Float64Array;
  readonly shape: MachineSpec;
  readonly dialect?: Dialect;
  readonly input?: readonly number[];
  readonly steps: number;
}

/** How a run ends: a hash of all of the memory, pc, the number of steps, and what was written. */
function endOf(machine: Machine, { steps }: Program, written: readonly number[]) {
  machine.run({ maxSteps: steps });
  const memory = createHash('sha256').update(Float64Array.from(machine.memory())).digest('hex');
  return { memory, pc: machine.pc, steps: machine.steps, written };
}

/** Runs the program in a network and, apart from it, in the interpreter; nothing is compared on the way. */
function claim(program: Program, computer: ReluComputer, engine: NonNullable<MachineOptions['engine']> = 'event'): void {
  const { image, dialect = 'rosetta', input = [] } = program;
  const [network, oracle] = ([engine, 'interpreter'] as const).map((kind) => {
    const written: number[] = [];
    const machine = createMachine(computer, image, { engine: kind, dialect, input: [...input], output: (word) => written.push(word) });
    return endOf(machine, program, written);
  });
  expect(network).toEqual(oracle);
  expect(oracle!.steps).toBeGreaterThan(0);
}

/** The network with an entry of the state stuck at 1. */
function stuck(computer: ReluComputer, entry: number): ReluComputer {
  const last = computer.stages.at(-1)!;
  const [values, bias] = [last.values.slice(), last.bias.slice()];
  values.fill(0, last.rowStart[entry], last.rowStart[entry + 1]);
  bias[entry] = 1;
  return { ...computer, stages: [...computer.stages.slice(0, -1), { ...last, values, bias }] };
}

const compiled = assemble(readFileSync(new URL('compiled/primes.asq', import.meta.url), 'utf8')).image;

const COMPILED = 'a compiled program';

/** With more steps than they take. */
const PROGRAMS: Readonly<Record<string, Program>> = {
  'hello world': { image: parseImage(HELLO), shape: { words: 64, bits: 16 }, steps: 1000 },
  'a product': { image: assemble(PRODUCT).image, shape: { words: 64, bits: 16 }, input: [123, 45], steps: 1e4 },
  [COMPILED]: { image: compiled, shape: { words: 3072, bits: 16 }, steps: 1e5 },
};

/** Designs in which the compiled program, in 3072 words, takes its time; the long tests run it to its end. */
const SLOW: readonly Design[] = ['basic', 'speculative', 'paper23'];

describe.each(DESIGNS)('P2: a real program ends as in the interpreter, in all of its memory and its output (%s)', (design) => {
  it.each(Object.entries(PROGRAMS))('%s', (name, program) => {
    const steps = name === COMPILED && SLOW.includes(design) ? effort(2000, program.steps) : program.steps;
    claim({ ...program, steps }, buildComputer({ ...program.shape, design }));
  });
  it('fails where a word of memory, or a bit, that the program does not use is stuck', () => {
    const program = PROGRAMS['hello world']!;
    const computer = buildComputer({ ...program.shape, design });
    mustFail(() => claim(program, stuck(computer, design === 'paper23' ? 50 * 16 : 50)));
  });
});

describeWithInput('subleq/eforth.dec', import.meta.url, (path) => {
  const eforth = (steps: number): Program => ({
    image: parseImage(readFileSync(path, 'utf8')),
    shape: { words: 32768, bits: 16 },
    dialect: 'howerj',
    input: [...'2 2 + . cr bye\n'].map((letter) => letter.charCodeAt(0)),
    steps,
  });
  it.each([
    ['demux', effort(100_000, 1_000_000)],
    ['two-level', effort(2000, 100_000)],
    ['basic', effort(500, 20_000)],
    ['speculative', effort(500, 20_000)],
  ] as const)('P2: eForth in %s, after %i steps', (design, steps) => {
    const program = eforth(steps);
    claim(program, buildComputer({ ...program.shape, design }));
  });
  it('P2: fails for eForth where one threshold of the jump is left out', () => {
    const program = eforth(20_000);
    const computer = buildComputer({ ...program.shape, design: 'demux' });
    const stages = computer.stages.map((stage) => {
      if (stage.name !== 'steps') return stage;
      const at = stage.rowStart[stage.groups.find(({ name }) => name === 'jump')!.start]!;
      return { ...stage, values: stage.values.map((value, p) => (p === at + 4 ? 0 : value)) };
    });
    mustFail(() => claim(program, { ...computer, stages }));
  });
});

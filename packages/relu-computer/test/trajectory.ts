import type { Rng } from '@x/linalg';
import type { ReluComputer } from '../src/computer.ts';
import type { Engine } from '../src/engine/engine.ts';
import { interpreter } from '../src/interpreter.ts';
import { type Coverage, count } from './coverage.ts';
import { randomProgram } from './programs.ts';

/** Makes an engine for a network: the network under test, or a broken copy. */
export type MakeEngine = (computer: ReluComputer, x: Float64Array) => Engine;

/**
 * Runs one random program in an engine and in the interpreter side by side, at most two steps beyond the halt, and compares every entry
 * of the state after every step.
 *
 * @returns the first difference, or undefined.
 */
export function differenceOn(computer: ReluComputer, make: MakeEngine, rng: Rng, steps: number, seen?: Coverage): string | undefined {
  const { architecture, layout } = computer;
  const { words, bits, haltAt } = architecture;
  const memory = randomProgram(architecture, rng);
  const oracle = interpreter(architecture, memory, rng.integer(words));
  const engine = make(computer, layout.encode(memory, oracle.pc));
  for (let k = 0, halted = 0; k < steps && halted < 2; k++) {
    const input = rng.integer(2 ** bits);
    layout.putInput(engine.put, input);
    if (seen !== undefined) count(seen, architecture, oracle.memory, oracle.pc);
    if (oracle.pc >= haltAt) halted++;
    const { inputUsed, output } = oracle.step(input);
    engine.step();
    // All entries: those of the layout's own encoding, but for what the step reports.
    const expected = layout.encode(oracle.memory, oracle.pc);
    layout.putInput((i, value) => (expected[i] = value), inputUsed ? 0 : input);
    const reported = [layout.inputUsed(engine.state) === inputUsed, layout.output(engine.state) === output];
    if (reported.includes(false)) return `step ${k}: reported input or output`;
    for (let i = 0; i < expected.length; i++) {
      if (engine.state[i] !== expected[i] && !isReport(computer, i))
        return `step ${k}: entry ${i} is ${engine.state[i]}, not ${expected[i]}`;
    }
  }
  return undefined;
}

/** Entries that say what the step did; they are compared by their meaning. */
function isReport({ layout }: ReluComputer, index: number): boolean {
  const group = layout.groups.find(({ start, count: n }) => index >= start && index < start + n)!;
  return ['input used', 'output valid', 'output'].includes(group.name);
}

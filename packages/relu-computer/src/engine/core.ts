import type { ReluComputer } from '../computer.ts';
import { type Interpreter, interpreter } from '../interpreter.ts';
import type { Engine } from './engine.ts';

/** What runs the steps of a machine: a network in an engine, or the interpreter. */
export interface Core {
  readonly pc: number;
  word(address: number): number;
  /** One step. @param input - the word that a reading instruction gets. */
  step(input: number): { readonly inputUsed: boolean; readonly output: number | undefined };
  memory(): Float64Array;
  /** A core of the same kind in another state. */
  load(memory: ArrayLike<number>, pc: number): void;
  readonly engine: Engine | undefined;
}

export function networkCore({ layout, architecture }: ReluComputer, engine: Engine): Core {
  const { words } = architecture;
  return {
    engine,
    get pc() {
      return layout.pc(engine.state);
    },
    word: (address) => (address < words ? layout.word(engine.state, address) : 0),
    step(input) {
      if (layout.input(engine.state) !== input) layout.putInput(engine.put, input);
      engine.step();
      return { inputUsed: layout.inputUsed(engine.state), output: layout.output(engine.state) };
    },
    memory: () => Float64Array.from({ length: words }, (_, address) => layout.word(engine.state, address)),
    load(memory, pc) {
      const x = layout.encode(memory, pc);
      for (let i = 0; i < x.length; i++) if (x[i] !== engine.state[i]) engine.put(i, x[i]!);
    },
  };
}

export function interpreterCore({ architecture }: ReluComputer, memory: ArrayLike<number>, pc: number): Core {
  const machine: Interpreter = interpreter(architecture, memory, pc);
  return {
    engine: undefined,
    get pc() {
      return machine.pc;
    },
    word: (address) => (address < architecture.words ? machine.memory[address]! : 0),
    step: (input) => machine.step(input),
    memory: () => machine.memory.slice(),
    load(from, at) {
      machine.memory.set(from);
      machine.pc = at;
    },
  };
}

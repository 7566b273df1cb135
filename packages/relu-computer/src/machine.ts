import { AbortedError, ArgumentError } from '@x/linalg/errors';
import { unsigned } from './asm/image.ts';
import type { ReluComputer } from './computer.ts';
import { type Core, interpreterCore, networkCore } from './engine/core.ts';
import { denseEngine } from './engine/dense.ts';
import { eventEngine } from './engine/event.ts';
import { sparseEngine } from './engine/sparse.ts';
import { InputExhaustedError, VerificationError } from './errors.ts';
import { type Explanation, explain } from './explain.ts';
import { type Interpreter, interpreter } from './interpreter.ts';
import { ring } from './ring.ts';
import { checkPc, loaded } from './state.ts';
import type { Dialect } from './types.ts';

export interface MachineOptions {
  /**
   * `event` (default) updates only what changes, `sparse` computes all by nonzeros, `dense` by dense matrices (small machines only),
   * `interpreter` runs without the network. All give the same.
   */
  readonly engine?: 'event' | 'sparse' | 'dense' | 'interpreter';
  /** What the end of the input does. Default `rosetta`: it is an error. */
  readonly dialect?: Dialect;
  /** Words that the program reads; a function gives the next, or undefined where there is none now. Default none. */
  readonly input?: Iterable<number> | (() => number | undefined);
  /** Called with every word that the program writes. */
  readonly output?: (word: number) => void;
  /** Address of the first instruction. Default 0. */
  readonly pc?: number;
  /** Steps that can be taken back. Default 0. */
  readonly history?: number;
}

/** What a step did. */
export interface StepInfo {
  /** Address of the instruction. */
  readonly pc: number;
  /** Its three words. */
  readonly instruction: readonly [A: number, B: number, C: number];
  readonly next: number;
  readonly input: number | undefined;
  readonly output: number | undefined;
  readonly halted: boolean;
}

export interface RunOptions {
  /** Stops after so many steps. */
  readonly maxSteps: number;
  readonly signal?: AbortSignal;
  /** Called from time to time with the steps taken. */
  readonly onProgress?: (steps: number) => void;
  /** Stops before an instruction at one of these addresses; one where the run starts does not stop it. */
  readonly breakpoints?: ReadonlySet<number>;
  /** Stops after a step that changed one of these cells. */
  readonly watch?: ReadonlySet<number>;
  /**
   * After every step whose number (`Machine.steps`) this divides, and where the machine halts, all of the state is compared with an
   * interpreter's. The interpreter goes on from one run to the next if nothing else changed the machine.
   */
  readonly verifyEvery?: number;
}

export interface RunResult {
  readonly steps: number;
  readonly reason: 'halted' | 'limit' | 'breakpoint' | 'watch';
}

/** A state that can be kept and gone back to. It holds nothing of input and output: after `restore` a program reads on where it was. */
export interface Snapshot {
  readonly memory: Float64Array;
  readonly pc: number;
  readonly steps: number;
}

/** A program on a computer, to be run, stepped and looked into. */
export interface Machine {
  readonly computer: ReluComputer;
  readonly pc: number;
  /** Steps taken so far. */
  readonly steps: number;
  readonly halted: boolean;
  /** The word at an address; 0 beyond the memory. */
  word(address: number): number;
  /** A copy. */
  memory(): Float64Array;
  /**
   * Runs one instruction; nothing where the machine has halted.
   *
   * @throws InputExhaustedError where it reads and there is nothing to read; the machine is as it was.
   */
  step(): StepInfo;
  /** Takes one step back, as far as `history` reaches; what was read is read again. @returns whether there was one. */
  stepBack(): boolean;
  /**
   * Runs until the machine halts, or one of the options stops it.
   *
   * @throws InputExhaustedError; VerificationError; AbortedError when `signal` fires. What was done stays done.
   */
  run(options: RunOptions): RunResult;
  snapshot(): Snapshot;
  restore(snapshot: Snapshot): void;
  /** Values of the neurons of a stage, by its number or name, in the last step. @throws ArgumentError for the interpreter. */
  activations(stage: number | string): Float64Array;
  /** How a neuron, by its number or name, came by its value in the last step. @throws ArgumentError for the interpreter. */
  explain(stage: number | string, neuron: number | string): Explanation;
}

/** Steps between two looks at the signal and two reports. */
const PAUSE = 4096;

/**
 * Puts a program into a computer.
 *
 * @param image - words from address 0 on, in [-2^(bits - 1), 2^bits); the rest of the memory is 0.
 * @throws OutOfRangeError for an image longer than the memory, or a word that does not fit; ArgumentError.
 */
export function createMachine(computer: ReluComputer, image: ArrayLike<number>, options: MachineOptions = {}): Machine {
  const { architecture, layout, stages } = computer;
  const { words, bits, haltAt } = architecture;
  const { engine = 'event', dialect = 'rosetta', pc = 0, history = 0, output } = options;
  const start = loaded('createMachine', image, words, bits);
  checkOptions(options, words);
  const core = coreOf(computer, engine, start, pc);
  const input = inputOf(options.input ?? [], dialect === 'howerj' ? 2 ** bits - 1 : undefined, bits);
  const log = ring<{ readonly pc: number; readonly address: number; readonly value: number; readonly read: number | undefined }>(history);
  let steps = 0;
  /** What verifies runs, and the step it stands at. */
  let twin: Interpreter | undefined;
  let twinSteps = 0;

  const word = (address: number) => core.word(address);
  const instructionAt = (address: number) => [word(address), word(address + 1), word(address + 2)] as const;

  function step(): StepInfo {
    const from = core.pc;
    if (from >= haltAt) {
      return { pc: from, instruction: instructionAt(from), next: from, input: undefined, output: undefined, halted: true };
    }
    const instruction = instructionAt(from);
    const reads = instruction[0] === 2 ** bits - 1;
    const given = reads ? input.peek() : 0;
    if (given === undefined) throw new InputExhaustedError(`step: the instruction at ${from} reads, and there is no input left`, from);
    const address = instruction[1];
    const old = word(address);
    const { inputUsed, output: written } = core.step(given);
    if (inputUsed) input.take();
    if (history > 0) log.push({ pc: from, address, value: old, read: inputUsed ? given : undefined });
    steps++;
    if (written !== undefined) output?.(written);
    const next = core.pc;
    return { pc: from, instruction, next, input: inputUsed ? given : undefined, output: written, halted: next >= haltAt };
  }

  function stepBack(): boolean {
    const last = log.pop();
    if (last === undefined) return false;
    const memory = core.memory();
    if (last.address < words) memory[last.address] = last.value;
    core.load(memory, last.pc);
    twin = undefined;
    if (last.read !== undefined) input.giveBack(last.read);
    steps--;
    return true;
  }

  function run({ maxSteps, signal, onProgress, breakpoints, watch, verifyEvery }: RunOptions): RunResult {
    if (!(Number.isInteger(maxSteps) && maxSteps >= 0)) {
      throw new ArgumentError(`run: maxSteps is ${maxSteps}; it must be a whole number from 0 on`, 'maxSteps');
    }
    if (verifyEvery === undefined) twin = undefined;
    else {
      if (!(Number.isInteger(verifyEvery) && verifyEvery > 0)) {
        throw new ArgumentError(`run: verifyEvery is ${verifyEvery}; it must be a whole number from 1 on`, 'verifyEvery');
      }
      if (twinSteps !== steps) twin = undefined;
      twin ??= interpreter(architecture, core.memory(), core.pc);
    }
    let taken = 0;
    while (core.pc < haltAt) {
      if (taken >= maxSteps) return { steps: taken, reason: 'limit' };
      if (taken > 0 && breakpoints?.has(core.pc)) return { steps: taken, reason: 'breakpoint' };
      if (taken % PAUSE === 0) {
        if (signal?.aborted) throw new AbortedError(`run: aborted after ${taken} steps`, { steps: taken });
        onProgress?.(taken);
      }
      const address = watch === undefined ? 0 : word(core.pc + 1);
      const old = watch?.has(address) ? word(address) : undefined;
      const info = step();
      taken++;
      if (twin !== undefined) {
        twin.step(info.input ?? 0);
        twinSteps = steps;
        if (steps % verifyEvery! === 0 || info.halted) verify(core, twin, steps);
      }
      if (old !== undefined && word(address) !== old) return { steps: taken, reason: 'watch' };
    }
    return { steps: taken, reason: 'halted' };
  }

  const looked = (operation: string, stage: number | string) => {
    const index = typeof stage === 'number' ? stage : stages.findIndex(({ name }) => name === stage);
    if (stages[index] === undefined)
      throw new ArgumentError(`${operation}: there is no stage ${stage}; there are ${stages.length}`, 'stage');
    if (core.engine === undefined) throw new ArgumentError(`${operation}: the interpreter has no neurons; use another engine`, 'engine');
    return { index, engine: core.engine };
  };

  return {
    computer,
    get pc() {
      return core.pc;
    },
    get steps() {
      return steps;
    },
    get halted() {
      return core.pc >= haltAt;
    },
    word,
    memory: core.memory,
    step,
    stepBack,
    run,
    snapshot: () => ({ memory: core.memory(), pc: core.pc, steps }),
    restore(snapshot) {
      core.load(loaded('restore', snapshot.memory, words, bits), snapshot.pc);
      steps = snapshot.steps;
      twin = undefined;
      log.clear();
    },
    activations(stage) {
      const { index, engine: running } = looked('activations', stage);
      return running.activations(index);
    },
    explain(stage, neuron) {
      const { index, engine: running } = looked('explain', stage);
      return explain(stages, layout, running, index, neuron);
    },
  };
}

function coreOf(computer: ReluComputer, engine: NonNullable<MachineOptions['engine']>, memory: Float64Array, pc: number): Core {
  if (engine === 'interpreter') return interpreterCore(computer, memory, pc);
  const { stages, layout, architecture } = computer;
  const x = layout.encode(memory, pc);
  const made =
    engine === 'event'
      ? eventEngine(stages, x)
      : engine === 'sparse'
        ? sparseEngine(stages, x, architecture.float)
        : denseEngine(stages, x);
  return networkCore(computer, made);
}

function checkOptions({ engine, dialect, pc = 0, history = 0 }: MachineOptions, words: number): void {
  const choice = (name: string, value: string | undefined, allowed: readonly string[]) => {
    if (value !== undefined && !allowed.includes(value)) {
      throw new ArgumentError(`createMachine: ${name} is ${value}; it must be one of ${allowed.join(', ')}`, name);
    }
  };
  choice('engine', engine, ['event', 'sparse', 'dense', 'interpreter']);
  choice('dialect', dialect, ['rosetta', 'howerj', 'mazonka']);
  checkPc('createMachine', pc, words);
  if (!(Number.isInteger(history) && history >= 0)) {
    throw new ArgumentError(`createMachine: history is ${history}; it must be a whole number from 0 on`, 'history');
  }
}

/** Words to be read, one ahead, so that a step that finds none has not begun. */
function inputOf(source: Iterable<number> | (() => number | undefined), atEnd: number | undefined, bits: number) {
  const iterator = typeof source === 'function' ? undefined : source[Symbol.iterator]();
  const next = typeof source === 'function' ? source : () => iterator!.next().value as number | undefined;
  const held: number[] = [];
  let taken = 0;
  return {
    peek(): number | undefined {
      if (held.length === 0) {
        const value = next();
        if (value === undefined) return atEnd;
        held.push(unsigned('step: input', value, bits, taken));
      }
      return held[0];
    },
    take(): void {
      if (held.length > 0) {
        held.shift();
        taken++;
      }
    },
    giveBack(value: number): void {
      held.unshift(value);
      taken--;
    },
  };
}

function verify(core: Core, twin: { readonly memory: Float64Array; readonly pc: number }, step: number): void {
  if (core.pc !== twin.pc) throw new VerificationError(`run: after step ${step} pc is ${core.pc}; the interpreter's is ${twin.pc}`, step);
  for (let address = 0; address < twin.memory.length; address++) {
    if (core.word(address) !== twin.memory[address]) {
      throw new VerificationError(
        `run: after step ${step} word ${address} is ${core.word(address)}; the interpreter's is ${twin.memory[address]}`,
        step,
      );
    }
  }
}

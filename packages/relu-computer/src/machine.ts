import { AbortedError, ArgumentError } from '@x/linalg/errors';
import { checkCallback, checkChoice, checkCollection, checkComputer, checkObject, checkWhole, checkWords, shown } from './arguments.ts';
import type { ReluComputer } from './computer.ts';
import { type Core, interpreterCore, networkCore } from './engine/core.ts';
import { denseEngine } from './engine/dense.ts';
import { eventEngine } from './engine/event.ts';
import { sparseEngine } from './engine/sparse.ts';
import { InputExhaustedError } from './errors.ts';
import { type Explanation, explain } from './explain.ts';
import { inputOf } from './input.ts';
import { type Interpreter, interpreter } from './interpreter.ts';
import { atLimit, checkOnLimit } from './limit.ts';
import { ring } from './ring.ts';
import { checkPc, loaded } from './state.ts';
import type { Dialect } from './types.ts';
import { verifyMemory, verifyStep } from './verify.ts';

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
  /** Whether stopping there is a reason to be returned, `limit` (default), or a `StepLimitError`. */
  readonly onLimit?: 'return' | 'throw';
  readonly signal?: AbortSignal;
  /** Called from time to time with the steps taken. */
  readonly onProgress?: (steps: number) => void;
  /** Stops before an instruction at one of these addresses; one where the run starts does not stop it. */
  readonly breakpoints?: ReadonlySet<number>;
  /** Stops after a step that changed one of these cells. */
  readonly watch?: ReadonlySet<number>;
  /**
   * An interpreter runs beside the network. After every step pc, the cell that was written, the word written out and whether one was read
   * are compared; after a step whose number (`Machine.steps`) this divides, and where the machine halts, all of the memory as well. The
   * interpreter goes on from one run to the next if nothing else changed the machine.
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
  /** Products of a weight and a value, or its change, that the engine has computed so far; 0 for the interpreter. */
  readonly operations: number;
  readonly halted: boolean;
  /** The word at an address; 0 beyond the memory. @throws ArgumentError for what is no address. */
  word(address: number): number;
  /** A copy. */
  memory(): Float64Array;
  /**
   * Runs one instruction; nothing where the machine has halted.
   *
   * @throws InputExhaustedError where it reads and there is nothing to read; the machine is as it was.
   */
  step(): StepInfo;
  /**
   * Takes steps back, as far as `history` reaches; what was read is read again.
   *
   * @param count - how many. Default 1.
   * @returns whether there were as many.
   * Cost: O(words + count).
   */
  stepBack(count?: number): boolean;
  /**
   * Runs until the machine halts, or one of the options stops it.
   *
   * @throws InputExhaustedError; VerificationError; StepLimitError where `onLimit` asks for it; AbortedError when `signal` fires. What was done stays done.
   */
  run(options: RunOptions): RunResult;
  snapshot(): Snapshot;
  /** @throws OutOfRangeError, ArgumentError for what is no snapshot of a machine of this shape. */
  restore(snapshot: Snapshot): void;
  /** Values of the neurons of a stage, by its number or name, in the last step. @throws ArgumentError for the interpreter, and before the first step. */
  activations(stage: number | string): Float64Array;
  /** How a neuron, by its number or name, came by its value in the last step. @throws ArgumentError as `activations`. */
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
  checkComputer('createMachine', computer);
  checkObject('createMachine', 'options', options);
  const { architecture, layout, stages } = computer;
  const { words, bits, haltAt } = architecture;
  const { engine = 'event', dialect = 'rosetta', pc = 0, history = 0, output } = options;
  const start = loaded('createMachine', image, words, bits);
  checkChoice('createMachine', 'engine', engine, ['event', 'sparse', 'dense', 'interpreter']);
  checkChoice('createMachine', 'dialect', dialect, ['rosetta', 'howerj', 'mazonka']);
  checkPc('createMachine', pc, words);
  checkWhole('createMachine', 'history', history, 0);
  checkCallback('createMachine', 'output', output);
  const core = coreOf(computer, engine, start, pc);
  const input = inputOf(options.input === undefined ? [] : options.input, dialect === 'howerj' ? 2 ** bits - 1 : undefined, bits);
  const log = ring<{ readonly pc: number; readonly address: number; readonly value: number; readonly read: number | undefined }>(history);
  let steps = 0;
  let stepped = false;
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
    stepped = true;
    if (inputUsed) input.take();
    if (history > 0) log.push({ pc: from, address, value: old, read: inputUsed ? given : undefined });
    steps++;
    if (written !== undefined) output?.(written);
    const next = core.pc;
    return { pc: from, instruction, next, input: inputUsed ? given : undefined, output: written, halted: next >= haltAt };
  }

  function stepBack(count = 1): boolean {
    checkWhole('stepBack', 'count', count, 0);
    const memory = core.memory();
    let at = core.pc;
    let taken = 0;
    for (; taken < count; taken++) {
      const last = log.pop();
      if (last === undefined) break;
      if (last.address < words) memory[last.address] = last.value;
      if (last.read !== undefined) input.giveBack(last.read);
      at = last.pc;
    }
    if (taken > 0) core.load(memory, at);
    twin = undefined;
    steps -= taken;
    return taken === count;
  }

  function run(options: RunOptions): RunResult {
    checkObject('run', 'options', options);
    const { maxSteps, onLimit, signal, onProgress, breakpoints, watch, verifyEvery } = options;
    checkWhole('run', 'maxSteps', maxSteps, 0);
    checkOnLimit('run', onLimit);
    checkCollection('run', 'breakpoints', breakpoints, 'Set');
    checkCollection('run', 'watch', watch, 'Set');
    checkCallback('run', 'onProgress', onProgress);
    if (verifyEvery === undefined) twin = undefined;
    else {
      checkWhole('run', 'verifyEvery', verifyEvery, 1);
      if (twinSteps !== steps) twin = undefined;
      twin ??= interpreter(architecture, core.memory(), core.pc);
    }
    let taken = 0;
    while (core.pc < haltAt) {
      if (taken >= maxSteps) return atLimit('run', taken, onLimit);
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
        const effect = twin.step(info.input ?? 0);
        twinSteps = steps;
        verifyStep(core, info, twin, effect, steps);
        if (steps % verifyEvery! === 0 || info.halted) verifyMemory(core, twin, steps);
      }
      if (old !== undefined && word(address) !== old) return { steps: taken, reason: 'watch' };
    }
    return { steps: taken, reason: 'halted' };
  }

  const looked = (operation: string, stage: number | string) => {
    const index = typeof stage === 'number' ? stage : stages.findIndex(({ name }) => name === stage);
    if (stages[index] === undefined)
      throw new ArgumentError(`${operation}: there is no stage ${shown(stage)}; there are ${stages.length}`, 'stage');
    if (core.engine === undefined) throw new ArgumentError(`${operation}: the interpreter has no neurons; use another engine`, 'engine');
    if (!stepped) throw new ArgumentError(`${operation}: there has been no step yet, of which neurons could tell`, 'stage');
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
    get operations() {
      return core.engine?.operations ?? 0;
    },
    get halted() {
      return core.pc >= haltAt;
    },
    word(address) {
      checkWhole('word', 'address', address, 0);
      return word(address);
    },
    memory: core.memory,
    step,
    stepBack,
    run,
    snapshot: () => ({ memory: core.memory(), pc: core.pc, steps }),
    restore(snapshot) {
      checkObject('restore', 'snapshot', snapshot);
      checkWords('restore', 'memory', snapshot.memory);
      if (snapshot.memory.length !== words) {
        throw new ArgumentError(`restore: memory has ${snapshot.memory.length} words; this machine's has ${words}`, 'memory');
      }
      // What has halted may stand beyond the memory.
      checkPc('restore', snapshot.pc, 2 ** bits);
      checkWhole('restore', 'steps', snapshot.steps, 0);
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

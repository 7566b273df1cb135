import { AbortedError, ArgumentError } from '@x/linalg/errors';
import { unsigned } from './asm/image.ts';
import type { ReluComputer } from './computer.ts';
import { type Core, interpreterCore, networkCore } from './engine/core.ts';
import { denseEngine } from './engine/dense.ts';
import { eventEngine } from './engine/event.ts';
import { sparseEngine } from './engine/sparse.ts';
import { InputExhaustedError, VerificationError } from './errors.ts';
import { type Explanation, explain } from './explain.ts';
import { type Effect, type Interpreter, interpreter } from './interpreter.ts';
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
   * @throws InputExhaustedError; VerificationError; AbortedError when `signal` fires. What was done stays done.
   */
  run(options: RunOptions): RunResult;
  snapshot(): Snapshot;
  /** @throws OutOfRangeError, ArgumentError for what is no snapshot of a machine of this shape. */
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

  function stepBack(count = 1): boolean {
    checkCount('stepBack', 'count', count, 0);
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

  function run({ maxSteps, signal, onProgress, breakpoints, watch, verifyEvery }: RunOptions): RunResult {
    checkCount('run', 'maxSteps', maxSteps, 0);
    if (verifyEvery === undefined) twin = undefined;
    else {
      checkCount('run', 'verifyEvery', verifyEvery, 1);
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
    get operations() {
      return core.engine?.operations ?? 0;
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
      if (snapshot.memory.length !== words) {
        throw new ArgumentError(`restore: memory has ${snapshot.memory.length} words; this machine's has ${words}`, 'memory');
      }
      // What has halted may stand beyond the memory.
      checkPc('restore', snapshot.pc, 2 ** bits);
      checkCount('restore', 'steps', snapshot.steps, 0);
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
  checkCount('createMachine', 'history', history, 0);
}

function checkCount(operation: string, name: string, value: number, least: number): void {
  if (!(Number.isInteger(value) && value >= least)) {
    throw new ArgumentError(`${operation}: ${name} is ${value}; it must be a whole number from ${least} on`, name);
  }
}

/** Words to be read, one ahead, so that a step that finds none has not begun. */
function inputOf(source: Iterable<number> | (() => number | undefined), atEnd: number | undefined, bits: number) {
  const iterator = typeof source === 'function' ? undefined : source[Symbol.iterator]();
  const next = typeof source === 'function' ? source : () => iterator!.next().value as number | undefined;
  /** Words that were looked at or given back; the last is the next to be read. */
  const held: number[] = [];
  let taken = 0;
  return {
    peek(): number | undefined {
      if (held.length === 0) {
        const value = next();
        if (value === undefined) return atEnd;
        held.push(unsigned('step: input', value, bits, taken));
      }
      return held[held.length - 1];
    },
    take(): void {
      if (held.length > 0) {
        held.pop();
        taken++;
      }
    },
    giveBack(value: number): void {
      held.push(value);
      taken--;
    },
  };
}

/** Compares what a step did: all that may change in it. */
function verifyStep(core: Core, { input, output }: StepInfo, twin: Interpreter, effect: Effect, step: number): void {
  const same = (what: string, got: number | boolean | undefined, right: number | boolean | undefined) => {
    if (got !== right) throw new VerificationError(`run: after step ${step} ${what} is ${got}; the interpreter's is ${right}`, step);
  };
  same('pc', core.pc, twin.pc);
  same('whether a word was read', input !== undefined, effect.inputUsed);
  same('the word written out', output, effect.output);
  if (effect.address !== undefined) same(`word ${effect.address}`, core.word(effect.address), effect.value);
}

function verifyMemory(core: Core, { memory }: Interpreter, step: number): void {
  for (let address = 0; address < memory.length; address++) {
    if (core.word(address) !== memory[address]) {
      throw new VerificationError(
        `run: after step ${step} word ${address} is ${core.word(address)}; the interpreter's is ${memory[address]}`,
        step,
      );
    }
  }
}

import { AbortedError, XError } from '@x/linalg/errors';
import { InputExhaustedError, litNeurons, type Machine, runAsync, type Snapshot, type StepInfo } from '../../index.ts';
import { writtenText } from '../../written.ts';

/** What a debugger knows beside its machine. */
export interface Session {
  readonly machine: Machine;
  /** Names of addresses. */
  readonly symbols: ReadonlyMap<string, number>;
  readonly breakpoints: ReadonlySet<number>;
  readonly watched: ReadonlySet<number>;
  /** The last of what the program wrote. */
  readonly output: string;
  /** Cells that the last command changed. */
  readonly changed: ReadonlySet<number>;
  readonly ended: boolean;
  /** Whether the neurons are those of the step that led to where the machine stands. */
  readonly fresh: boolean;
  /** Runs a command line. @returns its answer; errors of the user are answers as well. */
  execute(line: string, signal?: AbortSignal): Promise<string>;
}

export interface SessionOptions {
  readonly symbols: ReadonlyMap<string, number>;
  /** Words that the program reads; commands put more there. */
  readonly waiting: number[];
  readonly makeMachine: (output: (word: number) => void) => Machine;
}

/** A program may write without end; this much is shown. */
const OUTPUT_SHOWN = 4096;

/** Between two looks at the signal. */
const SLICE_MS = 20;

/** Lines of an answer. */
const MOST_LINES = 40;

interface Command {
  readonly names: readonly string[];
  readonly usage: string;
  readonly help: string;
  run(args: readonly string[], signal: AbortSignal | undefined): string | Promise<string>;
}

/** What a user did wrong. */
class CommandError extends Error {}

export function debugSession({ symbols, waiting, makeMachine }: SessionOptions): Session {
  const written = writtenText(OUTPUT_SHOWN);
  const machine: Machine = makeMachine((word) => written.add(word, machine.steps));
  const { words } = machine.computer.architecture;
  const breakpoints = new Set<number>();
  const watched = new Set<number>();
  const snapshots = new Map<string, Snapshot>();
  const changed = new Set<number>();
  let fresh = false;
  let ended = false;

  function address(text: string | undefined): number {
    const value = text === undefined ? Number.NaN : (symbols.get(text) ?? (/^\d+$/.test(text) ? Number(text) : Number.NaN));
    if (!(value < words)) throw new CommandError(`${text ?? 'nothing'} is no address; it is a label or a number below ${words}`);
    return value;
  }

  function count(text: string | undefined, otherwise: number): number {
    if (text === undefined) return otherwise;
    if (!/^\d{1,15}$/.test(text)) throw new CommandError(`${text} is no number of steps`);
    return Number(text);
  }

  function told({ pc, instruction, input, output, halted, next }: StepInfo): string {
    const [A, B, C] = instruction;
    const io = input !== undefined ? `, read ${input}` : output !== undefined ? `, wrote ${output}` : '';
    return `${pc}: ${A} ${B} ${C}${io}; pc ${next}${halted ? ', halted' : ''}`;
  }

  async function step(times: number, signal: AbortSignal | undefined): Promise<string> {
    let last: StepInfo | undefined;
    let since = performance.now();
    for (let k = 0; k < times && !machine.halted; k++) {
      if (performance.now() - since > SLICE_MS) {
        // A signal fires only while nothing runs.
        await new Promise((resolve) => setTimeout(resolve));
        if (signal?.aborted) return `interrupted at ${machine.pc} after ${machine.steps} steps`;
        since = performance.now();
      }
      last = machine.step();
      fresh = true;
      changed.add(last.instruction[1]);
    }
    return last === undefined ? 'halted' : told(last);
  }

  function back(times: number): string {
    const before = machine.steps;
    const all = machine.stepBack(times);
    const taken = before - machine.steps;
    if (taken > 0) fresh = false;
    written.back(machine.steps);
    return all ? `at ${machine.pc} after ${machine.steps} steps` : `${taken} steps back; no more are kept`;
  }

  async function run(most: number, signal: AbortSignal | undefined): Promise<string> {
    const before = machine.steps;
    const where = () => `${machine.pc} after ${machine.steps} steps`;
    try {
      const { reason } = await runAsync(machine, {
        maxSteps: most,
        breakpoints,
        watch: watched,
        ...(signal === undefined ? {} : { signal }),
      });
      if (reason === 'watch') return `a watched cell changed; pc ${where()}`;
      return `${reason === 'limit' ? '' : `${reason} `}at ${where()}`;
    } catch (error) {
      if (error instanceof AbortedError) return `interrupted at ${where()}`;
      throw error;
    } finally {
      if (machine.steps > before) fresh = true;
    }
  }

  function toggled(set: Set<number>, what: string, text: string | undefined): string {
    if (text === undefined) return set.size === 0 ? `no ${what}` : [...set].sort((a, b) => a - b).join(' ');
    const at = address(text);
    if (set.delete(at)) return `no ${what} at ${at}`;
    set.add(at);
    return `${what} at ${at}`;
  }

  function stageOf(args: readonly string[]): string {
    const name = args.join(' ');
    const { stages } = machine.computer;
    if (/^\d+$/.test(name) && Number(name) < stages.length) return stages[Number(name)]!.name;
    if (!stages.some((stage) => stage.name === name)) throw new CommandError(`there is no stage ${name}; stages lists them`);
    return name;
  }

  function lookable(): void {
    if (!fresh) throw new CommandError('neurons tell of a step: take one first');
  }

  const { stages } = machine.computer;
  const commands: readonly Command[] = [
    {
      names: ['step', 's'],
      usage: 'step [N]',
      help: 'run N instructions; an empty line is step',
      run: ([n], signal) => step(count(n, 1), signal),
    },
    { names: ['back', 'b'], usage: 'back [N]', help: 'take N steps back, and what they wrote', run: ([n]) => back(count(n, 1)) },
    {
      names: ['run', 'r'],
      usage: 'run [N]',
      help: 'run to a breakpoint, a watched cell that changes, the halt, or N instructions',
      run: ([n], signal) => run(count(n, 1e15 - 1), signal),
    },
    {
      names: ['break'],
      usage: 'break [ADDRESS]',
      help: 'set or clear a breakpoint; list them',
      run: ([at]) => toggled(breakpoints, 'breakpoint', at),
    },
    {
      names: ['watch', 'w'],
      usage: 'watch [ADDRESS]',
      help: 'watch a cell, or no longer; list them',
      run: ([at]) => toggled(watched, 'watch', at),
    },
    {
      names: ['memory', 'm'],
      usage: 'memory ADDRESS [N]',
      help: 'words from an address on',
      run: ([at, n]) => {
        const first = address(at);
        const last = Math.min(words, first + Math.min(count(n, 16), 8 * MOST_LINES));
        return Array.from(
          { length: last - first },
          (_, k) => `${k % 8 === 0 ? `${k === 0 ? '' : '\n'}${first + k}:` : ''} ${machine.word(first + k)}`,
        ).join('');
      },
    },
    {
      names: ['snapshot'],
      usage: 'snapshot NAME',
      help: 'keep the state under a name',
      run: ([name]) => {
        if (name === undefined) throw new CommandError('a snapshot needs a name');
        snapshots.set(name, machine.snapshot());
        return `${name}: pc ${machine.pc} after ${machine.steps} steps`;
      },
    },
    {
      names: ['restore'],
      usage: 'restore NAME',
      help: 'go back to a snapshot; what was read and written stays so',
      run: ([name = '']) => {
        const kept = snapshots.get(name);
        if (kept === undefined)
          throw new CommandError(`there is no snapshot ${name}; there are ${[...snapshots.keys()].join(' ') || 'none'}`);
        machine.restore(kept);
        written.keep();
        fresh = false;
        return `at ${machine.pc} after ${machine.steps} steps`;
      },
    },
    {
      names: ['stages'],
      usage: 'stages',
      help: 'the stages of the network, and how many neurons are lit in each',
      run: () => {
        const lit = (k: number) => (fresh ? `, ${machine.activations(k).filter((value) => value !== 0).length} lit` : '');
        return stages.map(({ name, kind, rows }, k) => `${k} ${name}: ${kind}, ${rows} neurons${lit(k)}`).join('\n');
      },
    },
    {
      names: ['neurons', 'n'],
      usage: 'neurons STAGE',
      help: 'the lit neurons of a stage, by name or number, less those that hand the memory on',
      run: (args) => {
        lookable();
        const found = litNeurons(machine, stageOf(args), { most: MOST_LINES + 1 });
        const lines = found.slice(0, MOST_LINES).map(({ name, value }) => `${name} = ${value}`);
        return [...lines, ...(found.length > MOST_LINES ? ['...'] : [])].join('\n') || 'none is lit';
      },
    },
    {
      names: ['explain', 'e'],
      usage: 'explain STAGE: NEURON',
      help: 'how a neuron came by its value, e.g. explain result: result',
      run: (args) => {
        lookable();
        // Stages may have a colon in their names, neurons have none.
        const [, stage, neuron] = /^(.*): *(.+)$/.exec(args.join(' ')) ?? [];
        if (stage === undefined || neuron === undefined) throw new CommandError('write explain STAGE: NEURON');
        const { name, terms, bias, value } = machine.explain(stageOf([stage]), neuron);
        const shown = terms.slice(0, MOST_LINES).map((term) => `${term.weight} * ${term.value} (${term.name})`);
        return [
          `${name} = ${value}`,
          ...shown.map((line) => `  ${line}`),
          ...(terms.length > MOST_LINES ? ['  ...'] : []),
          `  + ${bias}`,
        ].join('\n');
      },
    },
    {
      names: ['input', 'i'],
      usage: 'input TEXT',
      help: 'give the program characters to read, and a line end',
      run: (args) => {
        for (const word of new TextEncoder().encode(`${args.join(' ')}\n`)) waiting.push(word);
        return `${waiting.length} words wait`;
      },
    },
    { names: ['output', 'o'], usage: 'output', help: 'the last of what was written', run: () => written.text },
    {
      names: ['help', 'h', '?'],
      usage: 'help',
      help: 'this list',
      run: () => commands.map(({ usage, help }) => `${usage.padEnd(24)} ${help}`).join('\n'),
    },
    {
      names: ['quit', 'q'],
      usage: 'quit',
      help: 'end',
      run: () => {
        ended = true;
        return '';
      },
    },
  ];

  return {
    machine,
    symbols,
    breakpoints,
    watched,
    changed,
    get output() {
      return written.text;
    },
    get ended() {
      return ended;
    },
    get fresh() {
      return fresh;
    },
    async execute(line, signal) {
      const [name = 'step', ...args] = line
        .trim()
        .split(/\s+/)
        .filter((part) => part !== '');
      changed.clear();
      const command = commands.find(({ names }) => names.includes(name));
      if (command === undefined) return `${name} is no command; help lists them`;
      try {
        return await command.run(args, signal);
      } catch (error) {
        if (error instanceof InputExhaustedError)
          return `the instruction at ${error.pc} reads, and there is no input: give some with input TEXT`;
        if (error instanceof CommandError || error instanceof XError) return error.message;
        throw error;
      }
    },
  };
}

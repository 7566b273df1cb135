import { createReadStream } from 'node:fs';
import { type Command, command } from '@x/cli';
import { buildComputer, createMachine, DESIGNS } from '../index.ts';
import { MACHINE, PROGRAM, readProgram, shapeOf } from './program.ts';
import { running } from './running.ts';

/** A program may write without end; --json keeps the first words of what it writes, and counts them all. */
const KEPT = 2 ** 20;

export const run: Command = command({
  description: 'Runs a program in the network. What it writes goes to stdout, a byte a word, as it comes.',
  positionals: [PROGRAM],
  options: {
    ...MACHINE,
    design: { type: 'text', choices: DESIGNS, default: 'demux', help: 'the network' },
    engine: { type: 'text', choices: ['event', 'sparse', 'dense', 'interpreter'], default: 'event', help: 'what computes it' },
    dialect: { type: 'text', choices: ['rosetta', 'howerj', 'mazonka'], default: 'rosetta', help: 'at the end of input howerj reads -1' },
    input: { type: 'text', value: 'FILE', help: 'what the program reads, a word a byte; - is stdin; default nothing' },
    'max-steps': { type: 'integer', default: 1e9, min: 0, help: 'stop after so many instructions, with exit code 1' },
    'verify-every': { type: 'integer', min: 1, help: 'compare all of the state with an interpreter after every so many instructions' },
  },
  examples: [
    { text: 'A small program:', command: 'relu-computer run hello.dec' },
    { text: 'Forth, from the terminal:', command: 'relu-computer run eforth.dec --input - --dialect howerj --engine interpreter' },
    { text: 'Checked at every instruction:', command: 'relu-computer run hello.asq --words 256 --design basic --verify-every 1' },
  ],
  async run({ options, positionals, signal, progress, note }) {
    const { engine, dialect, bits, design } = options;
    const { image } = await readProgram(positionals[0]!, bits);
    const computer = buildComputer({ ...shapeOf(options, image.length), design });
    const written: number[] = [];
    const waiting: number[] = [];
    const machine = createMachine(computer, image, { engine, input: () => waiting.shift(), output: (word) => written.push(word) });
    const chunks = options.input === undefined ? undefined : bytesOf(options.input);
    const run = running(machine, {
      maxSteps: options['max-steps'],
      verifyEvery: options['verify-every'],
      signal,
      waiting,
      progress,
      async more() {
        const next = await chunks?.next();
        if (next !== undefined && next.done !== true) return [...next.value];
        return dialect === 'howerj' ? [-1] : undefined;
      },
    });
    let reason: string | undefined;
    /** The run; yields what was written since the last time. */
    async function* output() {
      for (let next = await run.next(); ; next = await run.next()) {
        yield written.splice(0);
        if (next.done !== true) continue;
        reason = next.value;
        if (reason === 'limit') note(`stopped after ${machine.steps} instructions, before the program had halted`);
        return;
      }
    }
    return {
      get data() {
        return (async () => {
          const words: number[] = [];
          let count = 0;
          for await (const some of output()) {
            count += some.length;
            for (let i = 0; i < some.length && words.length < KEPT; i++) words.push(some[i]!);
          }
          if (count > words.length) note(`${count} words were written; output holds the first ${KEPT}`);
          return { output: words, written: count, steps: machine.steps, pc: machine.pc, reason: reason ?? 'interrupted' };
        })();
      },
      get text() {
        return (async function* () {
          for await (const some of output()) yield Uint8Array.from(some);
        })();
      },
      get ok() {
        return reason !== 'limit';
      },
    };
  },
});

function bytesOf(path: string): AsyncIterator<Uint8Array> {
  return (path === '-' ? process.stdin : createReadStream(path))[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
}

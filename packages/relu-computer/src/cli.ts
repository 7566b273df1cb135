#!/usr/bin/env node
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { command, type Positional, readBytes, runCli } from '@x/cli';
import { running } from './cli/running.ts';
import { assemble, buildComputer, createMachine, DESIGNS, disassemble, formatImage, parseImage, stats } from './index.ts';

const PROGRAM: Positional = { name: 'PROGRAM', help: 'an image of numbers, or source where the name ends in .asq; - is an image on stdin' };
const BITS = { type: 'integer', default: 16, min: 2, max: 48, help: 'bits of a word' } as const;
const MACHINE = {
  words: { type: 'integer', min: 1, help: 'cells of memory; default 2^(bits - 1), at most 32768, or as many as the program has' },
  bits: BITS,
  'halt-at': { type: 'integer', min: 1, help: 'the machine halts where pc is at least this; default the number of words' },
} as const;

/** Memory that programs expect: all addresses that are not negative, as far as a network of moderate size goes. */
const USUAL_WORDS = 32768;

const run = command({
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
          for await (const some of output()) words.push(...some);
          return { output: words, steps: machine.steps, pc: machine.pc, reason: reason ?? 'interrupted' };
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

const asm = command({
  description: 'Assembles source (in the syntax of Mazonka) into an image of numbers.',
  positionals: [{ name: 'SOURCE', help: 'the source; - is stdin' }],
  options: { bits: BITS, out: { type: 'text', value: 'FILE', help: 'write the image there instead of to stdout' } },
  examples: [{ text: 'An image:', command: 'relu-computer asm hello.asq --out hello.dec' }],
  async run({ options: { bits, out }, positionals }) {
    const { image, symbols } = assemble(await readText(positionals[0]!), { bits });
    const text = formatImage(image, { bits });
    if (out !== undefined) await writeFile(out, text);
    return { data: { image, symbols: Object.fromEntries(symbols) }, text: out === undefined ? text : `${image.length} words` };
  },
});

const disasm = command({
  description: 'Writes an image as source that assembles to it again.',
  positionals: [PROGRAM],
  options: { bits: BITS },
  examples: [{ text: 'Source:', command: 'relu-computer disasm hello.dec' }],
  async run({ options: { bits }, positionals }) {
    const source = disassemble((await readProgram(positionals[0]!, bits)).image, { bits });
    return { data: { source }, text: source };
  },
});

const sizes = command({
  description: 'Depth and size of the networks.',
  options: { ...MACHINE, design: { type: 'text', choices: DESIGNS, help: 'this one alone, stage by stage; default all' } },
  examples: [
    { text: 'All designs:', command: 'relu-computer stats --words 1024' },
    { text: 'The stages of one:', command: 'relu-computer stats --words 1024 --design speculative' },
  ],
  run({ options }) {
    const spec = shapeOf(options, 1);
    if (options.design === undefined) {
      const data = DESIGNS.map((design) => {
        const computer = buildComputer({ ...spec, design });
        return { design, ...stats(computer), bound: computer.bound };
      });
      return { data, text: table(data) };
    }
    const { stages } = buildComputer({ ...spec, design: options.design });
    const data = stages.map(({ name, kind, rows, values, bound }) => ({ stage: name, kind, neurons: rows, weights: values.length, bound }));
    return { data, text: table(data) };
  },
});

function shapeOf(
  { words, bits, 'halt-at': haltAt }: { words: number | undefined; bits: number; 'halt-at': number | undefined },
  least: number,
) {
  const usual = Math.max(least, Math.min(2 ** (bits - 1), USUAL_WORDS));
  return { words: words ?? usual, bits, ...(haltAt === undefined ? {} : { haltAt }) };
}

async function readText(path: string): Promise<string> {
  return new TextDecoder().decode(await readBytes(path));
}

async function readProgram(path: string, bits: number): Promise<{ readonly image: Float64Array }> {
  const text = await readText(path);
  return path.endsWith('.asq') ? assemble(text, { bits }) : { image: parseImage(text, { bits }) };
}

function bytesOf(path: string): AsyncIterator<Uint8Array> {
  return (path === '-' ? process.stdin : createReadStream(path))[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
}

function table(rows: readonly Readonly<Record<string, string | number>>[]): string {
  const names = Object.keys(rows[0]!);
  const lines = [names, ...rows.map((row) => names.map((name) => String(row[name])))];
  const widths = names.map((_, c) => Math.max(...lines.map((line) => line[c]!.length)));
  return lines.map((line) => line.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))).join('  ')).join('\n');
}

await runCli({
  name: 'relu-computer',
  description: 'A computer whose one step is a ReLU network.',
  commands: { run, asm, disasm, stats: sizes },
});

import { writeFile } from 'node:fs/promises';
import { type Command, command } from '@x/cli';
import { assemble, disassemble, formatImage } from '../index.ts';
import { BITS, PROGRAM, readProgram, readText } from './program.ts';

export const asm: Command = command({
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

export const disasm: Command = command({
  description: 'Writes an image as source that assembles to it again.',
  positionals: [PROGRAM],
  options: { bits: BITS },
  examples: [{ text: 'Source:', command: 'relu-computer disasm hello.dec' }],
  async run({ options: { bits }, positionals }) {
    const source = disassemble((await readProgram(positionals[0]!, bits)).image, { bits });
    return { data: { source }, text: source };
  },
});

import { type Command, command } from '@x/cli';
import { buildComputer, DESIGNS, stats } from '../index.ts';
import { MACHINE, shapeOf } from './program.ts';

/** Enough to see how large designs are; all of them take a minute at 32768. */
const USUAL = 1024;

export const sizes: Command = command({
  description: 'Depth and size of the networks.',
  options: {
    ...MACHINE,
    words: { ...MACHINE.words, help: `cells of memory; default ${USUAL}, or as many as bits can address` },
    design: { type: 'text', choices: DESIGNS, help: 'this one alone, stage by stage; default all' },
  },
  examples: [
    { text: 'All designs:', command: 'relu-computer stats --words 1024' },
    { text: 'The stages of one:', command: 'relu-computer stats --words 1024 --design speculative' },
  ],
  run({ options }) {
    const spec = shapeOf({ ...options, words: options.words ?? Math.min(USUAL, 2 ** options.bits - 1) }, 1);
    if (options.design === undefined) {
      const data = DESIGNS.map((design) => {
        const computer = buildComputer({ ...spec, design });
        return { design, ...stats(computer), bound: computer.bound };
      });
      return { data, text: table(data) };
    }
    const { stages, parts } = buildComputer({ ...spec, design: options.design });
    // Of paper23: the part that a layer, a ReLU stage and the linear one after it, belongs to.
    const part = (k: number) => (parts === undefined ? {} : { part: parts[Math.floor(k / 2)]! });
    const data = stages.map(({ name, kind, rows, values, bound }, k) => ({
      stage: name,
      ...part(k),
      kind,
      neurons: rows,
      weights: values.length,
      bound,
    }));
    return { data, text: table(data) };
  },
});

function table(rows: readonly Readonly<Record<string, string | number>>[]): string {
  const names = Object.keys(rows[0]!);
  const lines = [names, ...rows.map((row) => names.map((name) => String(row[name])))];
  const widths = names.map((_, c) => Math.max(...lines.map((line) => line[c]!.length)));
  return lines.map((line) => line.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))).join('  ')).join('\n');
}

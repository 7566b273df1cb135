import { type Command, command } from '@x/cli';
import { describe } from './build.ts';
import { ORACLE, readOracle } from './oracle.ts';

export const info: Command = command({
  description: 'What an oracle promises and how large its errors are.',
  positionals: [ORACLE],
  options: { band: { type: 'flag', help: 'also the error that no answer exceeds, with probability 0.95 (simulated)' } },
  examples: [{ text: 'All of it:', command: 'dp-kde info oracle.bin --band' }],
  async run({ options, positionals }) {
    const oracle = await readOracle(positionals[0]);
    const { design, privacy, rows } = oracle;
    const centre = oracle.query(design.bounds.map(([lower, upper]) => (lower + upper) / 2));
    const band = options.band ? oracle.band(0.95) : undefined;
    const lines = [
      ...privacy.map((part) => `${part.mechanism}: ${describe(part)}`),
      oracle.private ? 'noise of the system' : 'NOT PRIVATE: the noise came from a seed',
      `neighbours: ${design.adjacency}, ${design.rowsPerUser} row(s) a person; columns: ${design.bounds.map(([a, b]) => `[${a}, ${b}]`).join(' ')}, ${design.cells} cells`,
      `rows: ${rows.value.toFixed(0)} +- ${rows.stddev.toPrecision(3)}`,
      `error of an answer in the middle: ${centre.stddev.toPrecision(4)}`,
      ...(band === undefined ? [] : [`no error above ${band.toPrecision(4)} with probability 0.95`]),
    ];
    return { data: { design, privacy, private: oracle.private, rows, stddev: centre.stddev, band }, text: lines.join('\n') };
  },
});

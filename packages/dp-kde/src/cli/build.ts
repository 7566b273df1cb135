import { createReadStream } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { type Command, command, UsageError } from '@x/cli';
import { type Bounds, csvRows, DistanceBuilder, MECHANISMS, PrivacyBudget } from '../index.ts';
import { BUDGET, budgetOf } from './oracle.ts';

export const build: Command = command({
  description: 'Reads a CSV file once, spends the budget, and writes an oracle that anybody may ask.',
  positionals: [{ name: 'DATA', help: 'CSV with names in its first line; - is stdin' }],
  options: {
    columns: {
      type: 'text',
      value: 'SPEC',
      help: 'name:lower:upper with commas between; bounds that are known without looking at the data',
    },
    ...BUDGET,
    out: { type: 'text', value: 'FILE', help: 'where the oracle goes' },
    mechanism: { type: 'text', choices: ['auto', ...MECHANISMS], default: 'auto', help: 'the mechanism' },
    alpha: { type: 'number', default: 0.1, min: 1e-3, max: 10, help: 'of tree-backurs' },
    adjacency: { type: 'text', choices: ['add-remove', 'replace'], default: 'add-remove', help: 'which data sets are neighbours' },
    'rows-per-user': { type: 'integer', default: 1, min: 1, help: 'the most rows of one person' },
    resolution: { type: 'integer', default: 4096, min: 2, help: 'cells of each column, a power of two' },
    separator: { type: 'text', default: ',', help: 'between fields' },
  },
  examples: [
    {
      text: 'Delays and distances of flights, for one epsilon:',
      command: 'dp-kde build flights.csv --columns delay:0:240,distance:0:3000 --epsilon 1 --out oracle.bin',
    },
  ],
  async run({ options, positionals, signal, progress }) {
    if (options.columns === undefined || options.out === undefined) throw new UsageError('--columns and --out are needed');
    const columns = options.columns.split(',').map(columnOf);
    const budget = new PrivacyBudget(budgetOf(options));
    const builder = new DistanceBuilder({
      bounds: columns.map(({ bounds }) => bounds),
      mechanism: options.mechanism,
      alpha: options.alpha,
      adjacency: options.adjacency,
      rowsPerUser: options['rows-per-user'],
      resolution: options.resolution,
    });
    const path = positionals[0] as string;
    const size = path === '-' ? undefined : (await stat(path)).size;
    const rows = csvRows(
      read(path, (bytes) => size && progress(bytes / size)),
      { columns: columns.map(({ name }) => name), separator: options.separator },
    );
    await builder.addStream(rows, { signal });
    const oracle = builder.release(budget);
    await writeFile(options.out, oracle.toBytes());
    const [privacy] = oracle.privacy;
    // Nothing here depends on the data but what was released.
    return { data: { out: options.out, ...privacy }, text: `${options.out}: ${privacy!.mechanism}, ${describe(privacy!)}` };
  },
});

async function* read(path: string, heard: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of path === '-' ? process.stdin : createReadStream(path)) {
    bytes += piece.length;
    heard(bytes);
    yield piece;
  }
}

function columnOf(spec: string): { name: string; bounds: Bounds } {
  const parts = spec.split(':');
  const bounds = parts.slice(-2).map((part) => (part.trim() === '' ? Number.NaN : Number(part))) as [number, number];
  if (parts.length < 3 || !bounds.every(Number.isFinite)) {
    throw new UsageError(
      `--columns: '${spec}' has no two numbers as bounds; write name:lower:upper. Bounds are never taken from the data: that would reveal its extreme rows`,
    );
  }
  return { name: parts.slice(0, -2).join(':'), bounds };
}

export function describe({ epsilon, rho, delta }: { epsilon?: number; rho?: number; delta?: number | undefined }): string {
  if (epsilon !== undefined) return `${epsilon}-differentially private`;
  return `${rho}-zCDP${delta === undefined ? '' : `, within a budget with delta ${delta}`}`;
}

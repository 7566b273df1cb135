#!/usr/bin/env node
import { type FileHandle, open } from 'node:fs/promises';
import { command, type Positional, readBytes, runCli, SEED } from '@x/cli';
import { BadFileError } from '@x/linalg/errors';
import { highs } from './highs.ts';
import {
  box,
  checkConvergence,
  type Polytope,
  type Prepared,
  prepare,
  type Run,
  readBiggJson,
  readMps,
  type SummaryRow,
  sample,
  summarize,
} from './index.ts';

const FILE: Positional = { name: 'FILE', help: 'a linear program in MPS format or a BiGG model in JSON, gzipped or not; - is stdin' };

const BOX = {
  type: 'number',
  min: Number.MIN_VALUE,
  value: 'LIMIT',
  help: 'also keep every variable within [-LIMIT, LIMIT], for bodies that are unbounded',
} as const;

const sampling = command({
  description: 'Draws uniformly from the feasible set of a linear program or from a flux polytope, and says whether the chains converged.',
  positionals: [FILE],
  options: {
    walk: { type: 'text', choices: ['cdhr', 'dikin'], default: 'cdhr', help: 'coordinate hit-and-run, or the Dikin walk' },
    draws: { type: 'integer', default: 1000, min: 1, help: 'draws kept of each chain' },
    chains: { type: 'integer', default: 4, min: 1, max: 1024, help: 'number of chains' },
    seed: SEED,
    box: BOX,
    out: { type: 'text', value: 'FILE', help: 'write the draws as CSV' },
  },
  examples: [
    { text: 'A Netlib problem:', command: 'dikin-sampler sample afiro.mps.gz' },
    { text: 'One whose feasible set is unbounded:', command: 'dikin-sampler sample adlittle.mps.gz --box 1e4' },
    { text: 'Fluxes of a metabolic model, kept:', command: 'dikin-sampler sample e_coli_core.json --draws 2000 --out fluxes.csv' },
  ],
  async run({ options, positionals, signal, progress, note }) {
    const prepared = await prepare(await readBody(positionals[0]!, options.box), { solver: await highs(), signal });
    for (const name of prepared.body.relaxed) note(`${name} is integer in the file and sampled as a real number`);
    const { walk, draws, chains, seed } = options;
    // Opened before the work: a path that cannot be written to should not cost a night's draws.
    const file = options.out === undefined ? undefined : await open(options.out, 'w');
    const run = await sample(prepared, { walk, draws, chains, seed, signal, onProgress: (fraction) => progress(fraction) })
      .catch(keepFinished)
      .then(async (finished) => {
        if (file !== undefined) await writeCsv(file, finished);
        return finished;
      })
      .finally(() => file?.close());
    const summary = summarize(run);
    const verdict = checkConvergence(summary);
    return {
      data: { ...shapeOf(prepared), walk, draws: run.draws, chains, seed, tuning: run.tuning, violation: run.violation, verdict, summary },
      text: [describePrepared(prepared), describeRun(run), table(summary), describeVerdict(verdict)].join('\n'),
      ok: verdict.converged,
    };
  },
});

const preparing = command({
  description: 'Reads a body, reduces it to full dimension and prints what was found: fixed variables, implied equations, redundant rows.',
  positionals: [FILE],
  options: { box: BOX },
  examples: [{ text: 'The dimension of a flux polytope:', command: 'dikin-sampler prepare e_coli_core.json' }],
  async run({ options, positionals, signal }) {
    const prepared = await prepare(await readBody(positionals[0]!, options.box), { solver: await highs(), signal });
    const { report, ball } = prepared;
    const lists = Object.entries({
      'fixed variables': report.fixedVariables,
      'implied equations': report.impliedEquations,
      'empty rows': report.emptyRows,
      'parallel rows': report.duplicateRows,
      'redundant inequalities': report.redundant,
    });
    const lines = lists.map(([name, items]) => `${name}: ${items.length}${items.length > 0 ? ` (${shorten(items)})` : ''}`);
    return {
      data: { ...shapeOf(prepared), radius: ball.radius, report },
      text: [describePrepared(prepared), ...lines].join('\n'),
    };
  },
});

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** JSON starts with a brace; MPS never does. Netlib's files are older than UTF-8, and every byte is a Latin-1 character. */
async function readBody(path: string, limit: number | undefined): Promise<Polytope> {
  const bytes = await readBytes(path);
  // Some editors put a byte-order mark first.
  const content = BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte) ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes;
  const start = content.find((byte) => byte > 32);
  if (start === undefined) throw new BadFileError(`${path} is empty`);
  const body = start === 0x7b ? readBiggJson(new TextDecoder().decode(content)) : readMps(new TextDecoder('latin1').decode(content));
  return limit === undefined ? body : box(body, limit);
}

/** An interrupted run is reported as far as it came. */
function keepFinished(error: unknown): Run {
  const partial = error instanceof Error && error.name === 'AbortError' ? (error as Error & { partial?: Run }).partial : undefined;
  if (partial === undefined || partial.draws < 4) throw error;
  return partial;
}

function shapeOf({ body, dimension, A }: Prepared) {
  return { variables: body.variables, rows: body.rows.rows, dimension, inequalities: A.rows };
}

function describePrepared({ body, dimension, A, ball }: Prepared): string {
  const radius = ball.radius.toPrecision(3);
  return `${body.variables} variables, ${body.rows.rows} rows; dimension ${dimension}, ${A.rows} inequalities, largest ball of radius ${radius}`;
}

function describeRun({ walk, chains, draws, tuning, acceptance }: Run): string {
  const rate = acceptance.reduce((sum, value) => sum + value, 0) / chains;
  const radius = tuning.radius === undefined ? '' : `, r = ${tuning.radius.toFixed(2)}, acceptance ${rate.toFixed(2)}`;
  return `${walk}: ${chains} chains of ${draws} draws, burn-in ${tuning.burnIn} steps, one draw in ${tuning.thin} steps${radius}`;
}

function describeVerdict({ converged, reasons, rhat, essBulk, essTail }: ReturnType<typeof checkConvergence>): string {
  if (!converged) return `not converged: ${reasons.join('; ')}`;
  return `converged: R-hat <= ${rhat.toFixed(4)}, bulk ESS >= ${Math.floor(essBulk)}, tail ESS >= ${Math.floor(essTail)}`;
}

const COLUMNS = ['mean', 'sd', 'q5', 'median', 'q95', 'rhat', 'essBulk', 'essTail', 'mcse'] as const;

/** Names are long and numbers short, so the name comes last. */
function table(summary: readonly SummaryRow[]): string {
  const cells = [[...COLUMNS, 'name'], ...summary.map((row) => [...COLUMNS.map((key) => shown(key, row[key])), row.name])];
  return cells.map((line) => line.map((cell, k) => (k < COLUMNS.length ? cell.padStart(10) : ` ${cell}`)).join('')).join('\n');
}

function shown(key: (typeof COLUMNS)[number], value: number): string {
  if (key === 'rhat') return value.toFixed(4);
  return key.startsWith('ess') ? String(Math.round(value)) : value.toPrecision(4);
}

function shorten(items: readonly string[]): string {
  return items.length <= 8 ? items.join(', ') : `${items.slice(0, 8).join(', ')}, ...`;
}

/** chain, draw, and one column a variable; numbers in their shortest exact form. Written by parts: the whole may not fit a string. */
async function writeCsv(file: FileHandle, { samples, chains, draws, names }: Run): Promise<void> {
  let part = `${['chain', 'draw', ...names].map(quoted).join(',')}\n`;
  for (let c = 0; c < chains; c++) {
    for (let t = 0; t < draws; t++) {
      const at = (c * draws + t) * names.length;
      part += `${[c, t, ...samples.subarray(at, at + names.length)].join(',')}\n`;
      if (part.length < CSV_PART) continue;
      await file.appendFile(part);
      part = '';
    }
  }
  await file.appendFile(part);
}

const CSV_PART = 1 << 20;

function quoted(field: string): string {
  return /[",\n\r]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

await runCli({
  name: 'dikin-sampler',
  description: 'Random points of a polytope, with a verdict on whether the chains converged.',
  commands: { sample: sampling, prepare: preparing },
});

import { BadFileError, copy, type Dense, dense, philox, type Rng } from '@x/linalg';
import papaparse from 'papaparse';
import { checkRange, checkWhole } from './check.ts';
import { norm } from './product.ts';
import type { Task, TaskSampler } from './tasks/task.ts';

/** Rows of numbers with named columns. */
export interface Table {
  readonly columns: readonly string[];
  /** rows x columns. */
  readonly values: Dense;
  /** Columns left out because an entry of theirs is not a number. */
  readonly dropped: readonly string[];
  /** Rows left out because an entry is missing. */
  readonly incomplete: number;
}

/** What counts as a missing entry. */
const MISSING = /^(|na|nan|null|none|\?)$/i;

/**
 * The numbers of a CSV file whose first line names the columns; the separator is guessed. A column with text in it is left out, and then a
 * row with a missing entry ('', NA, NaN, null, none, ?).
 *
 * @throws BadFileError, with the line, when a row has another number of fields, quotes are not closed, or names are repeated; when no row
 *   of numbers is left.
 */
export function readTable(csv: string): Table {
  const content = csv.replace(/^\uFEFF/, '');
  // The separator is guessed without empty lines, which count when rows are to be found again.
  const { delimiter } = papaparse.parse<string[]>(content, { skipEmptyLines: 'greedy', preview: 20 }).meta;
  const { data, errors } = papaparse.parse<string[]>(content, { delimiter });
  const lines = firstLines(data);
  const broken = errors.find(({ type }) => type === 'Quotes');
  if (broken !== undefined) throw new BadFileError(`readTable: ${broken.message}`, lines[broken.row ?? 0] ?? 1);
  const filled = data.map((row, i) => ({ row, line: lines[i]! })).filter(({ row }) => row.some((cell) => cell.trim() !== ''));
  const [header = [], ...rows] = filled.map(({ row }) => row);
  const names = header.map((name) => name.trim());
  const repeated = names.find((name, j) => names.indexOf(name) !== j);
  if (repeated !== undefined) throw new BadFileError(`readTable: column '${repeated}' is named twice`, 1);
  const short = rows.findIndex((row) => row.length !== names.length);
  if (short >= 0)
    throw new BadFileError(
      `readTable: row ${short + 1} has ${rows[short]!.length} fields; the header has ${names.length}`,
      filled[short + 1]!.line,
    );
  const cells = rows.map((row) => row.map((cell) => (MISSING.test(cell.trim()) ? undefined : Number(cell))));
  return tableOf(names, cells);
}

/** The line on which each row begins: quoted fields may hold line breaks. */
function firstLines(rows: readonly (readonly string[])[]): number[] {
  let line = 1;
  return rows.map((row) => {
    const first = line;
    line += 1 + row.reduce((breaks, cell) => breaks + (cell.match(/\r\n|\r|\n/g)?.length ?? 0), 0);
    return first;
  });
}

/** A table from rows of numbers, in which anything that is not a finite number is missing or, as NaN, text. @throws BadFileError. */
export function tableOf(names: readonly string[], cells: readonly (readonly (number | undefined)[])[]): Table {
  const numeric = names.map(
    (_, j) => cells.every((row) => row[j] === undefined || Number.isFinite(row[j])) && cells.some((row) => row[j] !== undefined),
  );
  const kept = cells.map((row) => row.filter((_, j) => numeric[j])).filter((row) => row.every((cell) => cell !== undefined));
  const columns = names.filter((_, j) => numeric[j]);
  if (kept.length === 0 || columns.length === 0)
    throw new BadFileError('readTable: no complete row of numbers; a table needs a header and numbers');
  return {
    columns,
    values: dense(kept.length, columns.length, Float64Array.from(kept.flat() as number[])),
    dropped: names.filter((_, j) => !numeric[j]),
    incomplete: cells.length - kept.length,
  };
}

/** A table cut into a context and queries; inputs and target are centred and scaled by the context's means and deviations. */
export interface TableTask extends Task {
  /** Names of the inputs that are left: one that is constant in the context is not. */
  readonly inputs: readonly string[];
  /** What a standardised target is multiplied by to be in its own unit again. */
  readonly scale: number;
}

/**
 * Cuts a table at random.
 *
 * @param target - name of the column to predict. @param share - of the rows that become queries, in (0, 1); at least one does, and not all.
 * @throws BadFileError when there is no such column, no other, or fewer than two rows; ArgumentError.
 */
export function splitTable(table: Table, target: string, share: number = 0.25, rng: Rng = philox(0)): TableTask {
  checkRange('splitTable', 'share', share, Number.MIN_VALUE, 1 - Number.EPSILON);
  const { rows } = table.values;
  if (rows < 2) throw new BadFileError(`splitTable: the table has ${rows} row; it needs 2`);
  return cut(table, target, rows - Math.min(rows - 1, Math.max(1, Math.round(share * rows))), rng);
}

/**
 * A family of tasks from one table: each is `n` random rows as a context, and the others as queries.
 *
 * @throws BadFileError when there is no such column or no other; ArgumentError when the table has no more than n rows.
 */
export function tableTasks(table: Table, target: string, n: number): TaskSampler {
  checkWhole('tableTasks', 'n', n, 1, table.values.rows - 1);
  targetOf(table, target);
  return { d: table.columns.length - 1, n, draw: (rng) => cut(table, target, n, rng, true) };
}

function targetOf({ columns, dropped }: Table, target: string): number {
  const at = columns.indexOf(target);
  if (at >= 0 && columns.length > 1) return at;
  const why = dropped.includes(target) ? 'holds text' : at >= 0 ? 'is the only one' : 'is not there';
  throw new BadFileError(`splitTable: column '${target}' ${why}; columns of numbers are ${columns.join(', ')}`);
}

function cut(table: Table, target: string, n: number, rng: Rng, keepConstant = false): TableTask {
  const at = targetOf(table, target);
  const { rows, cols, data } = copy(table.values);
  // Fisher and Yates.
  const order = Array.from({ length: rows }, (_, i) => i);
  for (let i = rows - 1; i > 0; i--) {
    const j = rng.integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const scaled = table.columns.map((_, j) => {
    const column = order.map((i) => data[i * cols + j]!);
    const mean = column.slice(0, n).reduce((sum, value) => sum + value, 0) / n;
    const deviation = norm(column.slice(0, n).map((value) => value - mean)) / Math.sqrt(n);
    // A mean of equal numbers may round.
    const varies = deviation > n * Number.EPSILON * Math.abs(mean);
    if (varies) return { varies, deviation, values: column.map((value) => (value - mean) / deviation) };
    // Of an input that never changes nothing can be learned, whatever a query has; a target of queries may differ all the same.
    return { varies, deviation: 1, values: column.map((value) => (j === at ? value - column[0]! : 0)) };
  });
  const inputs = table.columns.flatMap((_, j) => (j !== at && (keepConstant || scaled[j]!.varies) ? [j] : []));
  if (inputs.length === 0) throw new BadFileError(`splitTable: every column but '${target}' is constant in the context`);
  const part = (from: number, to: number) =>
    dense(
      to - from,
      inputs.length,
      Float64Array.from(
        { length: (to - from) * inputs.length },
        (_, p) => scaled[inputs[p % inputs.length]!]!.values[from + Math.floor(p / inputs.length)]!,
      ),
    );
  const labels = scaled[at]!;
  return {
    x: part(0, n),
    y: Float64Array.from(labels.values.slice(0, n)),
    queries: part(n, rows),
    targets: Float64Array.from(labels.values.slice(n)),
    inputs: inputs.map((j) => table.columns[j]!),
    scale: labels.deviation,
  };
}

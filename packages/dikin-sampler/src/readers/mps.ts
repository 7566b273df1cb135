import { BadFileError } from '@x/linalg/errors';
import type { Polytope } from '../polytope.ts';
import { packRows } from '../sparse.ts';
import { type MpsForm, type MpsLine, mpsLines } from './mps-lines.ts';
import { MpsModel } from './mps-model.ts';
import { parseBound, parseDecimal } from './number.ts';

export interface MpsOptions {
  /** `auto` reads free form, and fixed form when that fails (names with spaces). Default `auto`. */
  readonly form?: MpsForm | 'auto';
  /** Longest text accepted, in characters. Default 256 Mi. */
  readonly maxLength?: number;
}

/**
 * Reads a linear program in MPS format, fixed or free form, as the polytope of its feasible points.
 *
 * Sections NAME, OBJSENSE, ROWS, COLUMNS, RHS, RANGES, BOUNDS, ENDATA. The first N row is the objective, further ones are dropped;
 * of several right-hand-side, range or bound sets the first counts. A negative upper bound on a variable whose lower bound the file
 * does not give makes that lower bound -infinity. Integer variables are read as real, and listed in `relaxed`; between 0 and 1 where
 * BOUNDS does not name them.
 *
 * @param text - the file's content, already decompressed.
 * @throws BadFileError with the line, on anything the format does not allow.
 * Source: IBM CPLEX file format reference, "MPS file format: industry standard"; the netlib/lp readme.
 */
export function readMps(text: string, options: MpsOptions = {}): Polytope {
  const { form = 'auto', maxLength = 2 ** 28 } = options;
  if (text.length > maxLength) throw new BadFileError(`readMps: the text has ${text.length} characters; at most ${maxLength} are read`);
  if (form !== 'auto') return read(text, form);
  try {
    return read(text, 'free');
  } catch (error) {
    if (!(error instanceof BadFileError)) throw error;
    try {
      return read(text, 'fixed');
    } catch (other) {
      // The form that came further is the one that the file was meant in.
      throw other instanceof BadFileError && (other.line ?? END) > (error.line ?? END) ? other : error;
    }
  }
}

/** Where the reader was when it missed something in the file as a whole. */
const END = Number.POSITIVE_INFINITY;

function read(text: string, form: MpsForm): Polytope {
  const model = new MpsModel();
  let section: Section | undefined;
  for (const line of mpsLines(text, form)) {
    if (!line.header) {
      if (section === undefined) throw new BadFileError(`readMps: line ${line.number} stands before any section`, line.number);
      section(model, line);
      continue;
    }
    const name = line.fields[0]!.toUpperCase();
    if (name === 'ENDATA') return finish(model);
    const next = SECTIONS.get(name);
    if (next === undefined) {
      throw new BadFileError(
        `readMps: line ${line.number} opens section ${quote(name)}; ${[...SECTIONS.keys()].join(', ')} are known`,
        line.number,
      );
    }
    section = next;
    if (name === 'OBJSENSE' && line.fields.length > 1) setSense(model, { ...line, fields: line.fields.slice(1) });
  }
  throw new BadFileError('readMps: the text ends without ENDATA; it may be cut off');
}

type Section = (model: MpsModel, line: MpsLine) => void;

const SECTIONS: ReadonlyMap<string, Section> = new Map<string, Section>([
  ['NAME', (_, line) => refuse(line, 'NAME takes no further lines')],
  ['OBJSENSE', setSense],
  ['ROWS', addRow],
  ['COLUMNS', addColumn],
  ['RHS', (model, line) => eachPair(line, (row, value) => model.setRightHandSide(setOf(line), row, value, line.number))],
  ['RANGES', (model, line) => eachPair(line, (row, value) => model.setRange(setOf(line), row, value, line.number))],
  ['BOUNDS', addBound],
]);

function setSense(model: MpsModel, line: MpsLine): void {
  const word = line.fields[0]!.toUpperCase();
  if (word === 'MAX' || word === 'MAXIMIZE') model.sense = 'max';
  else if (word === 'MIN' || word === 'MINIMIZE') model.sense = 'min';
  else refuse(line, `the sense is ${quote(word)}; MIN and MAX are known`);
}

function addRow(model: MpsModel, line: MpsLine): void {
  const [type, name] = line.fields;
  if (line.fields.length !== 2) refuse(line, 'a row is a type and a name');
  if (type !== 'N' && type !== 'E' && type !== 'L' && type !== 'G')
    refuse(line, `the row type is ${quote(type!)}; N, E, L and G are known`);
  else model.addRow(type, name!, line.number);
}

function addColumn(model: MpsModel, line: MpsLine): void {
  const marker = line.fields.find((field) => field === "'INTORG'" || field === "'INTEND'");
  if (marker !== undefined && line.fields.includes("'MARKER'")) {
    model.integer = marker === "'INTORG'";
    return;
  }
  if (line.fields.length % 2 === 0) refuse(line, 'a column line is a column and one or two pairs of a row and a number');
  model.openColumn(line.fields[0]!, line.number);
  eachPair(line, (row, value) => model.addEntry(row, value, line.number));
}

function addBound(model: MpsModel, line: MpsLine): void {
  const [type = '', ...rest] = line.fields;
  const valued = !VALUELESS.has(type);
  if (valued && !VALUED.has(type)) {
    refuse(line, `the bound type is ${quote(type)}; ${[...VALUED, ...VALUELESS].join(', ')} are known`);
  }
  // With a value: [set] column value. Without: [set] column, and some writers put a number there all the same.
  const position = valued ? rest.length - 2 : rest.length === 1 || (rest.length === 2 && !model.hasColumn(rest[1]!)) ? 0 : 1;
  const column = rest[position];
  if (column === undefined || rest.length > 3) refuse(line, 'a bound is a type, a set, a column and, but for FR, MI, PL and BV, a number');
  const value = valued ? number(line, rest[rest.length - 1]!, parseBound) : 0;
  model.setBound(position === 1 ? rest[0]! : '', type, column!, value, line.number);
}

const VALUED: ReadonlySet<string> = new Set(['LO', 'UP', 'FX', 'LI', 'UI']);
const VALUELESS: ReadonlySet<string> = new Set(['FR', 'MI', 'PL', 'BV']);

/** The set's name, which may be left out: then the line has an even number of fields. */
function setOf(line: MpsLine): string {
  return line.fields.length % 2 === 0 ? '' : line.fields[0]!;
}

function eachPair(line: MpsLine, take: (row: string, value: number) => void): void {
  const { fields } = line;
  if (fields.length < 2 || fields.length > 5)
    refuse(line, `there are ${fields.length} fields; one or two pairs of a row and a number are needed`);
  for (let i = fields.length % 2; i < fields.length; i += 2) take(fields[i]!, number(line, fields[i + 1]!, parseDecimal));
}

function number(line: MpsLine, field: string, parse: (field: string) => number | undefined): number {
  const value = parse(field);
  if (value === undefined || Number.isNaN(value)) refuse(line, `${quote(field)} is not a number`);
  if (parse === parseDecimal && !Number.isFinite(value)) refuse(line, `${quote(field)} does not fit a double`);
  return value!;
}

function refuse(line: MpsLine, why: string): never {
  throw new BadFileError(`readMps: line ${line.number}: ${why}`, line.number);
}

function quote(text: string): string {
  return `"${text.length > 40 ? `${text.slice(0, 40)}...` : text}"`;
}

function finish(model: MpsModel): Polytope {
  const { rows, columns } = model;
  if (columns.length === 0) throw new BadFileError('readMps: the file has no columns');
  const bounds = rows.map((row) => row.interval());
  const coefficients = Float64Array.from(columns, (column) => column.cost);
  return {
    variables: columns.length,
    rows: packRows(columns.length, rows),
    rowLower: Float64Array.from(bounds, ([lower]) => lower),
    rowUpper: Float64Array.from(bounds, ([, upper]) => upper),
    lower: Float64Array.from(columns, (column) => column.lower ?? 0),
    upper: Float64Array.from(columns, (column) => (column.integer && !column.bounded ? 1 : column.upper)),
    names: columns.map((column) => column.name),
    rowNames: rows.map((row) => row.name),
    ...(model.objective === undefined
      ? {}
      : // The objective is c^T x - rhs.
        { objective: { coefficients, offset: 0 - (model.objectiveRightHandSide ?? 0), sense: model.sense, name: model.objective } }),
    relaxed: columns.filter((column) => column.integer).map((column) => column.name),
  };
}

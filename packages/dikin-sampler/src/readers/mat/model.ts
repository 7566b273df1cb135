import { BadFileError } from '@x/linalg/errors';
import type { Objective, Polytope } from '../../polytope.ts';
import { packRows } from '../../sparse.ts';
import { type MatOptions, type MatValue, readMatFile } from './file.ts';

/** Fields of a model, by name. */
type Fields = ReadonlyMap<string, MatValue>;

interface Columns {
  readonly columns: number[];
  readonly entries: number[];
}

/**
 * Reads a polytope from a MATLAB level 5 file, compressed or not: a metabolic model as the COBRA toolbox and cobrapy save it (a struct
 * with S, lb, ub, and b, c, csense, rxns, mets, C, d, dsense where it has them), or variables or a struct of {Aeq, beq, Aineq, bineq, lb, ub}.
 *
 * @param content - the file's bytes.
 * @throws BadFileError naming the field and what is wrong with it.
 */
export async function readMat(content: Uint8Array, options: MatOptions = {}): Promise<Polytope> {
  const fields = modelOf(await readMatFile(content, options));
  const cobra = fields.has('S');
  const equations = cobra ? matrix(fields, 'S') : optionalMatrix(fields, 'Aeq');
  const inequalities = optionalMatrix(fields, cobra ? 'C' : fields.has('Aineq') ? 'Aineq' : 'A');
  const n = (equations ?? inequalities)?.cols ?? vector(fields, 'lb').length;
  if (n === 0) throw new BadFileError('readMat: the model has no variables');
  const rows: Columns[] = [];
  const [low, high]: [number[], number[]] = [[], []];
  const rowNames: string[] = [];
  /** Adds rows with right-hand sides and senses E, L or G. */
  const add = (what: string, A: ReturnType<typeof matrix>, b: Float64Array, senses: string, names: readonly string[] | undefined) => {
    if (A.cols !== n) throw new BadFileError(`readMat: ${what} has ${A.cols} columns; the model has ${n} variables`);
    if (b.length !== A.rows.length)
      throw new BadFileError(`readMat: the right-hand side of ${what} has ${b.length} entries for ${A.rows.length} rows`);
    A.rows.forEach((row, i) => {
      const sense = senses[i] ?? senses[0]!;
      if (!'ELG'.includes(sense)) throw new BadFileError(`readMat: the sense of row ${i + 1} of ${what} is ${sense}; it must be E, L or G`);
      rows.push(row);
      low.push(sense === 'L' ? Number.NEGATIVE_INFINITY : b[i]!);
      high.push(sense === 'G' ? Number.POSITIVE_INFINITY : b[i]!);
      rowNames.push(names?.[i] ?? `${what}[${i}]`);
    });
  };
  if (equations !== undefined) {
    const b = optionalVector(fields, cobra ? 'b' : 'beq') ?? new Float64Array(equations.rows.length);
    add(
      cobra ? 'S' : 'Aeq',
      equations,
      b,
      (cobra && senseOf(fields, 'csense')) || 'E',
      cobra ? strings(fields, 'mets', equations.rows.length) : undefined,
    );
  }
  if (inequalities !== undefined) {
    const [name, b] = cobra ? ['C', 'd'] : fields.has('Aineq') ? ['Aineq', 'bineq'] : ['A', 'b'];
    add(name, inequalities, vector(fields, b), (cobra && senseOf(fields, 'dsense')) || 'L', undefined);
  }
  const lower = optionalVector(fields, 'lb') ?? new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
  const upper = optionalVector(fields, 'ub') ?? new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  for (const [name, bound, impossible] of [
    ['lb', lower, Number.POSITIVE_INFINITY],
    ['ub', upper, Number.NEGATIVE_INFINITY],
  ] as const) {
    if (bound.length !== n) throw new BadFileError(`readMat: ${name} has ${bound.length} entries; the model has ${n} variables`);
    const bad = bound.findIndex((value) => Number.isNaN(value) || value === impossible);
    if (bad >= 0) throw new BadFileError(`readMat: ${name}[${bad + 1}] is ${bound[bad]}, which no number satisfies`);
  }
  return {
    variables: n,
    rows: packRows(n, rows),
    rowLower: Float64Array.from(low),
    rowUpper: Float64Array.from(high),
    lower,
    upper,
    names: strings(fields, 'rxns', n) ?? Array.from({ length: n }, (_, j) => `x${j}`),
    rowNames,
    ...objective(fields, n),
    relaxed: [],
  };
}

/** The variables themselves where they are a model, else the one struct among them that is. */
function modelOf(variables: Map<string, MatValue>): Fields {
  const isModel = (fields: Fields) => fields.has('S') || fields.has('Aeq') || fields.has('Aineq') || (fields.has('lb') && fields.has('ub'));
  if (isModel(variables)) return variables;
  const models = [...variables].flatMap(([name, value]) =>
    value.kind === 'struct' && value.items.length === 1 && isModel(value.items[0]!) ? [{ name, fields: value.items[0]! }] : [],
  );
  if (models.length === 1) return models[0]!.fields;
  const names = models.length > 1 ? models.map(({ name }) => name) : [...variables.keys()];
  throw new BadFileError(
    `readMat: ${models.length > 1 ? `several models (${names.slice(0, 10).join(', ')})` : `no model among the variables (${names.slice(0, 10).join(', ')})`}; exactly one with S, lb, ub or Aeq, beq, lb, ub is read`,
  );
}

/** Rows, or columns, of a matrix: beyond what can be prepared by far. */
const MOST = 10_000_000;

/** Rows of a full or sparse matrix. */
function matrix(fields: Fields, name: string): { readonly cols: number; readonly rows: Columns[] } {
  const value = fields.get(name);
  // A sparse matrix of a few bytes may announce any number of rows, and an empty full one too.
  const rows = (count: number, cols: number): Columns[] => {
    if (count > MOST || cols > MOST)
      throw new BadFileError(`readMat: ${name} is ${count} x ${cols}; at most ${MOST} rows and columns are read`);
    return Array.from({ length: count }, () => ({ columns: [], entries: [] }));
  };
  const put = (row: Columns, i: number, j: number, entry: number) => {
    if (entry === 0) return;
    if (!Number.isFinite(entry)) throw new BadFileError(`readMat: ${name}(${i + 1}, ${j + 1}) is ${entry}`);
    row.columns.push(j);
    row.entries.push(entry);
  };
  if (value?.kind === 'sparse') {
    const found = rows(value.rows, value.cols);
    for (let j = 0; j < value.cols; j++) {
      for (let p = value.indptr[j]!; p < value.indptr[j + 1]!; p++) put(found[value.indices[p]!]!, value.indices[p]!, j, value.data[p]!);
    }
    return { cols: value.cols, rows: found };
  }
  if (value?.kind === 'numbers' && value.dims.length === 2) {
    const [m, n] = value.dims as [number, number];
    const found = rows(m, n);
    for (let j = 0; j < n; j++) for (let i = 0; i < m; i++) put(found[i]!, i, j, value.data[j * m + i]!);
    return { cols: n, rows: found };
  }
  throw new BadFileError(`readMat: ${name} is ${kindOf(value)}; a matrix is needed`);
}

/** Undefined where the field is missing or empty. */
function optionalMatrix(fields: Fields, name: string): ReturnType<typeof matrix> | undefined {
  const value = fields.get(name);
  if (value === undefined || (value.kind === 'numbers' && value.data.length === 0)) return undefined;
  return matrix(fields, name);
}

function vector(fields: Fields, name: string): Float64Array {
  const value = fields.get(name);
  if (value?.kind === 'numbers') return value.data;
  if (value?.kind === 'sparse' && (value.cols === 1 || value.rows === 1)) {
    if (value.rows * value.cols > MOST)
      throw new BadFileError(`readMat: ${name} has ${value.rows * value.cols} entries; at most ${MOST} are read`);
    const full = new Float64Array(value.rows * value.cols);
    for (let j = 0; j < value.cols; j++)
      for (let p = value.indptr[j]!; p < value.indptr[j + 1]!; p++) full[j * value.rows + value.indices[p]!] = value.data[p]!;
    return full;
  }
  throw new BadFileError(`readMat: ${name} is ${kindOf(value)}; a vector is needed`);
}

function optionalVector(fields: Fields, name: string): Float64Array | undefined {
  return fields.has(name) ? vector(fields, name) : undefined;
}

/** A cell array of strings, each once, or undefined where there is none. */
function strings(fields: Fields, name: string, count: number): readonly string[] | undefined {
  const value = fields.get(name);
  if (value?.kind !== 'cells') return undefined;
  const found = value.items.map((item) => (item.kind === 'text' ? item.rows[0]! : ''));
  if (found.length !== count) throw new BadFileError(`readMat: ${name} has ${found.length} entries; ${count} are needed`);
  const seen = new Set<string>();
  const twice = found.find((item) => seen.size === seen.add(item).size);
  if (twice !== undefined) throw new BadFileError(`readMat: ${name}: the name ${twice} comes twice`);
  return found;
}

/** One letter a row, in a column or a row of characters. */
function senseOf(fields: Fields, name: string): string | undefined {
  const value = fields.get(name);
  return value?.kind === 'text' ? value.rows.join('') || undefined : undefined;
}

function objective(fields: Fields, n: number): { readonly objective?: Objective } {
  const coefficients = fields.get('c')?.kind === 'numbers' ? vector(fields, 'c') : undefined;
  if (
    coefficients === undefined ||
    coefficients.length !== n ||
    !coefficients.every(Number.isFinite) ||
    coefficients.every((c) => c === 0)
  ) {
    return {};
  }
  const sense = senseOf(fields, 'osenseStr')?.toLowerCase() === 'min' ? 'min' : 'max';
  return { objective: { coefficients, offset: 0, sense, name: 'objective' } };
}

function kindOf(value: MatValue | undefined): string {
  if (value === undefined) return 'missing';
  return value.kind === 'other' ? value.what : value.kind;
}

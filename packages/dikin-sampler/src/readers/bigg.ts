import { BadFileError } from '@x/linalg/errors';
import type { Polytope } from '../polytope.ts';
import { packRows } from '../sparse.ts';

export interface BiggOptions {
  /** Longest text accepted, in characters. Default 256 Mi. */
  readonly maxLength?: number;
}

/**
 * Reads a metabolic model in the JSON format of BiGG Models and cobrapy as its flux polytope {v : S v = 0, lower <= v <= upper}:
 * one variable a reaction, one equation a metabolite.
 *
 * @param text - the file's content.
 * @throws BadFileError naming what is wrong, with the line where the text is not JSON and the engine tells the place.
 */
export function readBiggJson(text: string, options: BiggOptions = {}): Polytope {
  const { maxLength = 2 ** 28 } = options;
  if (text.length > maxLength)
    throw new BadFileError(`readBiggJson: the text has ${text.length} characters; at most ${maxLength} are read`);
  const model = record('the document', parse(text));
  const metabolites = index('metabolites', list('metabolites', model.get('metabolites')));
  const reactionList = list('reactions', model.get('reactions'));
  const reactions = index('reactions', reactionList);
  if (reactions.size === 0) throw new BadFileError('readBiggJson: the model has no reactions');

  const n = reactions.size;
  const names = [...reactions.keys()];
  const rows = Array.from(metabolites.keys(), () => ({ columns: [] as number[], entries: [] as number[] }));
  const lower = new Float64Array(n);
  const upper = new Float64Array(n);
  const coefficients = new Float64Array(n);
  reactionList.forEach((item, j) => {
    const reaction = record(`reaction ${names[j]}`, item);
    const field = (key: string) => bound(`${key} of reaction ${names[j]}`, reaction.get(key));
    lower[j] = field('lower_bound');
    upper[j] = field('upper_bound');
    if (lower[j] === Number.POSITIVE_INFINITY || upper[j] === Number.NEGATIVE_INFINITY) {
      throw new BadFileError(`readBiggJson: no flux satisfies the bounds [${lower[j]}, ${upper[j]}] of reaction ${names[j]}`);
    }
    if (reaction.has('objective_coefficient')) {
      coefficients[j] = finite(`objective_coefficient of reaction ${names[j]}`, reaction.get('objective_coefficient'));
    }
    for (const [id, coefficient] of record(`metabolites of reaction ${names[j]}`, reaction.get('metabolites'))) {
      const i = metabolites.get(id);
      if (i === undefined) throw new BadFileError(`readBiggJson: reaction ${names[j]} uses metabolite ${id}, which is not listed`);
      rows[i]!.columns.push(j);
      rows[i]!.entries.push(finite(`the coefficient of ${id} in reaction ${names[j]}`, coefficient));
    }
  });
  return {
    variables: n,
    rows: packRows(n, rows),
    rowLower: new Float64Array(rows.length),
    rowUpper: new Float64Array(rows.length),
    lower,
    upper,
    names,
    rowNames: [...metabolites.keys()],
    ...(coefficients.some((c) => c !== 0) ? { objective: { coefficients, offset: 0, sense: 'max' as const, name: 'objective' } } : {}),
    relaxed: [],
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = Number(/position (\d{1,12})/.exec(error instanceof Error ? error.message : '')?.[1] ?? Number.NaN);
    const line = Number.isNaN(position) ? undefined : text.slice(0, position).split('\n').length;
    throw new BadFileError(`readBiggJson: ${error instanceof Error ? error.message : 'not JSON'}`, line);
  }
}

/** Own fields only, in a map: a metabolite may be called `__proto__`. */
function record(what: string, value: unknown): Map<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new BadFileError(`readBiggJson: ${what} is not an object`);
  return new Map(Object.entries(value));
}

function list(what: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new BadFileError(`readBiggJson: ${what} is not a list`);
  return value;
}

/** Position of each item by its `id`, which must be a string and unique. */
function index(what: string, items: readonly unknown[]): Map<string, number> {
  const positions = new Map<string, number>();
  items.forEach((item, i) => {
    const id = record(`${what}[${i}]`, item).get('id');
    if (typeof id !== 'string') throw new BadFileError(`readBiggJson: ${what}[${i}] has no id`);
    if (positions.has(id)) throw new BadFileError(`readBiggJson: ${what}: id ${id} comes twice`);
    positions.set(id, i);
  });
  return positions;
}

function finite(what: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new BadFileError(`readBiggJson: ${what} is not a number`);
  return value;
}

/** JSON has no infinity; models that write one use the words that Python's json module and cobrapy use. */
function bound(what: string, value: unknown): number {
  if (value === 'inf' || value === 'Infinity') return Number.POSITIVE_INFINITY;
  if (value === '-inf' || value === '-Infinity') return Number.NEGATIVE_INFINITY;
  return finite(what, value);
}

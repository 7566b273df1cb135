import type { Experiment, Outcome, Verdict } from './experiment.ts';

const VERDICTS: readonly Verdict[] = ['holds', 'failed', 'refuted-as-documented', 'skipped'];
const KINDS = ['line', 'points', 'band', 'bars', 'rule'];
const SCALES = [undefined, 'linear', 'log'];

/** A file in `experiments/` does not keep the contract of experiment.ts. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
}

/** What a file exports, checked. @throws ContractError that names the file, the field, what was got and what is allowed. */
export function checkExperiment(module: Record<string, unknown>, id: string): Experiment {
  const file = `experiments/${id}.ts`;
  const experiment = module.experiment;
  if (experiment === undefined) {
    const others = Object.keys(module).join(', ') || 'nothing';
    throw new ContractError(`${file}: it exports ${others}; it must export \`experiment\` (see tools/report/src/experiment.ts)`);
  }
  const at = fieldsOf(experiment, `${file}: experiment`);
  if (at.text('id') !== id) throw new ContractError(`${file}: experiment.id is '${at.text('id')}'; it must be the file's name, '${id}'`);
  at.text('claim');
  at.text('source');
  at.list('inputs').forEach((input, i) => {
    if (typeof input !== 'string')
      throw new ContractError(`${file}: experiment.inputs[${i}] is ${show(input)}; it must be an input's name`);
  });
  if (typeof at.value('run') !== 'function') {
    throw new ContractError(`${file}: experiment.run is ${show(at.value('run'))}; it must be a function of a Context`);
  }
  return experiment as Experiment;
}

/** What `run` returned, checked. @throws ContractError, likewise. */
export function checkOutcome(outcome: unknown, id: string): Outcome {
  const at = fieldsOf(outcome, `experiments/${id}.ts: outcome`);
  at.text('measured');
  at.text('bound');
  at.oneOf('verdict', VERDICTS);
  at.optional('note', () => at.text('note'));
  at.optional('table', () => checkTable(fieldsOf(at.value('table'), at.path('table'))));
  at.optional('plots', () => {
    for (const [i, plot] of at.list('plots').entries()) checkPlot(fieldsOf(plot, at.path(`plots[${i}]`)));
  });
  return outcome as Outcome;
}

function checkTable(at: Fields): void {
  const columns = at.list('columns');
  at.list('rows').forEach((row, i) => {
    if (!Array.isArray(row) || row.length !== columns.length) {
      const got = Array.isArray(row) ? `${row.length} cells` : show(row);
      throw new ContractError(`${at.path(`rows[${i}]`)} has ${got}; the table has ${columns.length} columns`);
    }
    const bad = row.findIndex((cell) => typeof cell !== 'string' && typeof cell !== 'number');
    if (bad >= 0) throw new ContractError(`${at.path(`rows[${i}][${bad}]`)} is ${show(row[bad])}; a cell is a string or a number`);
  });
}

function checkPlot(at: Fields): void {
  at.text('title');
  for (const axis of ['x', 'y']) {
    const axisAt = fieldsOf(at.value(axis), at.path(axis));
    axisAt.label('label');
    axisAt.oneOf('scale', SCALES);
  }
  at.list('series').forEach((series, i) => {
    const seriesAt = fieldsOf(series, at.path(`series[${i}]`));
    seriesAt.label('label');
    const kind = seriesAt.oneOf('kind', KINDS);
    const n = seriesAt.numbers('y');
    if (kind !== 'rule') seriesAt.sameLength('x', n);
    if (kind === 'band') seriesAt.sameLength('y2', n);
  });
}

interface Fields {
  path(name: string): string;
  value(name: string): unknown;
  /** A text that is not empty. */
  text(name: string): string;
  /** A text that may be empty. */
  label(name: string): void;
  list(name: string): readonly unknown[];
  oneOf<T>(name: string, allowed: readonly T[]): T;
  numbers(name: string): number;
  sameLength(name: string, length: number): void;
  optional(name: string, check: () => void): void;
}

/** Readers of an object's fields; each throws with the field's path when the field is not what it must be. */
function fieldsOf(object: unknown, where: string): Fields {
  if (typeof object !== 'object' || object === null) throw new ContractError(`${where} is ${show(object)}; it must be an object`);
  const values = object as Record<string, unknown>;
  const path = (name: string): string => `${where}.${name}`;
  const fail = (name: string, allowed: string): never => {
    throw new ContractError(`${path(name)} is ${name in values ? show(values[name]) : 'missing'}; it must be ${allowed}`);
  };
  const numbers = (name: string): number => {
    const value = values[name];
    if (!Array.isArray(value) && !ArrayBuffer.isView(value)) return fail(name, 'an array of numbers');
    const list = value as ArrayLike<unknown>;
    for (let i = 0; i < list.length; i++) if (typeof list[i] !== 'number') fail(name, `numbers only; entry ${i} is ${show(list[i])}`);
    return list.length;
  };
  return {
    path,
    numbers,
    value: (name) => values[name],
    text: (name) => (typeof values[name] === 'string' && values[name] !== '' ? (values[name] as string) : fail(name, 'a text')),
    label: (name) => void (typeof values[name] === 'string' || fail(name, 'a text, which may be empty')),
    list: (name) => (Array.isArray(values[name]) ? (values[name] as unknown[]) : fail(name, 'an array')),
    oneOf: (name, allowed) =>
      allowed.includes(values[name] as never) ? (values[name] as never) : fail(name, `one of ${allowed.filter(Boolean).join(', ')}`),
    sameLength: (name, length) => {
      const got = numbers(name);
      if (got !== length) throw new ContractError(`${path(name)} has ${got} entries; its y has ${length}`);
    },
    optional: (name, check) => {
      if (values[name] !== undefined) check();
    },
  };
}

function show(value: unknown): string {
  if (typeof value === 'string') return value === '' ? 'empty' : `'${value}'`;
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

import { parseArgs } from 'node:util';
import { UsageError } from './exit.ts';

interface Base {
  /** One line for --help, without the default, which is added. */
  readonly help: string;
  /** One letter. */
  readonly short?: string;
}

export interface TextOption extends Base {
  readonly type: 'text';
  readonly default?: string;
  /** The only values allowed. */
  readonly choices?: readonly string[];
  /** What --help shows for the value; default TEXT. */
  readonly value?: string;
}

/** `integer` is a whole number that a double holds exactly; `number` is finite. */
export interface NumberOption extends Base {
  readonly type: 'number' | 'integer';
  readonly default?: number;
  readonly min?: number;
  readonly max?: number;
  /** What --help shows for the value; default N. */
  readonly value?: string;
}

/** Absent means false. */
export interface FlagOption extends Base {
  readonly type: 'flag';
}

export type Option = TextOption | NumberOption | FlagOption;
export type Options = Readonly<Record<string, Option>>;

type ValueOf<O extends Option> = O extends FlagOption
  ? boolean
  :
      | (O extends TextOption ? (O extends { choices: readonly (infer C)[] } ? C : string) : number)
      | (O extends { default: string | number } ? never : undefined);

/** The values of declared options: one without a default may be undefined. */
export type Values<O extends Options> = { readonly [K in keyof O]: ValueOf<O[K]> };

/** A positional argument. */
export interface Positional {
  /** As --help shows it, e.g. FILE. */
  readonly name: string;
  readonly help: string;
  readonly optional?: boolean;
}

/** The seed option of every command that draws random numbers. */
export const SEED: NumberOption & { readonly default: number } = {
  type: 'integer',
  default: 1,
  min: 0,
  help: 'seed of the random numbers; same seed, same output',
};

/** What every command understands besides its own options. */
export const COMMON: { readonly json: FlagOption; readonly help: FlagOption } = {
  json: { type: 'flag', help: 'print one JSON document on stdout, and nothing else there' },
  help: { type: 'flag', short: 'h', help: 'print this' },
};

export interface Parsed {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
}

/**
 * Parses a command's arguments (those after its name).
 *
 * @throws UsageError naming the option, what was given and what is allowed.
 */
export function parse(args: readonly string[], options: Options, positionals: readonly Positional[]): Parsed {
  const all: Options = { ...options, ...COMMON };
  const config = Object.fromEntries(
    Object.entries(all).map(([name, option]) => [
      name,
      { type: option.type === 'flag' ? ('boolean' as const) : ('string' as const), ...(option.short ? { short: option.short } : {}) },
    ]),
  );
  const { values, positionals: given } = strictly(
    () => parseArgs({ args: [...args], options: config, allowPositionals: true, strict: true }),
    Object.keys(all),
  );
  if (values.help !== true) checkPositionals(given, positionals);
  return {
    values: Object.fromEntries(Object.entries(all).map(([name, option]) => [name, convert(name, option, values[name])])),
    positionals: given,
  };
}

function strictly<T>(parseThem: () => T, names: readonly string[]): T {
  try {
    return parseThem();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (!code?.startsWith('ERR_PARSE_ARGS')) throw error;
    const unknown = /Unknown option '(-[^']+)'/.exec(message)?.[1];
    if (unknown === undefined) throw new UsageError(message);
    const near = unknown.length > 4 ? names.find((name) => distance(`--${name}`, unknown) <= 2) : undefined;
    throw new UsageError(`unknown option ${unknown}${near ? `; did you mean --${near}?` : ''}`);
  }
}

function checkPositionals(given: readonly string[], declared: readonly Positional[]): void {
  const missing = declared[given.length];
  if (missing && !missing.optional) throw new UsageError(`${missing.name} is missing (${missing.help})`);
  if (given.length > declared.length) {
    const usage = declared.length === 0 ? 'none is expected' : `expected are ${declared.map(({ name }) => name).join(' ')}`;
    throw new UsageError(`unexpected argument '${given[declared.length]}'; ${usage}`);
  }
}

function convert(name: string, option: Option, given: unknown): string | number | boolean | undefined {
  if (option.type === 'flag') return given === true;
  if (given === undefined) return option.default;
  const text = given as string;
  if (option.type === 'text') {
    if (option.choices && !option.choices.includes(text)) {
      throw new UsageError(`--${name} is '${text}'; it must be one of ${option.choices.join(', ')}`);
    }
    return text;
  }
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = option;
  const number = text.trim() === '' ? Number.NaN : Number(text);
  const right = option.type === 'integer' ? Number.isSafeInteger(number) : Number.isFinite(number);
  if (!right || number < min || number > max) {
    const kind = option.type === 'integer' ? 'a whole number' : 'a number';
    const range = [...(min > Number.NEGATIVE_INFINITY ? [`>= ${min}`] : []), ...(max < Number.POSITIVE_INFINITY ? [`<= ${max}`] : [])];
    throw new UsageError(`--${name} is '${text}'; it must be ${[kind, range.join(' and ')].filter(Boolean).join(' ')}`);
  }
  return number;
}

/** Edit distance, for suggestions. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] as number) + Number(a[i - 1] !== b[j - 1]);
      next.push(Math.min(replace, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

import { EXIT, exitCodeOf, UsageError } from './exit.ts';
import { type Example, helpPage } from './help.ts';
import { errorData, toJson } from './json.ts';
import { type Options, type Positional, parse, type Values } from './options.ts';
import { type Progress, progressBar } from './progress.ts';

/** What a command gets. */
export interface Context<O extends Options = Options> {
  readonly options: Values<O>;
  readonly positionals: readonly string[];
  /** Fires at the first Ctrl-C. A command then returns what is finished, or throws. */
  readonly signal: AbortSignal;
  /** Shown on stderr when that is a terminal. */
  progress(fraction: number, note?: string): void;
  /** A line on stderr. */
  note(text: string): void;
}

export type Piece = string | Uint8Array;

/** What a command returns. */
export interface Result {
  /** The JSON document of --json, or a promise of it. Only one of `data` and `text` is read, so either may do the work. */
  readonly data: unknown;
  /**
   * What is printed without --json, in pieces if it is long; a line end is added where the last one is missing. Pieces of bytes are printed
   * as they are, without one.
   */
  readonly text: string | Iterable<Piece> | AsyncIterable<Piece>;
  /** False when a check that the command makes did not hold: exit code 1. Read when all is printed. */
  readonly ok?: boolean;
}

export interface CommandSpec<O extends Options> {
  readonly description: string;
  readonly positionals?: readonly Positional[];
  readonly options?: O;
  readonly examples?: readonly Example[];
  run(context: Context<O>): Result | Promise<Result>;
}

/** A command whose option types are forgotten, so that several fit in one table. */
export interface Command {
  readonly description: string;
  readonly positionals: readonly Positional[];
  readonly options: Options;
  readonly examples: readonly Example[];
  run(context: Context): Result | Promise<Result>;
}

export interface Cli {
  readonly name: string;
  readonly description: string;
  /** Shown by --version. */
  readonly version?: string;
  /** Either several commands by name, or one. */
  readonly commands: Readonly<Record<string, Command>> | Command;
}

/** Declares a command; `run` gets its options with their types. */
export function command<const O extends Options>(spec: CommandSpec<O>): Command {
  return { positionals: [], examples: [], ...spec, options: spec.options ?? {}, run: (context) => spec.run(context as Context<O>) };
}

/**
 * Runs a program: parses `process.argv`, calls the command, prints its result and ends the process.
 *
 * Exit codes: 0 ok, 1 a check failed, 2 bad usage, 3 bad input (an error of linalg's kind, or a file that cannot be read), 130 after
 * Ctrl-C (a second one kills), 70 an unforeseen error, with its stack. With --json stdout holds exactly one JSON document, which is
 * `{ "error": ... }` when there is no result; an error's message always goes to stderr.
 */
export async function runCli(cli: Cli): Promise<never> {
  const args = process.argv.slice(2);
  // The reader of a pipe may leave early (`| head`): that is no error of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.defect));
  const abort = new AbortController();
  process.on('SIGINT', () => {
    if (abort.signal.aborted) process.exit(EXIT.interrupted);
    process.stderr.write(`${cli.name}: stopping (once more to kill)\n`);
    abort.abort();
  });
  const progress = progressBar();
  let code: number;
  try {
    code = await dispatch(cli, args, abort.signal, progress);
    if (abort.signal.aborted) code = EXIT.interrupted;
  } catch (error) {
    progress.stop();
    code = abort.signal.aborted ? EXIT.interrupted : exitCodeOf(error);
    if (args.includes('--json')) await print(toJson(errorData(error)));
    process.stderr.write(explanation(cli.name, error, code));
  }
  process.exit(code);
}

async function dispatch(cli: Cli, args: readonly string[], signal: AbortSignal, progress: Progress): Promise<number> {
  if (args[0] === '--version' && cli.version !== undefined) {
    await print(`${cli.version}\n`);
    return EXIT.ok;
  }
  const { title, chosen, rest } = choose(cli, args);
  if (chosen === undefined) {
    await print(overview(cli));
    return EXIT.ok;
  }
  const { values, positionals } = parse(rest, chosen.options, chosen.positionals);
  if (values.help) {
    const places = chosen.positionals.map(({ name, optional }) => (optional ? `[${name}]` : name));
    await print(helpPage({ ...chosen, usage: [title, ...places, '[options]'].join(' ') }));
    return EXIT.ok;
  }
  const note = (text: string) => void process.stderr.write(`${cli.name}: ${text}\n`);
  const result = await chosen.run({ options: values as Values<Options>, positionals, signal, progress: progress.report, note });
  progress.stop();
  await print(values.json ? toJson(await result.data) : result.text);
  return result.ok === false ? EXIT.failed : EXIT.ok;
}

/** The command that the arguments name; none when they ask for the overview. */
function choose(cli: Cli, args: readonly string[]): { title: string; chosen: Command | undefined; rest: readonly string[] } {
  if (isCommand(cli.commands)) return { title: cli.name, chosen: cli.commands, rest: args };
  const [name, ...rest] = args;
  const names = Object.keys(cli.commands);
  if (name === undefined) throw new UsageError(`a command is missing; it is one of ${names.join(', ')}`);
  if (name === '--help' || name === '-h') return { title: cli.name, chosen: undefined, rest };
  const chosen = Object.hasOwn(cli.commands, name) ? cli.commands[name] : undefined;
  if (chosen === undefined) throw new UsageError(`unknown command '${name}'; it must be one of ${names.join(', ')}`);
  return { title: `${cli.name} ${name}`, chosen, rest };
}

function isCommand(commands: Cli['commands']): commands is Command {
  return typeof commands.run === 'function';
}

function overview(cli: Cli): string {
  const commands = Object.entries(cli.commands as Record<string, Command>);
  return helpPage({
    usage: `${cli.name} COMMAND [options]; ${cli.name} COMMAND --help tells more`,
    description: cli.description,
    commands: commands.map(([name, { description }]) => [name, description]),
    examples: commands.flatMap(([, { examples }]) => examples.slice(0, 1)),
  });
}

function explanation(name: string, error: unknown, code: number): string {
  if (!(error instanceof Error)) return `${name}: ${String(error)}\n`;
  if (code === EXIT.defect) return `${name}: unforeseen error\n${error.stack}\n`;
  if (code === EXIT.usage) return `${name}: ${error.message}\nTry ${name} --help\n`;
  return `${name}: ${error.message}\n`;
}

async function print(text: Result['text']): Promise<void> {
  let last: Piece = '\n';
  for await (const piece of typeof text === 'string' ? [text] : text) {
    if (piece.length === 0) continue;
    last = piece;
    await write(piece);
  }
  if (typeof last === 'string' && !last.endsWith('\n')) await write('\n');
}

/** Resolves when the piece is handed over, so that a slow reader slows the writer and nothing is lost at the end. */
function write(piece: Piece): Promise<void> {
  return new Promise((done) => process.stdout.write(piece, () => done()));
}

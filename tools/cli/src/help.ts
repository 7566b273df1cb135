import { COMMON, type Option, type Options, type Positional } from './options.ts';

/** An example for --help: what it does, and the command line. */
export interface Example {
  readonly text: string;
  readonly command: string;
}

export interface Page {
  readonly usage: string;
  readonly description: string;
  readonly commands?: readonly (readonly [name: string, description: string])[];
  readonly positionals?: readonly Positional[];
  readonly options?: Options;
  readonly examples?: readonly Example[];
}

const WIDTH = 100;
const EXIT_CODES = 'Exit codes: 0 ok, 1 a check failed, 2 bad usage, 3 bad input, 130 interrupted.';

/** The text of --help. */
export function helpPage(page: Page): string {
  const options = Object.entries({ ...page.options, ...COMMON });
  const sections = [
    page.description,
    `Usage: ${page.usage}`,
    list('Commands', page.commands ?? []),
    list(
      'Arguments',
      (page.positionals ?? []).map(({ name, help }) => [name, help]),
    ),
    list(
      'Options',
      options.map(([name, option]) => [flag(name, option), help(option)]),
    ),
    page.examples?.length ? `Examples:\n${page.examples.map(({ text, command }) => `  ${text}\n    ${command}`).join('\n')}` : '',
    EXIT_CODES,
  ];
  return `${sections.filter(Boolean).join('\n\n')}\n`;
}

function list(title: string, rows: readonly (readonly [string, string])[]): string {
  if (rows.length === 0) return '';
  const left = Math.max(...rows.map(([name]) => name.length)) + 4;
  return `${title}:\n${rows.map(([name, text]) => `  ${name.padEnd(left - 2)}${wrap(text, left)}`).join('\n')}`;
}

function flag(name: string, option: Option): string {
  const long = option.type === 'flag' ? `--${name}` : `--${name} ${option.value ?? (option.type === 'text' ? 'TEXT' : 'N')}`;
  return option.short ? `-${option.short}, ${long}` : `    ${long}`;
}

function help(option: Option): string {
  const choices = option.type === 'text' && option.choices ? `: ${option.choices.join(', ')}` : '';
  const value = option.type !== 'flag' && option.default !== undefined ? ` (default ${option.default})` : '';
  return `${option.help}${choices}${value}`;
}

/** Breaks at spaces; lines after the first start in column `left`. */
function wrap(text: string, left: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && left + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${' '.repeat(left)}`);
}

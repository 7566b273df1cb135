import { BadProgramError } from '../errors.ts';

/** A piece of source, and where it stands (one-based). */
export interface Token {
  readonly kind: 'number' | 'name' | 'string' | 'end' | ':' | ';' | '.' | '?' | '+' | '-' | '(' | ')' | '[' | ']';
  readonly text: string;
  /** Value of a number or a character; codes of a string are in `codes`. */
  readonly value: number;
  readonly codes: readonly number[];
  readonly line: number;
  readonly column: number;
}

const ESCAPES: { readonly [letter: string]: number } = { n: 10, t: 9, '\\': 92, '"': 34, "'": 39, '0': 0 };
const PUNCTUATION = new Set([':', ';', '.', '?', '+', '-', '(', ')', '[', ']']);

const NONE: readonly number[] = [];

/** Splits source into tokens; a line's end counts as `;`. @throws BadProgramError. */
export function tokens(source: string): Token[] {
  const found: Token[] = [];
  let line = 1;
  let lineStart = 0;
  let at = 0;
  const push = (kind: Token['kind'], from: number, value = 0, codes = NONE) => {
    found.push({ kind, text: source.slice(from, at), value, codes, line, column: from - lineStart + 1 });
  };
  const fail = (message: string, where: number): never => {
    throw new BadProgramError(`assemble: line ${line}, column ${where - lineStart + 1}: ${message}`, line, where - lineStart + 1);
  };

  /** The code at `at`, escaped or not, and moves on. */
  function code(): number {
    const letter = source[at++]!;
    if (letter !== '\\') return letter.charCodeAt(0);
    const escaped = source[at++] ?? '';
    return ESCAPES[escaped] ?? fail(`\\${escaped} is no escape; ${Object.keys(ESCAPES).join(' ')} are`, at - 2);
  }

  function text(quote: string, from: number): number[] {
    const codes: number[] = [];
    at++;
    while (source[at] !== quote) {
      if (at >= source.length || source[at] === '\n') fail(`${quote} is not closed on its line`, from);
      codes.push(code());
    }
    at++;
    return codes;
  }

  while (at < source.length) {
    const from = at;
    const letter = source[at]!;
    if (letter === '\n') {
      at++;
      push(';', from);
      line++;
      lineStart = at;
    } else if (/\s/.test(letter)) at++;
    else if (letter === '#') while (at < source.length && source[at] !== '\n') at++;
    else if (PUNCTUATION.has(letter)) {
      at++;
      push(letter as Token['kind'], from);
    } else if (letter === '"') {
      const codes = text('"', from);
      push('string', from, 0, codes);
    } else if (letter === "'") {
      const codes = text("'", from);
      if (codes.length !== 1) fail(`a character is one; ${codes.length} stand between the quotes`, from);
      push('number', from, codes[0]);
    } else if (/[0-9]/.test(letter)) {
      while (/[0-9]/.test(source[at] ?? '')) at++;
      const value = Number(source.slice(from, at));
      if (!Number.isSafeInteger(value)) fail(`${source.slice(from, at)} is too large`, from);
      push('number', from, value);
    } else if (/[A-Za-z_]/.test(letter)) {
      while (/[A-Za-z0-9_]/.test(source[at] ?? '')) at++;
      push('name', from);
    } else fail(`${JSON.stringify(letter)} has no meaning here`, from);
  }
  push('end', at);
  return found;
}

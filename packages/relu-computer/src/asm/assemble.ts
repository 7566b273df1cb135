import { checkObject, checkText } from '../arguments.ts';
import { checkBits } from '../check.ts';
import { BadProgramError, OutOfRangeError } from '../errors.ts';
import { mostWords } from './image.ts';
import { type Token, tokens } from './lexer.ts';

export interface AssembleOptions {
  /** Bits of a word; words outside [-2^(bits - 1), 2^bits) are refused. Default 16. */
  readonly bits?: number;
}

/** A program in numbers. */
export interface Assembly {
  /** Words in [0, 2^bits), from address 0 on. */
  readonly image: Float64Array;
  readonly symbols: ReadonlyMap<string, number>;
  /** For each word the line that it comes from, one-based. */
  readonly lines: Int32Array;
}

/** Characters of a source. What is kept of one may take some hundred bytes. */
const MOST_CHARACTERS = 2 ** 22;

/** Parentheses and signs within each other: an untrusted source must not exhaust the stack. */
const DEEPEST = 500;

/** A word that is to be computed once all labels are known. */
interface Cell {
  readonly value: (symbols: ReadonlyMap<string, number>) => number;
  readonly token: Token;
}

/**
 * Assembles SUBLEQ source in Mazonka's syntax: instructions end with `;` or the line; `A B` means `A B ?`, `A` means `A A ?`; a leading
 * `.`, which labels may stand before, makes data, taken as it stands. An operand is `label: expression`, with + - ( ), numbers, 'c', names
 * and `?`, the address of the next word; a string stands for one word a character, `[n]` for n words of 0. `#` starts a comment.
 *
 * @throws BadProgramError with line and column; also for more words than a memory has, and sums beyond 2^53. OutOfRangeError for a source of
 *   more than 2^22 characters; ArgumentError for `bits`.
 * Source: the grammar in Mazonka's sqasm.
 */
export function assemble(source: string, options: AssembleOptions = {}): Assembly {
  checkText('assemble', 'source', source);
  checkObject('assemble', 'options', options);
  const { bits = 16 } = options;
  checkBits('assemble', bits);
  if (source.length > MOST_CHARACTERS) {
    throw new OutOfRangeError(
      `assemble: the source has ${source.length} characters; at most ${MOST_CHARACTERS} are read (split it, or use an image)`,
      undefined,
      source.length,
    );
  }
  const most = mostWords(bits);
  const stream = tokens(source);
  const cells: Cell[] = [];
  const symbols = new Map<string, number>();
  let at = 0;
  const peek = () => stream[at]!;
  const fail = (token: Token, message: string): never => {
    throw new BadProgramError(`assemble: line ${token.line}, column ${token.column}: ${message}`, token.line, token.column);
  };

  function term(depth: number): Cell {
    const token = stream[at++]!;
    const here = cells.length + 1;
    if (depth > DEEPEST) fail(token, `nested more than ${DEEPEST} deep`);
    switch (token.kind) {
      case 'number':
        return { token, value: () => token.value };
      case '?':
        return { token, value: () => here };
      case 'name':
        return { token, value: (known) => known.get(token.text) ?? fail(token, `${token.text} is not defined`) };
      case '-': {
        const { value } = term(depth + 1);
        return { token, value: (known) => -value(known) };
      }
      case '(': {
        const { value } = expression(depth + 1);
        const close = stream[at++]!;
        if (close.kind !== ')') fail(close, '( is not closed');
        return { token, value };
      }
      default:
        return fail(token, token.kind === 'end' || token.kind === ';' ? 'an operand is missing' : `${token.text} is no operand`);
    }
  }

  function expression(depth: number): Cell {
    const first = term(depth);
    const rest: { readonly sign: number; readonly value: Cell['value'] }[] = [];
    while (peek().kind === '+' || peek().kind === '-') {
      const sign = stream[at++]!.kind === '+' ? 1 : -1;
      rest.push({ sign, value: term(depth).value });
    }
    const exact = (sum: number) => (Number.isSafeInteger(sum) ? sum : fail(first.token, `the sum reaches ${sum}, which is not exact`));
    return {
      token: first.token,
      value: (known) => rest.reduce((sum, { sign, value }) => exact(sum + sign * value(known)), first.value(known)),
    };
  }

  function push(cell: Cell): void {
    if (cells.length === most) fail(cell.token, `more than ${most} words, which is more than a memory has`);
    cells.push(cell);
  }

  function zeros(): void {
    const token = stream[at++]!;
    const count = stream[at++]!;
    if (count.kind !== 'number') fail(count, 'a number of words belongs between [ and ]');
    for (let k = 0; k < count.value; k++) push({ token, value: () => 0 });
    const close = stream[at++]!;
    if (close.kind !== ']') fail(close, '[ is not closed');
  }

  function labels(): void {
    while (peek().kind === 'name' && stream[at + 1]?.kind === ':') {
      const token = peek();
      if (symbols.has(token.text)) fail(token, `${token.text} is defined twice`);
      symbols.set(token.text, cells.length);
      at += 2;
      // A label may stand on a line of its own.
      while (peek().kind === ';' && peek().text === '\n') at++;
    }
  }

  function statement(): void {
    const first = cells.length;
    labels();
    const data = peek().kind === '.';
    if (data) {
      at++;
      labels();
    }
    while (peek().kind !== ';' && peek().kind !== 'end') {
      const token = peek();
      if (token.kind === 'string') {
        at++;
        for (const code of token.codes) push({ token, value: () => code });
      } else if (token.kind === '[') zeros();
      else push(expression(0));
      labels();
    }
    const count = cells.length - first;
    if (data || count === 0 || count > 2) return;
    if (count === 1) push(cells[first]!);
    const next = cells.length + 1;
    push({ token: cells[first]!.token, value: () => next });
  }

  while (peek().kind !== 'end') {
    if (peek().kind === ';') at++;
    else statement();
  }
  const W = 2 ** bits;
  const image = Float64Array.from(cells, ({ value, token }) => {
    const word = value(symbols);
    if (word < -W / 2 || word >= W) fail(token, `${word} does not fit into ${bits} bits`);
    // + 0: there is no -0.
    return word < 0 ? word + W : word + 0;
  });
  return { image, symbols, lines: Int32Array.from(cells, ({ token }) => token.line) };
}

import { BadFileError } from '@x/linalg/errors';

/** How fields are told apart: at white space, or by the columns of the punched card (names may then hold spaces). */
export type MpsForm = 'free' | 'fixed';

/** A line that holds something. */
export interface MpsLine {
  /** One-based. */
  readonly number: number;
  /** True for a section's first line, which starts in the first column. */
  readonly header: boolean;
  readonly fields: readonly string[];
}

/** First and last-plus-one column of the six fields of a card. */
const CARD: readonly (readonly [number, number])[] = [
  [1, 3],
  [4, 12],
  [14, 22],
  [24, 36],
  [39, 47],
  [49, 61],
];

/** Behind it cards hold a sequence number. */
const CARD_END = 61;

/** The lines that are neither blank nor comments, split into fields; nothing is copied ahead of the reader. */
export function* mpsLines(text: string, form: MpsForm): Generator<MpsLine> {
  let number = 0;
  for (let from = 0; from < text.length; ) {
    const newline = text.indexOf('\n', from);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(from, text.charAt(end - 1) === '\r' ? end - 1 : end);
    from = end + 1;
    number++;
    if (line.startsWith('*') || isBlank(line)) continue;
    const header = !isSpace(line.charCodeAt(0));
    yield { number, header, fields: header || form === 'free' ? words(line) : cards(line, number) };
  }
}

function cards(line: string, number: number): string[] {
  if (line.includes('\t')) throw new BadFileError(`readMps: line ${number} has a tab; fixed form is told apart by columns`, number);
  // What stands between two fields belongs to a name or number that is longer than its field: to cut it would change it.
  const between = CARD.findIndex(([from], k) => !isBlank(line.slice(k === 0 ? 0 : CARD[k - 1]![1], from)));
  if (between >= 0 || !isBlank(line.slice(CARD_END, CARD_END + 1))) {
    throw new BadFileError(
      `readMps: line ${number} has characters between the fields of a card; fields start in columns 2, 5, 15, 25, 40, 50`,
      number,
    );
  }
  return CARD.map(([from, to]) => line.slice(from, to).trim()).filter((field) => field !== '');
}

function words(line: string): string[] {
  const fields: string[] = [];
  for (let i = 0; i < line.length; ) {
    while (i < line.length && isSpace(line.charCodeAt(i))) i++;
    const start = i;
    while (i < line.length && !isSpace(line.charCodeAt(i))) i++;
    if (i > start) fields.push(line.slice(start, i));
  }
  return fields;
}

function isBlank(line: string): boolean {
  for (let i = 0; i < line.length; i++) if (!isSpace(line.charCodeAt(i))) return false;
  return true;
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

import { BadFileError } from '@x/linalg/errors';

export interface CsvOptions {
  /** Names of the columns, as the first line has them, in the order of the oracle's columns. */
  readonly columns: readonly string[];
  /** Default a comma. */
  readonly separator?: string;
}

/** Rows that are handed on at once. */
const ROWS = 4096;

/**
 * Numbers of some columns of a CSV text (RFC 4180: quotes may hold separators, line ends and doubled quotes), as chunks of whole rows for
 * `DistanceBuilder.addStream`. Memory for one chunk of text and 4096 rows.
 *
 * A field that is no number, or missing, gives NaN, which counts as the lower bound: to stop at it would tell something about that row.
 *
 * @throws BadFileError when the first line lacks a column.
 */
export async function* csvRows(
  text: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
  { columns, separator = ',' }: CsvOptions,
): AsyncGenerator<Float64Array> {
  let places: number[] | undefined;
  let chunk = new Float64Array(ROWS * columns.length);
  let at = 0;
  for await (const fields of records(text, separator)) {
    if (places === undefined) {
      places = placesOf(fields, columns);
      continue;
    }
    if (fields.length === 1 && fields[0] === '') continue;
    for (const place of places) chunk[at++] = numberIn(fields[place]);
    if (at === chunk.length) {
      yield chunk;
      chunk = new Float64Array(ROWS * columns.length);
      at = 0;
    }
  }
  if (places === undefined) throw new BadFileError('csvRows: the text is empty; its first line must name the columns', 1);
  if (at > 0) yield chunk.subarray(0, at);
}

function placesOf(names: readonly string[], columns: readonly string[]): number[] {
  return columns.map((column) => {
    const place = names.findIndex((name) => name.trim() === column);
    if (place < 0)
      throw new BadFileError(`csvRows: there is no column '${column}'; there are ${names.map((name) => `'${name.trim()}'`).join(', ')}`, 1);
    return place;
  });
}

function numberIn(field: string | undefined): number {
  return field === undefined || field.trim() === '' ? Number.NaN : Number(field);
}

/** The fields of each record; a byte order mark is dropped. */
async function* records(
  text: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
  separator: string,
): AsyncGenerator<string[]> {
  const decoder = new TextDecoder();
  let fields: string[] = [];
  let field = '';
  let quoted = false;
  /** The last character was a quote inside quotes: either its end, or the first of two. */
  let closing = false;
  let started = false;
  for await (const piece of text) {
    const part = typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
    for (let i = started ? 0 : Number(part.startsWith('\ufeff')); i < part.length; i++) {
      const c = part[i] as string;
      if (quoted && !closing) {
        if (c === '"') closing = true;
        else field += c;
      } else if (closing && c === '"') {
        field += '"';
        closing = false;
      } else {
        if (closing) quoted = closing = false;
        if (c === '"' && field === '') quoted = true;
        else if (c === separator) {
          fields.push(field);
          field = '';
        } else if (c === '\n') {
          fields.push(field.endsWith('\r') ? field.slice(0, -1) : field);
          yield fields;
          fields = [];
          field = '';
        } else field += c;
      }
    }
    started ||= part.length > 0;
  }
  if (field !== '' || fields.length > 0) yield [...fields, field];
}

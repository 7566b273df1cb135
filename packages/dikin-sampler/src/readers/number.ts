/**
 * Reads a decimal number of an MPS file: sign, digits with at most one point, and an exponent after e, E, d or D (Fortran's).
 * One pass over the characters, so that a hostile field costs time linear in its length.
 *
 * @returns the value, or undefined when the field is anything else.
 */
export function parseDecimal(field: string): number | undefined {
  let i = skipSign(field, 0);
  const integer = skipDigits(field, i);
  let digits = integer - i;
  i = integer;
  if (field.charCodeAt(i) === POINT) {
    const fraction = skipDigits(field, i + 1);
    digits += fraction - i - 1;
    i = fraction;
  }
  if (digits === 0) return undefined;
  if (i === field.length) return Number(field);
  if (!EXPONENT_MARKS.includes(field.charAt(i))) return undefined;
  const start = skipSign(field, i + 1);
  const end = skipDigits(field, start);
  if (end === start || end !== field.length) return undefined;
  return Number(`${field.slice(0, i)}e${field.slice(i + 1)}`);
}

/** A bound: a decimal number, or infinity written as Inf, Infinity or a magnitude of at least 1e30. */
export function parseBound(field: string): number | undefined {
  const bare = field.startsWith('-') || field.startsWith('+') ? field.slice(1) : field;
  const word = bare.length <= 8 ? bare.toLowerCase() : '';
  const sign = field.startsWith('-') ? -1 : 1;
  if (word === 'inf' || word === 'infinity') return sign * Number.POSITIVE_INFINITY;
  const value = parseDecimal(field);
  return value !== undefined && Math.abs(value) >= 1e30 ? sign * Number.POSITIVE_INFINITY : value;
}

const POINT = 46;
const EXPONENT_MARKS = 'eEdD';

function skipSign(text: string, i: number): number {
  const c = text.charAt(i);
  return c === '+' || c === '-' ? i + 1 : i;
}

function skipDigits(text: string, from: number): number {
  let i = from;
  while (i < text.length && text.charCodeAt(i) >= 48 && text.charCodeAt(i) <= 57) i++;
  return i;
}

import { ArgumentError } from '@x/linalg/errors';

/** What JavaScript may hand over in place of what the types say. @throws ArgumentError unless `holds`. */
function check(holds: boolean, operation: string, name: string, value: unknown, what: string): void {
  if (!holds) throw new ArgumentError(`${operation}: ${name} is ${shown(value)}; it must be ${what}`, name);
}

/** A value in a message: short, and without the errors that some values throw where they become text. */
export function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  if (typeof value === 'function') return 'a function';
  const text = String(value);
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}

export function checkObject(operation: string, name: string, value: unknown, what = 'an object'): void {
  check(typeof value === 'object' && value !== null, operation, name, value, what);
}

export function checkText(operation: string, name: string, value: unknown): void {
  check(typeof value === 'string', operation, name, value, 'a text');
}

/** Words, typed or not; what they are is checked one by one elsewhere. */
export function checkWords(operation: string, name: string, value: ArrayLike<number>): void {
  check(Array.isArray(value) || ArrayBuffer.isView(value), operation, name, value, 'an array of numbers');
}

export function checkCallback(operation: string, name: string, value: unknown): void {
  check(value === undefined || typeof value === 'function', operation, name, value, 'a function');
}

export function checkFlag(operation: string, name: string, value: unknown): void {
  check(typeof value === 'boolean', operation, name, value, 'true or false');
}

/** A `Set` or a `Map`, or undefined. */
export function checkCollection(operation: string, name: string, value: unknown, kind: 'Set' | 'Map'): void {
  check(value === undefined || value instanceof (kind === 'Set' ? Set : Map), operation, name, value, `a ${kind}`);
}

/** What `buildComputer` makes. */
export function checkComputer(operation: string, value: { readonly stages?: unknown; readonly layout?: unknown }): void {
  check(Array.isArray(value?.stages) && typeof value.layout === 'object', operation, 'computer', value, 'what buildComputer returns');
}

/** @throws ArgumentError unless the value is one of those allowed. */
export function checkChoice(operation: string, name: string, value: unknown, allowed: readonly string[]): void {
  check(allowed.includes(value as string), operation, name, value, `one of ${allowed.join(', ')}`);
}

/** @throws ArgumentError unless the value is a whole number in [least, most]. */
export function checkWhole(operation: string, name: string, value: number, least: number, most: number = Number.MAX_SAFE_INTEGER): void {
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `in [${least}, ${most}]`;
  check(Number.isInteger(value) && value >= least && value <= most, operation, name, value, `a whole number ${range}`);
}

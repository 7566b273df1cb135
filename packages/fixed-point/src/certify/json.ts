import { BadFileError } from '@x/linalg';
import { box } from '../interval/box.ts';
import type { Certificate } from './certificate.ts';
import type { ProductCertificate } from './product.ts';

/** A certificate as plain JSON data: typed arrays become arrays and the count a string. Numbers survive bit by bit. */
export function certificateToJson(certificate: Certificate | ProductCertificate): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(certificate, (_key, value) => {
      if (value instanceof Float64Array) return Array.from(value);
      return typeof value === 'bigint' ? String(value) : value;
    }),
  );
}

/**
 * The certificate whose JSON this is. It is only read, not checked: see `verifyCertificate`.
 *
 * @param json - text, or what JSON.parse gives.
 * @throws BadFileError where it is not a certificate.
 */
export function certificateFromJson(json: unknown): Certificate | ProductCertificate {
  const data = (typeof json === 'string' ? parse(json) : json) as Record<string, unknown>;
  if (typeof data !== 'object' || data === null) throw new BadFileError('certificate: it is not a JSON object');
  const { kind } = data;
  if (kind === 'product') {
    const dimension = Number(data.dimension);
    const choices = Number(data.choices);
    return {
      status: 'certified',
      kind,
      dimension,
      choices,
      count: countOf(data.count),
      ...boxOf(data, 'certificate'),
      contraction: numberOf(data, 'contraction'),
      weights: numbersOf(data, 'weights'),
      noiseRadius: numberOf(data, 'noiseRadius'),
    };
  }
  if (kind !== 'banach' && kind !== 'krawczyk')
    throw new BadFileError(`certificate: kind is ${String(kind)}; it must be banach, krawczyk or product`);
  const { attracting } = data;
  if (typeof attracting !== 'boolean' && attracting !== 'unknown')
    throw new BadFileError('certificate: attracting must be true, false or unknown');
  return {
    status: 'certified',
    kind,
    box: boxOf(data.box, 'box'),
    enclosure: boxOf(data.enclosure, 'enclosure'),
    contraction: data.contraction === undefined ? undefined : numberOf(data, 'contraction'),
    weights: numbersOf(data, 'weights'),
    attracting,
    basis: data.basis === undefined ? new Float64Array(0) : numbersOf(data, 'basis'),
    noiseRadius: numberOf(data, 'noiseRadius'),
    center: numbersOf(data, 'center'),
    preconditioner: numbersOf(data, 'preconditioner'),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadFileError(`certificate: it is not JSON (${(error as Error).message})`);
  }
}

function numberOf(data: Record<string, unknown>, name: string): number {
  const value = data[name];
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new BadFileError(`certificate: ${name} is ${String(value)}; it must be a finite number`);
  return value;
}

function numbersOf(data: Record<string, unknown>, name: string): Float64Array {
  const value = data[name];
  if (!Array.isArray(value) || !value.every((v) => typeof v === 'number' && Number.isFinite(v))) {
    throw new BadFileError(`certificate: ${name} must be an array of finite numbers`);
  }
  return Float64Array.from(value);
}

function boxOf(data: unknown, name: string) {
  const sides = (data ?? {}) as Record<string, unknown>;
  try {
    return box(numbersOf(sides, 'lower'), numbersOf(sides, 'upper'));
  } catch (error) {
    throw new BadFileError(`certificate: ${name} is not a box (${(error as Error).message})`);
  }
}

function countOf(value: unknown): bigint {
  if (typeof value !== 'string' || !/^\d+$/.test(value)) throw new BadFileError('certificate: count must be a whole number in quotes');
  return BigInt(value);
}

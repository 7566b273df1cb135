import { ADJACENCIES, type Bounds } from '../design.ts';
import { MOST } from '../noise/law.ts';
import { Reader, Writer } from '../oracle/wire.ts';
import { latticeOf } from './lattice.ts';
import type { KernelRelease } from './oracle.ts';

const MAGIC = 0x6b_6b_64_78; // 'xdkk'

export function encode({ lattice, law, values, privacy, delta, adjacency, rowsPerUser, secure }: KernelRelease): Uint8Array {
  const writer = new Writer();
  writer.header(MAGIC, secure);
  writer.u8(ADJACENCIES.indexOf(adjacency));
  writer.u8(Number(law.kind === 'gaussian'));
  writer.u8(Number(secure));
  writer.u8(lattice.bounds.length);
  writer.u32(rowsPerUser);
  for (const bound of lattice.bounds.flat()) writer.f64(bound);
  for (const number of [lattice.bandwidth, lattice.relativeStep, law.parameter, privacy.epsilon ?? 0, privacy.rho ?? 0, delta ?? 0])
    writer.f64(number);
  for (const value of values) writer.f64(value);
  return writer.finish();
}

/** @throws BadFileError unless these are bytes that `encode` writes, to the last bit. */
export function decode(bytes: Uint8Array): KernelRelease {
  const reader = new Reader(bytes, 'KernelOracle.fromBytes', MAGIC);
  const adjacency = ADJACENCIES[reader.u8()];
  const kind = reader.u8() === 1 ? 'gaussian' : 'laplace';
  const secure = reader.u8() === 1;
  const d = reader.u8();
  const rowsPerUser = reader.u32();
  reader.expect(adjacency !== undefined && d >= 1 && d <= 3 && rowsPerUser >= 1 && rowsPerUser <= 2 ** 20, 'the design is not possible');
  const bounds = Array.from({ length: d }, (): Bounds => [reader.f64(), reader.f64()]);
  const [bandwidth, relativeStep, parameter, epsilon, rho, delta] = Array.from({ length: 6 }, () => reader.f64()) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const ordered = bounds.every(([lower, upper]) => lower < upper && Number.isFinite(upper - lower));
  reader.expect(ordered && bandwidth > 0 && bandwidth <= 1e300 && relativeStep >= 0.3 && relativeStep <= 1, 'the lattice is not possible');
  reader.expect(Number.isInteger(parameter) && parameter >= 1 && parameter <= MOST[kind], 'the scale of the noise is not possible');
  reader.expect(
    [epsilon, rho, delta].every((x) => x >= 0 && x < 1e300),
    'the privacy parameters are not possible',
  );
  const lattice = latticeOf(bounds, bandwidth, relativeStep);
  reader.expect(reader.left === 8 * lattice.length, 'the numbers are not as many as the lattice has points');
  const values = Float64Array.from({ length: lattice.length }, () => reader.whole());
  const release: KernelRelease = {
    lattice,
    law: { kind, parameter },
    values,
    privacy: kind === 'laplace' ? { epsilon } : { rho },
    delta: delta === 0 ? undefined : delta,
    adjacency: adjacency!,
    rowsPerUser,
    secure,
  };
  reader.expectForm(encode(release));
  return release;
}

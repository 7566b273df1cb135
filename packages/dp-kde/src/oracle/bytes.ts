import { BadFileError } from '@x/linalg/errors';
import { ADJACENCIES, type Bounds, type Design, designOf } from '../design.ts';
import type { Block } from '../modes/mode.ts';
import { MOST } from '../noise/law.ts';
import type { Release } from './oracle.ts';
import { lengthOf, MECHANISMS, type Mechanism } from './plan.ts';
import { Reader, Writer } from './wire.ts';

const MAGIC = 0x6b_64_70_78; // 'xpdk'

/** Of all fields in order, little-endian; the last four bytes are the CRC-32 of the others. */
export function encode(releases: readonly Release[]): Uint8Array {
  const writer = new Writer();
  writer.header(
    MAGIC,
    releases.every(({ secure }) => secure),
  );
  writeDesign(writer, releases[0]!.design);
  writer.u32(releases.length);
  for (const release of releases) writeRelease(writer, release);
  return writer.finish();
}

/** @throws BadFileError unless these are bytes that `encode` writes, to the last bit. */
export function decode(bytes: Uint8Array): Release[] {
  const reader = new Reader(bytes, 'DistanceOracle.fromBytes', MAGIC);
  const design = readDesign(reader);
  const count = reader.u32();
  reader.expect(count >= 1 && count * 8 <= bytes.length, 'the number of parts is not possible');
  const releases = Array.from({ length: count }, () => readRelease(reader, design));
  reader.expectForm(encode(releases));
  return releases;
}

function writeDesign(writer: Writer, { bounds, adjacency, rowsPerUser, cells, fractionBits }: Design): void {
  writer.u8(ADJACENCIES.indexOf(adjacency));
  writer.u8(fractionBits);
  writer.u32(rowsPerUser);
  writer.u32(cells);
  writer.u32(bounds.length);
  for (const [lower, upper] of bounds) {
    writer.f64(lower);
    writer.f64(upper);
  }
}

function readDesign(reader: Reader): Design {
  const adjacency = ADJACENCIES[reader.u8()];
  const fractionBits = reader.u8();
  const rowsPerUser = reader.u32();
  const resolution = reader.u32();
  const d = reader.u32();
  reader.expect(adjacency !== undefined && reader.left >= 16 * d, 'the design is cut or not known');
  const bounds = Array.from({ length: d }, (): Bounds => [reader.f64(), reader.f64()]);
  try {
    return designOf('DistanceOracle.fromBytes', { bounds, adjacency: adjacency!, rowsPerUser, resolution, fractionBits });
  } catch (error) {
    throw new BadFileError(`DistanceOracle.fromBytes: the design is not possible (${(error as Error).message})`);
  }
}

function writeRelease(writer: Writer, { plan, shared, columns, publicRows, privacy, delta, secure }: Release): void {
  writer.u8(MECHANISMS.indexOf(plan.mechanism));
  writer.u8(Number(plan.noise === 'gaussian'));
  writer.u8(Number(secure));
  writer.u8(Number(publicRows !== undefined));
  writer.f64(plan.alpha);
  writer.f64(publicRows ?? 0);
  writer.f64(privacy.epsilon ?? 0);
  writer.f64(privacy.rho ?? 0);
  writer.f64(delta ?? 0);
  for (const [blocks, values] of [[plan.shared, shared] as const, ...columns.map((column, j) => [plan.columns[j]!, column] as const)]) {
    writer.u32(blocks.length);
    for (const { length, law } of blocks) {
      writer.u32(length);
      writer.f64(law.parameter);
    }
    for (const value of values) writer.f64(value);
  }
}

function readRelease(reader: Reader, design: Design): Release {
  const mechanism = MECHANISMS[reader.u8()] as Mechanism;
  reader.expect(mechanism !== undefined, 'the mechanism is not known');
  const noise = reader.u8() === 1 ? ('gaussian' as const) : ('laplace' as const);
  const secure = reader.u8() === 1;
  const known = reader.u8() === 1;
  const alpha = reader.f64();
  reader.expect(mechanism === 'tree-backurs' ? alpha >= 1e-3 && alpha <= 10 : alpha === 0, 'alpha is not possible');
  reader.expect(
    mechanism === 'midpoint' ? noise === 'laplace' : mechanism !== 'brownian' || noise === 'gaussian',
    'the noise is not that of the mechanism',
  );
  const rows = reader.whole();
  reader.expect(known === (design.adjacency === 'replace') && rows >= 0, 'the number of rows is not possible');
  const [epsilon, rho, delta] = [reader.f64(), reader.f64(), reader.f64()];
  reader.expect(
    [epsilon, rho, delta].every((x) => x >= 0 && x < 1e300),
    'the privacy parameters are not possible',
  );
  const section = (lengths: readonly number[]): { blocks: Block[]; values: Float64Array } => {
    reader.expect(reader.u32() === lengths.length, 'the numbers are not those of the mechanism');
    const blocks = lengths.map((length): Block => {
      reader.expect(reader.u32() === length, 'the numbers are not those of the mechanism');
      const parameter = reader.f64();
      reader.expect(Number.isInteger(parameter) && parameter >= 1 && parameter <= MOST[noise], 'a scale of noise is not possible');
      return { length, law: { kind: noise, parameter } };
    });
    const total = lengthOf(blocks);
    reader.expect(reader.left >= 8 * total, 'numbers are missing');
    return { blocks, values: Float64Array.from({ length: total }, () => reader.whole()) };
  };
  const shared = section(mechanism === 'brownian' && design.adjacency === 'add-remove' ? [1] : []);
  const columns = design.bounds.map(() => section(lengthsOf(mechanism, design)));
  return {
    design,
    plan: { mechanism, alpha, noise, shared: shared.blocks, columns: columns.map(({ blocks }) => blocks) },
    shared: shared.values,
    columns: columns.map(({ values }) => values),
    publicRows: known ? rows : undefined,
    privacy: noise === 'laplace' ? { epsilon } : { rho },
    delta: delta === 0 ? undefined : delta,
    secure,
  };
}

/** Lengths of the blocks that a mechanism releases of a column. */
function lengthsOf(mechanism: Mechanism, { cells, levels, adjacency }: Design): number[] {
  if (mechanism === 'brownian') return [cells];
  if (mechanism === 'midpoint') return [adjacency === 'replace' ? 1 : 2, ...Array.from({ length: levels }, (_, l) => 2 ** l)];
  return Array.from({ length: mechanism === 'tree-paper' ? 2 : 1 }, () => 2 * cells - 1);
}

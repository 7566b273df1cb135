import { BadFileError } from '@x/linalg/errors';

const VERSION = 1;
const LARGEST = 2 ** 53;
/** Bytes of the label in the header. */
const LABEL = 12;

/** Numbers little-endian, one after the other. */
export class Writer {
  #bytes = new Uint8Array(1024);
  #length = 0;
  #view = new DataView(this.#bytes.buffer);

  /** What the bytes are, and, the first thing that anybody sees of them, whether their noise came from a seed. */
  header(magic: number, secure: boolean): void {
    this.u32(magic);
    this.u32(VERSION);
    for (const byte of new TextEncoder().encode(secure ? 'private     ' : 'NOT PRIVATE ')) this.u8(byte);
  }

  u8(value: number): void {
    const at = this.#take(1);
    this.#view.setUint8(at, value);
  }

  u32(value: number): void {
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
  }

  f64(value: number): void {
    // Minus zero is zero.
    const at = this.#take(8);
    this.#view.setFloat64(at, value + 0, true);
  }

  finish(): Uint8Array {
    this.u32(crc32(this.#bytes.subarray(0, this.#length)));
    return this.#bytes.slice(0, this.#length);
  }

  #take(size: number): number {
    const start = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const bytes = new Uint8Array(2 * this.#bytes.length);
      bytes.set(this.#bytes);
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer);
    }
    return start;
  }
}

/** Reads what a Writer wrote; anything else is a BadFileError. */
export class Reader {
  readonly #operation: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  /** @throws BadFileError unless the bytes begin and end as a Writer's do. */
  constructor(bytes: Uint8Array, operation: string, magic: number) {
    this.#operation = operation;
    this.expect(bytes instanceof Uint8Array && bytes.length >= 24, 'these are no bytes of an oracle');
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.expect(this.u32() === magic, 'these are no bytes of such an oracle');
    const version = this.u32();
    this.expect(version === VERSION, `version ${version} is not known; this package reads version ${VERSION}`);
    const sum = this.#view.getUint32(bytes.length - 4, true);
    this.expect(crc32(bytes.subarray(0, -4)) === sum, 'the checksum is wrong: the bytes were cut or changed');
    this.#take(LABEL);
  }

  expect(condition: boolean, what: string): void {
    if (!condition) throw new BadFileError(`${this.#operation}: ${what}`);
  }

  /** One form for each oracle: anything but what is written of it is refused. */
  expectForm(canonical: Uint8Array): void {
    const same = canonical.length === this.#bytes.length && canonical.every((byte, i) => byte === this.#bytes[i]);
    this.expect(same, 'the bytes are not in canonical form');
  }

  /** Bytes before the checksum. */
  get left(): number {
    return this.#view.byteLength - 4 - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  whole(): number {
    const value = this.f64();
    this.expect(Number.isInteger(value) && Math.abs(value) <= LARGEST, 'a released number is not a whole number below 2^53');
    return value;
  }

  #take(size: number): number {
    this.expect(this.left >= size, 'they end too early');
    const start = this.#at;
    this.#at += size;
    return start;
  }
}

const TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** The CRC-32 of zlib and PNG. */
function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) c = (TABLE[(c ^ (bytes[i] as number)) & 255] as number) ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

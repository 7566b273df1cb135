import { philox } from '@x/linalg';
import { expect } from 'vitest';

/** Cut, random, lengthened and changed bytes: each is refused with a BadFileError, or is another oracle's bytes, to the last bit. */
export function fuzz(good: readonly Uint8Array[], again: (bytes: Uint8Array) => Uint8Array, runs: number): void {
  const rng = philox(12);
  for (let run = 0; run < runs; run++) {
    const source = good[rng.integer(good.length)]!;
    const kind = rng.integer(4);
    const bytes =
      kind === 0
        ? source.slice(0, rng.integer(source.length))
        : kind === 1
          ? Uint8Array.from({ length: rng.integer(400) }, () => rng.integer(256))
          : kind === 2
            ? Uint8Array.from([...source, rng.integer(256)])
            : source.slice();
    // Half of the changed ones get a checksum that is right, so that what comes after it is met.
    if (kind === 3) {
      for (let k = 0; k <= rng.integer(3); k++) bytes[rng.integer(bytes.length - 4)]! ^= 1 << rng.integer(8);
      if (rng.integer(2) === 0) seal(bytes);
    }
    try {
      expect(again(bytes)).toEqual(bytes);
    } catch (error) {
      expect((error as Error).name, `run ${run}: ${(error as Error).stack}`).toBe('BadFileError');
    }
  }
}

/** Bit by bit, unlike the package. */
function seal(bytes: Uint8Array): void {
  let c = 0xffffffff;
  for (const byte of bytes.subarray(0, -4)) {
    c ^= byte;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  }
  new DataView(bytes.buffer).setUint32(bytes.length - 4, (c ^ 0xffffffff) >>> 0, true);
}

import { encodeBytes } from '@x/presets/encode';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeBytes } from '../src/kernel/bytes.ts';

/** Any bytes, few different ones, and pairs and pairs of pairs, which become one character. */
const modules = fc.oneof(
  fc.uint8Array({ maxLength: 2000, size: 'max' }),
  fc.uint8Array({ min: 250, maxLength: 200 }),
  fc
    .array(fc.tuple(fc.constantFrom(0x20, 0xfd), fc.nat(3), fc.nat(255)), { maxLength: 500, size: 'max' })
    .map((pairs) => Uint8Array.from(pairs.flat())),
);

it('bytes come back from the text in which they are embedded', () => {
  fc.assert(
    fc.property(modules, (bytes) => {
      expect(decodeBytes(encodeBytes(bytes))).toEqual(bytes);
    }),
  );
});

it('the text needs no escape in quotes, templates and inline scripts', () => {
  fc.assert(
    fc.property(modules, (bytes) => {
      expect(encodeBytes(bytes)).toMatch(/^[#%&(-;=-[\]^_a-~]+$/);
    }),
  );
});

/** Known answers: Random123 (DEShawResearch/random123, tests/kat_vectors, lines "philox4x32 10"). */
import { describe, expect, it } from 'vitest';
import { kernel, plainKernel } from '../src/kernel/instance.ts';
import { philoxBlock, uniformOfWords } from '../src/random/philox.ts';

const KNOWN: [number[], number[], number[]][] = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

const plain = plainKernel();

describe('Philox4x32-10', () => {
  it.each(KNOWN)('block %j under key %j', (counter, key, words) => {
    const [c0, c1, c2, c3] = counter as [number, number, number, number];
    const [k0, k1] = key as [number, number];
    const out = new Uint32Array(4);
    philoxBlock(c0, c1, c2, c3, k0, k1, out);
    expect([...out]).toEqual(words);

    for (const k of [kernel(), plain]) {
      const pointer = k.allocate(16);
      k.philoxUniforms(pointer, c0, c1, 1, c2, c3, k0, k1);
      const [w0, w1, w2, w3] = words as [number, number, number, number];
      expect([...new Float64Array(k.memory.buffer, pointer, 2)]).toEqual([uniformOfWords(w0, w1), uniformOfWords(w2, w3)]);
    }
  });

  it('kernel, fallback and TypeScript agree over a carry between counter words, at every remainder of the lane count', () => {
    for (let blocks = 0; blocks < 10; blocks++) {
      const first = 2 ** 32 * 5 - 4;
      const expected = new Float64Array(2 * blocks);
      const words = new Uint32Array(4);
      for (let b = 0; b < blocks; b++) {
        const block = first + b;
        philoxBlock(block >>> 0, Math.floor(block / 2 ** 32), 7, 8, 9, 10, words);
        const [w0, w1, w2, w3] = words as unknown as [number, number, number, number];
        expected.set([uniformOfWords(w0, w1), uniformOfWords(w2, w3)], 2 * b);
      }
      for (const k of [kernel(), plain]) {
        const pointer = k.allocate(16 * blocks + 8);
        k.philoxUniforms(pointer, first >>> 0, Math.floor(first / 2 ** 32), blocks, 7, 8, 9, 10);
        expect(new Float64Array(k.memory.buffer, pointer, 2 * blocks)).toEqual(expected);
      }
    }
  });

  it('normals of the fallback have the bits of the kernel', () => {
    const [a, b] = [kernel(), plain].map((k) => {
      const pointer = k.allocate(16 * 1000);
      k.philoxNormals(pointer, 0, 0, 1000, 1, 2, 3, 4);
      return new Float64Array(k.memory.buffer, pointer, 2000);
    });
    expect(a).toEqual(b);
  });

  it('the largest uniform is 1 - 2^-53', () => {
    expect(uniformOfWords(0xffffffff, 0xffffffff)).toBe(1 - 2 ** -53);
    expect(uniformOfWords(0, 0)).toBe(0);
  });
});

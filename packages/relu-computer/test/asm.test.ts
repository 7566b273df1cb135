import { philox } from '@x/linalg';
import { describe, expect, it } from 'vitest';
import { assemble, BadProgramError, disassemble, formatImage, OutOfRangeError, parseImage } from '../src/index.ts';
import { HELLO } from './hello.ts';

describe('assemble', () => {
  it.each([
    ['1 2 3', [1, 2, 3]],
    ['1 2', [1, 2, 3]],
    ['5', [5, 5, 3]],
    ['5; 6', [5, 5, 3, 6, 6, 6]],
    ['? ?+1 ?-1', [1, 3, 2]],
    ['. 7', [7]],
    [". 'a' '\\n' \"ab\"", [97, 10, 97, 98]],
    ['a: b: 1 a b\n', [1, 0, 0]],
    ['a b c; . a: 0 b: 0 c: 0', [3, 4, 5, 0, 0, 0]],
    ['a:\n1 2 a', [1, 2, 0]],
    ['. -1 (2 - 3) - (4 + -5)', [65535, 0]],
    ['Z Z f;.-?\n. f: 0 Z: 0 # end', [5, 5, 4, 65532, 0, 0]],
    ['', []],
    ['# nothing', []],
  ])('%j', (source, words) => expect([...assemble(source).image]).toEqual(words));

  it('tells where each word comes from, and the labels', () => {
    const { lines, symbols } = assemble('a b\n\n. a: 1\nb: 2');
    expect([...lines]).toEqual([1, 1, 1, 3, 4, 4, 4]);
    expect([...symbols]).toEqual([
      ['a', 3],
      ['b', 4],
    ]);
  });

  it.each([
    ['a b c', 1, 1, 'a is not defined'],
    ['1 2\n a: 1\n  a: 2', 3, 3, 'a is defined twice'],
    ['. "ab', 1, 3, '" is not closed'],
    [". 'ab'", 1, 3, 'a character is one'],
    ['1 (2 + 3', 1, 9, '( is not closed'],
    ['1 + ', 1, 5, 'an operand is missing'],
    ['1 ) 2', 1, 3, ') is no operand'],
    ['1 @', 1, 3, '"@" has no meaning'],
    ['. 70000', 1, 3, 'does not fit into 16 bits'],
    ['. 99999999999999999999', 1, 3, 'is too large'],
    ['. "\\q"', 1, 4, 'is no escape'],
  ])('refuses %j', (source, line, column, message) => {
    expect(() => assemble(source)).toThrow(expect.objectContaining({ name: 'BadProgramError', line, column }));
    expect(() => assemble(source)).toThrow(message);
  });

  it('takes long nesting and long sources without running out of stack or time', () => {
    expect(() => assemble(`. ${'('.repeat(1e5)}1${')'.repeat(1e5)}`)).toThrow(BadProgramError);
    expect(assemble(`. ${'1 '.repeat(1e5)}`).image.length).toBe(1e5);
    expect([...assemble(`. 1${'+1'.repeat(1e5 / 2)}`, { bits: 20 }).image]).toEqual([50001]);
  });
});

describe('P8: disassembled and assembled it is the same image', () => {
  it('random images, with and without names', () => {
    const rng = philox(1);
    for (let t = 0; t < 100; t++) {
      const image = Float64Array.from({ length: rng.integer(40) }, () => rng.integer(65536));
      const symbols = new Map(Array.from({ length: rng.integer(5) }, (_, k) => [`name${k}`, rng.integer(image.length + 1)] as const));
      const inside = new Map([...symbols].filter(([, address]) => address < image.length));
      const again = assemble(disassemble(image, { symbols: inside }));
      expect([...again.image]).toEqual([...image]);
      expect(new Map(again.symbols)).toEqual(inside);
      expect([...parseImage(formatImage(image))]).toEqual([...image]);
    }
  });
});

describe('parseImage', () => {
  it('reads spaces, commas and lines', () => expect([...parseImage('1,2\n -1\t+3 ')]).toEqual([1, 2, 65535, 3]));
  it('the hello world', () => expect(parseImage(HELLO).length).toBe(32));
  it('names the place of what is no number', () => {
    expect(() => parseImage('1\n 2 x')).toThrow(expect.objectContaining({ name: 'BadProgramError', line: 2, column: 4 }));
    expect(() => parseImage('1 1e3')).toThrow(BadProgramError);
    expect(() => parseImage('99999')).toThrow(OutOfRangeError);
    expect(() => parseImage('-32769')).toThrow(OutOfRangeError);
  });
});

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { philox } from '@x/linalg';
import { ArgumentError } from '@x/linalg/errors';
import { describe, expect, it } from 'vitest';
import {
  assemble,
  BadProgramError,
  buildComputer,
  createMachine,
  disassemble,
  formatImage,
  OutOfRangeError,
  parseImage,
} from '../src/index.ts';
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
    ['1 2 msg\nmsg: . "Hi"', [1, 2, 3, 72, 105]],
    ['a: b:\nc: . d: 5\n1 a d', [5, 1, 0, 0]],
    ['a: ; . 7', [7]],
    ['. a:[3] 1 [0] a', [0, 0, 0, 1, 0]],
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
    ['. [2', 1, 5, '[ is not closed'],
    ['. [x]', 1, 4, 'a number of words'],
    ['1 2 3\n. [999999999999]', 2, 3, 'more than 65535 words'],
  ])('refuses %j', (source, line, column, message) => {
    expect(() => assemble(source)).toThrow(expect.objectContaining({ name: 'BadProgramError', line, column }));
    expect(() => assemble(source)).toThrow(message);
  });

  it('refuses bits that no word has, here and in images', () => {
    for (const bits of [Number.NaN, 0, 1, 2.5, 49, 100]) {
      expect(() => assemble('1', { bits })).toThrow(ArgumentError);
      expect(() => disassemble([1], { bits })).toThrow(ArgumentError);
      expect(() => parseImage('1', { bits, words: 1 })).toThrow(ArgumentError);
      expect(() => formatImage([1], { bits })).toThrow(ArgumentError);
    }
  });

  it('refuses sums that would round', () => {
    const large = '9007199254740991';
    expect(() => assemble(`. ${large}+${large}+${large}-${large}-${large}-${large}+1`)).toThrow('not exact');
    expect([...assemble(`. ${large}-${large}+1`).image]).toEqual([1]);
  });

  it('refuses a source that would fill the memory', () =>
    expect(() => assemble('\n'.repeat(2 ** 22 + 1))).toThrow(expect.objectContaining({ name: 'OutOfRangeError', value: 2 ** 22 + 1 })));

  it('takes long nesting and long sources without running out of stack or time', () => {
    expect(() => assemble(`. ${'('.repeat(1e5)}1${')'.repeat(1e5)}`)).toThrow(BadProgramError);
    expect(assemble(`. ${'1 '.repeat(1e5)}`, { bits: 20 }).image.length).toBe(1e5);
    expect([...assemble(`. 1${'+1'.repeat(1e5 / 2)}`, { bits: 20 }).image]).toEqual([50001]);
  });
});

describe('P8: disassembled and assembled it is the same image', () => {
  it('random images, with and without names', () => {
    const rng = philox(1);
    for (let t = 0; t < 100; t++) {
      const image = Float64Array.from({ length: rng.integer(40) }, () => rng.integer(65536));
      const symbols = new Map(Array.from({ length: rng.integer(5) }, (_, k) => [`name${k}`, rng.integer(image.length + 4)] as const));
      // Words that are such addresses are written as names.
      if (image.length > 0) for (const address of symbols.values()) image[rng.integer(image.length)] = address;
      const again = assemble(disassemble(image, { symbols }));
      expect([...again.image]).toEqual([...image]);
      // No line of the source stands beyond its end.
      expect(new Map(again.symbols)).toEqual(new Map([...symbols].filter(([, address]) => address <= image.length)));
      expect([...parseImage(formatImage(image))]).toEqual([...image]);
    }
  });
  it('a label at the end is defined there; one beyond it is a number', () => {
    const symbols = new Map([
      ['end', 3],
      ['beyond', 4],
    ]);
    expect(disassemble([3, 4, 0], { symbols })).toBe('end 4 0 # 0\nend: # 3\n');
  });
});

it('no word is -0', () => {
  const machine = createMachine(buildComputer({ words: 8, bits: 8 }), [-0]);
  const words = [...parseImage('-0 0'), ...assemble('. -0 (-0) -0+0 0-0').image, ...machine.memory()];
  expect(words).toEqual(words.map(() => 0));
  expect(formatImage([-0])).toBe('0\n');
  const reading = createMachine(buildComputer({ words: 8, bits: 8 }), [-1, 5, 3], { input: [-0] });
  expect(reading.step().input).toBe(0);
});

/** What that assembler makes (hsq -q), and how long the program runs. */
const IMAGE = { words: 2894, sha256: '4c20dd138eb76f71d5de717dcce8a5c04ae78a5d2287f35fe626a012b19a74b2', steps: 17824 };

describe('a compiled program', () => {
  // Made of compiled/primes.hsq by Mazonka's Higher Subleq compiler, which has an assembler of its own.
  const source = readFileSync(new URL('compiled/primes.asq', import.meta.url), 'utf8');
  it('assembles to the words that the assembler of the compiler makes', () => {
    const { image } = assemble(source);
    expect(image.length).toBe(IMAGE.words);
    expect(createHash('sha256').update(formatImage(image)).digest('hex')).toBe(IMAGE.sha256);
  });
  it.each(['demux', 'two-level'] as const)('runs in the network: %s', (design) => {
    const written: number[] = [];
    const machine = createMachine(buildComputer({ words: 4096, bits: 16, design }), assemble(source).image, {
      output: (word) => written.push(word),
    });
    expect(machine.run({ maxSteps: 1e5, verifyEvery: 1000 })).toEqual({ steps: IMAGE.steps, reason: 'halted' });
    expect(String.fromCharCode(...written)).toBe('2 3 5 7 11 13 17 19 23 29 31 37 41 43 47 21\n');
  });
});

describe('parseImage', () => {
  it('reads spaces, commas and lines', () => expect([...parseImage('1,2\n -1\t+3 ')]).toEqual([1, 2, 65535, 3]));
  it('the hello world', () => expect(parseImage(HELLO).length).toBe(32));
  it('names the place of what is no number', () => {
    expect(() => parseImage('1\n 2 x')).toThrow(expect.objectContaining({ name: 'BadProgramError', line: 2, column: 4 }));
    expect(() => parseImage('1 1e3')).toThrow(BadProgramError);
    expect(() => parseImage('99999')).toThrow(OutOfRangeError);
    expect(() => parseImage('1\n2 99999')).toThrow('line 2, column 3: word 2 is 99999');
    expect(() => parseImage('-32769')).toThrow(OutOfRangeError);
    expect(() => parseImage('0 '.repeat(256), { bits: 8 })).toThrow('more than 255 words');
    expect(() => parseImage('1 2 3', { words: 2 })).toThrow(OutOfRangeError);
  });
});

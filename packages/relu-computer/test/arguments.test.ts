import { XError } from '@x/linalg/errors';
import { mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import {
  assemble,
  buildComputer,
  createMachine,
  decode,
  disassemble,
  encode,
  formatImage,
  litNeurons,
  parseImage,
  runAsync,
  toOnnx,
} from '../src/index.ts';

/** What JavaScript may hand over in place of anything. */
const WRONG: readonly unknown[] = [null, 5, 'x', {}, [], Number.NaN, () => 1, true, Symbol('s'), [{}], new Map(), new Set([1]), 1n];

const computer = buildComputer({ words: 8, bits: 8 });
const machine = () => createMachine(computer, [1, 2, 3]);
const stepped = machine();
stepped.step();
const reading = [255, 5, 3];
const writing = [5, 255, 3];

// biome-ignore lint/suspicious/noExplicitAny: these are calls that types would not allow.
const CALLS: Readonly<Record<string, (value: any) => unknown>> = {
  assemble: (value) => assemble(value),
  'assemble, bits': (bits) => assemble('1', { bits }),
  disassemble: (value) => disassemble(value),
  'disassemble, symbols': (symbols) => disassemble([1], { symbols }),
  parseImage: (value) => parseImage(value),
  'parseImage, words': (words) => parseImage('1', { words }),
  formatImage: (value) => formatImage(value),
  buildComputer: (value) => buildComputer(value),
  'buildComputer, words': (words) => buildComputer({ words, bits: 8 }),
  'buildComputer, bits': (bits) => buildComputer({ words: 8, bits }),
  'buildComputer, haltAt': (haltAt) => buildComputer({ words: 8, bits: 8, haltAt }),
  'buildComputer, design': (design) => buildComputer({ words: 8, bits: 8, design }),
  'buildComputer, radix': (radix) => buildComputer({ words: 8, bits: 8, radix }),
  'buildComputer, float': (float) => buildComputer({ words: 8, bits: 8, float }),
  'buildComputer, errorCorrection': (errorCorrection) => buildComputer({ words: 8, bits: 8, errorCorrection }),
  'createMachine, computer': (value) => createMachine(value, [1]),
  'createMachine, image': (value) => createMachine(computer, value),
  'createMachine, options': (value) => createMachine(computer, [1], value),
  'createMachine, input': (input) => createMachine(computer, reading, { input }).step(),
  'createMachine, output': (output) => createMachine(computer, writing, { output }).step(),
  'createMachine, pc': (pc) => createMachine(computer, [1], { pc }),
  'createMachine, history': (history) => createMachine(computer, [1], { history }),
  run: (value) => machine().run(value),
  'run, maxSteps': (maxSteps) => machine().run({ maxSteps }),
  'run, onLimit': (onLimit) => machine().run({ maxSteps: 2, onLimit }),
  'run, breakpoints': (breakpoints) => machine().run({ maxSteps: 2, breakpoints }),
  'run, watch': (watch) => machine().run({ maxSteps: 2, watch }),
  'run, onProgress': (onProgress) => machine().run({ maxSteps: 2, onProgress }),
  'run, verifyEvery': (verifyEvery) => machine().run({ maxSteps: 2, verifyEvery }),
  restore: (value) => machine().restore(value),
  stepBack: (value) => machine().stepBack(value),
  word: (value) => machine().word(value),
  activations: (value) => stepped.activations(value),
  explain: (value) => stepped.explain(0, value),
  litNeurons: (value) => litNeurons(stepped, value),
  'encode, image': (value) => encode(computer, value),
  'encode, pc': (pc) => encode(computer, [1], { pc }),
  decode: (value) => decode(computer, value),
  'toOnnx, computer': (value) => toOnnx(value),
  'toOnnx, float': (float) => toOnnx(computer, { float }),
  'toOnnx, layout': (layout) => toOnnx(computer, { layout }),
  'toOnnx, loop': (loop) => toOnnx(computer, { loop }),
};

/** No value makes a call fail otherwise than by an error of ours, and most make it fail. */
function claim(call: (value: unknown) => unknown): void {
  let refused = 0;
  for (const value of WRONG) {
    try {
      call(value);
    } catch (error) {
      expect(error, `${String(value)}: ${error}`).toBeInstanceOf(XError);
      refused++;
    }
  }
  expect(refused).toBeGreaterThanOrEqual(WRONG.length / 2);
}

describe('arguments of a wrong kind are refused by typed errors', () => {
  // The options of a machine may be any object, as all of them have defaults.
  it.each(Object.entries(CALLS).filter(([name]) => name !== 'createMachine, options'))('%s', (_, call) => claim(call));
  it('runAsync', async () => {
    for (const value of WRONG) await expect(runAsync(machine(), value as never)).rejects.toBeInstanceOf(XError);
  });
  it('fails for a function that leaves it to the language, and for one that takes anything', () => {
    mustFail(() => claim((value) => (value as string).trim()));
    mustFail(() => claim(() => 1));
  });
});

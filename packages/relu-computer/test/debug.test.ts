import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { debugSession } from '../src/cli/debug/session.ts';
import { view } from '../src/cli/debug/view.ts';
import { assemble, buildComputer, createMachine, DESIGNS, type Design, parseImage } from '../src/index.ts';
import { writtenText } from '../src/written.ts';
import { HELLO, PRODUCT } from './hello.ts';

function session(source: string, design: Design = 'basic') {
  const { image, symbols } =
    source === HELLO ? { image: parseImage(HELLO, { bits: 8 }), symbols: new Map() } : assemble(source, { bits: 8 });
  const waiting: number[] = [];
  const computer = buildComputer({ words: 48, bits: 8, design });
  return debugSession({
    symbols,
    waiting,
    makeMachine: (output) => createMachine(computer, image, { history: 100, input: () => waiting.shift(), output }),
  });
}

/** Answers to commands, one after the other. */
async function talk(source: string, commands: readonly string[], design?: Design) {
  const debugging = session(source, design);
  const answers: string[] = [];
  for (const line of commands) answers.push(await debugging.execute(line));
  return { answers, debugging };
}

describe('a debugging session', () => {
  it('steps, goes back, runs to breakpoints and watched cells, and to the end', async () => {
    const { answers, debugging } = await talk(HELLO, [
      '',
      's 2',
      'b',
      'break 9',
      'r',
      'w 3',
      'r',
      'break',
      'break 9',
      'w 3',
      'r',
      's',
      'o',
    ]);
    expect(answers).toEqual([
      '0: 15 17 255; pc 3',
      '6: 16 1 255; pc 9',
      'at 6 after 2 steps',
      'breakpoint at 9',
      'breakpoint at 9 after 3 steps',
      'watch at 3',
      'a watched cell changed; pc 12 after 4 steps',
      '9',
      'no breakpoint at 9',
      'no watch at 3',
      'halted at 255 after 71 steps',
      'halted',
      'Hello, world!\n',
    ]);
    expect(debugging.output).toBe('Hello, world!\n');
  });

  it('keeps snapshots, shows memory by label, waits for input', async () => {
    const { answers } = await talk(PRODUCT, [
      'r',
      'i *',
      'snapshot start',
      's',
      'm a 1',
      'restore start',
      's',
      'r',
      'snapshot',
      'restore none',
    ]);
    expect(answers).toEqual([
      'the instruction at 0 reads, and there is no input: give some with input TEXT',
      '2 words wait',
      'start: pc 0 after 0 steps',
      `0: 255 ${assemble(PRODUCT, { bits: 8 }).symbols.get('a')} 3, read 42; pc 3`,
      expect.stringMatching(/^\d+: 42$/),
      'at 0 after 0 steps',
      expect.stringMatching(/read 10; pc 3$/),
      'the instruction at 3 reads, and there is no input: give some with input TEXT',
      'a snapshot needs a name',
      'there is no snapshot none; there are start',
    ]);
  });

  it('takes back what was written; what had been written before a restored state stays', async () => {
    const { answers } = await talk(HELLO, [
      'r',
      'b 20',
      'o',
      'r',
      'o',
      'b 71',
      'o',
      'snapshot start',
      'r',
      'restore start',
      's 9',
      'b 9',
      'o',
    ]);
    const text = 'Hello, world!\n';
    expect(text.startsWith(answers[2]!)).toBe(true);
    expect(answers[2]!.length).toBe(10);
    expect([answers[4], answers[6], answers[12]]).toEqual([text, '', text]);
  });

  it('names neurons, and explains them', async () => {
    const { answers } = await talk(HELLO, [
      'n result',
      's',
      'n result',
      'e result: result',
      'e fetch: fetch B[0]',
      'stages',
      'b',
      'n result',
    ]);
    expect(answers.slice(0, 5)).toEqual([
      'neurons tell of a step: take one first',
      '0: 15 17 255; pc 3',
      expect.stringContaining('result = 72'),
      'result = 72\n  1 * 328 (b - a + W)\n  -256 * 1 (b >= a)\n  + 0',
      'fetch B[0] = 17\n  1 * 17 (memory[1])\n  255 * 1 (pc =[0])\n  + -255',
    ]);
    expect(answers[5]).toMatch(/^0 \S.*: relu, \d+ neurons, \d+ lit\n/);
    expect(answers[7]).toBe('neurons tell of a step: take one first');
  });

  it.each(DESIGNS)('explains a neuron of each stage by the name that it lists: %s', async (design) => {
    const { debugging } = await talk(HELLO, ['s'], design);
    for (const { name, groups } of debugging.machine.computer.stages) {
      const neuron = `${groups[0]!.name}${groups[0]!.count === 1 ? '' : '[0]'}`;
      expect((await debugging.execute(`explain ${name}: ${neuron}`)).startsWith(`${neuron} = `), name).toBe(true);
      expect(await debugging.execute(`n ${name}`)).not.toContain('no stage');
    }
  });

  it('answers to what is wrong', async () => {
    const { answers, debugging } = await talk(HELLO, [
      'jump',
      'break 48',
      'm x',
      's -1',
      's',
      'n nothing',
      'e result: nothing',
      'e result',
      'b 5',
      'help',
      'q',
    ]);
    for (const [k, part] of [
      'no command',
      'no address',
      'no address',
      'no number',
      '',
      'no stage',
      'neuron',
      'STAGE: NEURON',
      '1 steps back; no more',
    ].entries())
      expect(answers[k]).toContain(part);
    expect(answers[9]).toContain('explain STAGE: NEURON');
    expect(debugging.ended).toBe(true);
  });

  it('keeps no more output than it shows, and stops a run that does not end', async () => {
    const debugging = session('a (-1); Z Z 0; . a: 65 Z: 0');
    await debugging.execute('r 20000');
    expect(debugging.output.length).toBe(4096);
    await debugging.execute('b 100');
    expect(debugging.output.length).toBe(4096);
    const controller = new AbortController();
    const answer = debugging.execute('r', controller.signal);
    controller.abort();
    expect(await answer).toMatch(/^interrupted/);
  });
});

it('Ctrl-C ends many steps; many steps back are one copy of the memory', async () => {
  const debugging = session('Z Z 0; . Z: 0');
  const controller = new AbortController();
  const answer = debugging.execute('s 1000000000', controller.signal);
  setTimeout(() => controller.abort());
  expect(await answer).toMatch(/^interrupted at 0 after \d+ steps$/);
  expect(await debugging.execute('b 100')).toMatch(/^at 0 after/);
  expect(await debugging.execute('b 1000000000')).toBe('0 steps back; no more are kept');
});

it('what was written is its last characters, less those of steps taken back, but none from before a mark', () => {
  const written = writtenText(4);
  const add = (text: string, from: number) => [...text].forEach((c, k) => void written.add(c.charCodeAt(0), from + k));
  add('abcdef', 1);
  expect(written.text).toBe('cdef');
  written.back(5);
  expect(written.text).toBe('bcde');
  written.keep();
  // The state of step 2 was restored.
  add('uvwxyz', 3);
  expect(written.text).toBe('wxyz');
  written.back(2);
  expect(written.text).toBe('e');
});

describe('the screen', () => {
  it('shows code, memory, lit neurons and output, within its size', async () => {
    const { debugging } = await talk(HELLO, ['s 6']);
    for (const size of [
      { columns: 100, rows: 40 },
      { columns: 20, rows: 10 },
      { columns: 1, rows: 1 },
    ]) {
      const lines = view(debugging, 'an answer', size).map(stripVTControlCharacters);
      expect(lines.length).toBeLessThan(size.rows + (size.rows === 1 ? 1 : 0));
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(size.columns);
    }
    const all = view(debugging, 'an answer', { columns: 120, rows: 60 }).map(stripVTControlCharacters).join('\n');
    for (const part of ['basic, 48 words of 8 bits', 'step 6', ' > ', 'lit neurons', 'fetch A[', 'an answer']) expect(all).toContain(part);
  });

  it('lets no program move the cursor', async () => {
    const debugging = session('a (-1); b (-1); Z Z (-1); . a: 27 b: 155 Z: 0');
    await debugging.execute('r');
    expect(debugging.output).toBe('\x1b\x9b');
    expect(stripVTControlCharacters(view(debugging, '', { columns: 80, rows: 40 }).join(''))).not.toMatch(/\p{Cc}/u);
  });
});

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HELLO } from './hello.ts';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
/** Copies what it reads. */
const ECHO = 'loop: (-1) c ?; c (-1); Z Z loop; . c: 0 Z: 0';
const SMALL = ['--words', '64', '--bits', '8'];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'relu-computer-'));
  for (const [name, text] of Object.entries({
    'hello.dec': HELLO,
    'echo.asq': ECHO,
    'bad.asq': '1 2\n 3 @',
    'loop.asq': 'Z Z 0; . Z: 0',
    'much.asq': 'a (-1); Z Z 0; . a: 65 Z: 0',
  })) {
    writeFileSync(join(folder, name), text);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

function cli(args: readonly string[], input: string | Uint8Array = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { cwd: folder, input, maxBuffer: 2 ** 26 });
  return { status, bytes: [...stdout], stdout: stdout.toString(), stderr: stderr.toString() };
}

describe('relu-computer run', () => {
  it('prints what the program writes, byte for byte, in the networks and the interpreter', () => {
    for (const args of [
      [],
      [...SMALL, '--design', 'speculative', '--engine', 'sparse', '--verify-every', '1'],
      ['--engine', 'interpreter'],
    ]) {
      expect(cli(['run', 'hello.dec', ...args])).toMatchObject({ status: 0, stdout: 'Hello, world!\n', stderr: '' });
    }
  });

  it('--json prints one document', () => {
    expect(JSON.parse(cli(['run', 'hello.dec', ...SMALL, '--json']).stdout)).toMatchObject({ steps: 71, reason: 'halted', pc: 255 });
  });

  it('--json keeps the first words of a program that writes without end, and counts all', () => {
    const { stdout, status, stderr } = cli(['run', 'much.asq', ...SMALL, '--engine', 'interpreter', '--max-steps', '3000000', '--json']);
    expect(status, stderr).toBe(1);
    const { output, written, reason } = JSON.parse(stdout);
    expect([output.length, written, reason]).toEqual([2 ** 20, 1_500_000, 'limit']);
    expect(output.every((word: number) => word === 65)).toBe(true);
  });

  it('reads stdin, or a file, to its end, and bytes that are no text', () => {
    const all = Uint8Array.from({ length: 256 }, (_, k) => k);
    // At the end the program writes -1, again and again.
    const limited = cli(['run', 'echo.asq', '--words', '64', '--input', '-', '--dialect', 'howerj', '--max-steps', '774'], all);
    expect(limited).toMatchObject({ status: 1, bytes: [...all, 255, 255] });
    expect(limited.stderr).toMatch(/stopped after 774 instructions/);
    const ended = cli(['run', 'echo.asq', '--words', '64', '--input', 'echo.asq']);
    expect(ended).toMatchObject({ status: 3, stdout: ECHO });
    expect(ended.stderr).toMatch(/there is no input left/);
  });

  it('exit codes: 1 step limit, 2 bad usage, 3 bad input, with the reason', () => {
    expect(cli(['run', 'loop.asq', ...SMALL, '--max-steps', '10']).status).toBe(1);
    expect(cli(['run', 'hello.dec', '--words', '0']).status).toBe(2);
    expect(cli(['run', 'hello.dec', '--words', '300', '--bits', '8'])).toMatchObject({ status: 2, stdout: '' });
    expect(cli(['run', 'hello.dec', '--words', '20']).stderr).toMatch(/the image has 32 words; the memory has 20/);
    const bad = cli(['run', 'bad.asq', '--json']);
    expect(bad.status).toBe(3);
    expect(JSON.parse(bad.stdout)).toMatchObject({ error: { name: 'BadProgramError', line: 2, column: 4 } });
    expect(cli(['run', 'missing.dec']).status).toBe(3);
  });
});

describe('programs of any size', () => {
  const LIMIT = 2 ** 26;
  it('without an end on stdin, or gzip that grows, are refused before they fill the memory', () => {
    const long = Buffer.alloc(LIMIT + 1, '1 ');
    expect(cli(['run', '-'], long)).toMatchObject({ status: 3, stdout: '' });
    writeFileSync(join(folder, 'bomb.dec.gz'), gzipSync(long));
    writeFileSync(join(folder, 'cut.dec.gz'), gzipSync(HELLO).subarray(0, 30));
    expect(cli(['run', 'bomb.dec.gz']).stderr).toContain(`bomb.dec.gz has more than ${LIMIT} bytes`);
    expect(cli(['run', 'cut.dec.gz'])).toMatchObject({ status: 3, stderr: expect.stringContaining('cut.dec.gz is no gzip file') });
    writeFileSync(join(folder, 'hello.dec.gz'), gzipSync(HELLO));
    expect(cli(['run', 'hello.dec.gz', ...SMALL])).toMatchObject({ status: 0, stdout: 'Hello, world!\n' });
  });
  it('that would make a large network by their length alone need --words', () => {
    writeFileSync(join(folder, 'large.dec'), '0 '.repeat(300_000));
    expect(cli(['run', 'large.dec', '--bits', '32'])).toMatchObject({ status: 3, stderr: expect.stringContaining('give --words') });
  });
});

describe('relu-computer debug, page', () => {
  it('takes commands from stdin where that is no terminal', () => {
    const { status, stdout, stderr } = cli(['debug', 'echo.asq', ...SMALL], 'break loop\ni A\ns 2\no\nr\nb\nn result\nq\ns\n');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe(
      [
        ['break loop', 'breakpoint at 0'],
        ['i A', '2 words wait'],
        ['s 2', '3: 9 255 6, wrote 65; pc 6'],
        ['o', 'A'],
        ['r', 'breakpoint at 0 after 3 steps'],
        ['b', 'at 6 after 2 steps'],
        ['n result', 'neurons tell of a step: take one first'],
      ]
        .map(([command, answer]) => `> ${command}\n${answer}\n`)
        .join(''),
    );
    const { answers, pc } = JSON.parse(cli(['debug', 'hello.dec', ...SMALL, '--json'], 's\ne result: result\n').stdout);
    expect(answers[1].answer).toMatch(/^result = 72\n/);
    expect(pc).toBe(3);
  });

  it('prints the page', () => expect(cli(['page']).stdout).toMatch(/^<!doctype html>[\s\S]*<script>\S/i));
});

describe('relu-computer export', () => {
  it('writes an ONNX file, and the state that a program starts from', () => {
    const { entries, state, bytes } = JSON.parse(cli(['export', 'hello.dec', '--onnx', 'step.onnx', ...SMALL, '--json']).stdout);
    expect(entries[0]).toEqual({ name: 'memory', start: 0, count: 64 });
    expect(state.slice(0, 4)).toEqual([15, 17, 255, 17]);
    expect(readFileSync(join(folder, 'step.onnx')).length).toBe(bytes);
    expect(cli(['export', '--onnx', 'loop.onnx', ...SMALL, '--loop', '--layout', 'sparse', '--float', 'f32']).stdout).toMatch(
      /^loop.onnx: \d+ bytes/,
    );
    expect(readFileSync(join(folder, 'loop.onnx'), 'latin1')).toContain('ScatterElements');
    expect(cli(['export', ...SMALL]).status).toBe(2);
  });
});

it('P7: an exported network is the same whatever the program', () => {
  for (const [program, file] of [
    ['hello.dec', 'a.onnx'],
    ['echo.asq', 'b.onnx'],
  ] as const)
    cli(['export', program, '--onnx', file, ...SMALL]);
  const [a, b] = ['a.onnx', 'b.onnx'].map((file) => readFileSync(join(folder, file)));
  expect(a!.length).toBeGreaterThan(1000);
  expect(a!.equals(b!)).toBe(true);
});

describe('relu-computer asm, disasm, stats', () => {
  it('assembles, and disassembles to the same image', () => {
    expect(cli(['asm', 'echo.asq', '--out', 'echo.dec']).stdout).toBe('11 words\n');
    expect(readFileSync(join(folder, 'echo.dec'), 'utf8')).toBe(cli(['asm', 'echo.asq']).stdout);
    expect(cli(['asm', '-'], cli(['disasm', 'echo.dec']).stdout).stdout).toBe(cli(['asm', 'echo.asq']).stdout);
    expect(JSON.parse(cli(['asm', 'echo.asq', '--json']).stdout).symbols).toEqual({ loop: 0, c: 9, Z: 10 });
  });

  it('tables designs, or the stages of one', () => {
    expect(JSON.parse(cli(['stats', ...SMALL, '--json']).stdout)).toContainEqual(
      expect.objectContaining({ design: 'basic', strictDepth: 12 }),
    );
    expect(JSON.parse(cli(['stats', '--bits', '4', '--design', 'paper23', '--json']).stdout)[8]).toMatchObject({
      stage: 'subtract: flip a',
      part: 'subtract',
    });
    expect(cli(['stats', '--words', '300', '--bits', '8'])).toMatchObject({ status: 2, stderr: expect.stringContaining('[1, 255]') });
    expect(cli(['stats', ...SMALL, '--design', 'speculative']).stdout).toMatch(/^stage +kind +neurons +weights +bound\nstaircases +relu/);
  });
});

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { HAS_TERMINAL, inTerminal } from './terminal.ts';

const TOY = fileURLToPath(new URL('toy.ts', import.meta.url));
const model = join(mkdtempSync(join(tmpdir(), 'cli-')), 'model.json');
writeFileSync(model, 'four');

function toy(args: string[], input: string | Buffer = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [TOY, ...args], { input, encoding: 'utf8', maxBuffer: 2 ** 24 });
  return { status, stdout, stderr };
}

describe('results', () => {
  it('prints text on stdout, nothing on stderr', () => {
    expect(toy(['draw', model, '-n', '2'])).toEqual({ status: 0, stdout: 'draw 0\ndraw 1\n', stderr: '' });
  });

  it('--json prints exactly one document, typed arrays as arrays', () => {
    const { status, stdout } = toy(['draw', model, '--json', '--radius', '0.5', '--seed=7']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ count: 3, radius: 0.5, method: 'dikin', seed: 7, bytes: 4, draws: [1, null] });
    expect(stdout.trim().split('\n')).toHaveLength(1);
  });

  it('reads stdin for -, and gzip', () => {
    expect(JSON.parse(toy(['draw', '-', '--json'], gzipSync('seven c')).stdout).bytes).toBe(7);
  });

  it('a check that does not hold exits with 1, and is still printed', () => {
    expect(toy(['check'])).toEqual({ status: 1, stdout: 'fails\n', stderr: '' });
    expect(toy(['check', '--holds']).status).toBe(0);
    expect(toy(['check', '--json'])).toEqual({ status: 1, stdout: '{"holds":false}\n', stderr: '' });
  });

  it('bytes are printed as they are; the document may be promised', () => {
    expect([...spawnSync(process.execPath, [TOY, 'bytes']).stdout]).toEqual([255, 10, 0]);
    expect(toy(['bytes', '--json']).stdout).toBe('[255,10,0]\n');
  });

  it('a note goes to stderr', () => {
    expect(toy(['draw', model, '--verbose', '--json']).stderr).toBe('toy: starting\n');
  });

  it('everything is written before the process ends, and a reader who leaves early is no error', () => {
    expect(toy(['flood']).stdout.split('\n')).toHaveLength(200_001);
    const piped = spawnSync('bash', ['-c', `"${process.execPath}" "${TOY}" flood | head -n 1; echo "\${PIPESTATUS[0]}"`], {
      encoding: 'utf8',
    });
    expect(piped.stdout).toBe('0\n0\n');
    expect(piped.stderr).toBe('');
  });
});

describe('help', () => {
  it('of the program lists the commands', () => {
    const { status, stdout } = toy(['--help']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Toys\.\n\nUsage: toy COMMAND/);
    expect(stdout).toMatch(/ {2}draw +Draw numbers\./);
    expect(stdout).toContain('toy draw model.json --count 10');
  });

  it('of a command shows usage, arguments, options with defaults, examples and exit codes', () => {
    const { status, stdout } = toy(['draw', '--help']);
    expect(status).toBe(0);
    expect(stdout).toContain('Usage: toy draw FILE [OUT] [options]');
    expect(stdout).toMatch(/-n, --count N +how many \(default 3\)/);
    expect(stdout).toMatch(/ {4}--method TEXT +the walk: dikin, hit-and-run \(default dikin\)/);
    expect(stdout).toMatch(/-h, --help +print this/);
    expect(stdout).toContain('Examples:');
    expect(stdout).toContain('Exit codes: 0 ok, 1 a check failed, 2 bad usage, 3 bad input, 130 interrupted.');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('--version', () => expect(toy(['--version'])).toEqual({ status: 0, stdout: '1.2.3\n', stderr: '' }));
});

describe('bad usage exits with 2 and says what is allowed', () => {
  it.each([
    [[], /a command is missing; it is one of draw, check/],
    [['drew'], /unknown command 'drew'/],
    [['toString'], /unknown command 'toString'/],
    [['draw'], /FILE is missing/],
    [['draw', 'a', 'b', 'c'], /unexpected argument 'c'; expected are FILE OUT/],
    [['draw', 'a', '--cuont', '3'], /unknown option --cuont; did you mean --count\?/],
    [['draw', 'a', '-x'], /unknown option -x\n/],
    [['draw', 'a', '--count', 'x'], /--count is 'x'; it must be a whole number >= 1 and <= 100/],
    [['draw', 'a', '--count', '1.5'], /--count is '1.5'/],
    [['draw', 'a', '--count', '101'], /--count is '101'/],
    [['draw', 'a', '--radius', ''], /--radius is ''; it must be a number >= 0/],
    [['draw', 'a', '--radius', 'Infinity'], /--radius is 'Infinity'/],
    [['draw', 'a', '--method', 'walk'], /--method is 'walk'; it must be one of dikin, hit-and-run/],
    [['draw', 'a', '--count'], /--count/],
    [['draw', 'a', '--verbose=yes'], /--verbose/],
    [['fail', 'argument'], /radius is -1/],
  ])('%j', (args, message) => {
    const { status, stdout, stderr } = toy(args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr).toContain('Try toy --help');
  });
});

describe('bad input exits with 3', () => {
  it.each([
    [['draw', '/nowhere/model.json'], /no such file.*\/nowhere\/model.json/],
    [['draw', tmpdir()], /EISDIR/],
    [['fail', 'file'], /parse: line 3 is odd/],
    [['fail', 'thin'], /round: too thin/],
  ])('%j', (args, message) => {
    const { status, stdout, stderr } = toy(args);
    expect(status).toBe(3);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('with --json the error is the document, with its data', () => {
    const { status, stdout, stderr } = toy(['fail', 'file', '--json']);
    expect(status).toBe(3);
    expect(JSON.parse(stdout)).toEqual({ error: { name: 'BadFileError', message: 'parse: line 3 is odd', line: 3 } });
    expect(stderr).toBe('toy: parse: line 3 is odd\n');
  });
});

it('an unforeseen error exits with 70 and its stack', () => {
  const { status, stderr } = toy(['fail', 'defect']);
  expect(status).toBe(70);
  expect(stderr).toMatch(/unforeseen error\nTypeError: x is undefined\n +at /);
});

describe('Ctrl-C', () => {
  function working(args: string[]): Promise<{ child: ChildProcess; end: Promise<{ code: number | null; stdout: string }> }> {
    const child = spawn(process.execPath, [TOY, 'wait', ...args]);
    let stdout = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    const end = new Promise<{ code: number | null; stdout: string }>((done) => child.on('close', (code) => done({ code, stdout })));
    return new Promise((ready) => child.stderr.once('data', () => ready({ child, end })));
  }

  it('stops the command, prints what is finished, exits with 130', async () => {
    const { child, end } = await working(['--json']);
    child.kill('SIGINT');
    expect(await end).toEqual({ code: 130, stdout: '{"partial":true}\n' });
  });

  it('a second one kills a command that does not stop', async () => {
    const { child, end } = await working(['--deaf']);
    child.kill('SIGINT');
    await new Promise((done) => child.stderr?.once('data', done));
    child.kill('SIGINT');
    expect(await end).toEqual({ code: 130, stdout: '' });
  });
});

describe('progress', () => {
  it('is silent when stderr is not a terminal', async () => {
    const child = spawn(process.execPath, [TOY, 'wait']);
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      // Some steps after the first word.
      if (stderr === '') setTimeout(() => child.kill('SIGKILL'), 500);
      stderr += text;
    });
    await new Promise((done) => child.on('close', done));
    expect(stderr).toBe('toy: working\n');
  });

  it.skipIf(!HAS_TERMINAL)('is a bar when it is one, and stdout stays clean', () => {
    const out = `${model}.out`;
    const shell = `timeout -s INT 5 "${process.execPath}" "${TOY}" wait --json >"${out}"`;
    expect(inTerminal(shell)).toMatch(/░.* % \|.*step \d+/);
    expect(spawnSync('cat', [out], { encoding: 'utf8' }).stdout).toBe('{"partial":true}\n');
  });
});

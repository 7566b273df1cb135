import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { file, full } from './mat-writer.ts';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

/** x, y >= 0, x + 2 y <= 4, x - y = 1. */
const SEGMENT = `NAME SEG
ROWS
 N COST
 L CAP
 E TIE
COLUMNS
 x COST 1 CAP 1
 x TIE 1
 y CAP 2 TIE -1
RHS
 B CAP 4 TIE 1
ENDATA
`;

/** The same two reactions as in the JSON below. */
const SBML = `<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" xmlns:fbc="http://www.sbml.org/sbml/level3/version1/fbc/version2"
  level="3" version="1" fbc:required="false">
  <model fbc:strict="true">
    <listOfSpecies><species id="M_a" boundaryCondition="false"/></listOfSpecies>
    <listOfParameters><parameter id="zero" value="0" constant="true"/><parameter id="ten" value="10" constant="true"/></listOfParameters>
    <listOfReactions>
      <reaction id="R_in" reversible="false" fbc:lowerFluxBound="zero" fbc:upperFluxBound="ten">
        <listOfProducts><speciesReference species="M_a" stoichiometry="1"/></listOfProducts>
      </reaction>
      <reaction id="R_out" reversible="false" fbc:lowerFluxBound="zero" fbc:upperFluxBound="ten">
        <listOfReactants><speciesReference species="M_a" stoichiometry="1"/></listOfReactants>
      </reaction>
    </listOfReactions>
  </model>
</sbml>
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dikin-sampler-'));
  await writeFile(join(folder, 'seg.mps'), SEGMENT);
  await writeFile(join(folder, 'seg.mps.gz'), gzipSync(SEGMENT));
  await writeFile(join(folder, 'free.mps'), SEGMENT.replace(' L CAP', ' G CAP'));
  await writeFile(join(folder, 'bad.mps'), SEGMENT.replace('CAP 2', 'CAP two'));
});
afterAll(() => rm(folder, { recursive: true }));

function cli(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [CLI, ...args], { cwd: folder }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe('dikin-sampler', () => {
  it('samples a file, gzipped or not, and writes draws', async () => {
    const { code, stdout } = await cli('sample', 'seg.mps.gz', '--seed', '3', '--out', 'draws.csv');
    expect(code).toBe(0);
    expect(stdout).toMatch(/2 variables, 2 rows; dimension 1, 2 inequalities/);
    expect(stdout).toMatch(/^converged: R-hat/m);
    const lines = (await readFile(join(folder, 'draws.csv'), 'utf8')).trim().split('\n');
    expect(lines.length).toBe(4001);
    expect(lines[0]).toBe('chain,draw,x,y');
    for (const line of lines.slice(1, 100)) {
      const [, , x, y] = line.split(',').map(Number);
      expect(Math.abs(x! - y! - 1)).toBeLessThan(1e-14);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(2);
    }
  });

  it('--json prints one document, the same for the same seed', async () => {
    const args = ['sample', 'seg.mps', '--walk', 'dikin', '--draws', '200', '--json'];
    const [a, b] = [await cli(...args), await cli(...args)];
    const data = JSON.parse(a.stdout);
    expect(data).toMatchObject({ variables: 2, dimension: 1, walk: 'dikin', draws: 200, chains: 4 });
    expect(data.summary.map((row: { name: string }) => row.name)).toEqual(['x', 'y', 'min slack']);
    // x is uniform on [1, 2].
    expect(Math.abs(data.summary[0].mean - 1.5)).toBeLessThan(6 * data.summary[0].mcse);
    expect(b.stdout).toBe(a.stdout);
  });

  it('--box bounds an unbounded body; a byte-order mark is no content', async () => {
    await writeFile(join(folder, 'mark.mps'), `\ufeff${SEGMENT.replace(' L CAP', ' G CAP')}`);
    const { code, stdout } = await cli('info', 'mark.mps', '--box', '10', '--json');
    expect(code).toBe(0);
    // x - y = 1 and x + 2 y >= 4 within |x|, |y| <= 10: x from 2 to 10.
    expect(JSON.parse(stdout)).toMatchObject({ dimension: 1, inequalities: 2, radius: expect.closeTo(4 * Math.SQRT2, 9) });
    expect((await cli('sample', 'mark.mps', '--box', '-1')).code).toBe(2);
  });

  it('info reports dimension, bounds and redundancy, of an unbounded body the ray', async () => {
    const { stdout } = await cli('info', 'seg.mps', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      dimension: 1,
      inequalities: 2,
      bounded: true,
      bounds: { fixed: 0, both: 0, below: 2, above: 0, free: 0 },
      report: { equationRank: 1, redundant: ['x >= 0'] },
    });
    const free = await cli('info', 'free.mps');
    expect(free.code).toBe(0);
    expect(free.stdout).toMatch(/^unbounded: [xy] up, [xy] up$/m);
    expect(free.stdout).toMatch(/^redundant inequalities: 2 \(x >= 0, y >= 0\)$/m);
  });

  it('reads MPS, JSON, SBML and MATLAB files by their content', async () => {
    const reaction = (id: string, metabolites: object) => ({ id, metabolites, lower_bound: 0, upper_bound: 10 });
    const model = { metabolites: [{ id: 'a' }], reactions: [reaction('in', { a: 1 }), reaction('out', { a: -1 })] };
    await writeFile(join(folder, 'model.json'), JSON.stringify(model));
    await writeFile(join(folder, 'model.xml'), SBML);
    const numbers = { Aeq: full(1, 2, [1, -1]), beq: full(1, 1, [0]), lb: full(2, 1, [0, 0]), ub: full(2, 1, [10, 10]) };
    await writeFile(join(folder, 'model.mat'), file(numbers, true));
    for (const name of ['model.json', 'model.xml', 'model.mat']) {
      const { stdout, stderr } = await cli('info', name, '--json');
      expect(stderr, name).toBe('');
      expect(JSON.parse(stdout), name).toMatchObject({ variables: 2, dimension: 1, radius: expect.closeTo(5 * Math.SQRT2, 9) });
    }
    await writeFile(join(folder, 'lol.xml'), '<?xml version="1.0"?>\n<!DOCTYPE sbml [<!ENTITY a "aa">]>\n<sbml/>');
    const hostile = await cli('info', 'lol.xml', '--json');
    expect([hostile.code, JSON.parse(hostile.stdout).error.name]).toEqual([3, 'BadFileError']);
  });

  it('--out writes the same numbers as .csv and as .npy, which numpy reads', async () => {
    for (const out of ['a.csv', 'a.npy']) await cli('sample', 'seg.mps', '--draws', '50', '--chains', '2', '--out', out);
    const npy = await readFile(join(folder, 'a.npy'));
    const length = npy.readUInt16LE(8);
    expect([...npy.subarray(0, 8)]).toEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
    expect((10 + length) % 64).toBe(0);
    expect(npy.toString('latin1', 10, 10 + length)).toMatch(/^\{'descr': '<f8', 'fortran_order': False, 'shape': \(2, 50, 2\), \} *\n$/);
    const numbers = Array.from({ length: 200 }, (_, k) => npy.readDoubleLE(10 + length + 8 * k));
    expect(npy.length).toBe(10 + length + 8 * 200);
    const lines = (await readFile(join(folder, 'a.csv'), 'utf8')).trim().split('\n').slice(1);
    expect(lines.flatMap((line) => line.split(',').slice(2).map(Number))).toEqual(numbers);
    expect((await cli('sample', 'seg.mps', '--out', 'a.txt')).code).toBe(2);
  });

  it('--save and --resume go on, bit for bit, with any number of workers; earlier draws are not written over', async () => {
    const draws = async (out: string, ...args: string[]) => {
      expect((await cli('sample', 'seg.mps', '--chains', '2', '--seed', '9', '--out', out, ...args)).stderr).toBe('');
      return (await readFile(join(folder, out), 'utf8'))
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(','));
    };
    const whole = await draws('whole.csv', '--draws', '60', '--workers', '0');
    const first = await draws('first.csv', '--draws', '40', '--save', 'chains.state', '--workers', '2');
    const rest = await draws('rest.csv', '--draws', '20', '--resume', 'chains.state', '--workers', '1');
    for (const chain of ['0', '1']) {
      const of = (lines: string[][]) => lines.filter((line) => line[0] === chain).map((line) => line.slice(2));
      expect([...of(first), ...of(rest)]).toEqual(of(whole));
    }
    const again = await cli('sample', 'seg.mps', '--draws', '20', '--resume', 'chains.state', '--out', 'rest.csv');
    expect(again.code).toBe(3);
    expect((await cli('sample', 'seg.mps', '--resume', 'seg.mps')).code).toBe(3);
  });

  it('--time-limit judges what is there, and what is not', async () => {
    const { code, stdout } = await cli(
      'sample',
      'seg.mps',
      '--draws',
      '100000000',
      '--thin',
      '100000',
      '--time-limit',
      // Starting takes seconds where the machine is busy.
      '6',
      '--workers',
      '0',
    );
    expect([0, 1]).toContain(code);
    expect(stdout).toMatch(/^stopped after \d+ of 100000000 draws of each chain$/m);
    const none = await cli('sample', 'seg.mps', '--time-limit', '0', '--json');
    expect(none.code).toBe(1);
    expect(JSON.parse(none.stdout).error.message).toMatch(/not converged: the time limit of 0 s came before/);
  });

  it('exit codes: 1 not converged, 2 bad usage, 3 bad input, with the reason on stderr', async () => {
    expect((await cli('sample', 'seg.mps', '--draws', '20')).code).toBe(1);
    expect((await cli('sample', 'seg.mps', '--walk', 'hop')).code).toBe(2);
    const bad = await cli('sample', 'bad.mps', '--json');
    expect(bad.code).toBe(3);
    expect(JSON.parse(bad.stdout)).toMatchObject({ error: { name: 'BadFileError', line: 9 } });
    const free = await cli('sample', 'free.mps');
    expect(free.code).toBe(3);
    expect(free.stderr).toMatch(/unbounded/);
    expect((await cli('sample', 'missing.mps')).code).toBe(3);
    // Before any draw: with this many it would take hours.
    expect((await cli('sample', 'seg.mps', '--out', 'missing/draws.csv', '--draws', '10000000')).code).toBe(3);
  });
});

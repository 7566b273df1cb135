import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const FULL = process.env.X_FULL === '1';

/** Largest resident size in MiB of a process that makes a design and works on it; what ends up on its last line. */
function peak(n: number, d: number, work: string): number {
  const code = `
    const { dense, invertLeverageGradient, leverageGradient, leverageHessian, residentDesign } = await import(process.argv[1]);
    const [n, d] = [${n}, ${d}];
    const data = new Float64Array(n * d);
    let state = 1;
    const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
    for (let p = 0; p < data.length; p++) data[p] = random() - 0.5;
    const x = Float64Array.from({ length: d }, (_, j) => (1 + (j % 3)) / d);
    const A = dense(n, d, data);
    const b = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < d; j++) b[i] += data[i * d + j] * x[j];
      b[i] -= 1 + random();
    }
    const design = residentDesign({ A, b });
    ${work}
    console.log(process.resourceUsage().maxRSS / 1024);
  `;
  const args = ['--input-type=module', '-e', code, new URL('../dist/index.js', import.meta.url).href];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return Number(stdout.trim().split('\n').at(-1));
}

const FOUND = `
  const found = await invertLeverageGradient(design, leverageGradient(design, x).gradient, { x0: x.map((value) => 0.9 * value) });
  if (found.status !== 'certified') throw new Error(found.status);
  if (!found.x.every((value, j) => Math.abs(value - x[j]) < 1e-9)) throw new Error('wrong x');
`;
const HESSIAN = "if (!(leverageHessian(design, x).data[0] > 0)) throw new Error('no Hessian');";

describe('Memory is that of the design', () => {
  it('n = 20,000, d = 10: far below the 3.2 GB of an n x n matrix; fails where one is made', () => {
    expect(peak(20_000, 10, FOUND + HESSIAN)).toBeLessThan(400);
    expect(peak(20_000, 10, `${FOUND}new Float64Array(6e7).fill(1);`)).toBeGreaterThan(400);
  });
  it.runIf(FULL)('n = 1,000,000, d = 50: a solution and an exact Hessian within 4 GiB', () => {
    const most = peak(1e6, 50, FOUND + HESSIAN);
    process.stdout.write(`n = 1e6, d = 50: ${most.toFixed(0)} MiB at most\n`);
    expect(most).toBeLessThan(4096);
  });
});

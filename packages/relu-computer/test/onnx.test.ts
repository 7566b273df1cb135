import { peer } from '@x/bench';
import { ArgumentError } from '@x/linalg/errors';
import { mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { buildComputer, createMachine, NotExactError, parseImage, type ReluComputer, toOnnx } from '../src/index.ts';
import { HELLO, HELLO_STEPS } from './hello.ts';
import { readTensors } from './onnx-reader.ts';
import { CASES, type Case, inRuntime, resultOf, SHAPE, taskOf } from './runtime.ts';

/** Installed on demand, as the benches' peers are: hundreds of megabytes are no development dependency. */
// biome-ignore lint/suspicious/noExplicitAny: its types are not installed when ours are checked.
const runtime: any = await peer('onnxruntime-node@1.30.0').catch(() => undefined);
if (runtime === undefined && process.env.X_REQUIRE_ALL === '1')
  throw new Error('onnxruntime-node 1.30.0 cannot be installed, and X_REQUIRE_ALL is set');

function expected(computer: ReluComputer) {
  const machine = createMachine(computer, parseImage(HELLO, { bits: computer.architecture.bits }), { engine: 'interpreter' });
  machine.run({ maxSteps: 1000 });
  return { memory: machine.memory(), pc: machine.pc };
}

describe.skipIf(runtime === undefined)('onnxruntime-node', () => {
  async function agrees(computer: ReluComputer, which: Case) {
    const { state, text } = resultOf(computer, which, await inRuntime(runtime, taskOf(computer, which)));
    expect(text).toBe('Hello, world!\n');
    expect({ memory: state.memory, pc: state.pc }).toEqual(expected(computer));
  }

  it.each(CASES)('comes to the same memory: $design, $float, $layout, loop $loop', (which) =>
    agrees(buildComputer({ ...SHAPE, design: which.design }), which),
  );

  it('shows a weight that is wrong', () =>
    mustFail(async () => {
      const computer = buildComputer({ ...SHAPE, design: 'speculative' });
      // The word 40, which the program does not use, is one more after each pass, as its own bias is.
      const stages = computer.stages.map((stage, k) =>
        k === computer.stages.length - 1 ? { ...stage, bias: stage.bias.map((b, i) => (i === 40 ? b + 1 : b)) } : stage,
      );
      await agrees({ ...computer, stages }, CASES[0]!);
    }));

  it('a loop ends with the program', async () => {
    const computer = buildComputer(SHAPE);
    const { written } = await inRuntime(runtime, taskOf(computer, { design: 'basic', float: 'f64', layout: 'dense', loop: true }));
    // One pass takes back the last word written, if there is one; one sees that nothing changes.
    expect(written.length - HELLO_STEPS).toBeLessThanOrEqual(2);
    expect(written.length - HELLO_STEPS).toBeGreaterThanOrEqual(1);
  });
});

describe('P8: a file holds the weights, as another reader of the format sees them', () => {
  const computer = buildComputer({ words: 12, bits: 5, design: 'two-level' });
  it.each(['f32', 'f64'] as const)('%s', (float) => {
    const dense = readTensors(toOnnx(computer, { float }));
    const sparse = readTensors(toOnnx(computer, { float, layout: 'sparse', loop: true }));
    for (const [k, { rows, cols, rowStart, columns, values, bias }] of computer.stages.entries()) {
      const W = new Float64Array(rows * cols);
      for (let i = 0; i < rows; i++) for (let p = rowStart[i]!; p < rowStart[i + 1]!; p++) W[columns[p]! * rows + i] = values[p]!;
      expect(dense.get(`W${k}`)).toEqual({ dims: [cols, rows], values: [...W] });
      expect(dense.get(`b${k}`)).toEqual({ dims: [rows], values: [...bias] });
      expect(sparse.get(`W${k}`)).toEqual({ dims: [values.length], values: [...values] });
      expect(sparse.get(`columns${k}`)!.values).toEqual([...columns]);
      const rowOf = Array.from({ length: rows }, (_, i) => Array<number>(rowStart[i + 1]! - rowStart[i]!).fill(i)).flat();
      expect(sparse.get(`rows${k}`)!.values).toEqual(rowOf);
      expect(sparse.get(`b${k}`)).toEqual({ dims: [rows], values: [...bias] });
    }
    expect(dense.size).toBe(2 * computer.stages.length);
  });
});

describe('toOnnx', () => {
  it('refuses a float that is not exact, and a file that is too large', () => {
    const wide = buildComputer({ words: 20, bits: 30 });
    expect(() => toOnnx(wide, { float: 'f32' })).toThrow(NotExactError);
    expect(toOnnx(wide).length).toBeGreaterThan(1000);
    expect(() => toOnnx(buildComputer({ words: 20000, bits: 16 }))).toThrow('use the sparse layout');
    expect(() => toOnnx(wide, { float: 'f16' as never })).toThrow(ArgumentError);
    expect(() => toOnnx(wide, { layout: 'wide' as never })).toThrow(ArgumentError);
  });
  it('writes the same bytes again', () => {
    const computer = buildComputer({ words: 12, bits: 5 });
    expect(toOnnx(computer)).toEqual(toOnnx(computer));
  });
});

import { readInput } from '@x/inputs';
import { describeWithInput } from '@x/inputs/vitest';
import { BadFileError, philox } from '@x/linalg';
import { describe, expect, it } from 'vitest';
import { type ActivationSpec, certifyNear, type LoopedNet, netToJson, readJsonNet, readOnnxNet } from '../src/index.ts';
import { readOnnxGraph } from '../src/readers/onnx-wire.ts';
import { nearDiagonal } from './nets.ts';
import { type Node, onnxModel, type Tensor } from './onnx-writer.ts';

const rng = philox(8);
const floats = (n: number) => Array.from({ length: n }, () => Math.fround(rng.normal()));
const A = floats(12);
const B = floats(12);
const a = floats(4);
const b = floats(3);
/** A is 4 x 3, B is 3 x 4. */
const layerA = (x: Float64Array) => Array.from({ length: 4 }, (_, i) => a[i] + A[3 * i] * x[0] + A[3 * i + 1] * x[1] + A[3 * i + 2] * x[2]);
const layerB = (h: readonly number[]) => Array.from({ length: 3 }, (_, i) => b[i] + h.reduce((sum, v, k) => sum + B[4 * i + k] * v, 0));
const transposed = (M: number[], r: number, c: number) => M.map((_, p) => M[(p % r) * c + Math.floor(p / r)]);
const constants: Record<string, Tensor> = {
  A: { dims: [4, 3], data: A },
  At: { dims: [3, 4], data: transposed(A, 4, 3), as: 'float_data' },
  a: { dims: [4], data: a },
  B: { dims: [3, 4], data: B, as: 'raw double' },
  Bt: { dims: [4, 3], data: transposed(B, 3, 4), as: 'double_data' },
  b: { dims: [1, 3], data: b },
  two: { dims: [], data: [2] },
  half: { dims: [1], data: [0.5] },
  shape: { dims: [2], data: [-1, 3], as: 'int64_data' },
};

function agrees(net: LoopedNet, f: (x: Float64Array) => readonly number[], tolerance = 1e-12): void {
  for (let k = 0; k < 20; k++) {
    const x = rng.fillNormal(new Float64Array(3));
    const out = new Float64Array(3);
    net.evaluate(x, out);
    for (const [i, v] of f(x).entries()) expect(Math.abs(out[i] - v)).toBeLessThan(tolerance);
  }
}

const gemmA: Node = { op: 'Gemm', inputs: ['x', 'A', 'a'], output: 'z', attributes: { transB: 1 } };
const gemmB: Node = { op: 'Gemm', inputs: ['h', 'Bt', 'b'], output: 'y' };
const erf = (x: number) => {
  let [sum, term] = [x, x];
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
};

describe('ONNX', () => {
  it.each<[string, string, Node['attributes'], (z: number) => number, ActivationSpec]>([
    ['Relu', 'Relu', {}, (z) => Math.max(0, z), 'relu'],
    ['Tanh', 'Tanh', {}, Math.tanh, 'tanh'],
    ['Sigmoid', 'Sigmoid', {}, (z) => 1 / (1 + Math.exp(-z)), 'sigmoid'],
    ['Gelu', 'Gelu', {}, (z) => 0.5 * z * (1 + erf(z / Math.SQRT2)), 'gelu'],
    ['LeakyRelu', 'LeakyRelu', { alpha: { float: 0.25 } }, (z) => (z < 0 ? 0.25 * z : z), { kind: 'leaky-relu', slope: 0.25 }],
    ['Clip', 'Clip', { min: { float: -1 }, max: { float: 1 } }, (z) => Math.min(1, Math.max(-1, z)), 'hard-tanh'],
  ])('Gemm, %s, Gemm', (_, op, attributes, g, spec) => {
    const net = readOnnxNet(
      onnxModel([gemmA, { op, inputs: ['z'], output: 'h', ...(attributes ? { attributes } : {}) }, gemmB], constants),
    );
    expect(net.layers.map(({ activation }) => activation)).toEqual([spec, 'identity']);
    // The series of the error function alternates, with terms up to e^16 here.
    agrees(net, (x) => layerB(layerA(x).map(g)), op === 'Gelu' ? 1e-8 : 1e-12);
  });
  it('MatMul, Add, Transpose, Mul, Sub, Div, Neg, Reshape and Constant are folded', () => {
    const nodes: Node[] = [
      { op: 'Reshape', inputs: ['x', 'shape'], output: 'x1' },
      { op: 'Transpose', inputs: ['A'], output: 'T', attributes: { perm: [1, 0] } },
      { op: 'MatMul', inputs: ['x1', 'T'], output: 'p' },
      { op: 'Constant', inputs: [], output: 'three', attributes: { value_floats: [3] } },
      { op: 'Mul', inputs: ['p', 'three'], output: 'q' },
      { op: 'Sub', inputs: ['a', 'q'], output: 'r' },
      { op: 'Tanh', inputs: ['r'], output: 's' },
      { op: 'MatMul', inputs: ['B', 's'], output: 't' },
      { op: 'Div', inputs: ['t', 'two'], output: 'u' },
      { op: 'Neg', inputs: ['u'], output: 'y' },
    ];
    agrees(readOnnxNet(onnxModel(nodes, constants)), (x) => {
      const s = layerA(x).map((v, i) => Math.tanh(a[i] - 3 * (v - a[i])));
      return layerB(s).map((v, i) => -(v - b[i]) / 2);
    });
  });
  it('x Sigmoid(x), and residuals', () => {
    const swish = [
      gemmA,
      { op: 'Sigmoid', inputs: ['z'], output: 'g' },
      { op: 'Mul', inputs: ['z', 'g'], output: 'h' },
      { ...gemmB, output: 'w' },
      { op: 'Add', inputs: ['x', 'w'], output: 'y' },
    ];
    const net = readOnnxNet(onnxModel(swish, constants));
    expect(net.residual).toBe(1);
    expect(net.layers[0].activation).toBe('silu');
    agrees(net, (x) => layerB(layerA(x).map((z) => z / (1 + Math.exp(-z)))).map((v, i) => x[i] + v));
  });
  it('says what it does not read', () => {
    const read = (...nodes: Node[]) => readOnnxNet(onnxModel([...nodes], constants));
    expect(() => read({ op: 'Conv', inputs: ['x', 'A'], output: 'y' })).toThrow(/Conv \(node of y\): it is not one of/);
    expect(() => read(gemmA, { op: 'Softmax', inputs: ['z'], output: 'y' })).toThrow(BadFileError);
    expect(() => read(gemmA, { op: 'MatMul', inputs: ['z', 'At'], output: 'y' })).toThrow(/takes/);
    expect(() => read({ op: 'Gelu', inputs: ['x'], output: 'y', attributes: { approximate: 'tanh' } })).toThrow(/approximation/);
    expect(() => read({ op: 'Tanh', inputs: ['x'], output: 'y' })).toThrow(/how long/);
    expect(() => read({ ...gemmA, output: 'y' })).toThrow(/fed back/);
    expect(() => readOnnxNet(onnxModel([gemmA], constants, ['x', 'y2']))).toThrow(/2 inputs/);
    expect(() => readOnnxNet(onnxModel([], { h: { dims: [1], data: [1], as: 'raw int8' } }))).toThrow(/element type 3/);
    expect(() => readOnnxNet(onnxModel([], { h: { dims: [2], data: [1] } }))).toThrow(/shape/);
  });
  it('reads 16-bit numbers: float16, raw or as whole numbers, and bfloat16', () => {
    // 1, -0.5, 65504, 2^-24 and 2^-14; and 1, -0.5 as the upper halves of floats.
    const halves = { dims: [5], data: [0x3c00, 0xb800, 0x7bff, 0x0001, 0x0400] };
    const h = { ...halves, as: 'raw float16' } as const;
    const i = { ...halves, as: 'int32_data float16' } as const;
    const b = { dims: [2], data: [0x3f80, 0xbf00], as: 'raw bfloat16' } as const;
    const { initializers } = readOnnxGraph(onnxModel([], { h, i, b }));
    for (const name of ['h', 'i']) expect([...(initializers.get(name)?.data ?? [])]).toEqual([1, -0.5, 65504, 2 ** -24, 2 ** -14]);
    expect([...(initializers.get('b')?.data ?? [])]).toEqual([1, -0.5]);
  });
  it('never reads another network than the file holds: branches of a sigmoid, casts, broadcasts', () => {
    const read = (...nodes: Node[]) => readOnnxNet(onnxModel([...nodes], constants));
    const linear: Node = { op: 'MatMul', inputs: ['x', 'square'], output: 'h' };
    const gate: Node[] = [linear, { op: 'Sigmoid', inputs: ['h'], output: 's' }, { op: 'Mul', inputs: ['h', 's'], output: 'm' }];
    constants.square = { dims: [3, 3], data: floats(9) };
    constants.column = { dims: [3, 1], data: [2, 0, 0] };
    expect(() => read(...gate, { op: 'Add', inputs: ['m', 's'], output: 'y' })).toThrow(BadFileError);
    expect(() => read(...gate, { op: 'Identity', inputs: ['s'], output: 'y' })).toThrow(BadFileError);
    const alias: Node = { op: 'Identity', inputs: ['s'], output: 't' };
    const other = [gate[0], gate[1], alias, { ...gate[2], inputs: ['h', 't'] }] as Node[];
    expect(() => read(...other, { op: 'Add', inputs: ['m', 's'], output: 'y' })).toThrow(BadFileError);
    expect(() =>
      read({ op: 'Cast', inputs: ['x'], output: 'c', attributes: { to: 7 } }, { ...linear, inputs: ['c', 'square'], output: 'y' }),
    ).toThrow(/rounds/);
    expect(
      read({ op: 'Cast', inputs: ['x'], output: 'c', attributes: { to: 1 } }, { ...linear, inputs: ['c', 'square'], output: 'y' })
        .dimension,
    ).toBe(3);
    const one: Node[] = [
      linear,
      { op: 'Tanh', inputs: ['h'], output: 'g' },
      { op: 'MatMul', inputs: ['x', 'column'], output: 'single' },
      { op: 'Add', inputs: ['g', 'single'], output: 'y' },
    ];
    expect(() => read(...one)).toThrow(BadFileError);
  });
  it('refuses files that break off, or are something else, at every length', () => {
    const model = onnxModel([gemmA, { op: 'Tanh', inputs: ['z'], output: 'h' }, gemmB], constants);
    for (let length = 0; length < model.length; length++) expect(() => readOnnxNet(model.slice(0, length))).toThrow(BadFileError);
    expect(() => readOnnxNet(new TextEncoder().encode('{"layers": []}'))).toThrow(BadFileError);
  });
});

describeWithInput('onnx/hello_deepa.onnx', import.meta.url, (path) => {
  it('is read as a graph, and refused as a loop with a reason', () => {
    const graph = readOnnxGraph(readInput(path));
    expect(graph.nodes.length).toBeGreaterThan(0);
    expect(graph.initializers.size).toBeGreaterThan(0);
    expect(() => readOnnxNet(readInput(path))).toThrow(BadFileError);
  });
});

describe('JSON', () => {
  it('goes there and back, bit by bit', () => {
    const net = nearDiagonal(4, { kind: 'polynomial', coefficients: [0, 1.5, 0, -0.5] }, { seed: 6 });
    const back = readJsonNet(JSON.stringify(netToJson(net)));
    expect(back.layers.map(({ weights, bias }) => [weights, bias])).toEqual(net.layers.map(({ weights, bias }) => [weights, bias]));
    expect(certifyNear(back, [1, 1, 1, 1])).toEqual(certifyNear(net, [1, 1, 1, 1]));
  });
  it('refuses keys that it does not know, and lists that are none', () => {
    expect(() => readJsonNet({ layers: [{ weights: [[1]], biases: [1] }] })).toThrow(/biases/);
    expect(() => readJsonNet({ layers: [{ weights: [[1]] }], resdual: 1 })).toThrow(/resdual/);
    const of = (coefficients: unknown) => ({ layers: [{ weights: [[1]], activation: { kind: 'polynomial', coefficients } }] });
    expect(() => readJsonNet(of({ length: 3e8 }))).toThrow(/coefficients/);
    expect(() => readJsonNet(of([1, '0x10']))).toThrow(/coefficients/);
  });
  it('says what is wrong', () => {
    expect(() => readJsonNet('{')).toThrow(/not JSON/);
    expect(() => readJsonNet({})).toThrow(/layers/);
    expect(() => readJsonNet({ layers: [{ weights: [[1, 2], [3]] }] })).toThrow(/weights\[1\]/);
    expect(() => readJsonNet({ layers: [{ weights: [[1]], bias: 'no' }] })).toThrow(/bias/);
    expect(() => readJsonNet({ layers: [{ weights: [[1]], activation: 'magic' }] })).toThrow(BadFileError);
    expect(() => readJsonNet({ layers: [{ weights: [[1, 2]] }] })).toThrow(/fed back/);
    expect(() => readJsonNet({ layers: [{ weights: [[1]] }], residual: 'one' })).toThrow(/residual/);
  });
});

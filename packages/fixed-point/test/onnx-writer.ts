/** Writes small ONNX models: just enough protobuf for the tests of the reader. */
type Attribute = number | string | readonly number[] | { readonly float: number };

export interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

export interface Tensor {
  readonly dims: readonly number[];
  readonly data: readonly number[];
  /** How the numbers lie in the file. */
  readonly as?:
    | 'raw float'
    | 'raw double'
    | 'float_data'
    | 'double_data'
    | 'int64_data'
    | 'raw float16'
    | 'int32_data float16'
    | 'raw bfloat16'
    | 'raw int8';
}

function varint(n: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(n));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

const field = (number: number, bytes: readonly number[]) => [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes];
const whole = (number: number, value: number) => [...varint(number * 8), ...varint(value)];
const text = (number: number, s: string) => field(number, [...new TextEncoder().encode(s)]);
const raw = (view: Float32Array | Float64Array) => [...new Uint8Array(view.buffer)];

const pairOf = (bits: number) => [bits & 255, bits >> 8];

function tensor(name: string, { dims, data, as = 'raw float' }: Tensor): number[] {
  const type = {
    'raw float': 1,
    float_data: 1,
    'raw double': 11,
    double_data: 11,
    int64_data: 7,
    'raw float16': 10,
    'int32_data float16': 10,
    'raw bfloat16': 16,
    'raw int8': 3,
  }[as];
  const content = {
    'raw float': () => field(9, raw(Float32Array.from(data))),
    'raw double': () => field(9, raw(Float64Array.from(data))),
    // Of 16-bit numbers `data` has the bits.
    'raw float16': () => field(9, data.flatMap(pairOf)),
    'int32_data float16': () => field(5, data.flatMap(varint)),
    'raw bfloat16': () => field(9, data.flatMap(pairOf)),
    'raw int8': () => field(9, [...data]),
    float_data: () => field(4, raw(Float32Array.from(data))),
    double_data: () => field(10, raw(Float64Array.from(data))),
    int64_data: () => field(7, data.flatMap(varint)),
  }[as]();
  return [...field(1, dims.flatMap(varint)), ...whole(2, type), ...content, ...text(8, name)];
}

function attribute(name: string, value: Attribute): number[] {
  if (typeof value === 'object' && 'float' in value) return [...text(1, name), ...varint(2 * 8 + 5), ...raw(Float32Array.of(value.float))];
  if (typeof value === 'number') return [...text(1, name), ...whole(3, value)];
  if (typeof value === 'string') return [...text(1, name), ...text(4, value)];
  return [...text(1, name), ...field(7, raw(Float32Array.from(value)))];
}

export function onnxModel(
  nodes: readonly Node[],
  initializers: Readonly<Record<string, Tensor>>,
  inputs = ['x'],
  outputs = ['y'],
): Uint8Array {
  const graph = [
    ...nodes.flatMap(({ op, inputs: from, output, attributes = {} }) =>
      field(1, [
        ...from.flatMap((name) => text(1, name)),
        ...text(2, output),
        ...text(3, `node of ${output}`),
        ...text(4, op),
        ...Object.entries(attributes).flatMap(([name, value]) => field(5, attribute(name, value))),
      ]),
    ),
    ...text(2, 'graph'),
    ...Object.entries(initializers).flatMap(([name, value]) => field(5, tensor(name, value))),
    ...inputs.flatMap((name) => field(11, text(1, name))),
    ...outputs.flatMap((name) => field(12, text(1, name))),
  ];
  return Uint8Array.from([...whole(1, 8), ...text(2, 'test'), ...field(7, graph)]);
}

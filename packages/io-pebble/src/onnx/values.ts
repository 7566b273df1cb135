import { isWhole, type OnnxTensor, sizeOf } from './model.ts';
import { type Application, int, slicesOf } from './shapes.ts';

type Values = readonly number[];

/** Values that a network computes from sizes alone, to reshape by: short lists of numbers, known before it runs. */
type ValueRule = (at: Application, first: OnnxTensor & { readonly values: Values }) => Values | undefined;

const keep: ValueRule = (_, { values }) => values;

const elementwise =
  (f: (a: number, b: number, whole: boolean) => number): ValueRule =>
  ({ inputs }, first) => {
    const second = inputs[1]?.values;
    if (second === undefined || (first.values.length !== second.length && first.values.length !== 1 && second.length !== 1))
      return undefined;
    const length = Math.max(first.values.length, second.length);
    const at = (values: Values, k: number) => values[values.length === 1 ? 0 : k]!;
    return Array.from({ length }, (_, k) => f(at(first.values, k), at(second, k), isWhole(first.type)));
  };

const RULES: Readonly<Record<string, ValueRule>> = {
  Identity: keep,
  Cast: (at, { values }) => (isWhole(int(at, 'to', 1)) ? values.map(Math.trunc) : values),
  Reshape: keep,
  Flatten: keep,
  Squeeze: keep,
  Unsqueeze: keep,
  Add: elementwise((a, b) => a + b),
  Sub: elementwise((a, b) => a - b),
  Mul: elementwise((a, b) => a * b),
  Div: elementwise((a, b, whole) => (whole ? Math.trunc(a / b) : a / b)),
  Max: elementwise((a, b) => Math.max(a, b)),
  Min: elementwise((a, b) => Math.min(a, b)),
  Equal: elementwise((a, b) => (a === b ? 1 : 0)),
  Sqrt: (_, { values }) => values.map(Math.sqrt),
  Concat: ({ inputs }) => (inputs.every((one) => one?.values !== undefined) ? inputs.flatMap((one) => one!.values!) : undefined),
  Gather(at, { dims, values }) {
    const indices = at.inputs[1]?.values;
    if (dims.length !== 1 || indices === undefined) return undefined;
    return indices.map((index) => values[index < 0 ? index + values.length : index]!);
  },
  Slice(at, { dims, values }) {
    const slice = slicesOf(at).get(0);
    if (dims.length !== 1 || slice === undefined) return undefined;
    return Array.from({ length: slice.count }, (_, k) => values[slice.start + k * slice.step]!);
  },
  Where({ inputs }, { values }) {
    const [yes, no] = [inputs[1]?.values, inputs[2]?.values];
    if (yes === undefined || no === undefined) return undefined;
    return values.map((condition, k) => (condition !== 0 ? yes : no)[(condition !== 0 ? yes : no).length === 1 ? 0 : k]!);
  },
};

/** The values of an operator's first result, where they follow from known ones. */
export function foldedValues(at: Application, dims: readonly number[]): Values | undefined {
  const first = at.inputs[0];
  if (first?.values === undefined) return undefined;
  const values = RULES[at.node.operator]?.(at, first as OnnxTensor & { readonly values: Values });
  return values?.length === sizeOf(dims) && values.every((value) => value !== undefined) ? values : undefined;
}

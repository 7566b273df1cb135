import type { ActivationSpec } from '../net/activation.ts';
import type { DenseLayer } from '../net/looped-net.ts';
import type { BatchFn } from '../solve/batch.ts';
import { type Kernel, withKernel } from './instance.ts';
import { floatsAt, placeFloats, wholesAt } from './memory.ts';

/** Activations by number, as assembly/activate.ts has them. */
const KINDS = ['identity', 'leaky-relu', 'hard-tanh', 'tanh', 'sigmoid', 'silu', 'gelu', 'cubic', 'polynomial', 'exp-polynomial'] as const;

/** Numbers that a layer takes in a program. */
const FIELDS = 8;
/** Entries that are copied in at once: together with the panels they stay in a cache. */
const BLOCK = 8192;

/** A network as the kernel takes it. */
export interface KernelNet {
  readonly layers: readonly DenseLayer[];
  readonly residual: number;
}

/** Writes f of each of `rows` points, one after the other at byte address x, to `out`. */
export type KernelMap = (rows: number, x: number, out: number) => void;

/** Copies a network into a kernel. */
export function loadNet(kernel: Kernel, { layers, residual }: KernelNet): KernelMap {
  const d = layers[0].inputs;
  const width = layers.reduce((most, { outputs }) => Math.max(most, outputs), d);
  const program = placeProgram(kernel, layers);
  return (rows, x, out) => kernel.evaluateRows(program, layers.length, d, width, residual, rows, x, out);
}

/** The same for points in arrays. */
export function evaluateByKernel(net: KernelNet, X: Float64Array, out: Float64Array, rows: number): void {
  const d = net.layers[0].inputs;
  withKernel((kernel) => {
    const f = loadNet(kernel, net);
    const most = Math.max(8, Math.floor(BLOCK / d) & ~7);
    const x = kernel.allocate(8 * most * d);
    const y = kernel.allocate(8 * most * d);
    for (let row = 0; row < rows; row += most) {
      const count = Math.min(most, rows - row);
      floatsAt(kernel, x, count * d).set(X.subarray(row * d, (row + count) * d));
      f(count, x, y);
      out.set(floatsAt(kernel, y, count * d), row * d);
    }
  });
}

/** The networks whose `batch` a function is: `solveBatch` keeps their points in the kernel. */
const networks = new WeakMap<BatchFn, KernelNet>();

/** A function for many points that `networkOf` knows. */
export function batchOf(net: KernelNet, f: BatchFn): BatchFn {
  networks.set(f, net);
  return f;
}

export function networkOf(f: BatchFn): KernelNet | undefined {
  return networks.get(f);
}

function placeProgram(kernel: Kernel, layers: readonly DenseLayer[]): number {
  const program = kernel.allocate(4 * FIELDS * layers.length);
  for (const [l, { inputs, outputs, weights, bias, activation }] of layers.entries()) {
    const { kind, coefficients } = codeOf(activation);
    const fields = [
      inputs,
      outputs,
      kind,
      coefficients.length,
      ...[weights, bias, coefficients].map((values) => placeFloats(kernel, values)),
    ];
    wholesAt(kernel, program, FIELDS * layers.length).set(fields, FIELDS * l);
  }
  return program;
}

function codeOf(spec: ActivationSpec): { kind: number; coefficients: Float64Array } {
  const [name, coefficients] =
    spec === 'relu'
      ? (['leaky-relu', [0]] as const)
      : typeof spec === 'string'
        ? ([spec, []] as const)
        : ([spec.kind, 'slope' in spec ? [spec.slope] : spec.coefficients] as const);
  return { kind: KINDS.indexOf(name), coefficients: Float64Array.from(coefficients) };
}

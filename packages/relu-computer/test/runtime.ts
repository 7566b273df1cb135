/** What ONNX runtimes are given, and are asked for. */
import { decode, encode, parseImage, type ReluComputer, type State, toOnnx } from '../src/index.ts';
import type { Design } from '../src/types.ts';
import { HELLO, HELLO_STEPS } from './hello.ts';

export interface Case {
  readonly design: Design;
  readonly float: 'f32' | 'f64';
  readonly layout: 'dense' | 'sparse';
  readonly loop: boolean;
}

const all = (designs: readonly Design[], layout: Case['layout']): Case[] =>
  designs.flatMap((design) => (['f32', 'f64'] as const).flatMap((float) => [false, true].map((loop) => ({ design, float, layout, loop }))));

/** Dense matrices of the paper's design take hundreds of megabytes. */
export const CASES: readonly Case[] = [
  ...all(['basic', 'two-level', 'speculative', 'demux'], 'dense'),
  ...all(['speculative', 'paper23'], 'sparse'),
];

/** The shape of the machine that prints hello. */
export const SHAPE = { words: 48, bits: 8 };

/** The arguments of `inRuntime`. */
export interface Task {
  readonly model: Uint8Array;
  readonly state: readonly number[];
  readonly float: Case['float'];
  readonly loop: boolean;
  readonly steps: number;
}

export function taskOf(computer: ReluComputer, { float, layout, loop }: Case): Task {
  const image = parseImage(HELLO, { bits: computer.architecture.bits });
  return { model: toOnnx(computer, { float, layout, loop }), state: [...encode(computer, image)], float, loop, steps: HELLO_STEPS };
}

/** The state at the end, and the parts of states that tell what was written. */
export interface Ran {
  readonly final: number[];
  readonly written: number[][];
}

/**
 * Runs a file in onnxruntime, of whatever kind. It is also sent to a browser as text, so it uses nothing from outside.
 *
 * @param ort - the namespace of the runtime.
 */
// biome-ignore lint/suspicious/noExplicitAny: its types are not installed when ours are checked.
export async function inRuntime(ort: any, { model, state, float, loop, steps }: Task): Promise<Ran> {
  const session = await ort.InferenceSession.create(model);
  const tensor = (values: readonly number[]) =>
    float === 'f64'
      ? new ort.Tensor('float64', Float64Array.from(values), [values.length])
      : new ort.Tensor('float32', Float32Array.from(values), [values.length]);
  if (loop) {
    // More than are needed: it stops by itself.
    const count = new ort.Tensor('int64', BigInt64Array.of(BigInt(10 * steps)), []);
    const { final, passes, written } = await session.run({ state: tensor(state), steps: count });
    const [rows, width] = written.dims as [number, number];
    if (Number(passes.data[0]) !== rows) throw new Error(`${passes.data[0]} passes, but ${rows} reports`);
    const reports = Array.from({ length: rows }, (_, k) => [...written.data.slice(k * width, (k + 1) * width)] as number[]);
    return { final: [...final.data], written: reports };
  }
  let x = [...state];
  const written: number[][] = [];
  for (let k = 0; k < steps; k++) {
    x = [...(await session.run({ state: tensor(x) })).next.data];
    written.push(x);
  }
  return { final: x, written };
}

/** What a run came to: the state, and the text that was written. */
export function resultOf(computer: ReluComputer, { loop }: Case, { final, written }: Ran): { state: State; text: string } {
  const { layout } = computer;
  const startOf = (wanted: string) => layout.groups.find(({ name }) => name === wanted)!.start;
  // A loop reports these entries alone.
  const whole = (report: readonly number[]) => {
    const x = new Float64Array(layout.size);
    x[startOf('output valid')] = report[0]!;
    x.set(report.slice(1), startOf('output'));
    return x;
  };
  const words = written.map((report) => layout.output(loop ? whole(report) : report)).filter((word) => word !== undefined);
  return { state: decode(computer, final), text: String.fromCharCode(...words) };
}

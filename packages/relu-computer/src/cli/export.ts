import { writeFile } from 'node:fs/promises';
import { type Command, command, UsageError } from '@x/cli';
import { buildComputer, DESIGNS, encode, toOnnx } from '../index.ts';
import { MACHINE, PROGRAM, readProgram, shapeOf } from './program.ts';

export const toFile: Command = command({
  description:
    'Writes the network as an ONNX file: one pass, or passes repeated in a Loop. With a program, --json gives the state to start from.',
  positionals: [{ ...PROGRAM, optional: true }],
  options: {
    ...MACHINE,
    onnx: { type: 'text', value: 'FILE', help: 'where to write it' },
    design: { type: 'text', choices: DESIGNS, default: 'basic', help: 'the network' },
    float: { type: 'text', choices: ['f32', 'f64'], default: 'f64', help: 'type of weights and state' },
    layout: {
      type: 'text',
      choices: ['dense', 'sparse'],
      default: 'dense',
      help: 'MatMul, or Gather and ScatterElements over the nonzeros',
    },
    loop: { type: 'flag', help: 'repeat passes within the file' },
  },
  examples: [
    { text: 'A step for a small machine:', command: 'relu-computer export --onnx step.onnx --words 48 --bits 8' },
    {
      text: 'A large machine that runs by itself:',
      command: 'relu-computer export --onnx machine.onnx --words 32768 --loop --layout sparse',
    },
  ],
  async run({ options, positionals }) {
    const { onnx, bits, design, float, layout, loop } = options;
    if (onnx === undefined) throw new UsageError('--onnx FILE is missing');
    const path = positionals[0];
    const image = path === undefined ? undefined : (await readProgram(path, bits)).image;
    const computer = buildComputer({ ...shapeOf(options, image?.length ?? 1), design, float });
    const file = toOnnx(computer, { float, layout, loop });
    await writeFile(onnx, file);
    const entries = computer.layout.groups.map(({ name, start, count }) => ({ name, start, count }));
    const state = image === undefined ? {} : { state: encode(computer, image) };
    return {
      data: { file: onnx, bytes: file.length, entries, ...state },
      text: `${onnx}: ${file.length} bytes; a state has ${computer.layout.size} entries\n`,
    };
  },
});

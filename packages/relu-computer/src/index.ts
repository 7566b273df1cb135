export { type AssembleOptions, type Assembly, assemble } from './asm/assemble.ts';
export { type DisassembleOptions, disassemble } from './asm/disassemble.ts';
export { formatImage, parseImage } from './asm/image.ts';
export { buildComputer, type ReluComputer, type Stats, stats } from './computer.ts';
export {
  BadProgramError,
  InputExhaustedError,
  NotExactError,
  OutOfRangeError,
  StepLimitError,
  VerificationError,
} from './errors.ts';
export type { Explanation } from './explain.ts';
export type { StateLayout } from './layout.ts';
export { type LitNeuron, litNeurons } from './lit.ts';
export {
  createMachine,
  type Machine,
  type MachineOptions,
  type RunOptions,
  type RunResult,
  type Snapshot,
  type StepInfo,
} from './machine.ts';
export { type Claim, type Group, neuronName, type Stage } from './network/stage.ts';
export { type OnnxOptions, toOnnx } from './onnx/export.ts';
export { runAsync } from './run-async.ts';
export { decode, encode, type State } from './state.ts';
export { type Architecture, DESIGNS, type Design, type Dialect, type MachineSpec } from './types.ts';

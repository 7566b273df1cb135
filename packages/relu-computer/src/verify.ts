import type { Core } from './engine/core.ts';
import { VerificationError } from './errors.ts';
import type { Effect, Interpreter } from './interpreter.ts';
import type { StepInfo } from './machine.ts';

/** Compares what a step did: all that may change in it. */
export function verifyStep(core: Core, { input, output }: StepInfo, twin: Interpreter, effect: Effect, step: number): void {
  const same = (what: string, got: number | boolean | undefined, right: number | boolean | undefined) => {
    if (got !== right) throw new VerificationError(`run: after step ${step} ${what} is ${got}; the interpreter's is ${right}`, step);
  };
  same('pc', core.pc, twin.pc);
  same('whether a word was read', input !== undefined, effect.inputUsed);
  same('the word written out', output, effect.output);
  if (effect.address !== undefined) same(`word ${effect.address}`, core.word(effect.address), effect.value);
}

/** Compares all of the memory. */
export function verifyMemory(core: Core, { memory }: Interpreter, step: number): void {
  for (let address = 0; address < memory.length; address++) {
    if (core.word(address) !== memory[address]) {
      throw new VerificationError(
        `run: after step ${step} word ${address} is ${core.word(address)}; the interpreter's is ${memory[address]}`,
        step,
      );
    }
  }
}

/** What a user does first, on every engine that we promise: see tools/release/src/consumers. It may not need WebAssembly. */
import { assemble, buildComputer, createMachine } from '@x/relu-computer';

export async function smoke(): Promise<unknown> {
  const { image } = assemble('a b; b (-1); Z Z (-1); . a: -42 b: 0 Z: 0', { bits: 8 });
  const out: number[] = [];
  for (const design of ['basic', 'speculative', 'demux'] as const) {
    const computer = buildComputer({ words: 32, bits: 8, design });
    createMachine(computer, image, { output: (word) => out.push(word) }).run({ maxSteps: 10, verifyEvery: 1 });
  }
  return out;
}

export const expected: unknown = [42, 42, 42];

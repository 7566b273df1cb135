import type { Rng } from '@x/linalg';
import type { Architecture } from '../src/types.ts';

/**
 * Memories that make a step do something: words that are addresses, words near the ends of the range, A = B, instructions that write into
 * themselves or into what comes next, reading and writing. Uniform words alone halt at once.
 */
export function randomProgram({ words, bits }: Pick<Architecture, 'words' | 'bits'>, rng: Rng): Float64Array {
  const W = 2 ** bits;
  const special = [0, 1, W / 2 - 1, W / 2, W / 2 + 1, W - 2, W - 1];
  const memory = Float64Array.from({ length: words }, () => {
    const kind = rng.uniform();
    if (kind < 0.7) return rng.integer(words);
    if (kind < 0.85) return special[rng.integer(special.length)]!;
    return rng.integer(W);
  });
  // Instructions that touch each other, starting anywhere.
  for (let k = 0; k < words / 6; k++) {
    const at = rng.integer(words);
    const target = rng.integer(words);
    const put = (address: number, value: number) => {
      if (address < words) memory[address] = value % W;
    };
    put(at + 2, target);
    const kind = rng.integer(6);
    if (kind === 0) put(at + 1, at + rng.integer(3));
    if (kind === 1) put(at + 1, at + 3 + rng.integer(3));
    if (kind === 2) put(at + 1, target + rng.integer(3));
    if (kind === 3) put(at, memory[Math.min(at + 1, words - 1)]!);
    if (kind === 4) put(at, W - 1);
    if (kind === 5) put(at + 1, W - 1);
  }
  return memory;
}

import type { Architecture } from '../src/types.ts';

/** What happened in the steps of a test: a property that never met a case says nothing about it. */
export interface Coverage {
  jumps: number;
  falls: number;
  reads: number;
  writes: number;
  halted: number;
  wrapsDown: number;
  wrapsUp: number;
  sameOperand: number;
  selfModifying: number;
  nextModifying: number;
  targetModifying: number;
  beyondMemory: number;
}

export function noCoverage(): Coverage {
  return {
    jumps: 0,
    falls: 0,
    reads: 0,
    writes: 0,
    halted: 0,
    wrapsDown: 0,
    wrapsUp: 0,
    sameOperand: 0,
    selfModifying: 0,
    nextModifying: 0,
    targetModifying: 0,
    beyondMemory: 0,
  };
}

/** Counts what the instruction at pc is going to do. */
export function count(seen: Coverage, { words, bits, haltAt }: Architecture, memory: ArrayLike<number>, pc: number): void {
  if (pc >= haltAt) {
    seen.halted++;
    return;
  }
  const W = 2 ** bits;
  const word = (address: number) => (address < words ? memory[address]! : 0);
  const [A, B, C] = [word(pc), word(pc + 1), word(pc + 2)];
  if (A === W - 1) seen.reads++;
  else if (B === W - 1) seen.writes++;
  else {
    const d = word(B) - word(A);
    const r = (d + W) % W;
    if (r === 0 || r >= W / 2) seen.jumps++;
    else seen.falls++;
    if (d < -W / 2) seen.wrapsDown++;
    if (d >= W / 2) seen.wrapsUp++;
    if (A === B) seen.sameOperand++;
    if (B >= pc && B < pc + 3) seen.selfModifying++;
    if (B >= pc + 3 && B < pc + 6) seen.nextModifying++;
    if (B >= C && B < C + 3) seen.targetModifying++;
    if (A >= words || B >= words) seen.beyondMemory++;
  }
}

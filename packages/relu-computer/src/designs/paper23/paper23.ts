import { at, networkBuilder, type Range, type StageBuilder } from '../../network/build.ts';
import type { Architecture } from '../../types.ts';
import { correct } from '../correction.ts';
import type { Network } from '../design.ts';
import { addition, increment } from './addition.ts';
import { addLayer, bitsOf, copyOf, sumOfWords, type Writes } from './layer.ts';
import { bitLayout, type RegisterName, registersOf } from './registers.ts';

/**
 * The paper's machine: words are bits of +-1 in two's complement, and a pass is 23 layers, in the paper's six parts:
 *
 *   read the instruction 2: match pc, fetch           write back 2: erase, write
 *   read the data 2: match A and B, read              next pc 6: add 1 three times, in two layers each
 *   subtract 7: flip a 1; add 1 2; add b 4            branch 4: is zero, decide, gate C, gate the next pc and merge
 *
 * Additions take these layers for any number of bits. The paper's own matrices are not all written out, so these are our completion. Every
 * layer maps the same registers to themselves, ReLU neurons and then a linear map. Without any one of them steps go wrong, and what each
 * does on the states that occur is no affine map, so that none can be multiplied into its neighbour as it stands; tests show both. They are
 * not as few as can be: flip a, erase and gate could each be merged into the layer after it by other weights there.
 *
 * Weights: O(words bits + bits^2), the square for carries of increments. Values are bits, so f32 is exact for any number of bits.
 * Source: Liang, Sha, Shi, Song, Zhou 2024, arXiv 2410.09375, for the parts and their numbers of layers.
 */
export function paper23(architecture: Architecture): Network {
  const { words: N, bits: w, haltAt: H } = architecture;
  const registers = registersOf(architecture);
  const { memory, pc, input, cells, target, running, A, B, C, reads, writes, a, b, next, zero, jump, outputValid } = registers;
  const layout = bitLayout(architecture, registers);
  const net = networkBuilder(layout.groups);
  if (architecture.errorCorrection) correct(net, layout.groups);
  const bank = { net, registers, live: new Set<RegisterName>(['memory', 'pc', 'input']) };
  const parts: string[] = net.stages.filter(({ kind }) => kind === 'relu').map(() => 'error correction');
  const layer = (part: string, name: string, fill: (s: StageBuilder) => Writes) => {
    parts.push(part);
    addLayer(bank, `${part}: ${name}`, fill);
  };
  const addOne = (part: string, name: string, word: RegisterName) => {
    parts.push(part, part);
    increment(bank, `${part}: ${name}`, word);
  };
  const bit = (i: number, j: number) => at(memory, i * w + j);
  /** +1 or -1: digit j of i. */
  const sign = (i: number, j: number) => (Math.floor(i / 2 ** j) % 2 === 1 ? 1 : -1);

  // Read the instruction. A sum of w signs is w where all agree and at most w - 2 where they do not.
  layer('read the instruction', 'match pc', (s) => {
    const match = s.neurons(
      'pc =',
      H,
      (i, row) => {
        for (let j = 0; j < w; j++) row.add(at(pc, j), sign(i, j));
        return 1 - w;
      },
      { max: 1, oneHot: true },
    );
    return { cells: (i, row) => (i < H ? copyOf(match)(i, row) : 0) };
  });
  layer('read the instruction', 'fetch', (s) => {
    const word = (k: number) =>
      s.neurons(`fetch ${'ABC'[k]}`, Math.max(0, Math.min(H, N - k)) * w, (i, row) => {
        row.add(bit(Math.floor(i / w) + k, i % w), 1);
        row.add(at(cells, Math.floor(i / w)), 1);
        return -1;
      });
    const [fetchA, fetchB, fetchC] = [word(0), word(1), word(2)];
    // A machine that has halted stays where it is.
    const stay = s.neurons('stay', w, (j, row) => {
      row.add(at(pc, j), 1);
      row.addAll(cells, -1);
      return 0;
    });
    const runs = s.neurons('running', 1, (_, row) => {
      row.addAll(cells, 1);
      return 0;
    });
    return {
      A: sumOfWords(fetchA, w),
      B: sumOfWords(fetchB, w),
      C: sumOfWords(fetchC, w, stay),
      running: copyOf(runs),
      cells: 'clear',
    };
  });

  // Read the data.
  layer('read the data', 'match A and B', (s) => {
    const match = (name: string, word: Range, count: number, address: (i: number) => number) =>
      s.neurons(
        name,
        count,
        (i, row) => {
          let negative = 0;
          for (let j = 0; j < w; j++) {
            row.add(at(word, j), 2 * sign(address(i), j));
            negative += sign(address(i), j);
          }
          row.add(running.start, 1);
          return -w - negative;
        },
        { max: 1, oneHot: true },
      );
    const io = 2 ** w - 1;
    return {
      cells: copyOf(match('A =', A, N, (i) => i)),
      target: copyOf(match('B =', B, N, (i) => i)),
      reads: copyOf(match('A = -1', A, 1, () => io)),
      writes: copyOf(match('B = -1', B, 1, () => io)),
      A: 'clear',
      B: 'clear',
      running: 'clear',
    };
  });
  layer('read the data', 'read', (s) => {
    const gates = (name: string, selected: Range, unless: readonly number[]) =>
      s.neurons(name, N * w, (i, row) => {
        row.add(at(memory, i), 1);
        row.add(at(selected, Math.floor(i / w)), 1);
        for (const wire of unless) row.add(wire, -1);
        return -1;
      });
    const readA = gates('read a', cells, []);
    const readB = gates('read b', target, [reads.start]);
    const gated = (name: string, weight: number) =>
      s.neurons(name, w, (j, row) => {
        row.add(at(input, j), 1);
        row.add(reads.start, weight);
        return weight > 0 ? -weight : 0;
      });
    // An instruction that reads takes the input word for m[B], and 0 for m[A]: their difference is what it writes.
    const taken = gated('input taken', 1);
    const keptInput = gated('input kept', -1);
    const used = s.neurons('input used', 1, (_, row) => {
      row.add(reads.start, 1);
      return 0;
    });
    const valid = s.neurons('output valid', 1, (_, row) => {
      row.add(writes.start, 1);
      row.add(reads.start, -1);
      return 0;
    });
    return {
      a: sumOfWords(readA, w),
      b: sumOfWords(readB, w, taken),
      input: bitsOf(keptInput),
      inputUsed: copyOf(used),
      outputValid: copyOf(valid),
      cells: 'clear',
    };
  });

  // Subtract: b - a = b + (flipped a) + 1, modulo 2^w.
  layer('subtract', 'flip a', (s) => {
    const flipped = s.neurons('flipped', w, (j, row) => {
      row.add(at(a, j), -1);
      return 1;
    });
    const written = s.neurons('written', w, (j, row) => {
      row.add(at(a, j), 1);
      row.add(outputValid.start, 1);
      return -1;
    });
    return { a: copyOf(flipped), output: bitsOf(written) };
  });
  addOne('subtract', 'add 1', 'a');
  parts.push('subtract', 'subtract', 'subtract', 'subtract');
  addition(bank, 'subtract: add b', 'b', 'a');

  // Write back.
  layer('write back', 'erase', (s) => {
    const rest = s.neurons('rest', N * w, (i, row) => {
      row.add(at(memory, i), 1);
      row.add(at(target, Math.floor(i / w)), -1);
      return 0;
    });
    return { memory: bitsOf(rest) };
  });
  layer('write back', 'write', (s) => {
    const rest = s.neurons('rest', N * w, (i, row) => {
      row.add(at(memory, i), 1);
      return 0;
    });
    // What comes now computes with bits of 0 and 1.
    const address = s.neurons('pc to add to', w, copyOf(pc));
    const written = s.neurons('result', N * w, (i, row) => {
      row.add(at(target, Math.floor(i / w)), 1);
      row.add(at(b, i % w), 1);
      return -1;
    });
    return {
      memory: (i, row) => {
        row.add(at(rest, i), 2);
        row.add(at(written, i), 2);
        return -1;
      },
      target: 'clear',
      next: copyOf(address),
    };
  });

  // Next pc: pc + 1 + 1 + 1.
  for (const which of ['first', 'second', 'third']) addOne('next pc', `${which} 1`, 'next');

  // Branch where the result, in b, is 0 or negative.
  layer('branch', 'is zero', (s) => {
    const none = s.neurons('zero', 1, (_, row) => {
      row.addAll(b, -1);
      return 1;
    });
    return { zero: copyOf(none) };
  });
  layer('branch', 'decide', (s) => {
    const decided = s.neurons('jump', 1, (_, row) => {
      row.add(zero.start, 1);
      row.add(at(b, w - 1), 1);
      row.add(reads.start, -1);
      row.add(writes.start, -1);
      return 0;
    });
    return { jump: copyOf(decided), zero: 'clear', b: 'clear', reads: 'clear', writes: 'clear' };
  });
  layer('branch', 'gate', (s) => {
    const gated = s.neurons('C if jump', w, (j, row) => {
      row.add(at(C, j), 1);
      row.add(jump.start, 1);
      return -1;
    });
    return { C: copyOf(gated) };
  });
  layer('branch', 'merge', (s) => {
    const jumped = s.neurons('C', w, copyOf(C));
    const gated = s.neurons('next unless jump', w, (j, row) => {
      row.add(at(next, j), 1);
      row.add(jump.start, -1);
      return 0;
    });
    return {
      pc: (j, row) => {
        row.add(at(jumped, j), 2);
        row.add(at(gated, j), 2);
        return -1;
      },
      C: 'clear',
      next: 'clear',
      jump: 'clear',
    };
  });
  return { layout, stages: net.stages, parts };
}

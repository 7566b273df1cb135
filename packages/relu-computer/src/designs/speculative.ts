import { wordLayout } from '../layout.ts';
import { at, networkBuilder, type Range, type StageBuilder } from '../network/build.ts';
import type { Architecture } from '../types.ts';
import { constantsOf, difference, gate, kept, memoryGates, result, selected, steps, sum, written } from './arithmetic.ts';
import { correct } from './correction.ts';
import { flagStairs, flagsFrom, oneHot, type Port, staircase } from './decoder.ts';
import type { Network } from './design.ts';

/**
 * Fetches ahead: the state holds the instruction at pc, and while it runs, both instructions that may come next are read from the old
 * memory, at C and at pc + 3. What the running instruction writes is put in their place where addresses are equal, without which
 * programs that change their own next instruction would go wrong. 4 ReLU stages, about 58 weights a word.
 *
 * A machine that has halted holds the instruction `W W pc`; see `sequential`.
 */
export function speculative(machine: Architecture): Network {
  const { words: N, haltAt: H } = machine;
  const constants = constantsOf(machine);
  const { W, io, top, far } = constants;
  const layout = wordLayout(machine, true);
  const net = networkBuilder(layout.groups);
  if (machine.errorCorrection) correct(net, layout.groups);
  const state = { memory: { start: 0, count: N }, pc: N, input: N + 1, A: N + 5, B: N + 6, C: N + 7 };
  const ports: readonly Port[] = [
    { name: 'A', wire: state.A, limit: N, special: io },
    { name: 'B', wire: state.B, limit: N, special: io, bounded: true },
    { name: 'C', wire: state.C, limit: H, bounded: true },
    // Its addresses are compared with pc, three less than what they select.
    { name: 'pc', wire: state.pc, limit: H, offset: 3, bounded: true },
  ];

  const stairs = net.stage('relu', 'staircases', (s) => ({
    bus: s.carry({ memory: state.memory, pc: state.pc, input: state.input, C: state.C }),
    flags: flagStairs(s, ports),
    stairs: ports.map((port) => staircase(s, `staircase ${port.name}`, port)),
    sameC: equalityStairs(s, 'B near C', state.B, state.C, 0),
    samePc: equalityStairs(s, 'B near pc + 3', state.B, state.pc, 3),
  }));
  const decoded = net.stage('linear', 'one-hots', (s) => ({
    bus: s.carry(stairs.bus),
    ...flagsFrom(s, stairs.flags),
    hot: Object.fromEntries(ports.map(({ name }, p) => [name, oneHot(s, name, stairs.stairs[p]!)])),
    sameC: equalities(s, 'B = C', stairs.sameC),
    samePc: equalities(s, 'B = pc + 3', stairs.samePc),
  }));
  const select = (port: string, cell: number, row: { add(column: number, weight: number): void }, weight: number) => {
    row.add(at(decoded.hot[port]!, cell), weight);
    return 1;
  };

  const read = net.stage('relu', 'read', (s) => {
    const { memory, pc, C, input } = decoded.bus;
    const { inRange, equals } = decoded;
    const reads = equals.A!;
    const writes = equals.B!;
    const both = (name: string, same: Range, port: string) =>
      s.neurons(
        name,
        3,
        (k, row) => {
          row.add(at(same, k), 1);
          row.add(inRange.B!, 1);
          row.add(inRange[port]!, 1);
          return -2;
        },
        { oneHot: true },
      );
    const fetch = (port: string) =>
      [0, 1, 2].map((k) => memoryGates(s, { name: `fetch ${'ABC'[k]} at ${port}`, memory, limit: H, shift: k, M: top }, select, port));
    return {
      bus: {
        ...s.carry({ memory, pc, C }),
        cells: selected(s, 'B =', N, select, 'B'),
        replacesC: both('replaces at C', decoded.sameC, 'C'),
        replacesPc: both('replaces at pc + 3', decoded.samePc, 'pc'),
        read: gate(s, 'input read', input, [[reads, 1]], top),
        input: gate(s, 'input', input, [[reads, -1]], top),
        inputUsed: s.neuron('input used', [[reads, 1]]),
        outputValid: s.neuron('output valid', [
          [writes, 1],
          [reads, -1],
        ]),
        io: s.neuron('reads or writes', [
          [reads, 1],
          [writes, 1],
        ]),
      },
      a: memoryGates(s, { name: 'read a', memory, limit: N, M: top }, select, 'A'),
      b: memoryGates(s, { name: 'read b', memory, limit: N, M: top }, select, 'B'),
      atC: {
        words: fetch('C'),
        halted: s.neuron('halted at C', [[inRange.C!, -1]], 1),
        stay: gate(s, 'stay at C', C, [[inRange.C!, -1]], far),
      },
      atPc: {
        words: fetch('pc'),
        halted: s.neuron('halted at pc + 3', [[inRange.pc!, -1]], 1),
        stay: gate(s, 'stay at pc + 3', pc, [[inRange.pc!, -1]], far, 3),
      },
    };
  });
  const values = net.stage('linear', 'values', (s) => {
    const instruction = (where: string, { words, halted, stay }: typeof read.atC) => [
      sum(s, `A at ${where}`, words[0]!, [halted, W]),
      sum(s, `B at ${where}`, words[1]!, [halted, W]),
      sum(s, `C at ${where}`, words[2]!, [stay, 1]),
    ];
    const bus = s.carry(read.bus);
    const a = sum(s, 'a', read.a);
    const b = sum(s, 'b', read.b);
    return { bus, a, b, atC: instruction('C', read.atC), atPc: instruction('pc + 3', read.atPc) };
  });

  const subtraction = net.stage('relu', 'subtract', (s) => {
    const { memory, pc, C, cells, io: inOrOut, inputUsed, outputValid, ...others } = values.bus;
    return {
      bus: {
        ...s.carry({ pc, C, cells, inputUsed, outputValid, ...others }),
        kept: kept(s, memory, cells, top),
        output: gate(s, 'output', values.a, [[outputValid, 1]], top),
      },
      atC: carryWords(s, 'C', values.atC),
      atPc: carryWords(s, 'pc + 3', values.atPc),
      difference: difference(s, { a: values.a, b: values.b, reads: inputUsed, io: inOrOut }, constants),
    };
  });
  const stepped = net.stage('linear', 'steps', (s) => ({
    bus: s.carry(subtraction.bus),
    atC: carryWords(s, 'C', subtraction.atC),
    atPc: carryWords(s, 'pc + 3', subtraction.atPc),
    ...steps(s, subtraction.difference),
  }));
  const subtracted = net.stage('linear', 'result', (s) => {
    const { read: word, ...bus } = stepped.bus;
    return {
      bus: s.carry(bus),
      atC: carryWords(s, 'C', stepped.atC),
      atPc: carryWords(s, 'pc + 3', stepped.atPc),
      jump: s.neuron('jump', [[stepped.jump, 1]]),
      result: result(s, stepped, word, constants),
    };
  });

  const write = net.stage('relu', 'select', (s) => {
    const { kept: old, cells, pc, C, input, inputUsed, outputValid, output, replacesC, replacesPc } = subtracted.bus;
    const { jump, result: r } = subtracted;
    const from = (where: string, words: readonly number[], replaces: Range, sign: 1 | -1) =>
      words.flatMap((word, k) => [
        gate(
          s,
          `${'ABC'[k]} from ${where}`,
          word,
          [
            [jump, sign],
            [at(replaces, k), -1],
          ],
          far,
        ),
        gate(
          s,
          `${'ABC'[k]} from result, ${where}`,
          r,
          [
            [jump, sign],
            [at(replaces, k), 1],
          ],
          top,
        ),
      ]);
    return {
      ...s.carry({ kept: old, input, inputUsed, outputValid, output }),
      written: written(s, { values: { start: r, count: 1 }, cells: Number.POSITIVE_INFINITY }, cells, 1, top),
      jumped: gate(s, 'pc jumped', C, [[jump, 1]], far),
      next: gate(s, 'pc + 3', pc, [[jump, -1]], far, 3),
      words: [from('C', subtracted.atC, replacesC, 1), from('pc + 3', subtracted.atPc, replacesPc, -1)],
    };
  });
  net.stage('linear', 'state', (s) => {
    const { input, inputUsed, outputValid, output } = write;
    s.neurons(
      'memory',
      N,
      (i, row) => {
        row.add(at(write.kept, i), 1);
        row.add(at(write.written, i), 1);
        return 0;
      },
      { max: W - 1 },
    );
    const one = (name: string, wires: readonly number[], max: number) =>
      s.neuron(
        name,
        wires.map((wire) => [wire, 1] as const),
        0,
        { max },
      );
    one('pc', [write.jumped, write.next], W + 2);
    s.carry({ input, inputUsed, outputValid, output });
    [0, 1, 2].forEach((k) => {
      one(
        'ABC'[k]!,
        write.words.flatMap((gates) => gates.slice(2 * k, 2 * k + 2)),
        W + 2,
      );
    });
  });
  return { layout, stages: net.stages };
}

/** Thresholds of B - (other + offset + k) for k = 0, 1, 2: neighbours share them. */
function equalityStairs(s: StageBuilder, name: string, B: number, other: number, offset: number): Range {
  return s.neurons(name, 5, (i, row) => {
    row.add(B, 1);
    row.add(other, -1);
    return 1 - i - offset;
  });
}

/** [B = other + offset + k] for k = 0, 1, 2. */
function equalities(s: StageBuilder, name: string, stairs: Range): Range {
  return s.neurons(
    name,
    3,
    (k, row) => {
      row.add(at(stairs, k), 1);
      row.add(at(stairs, k + 1), -2);
      row.add(at(stairs, k + 2), 1);
      return 0;
    },
    { max: 1, oneHot: true },
  );
}

/** Passes on the instruction that was read at one of the two places. */
function carryWords(s: StageBuilder, where: string, wires: readonly number[]): number[] {
  return wires.map((wire, k) => s.neuron(`${'ABC'[k]} at ${where}`, [[wire, 1]]));
}

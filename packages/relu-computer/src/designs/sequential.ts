import { wordLayout } from '../layout.ts';
import { at, type Bus, type NetworkBuilder, networkBuilder } from '../network/build.ts';
import type { Architecture } from '../types.ts';
import { constantsOf, difference, gate, kept, memoryGates, result, type Spread, selected, steps, sum, written } from './arithmetic.ts';
import { correct } from './correction.ts';
import type { Decoder, Level } from './decoder.ts';
import { carryPath } from './demultiplexer.ts';
import type { Network } from './design.ts';

/**
 * One thing after the other: decode pc, fetch A B C, decode A and B, read, subtract, write and branch. How addresses are decoded is the
 * difference between `basic`, `two-level` and `demux`.
 *
 * A machine that has halted fetches the instruction `W W pc`, which selects no cell, reads 0 and 0, and jumps to where it stands: halting
 * is a fixed point of the network.
 */
export function sequential(machine: Architecture, decode: Decoder): Network {
  const { words: N, haltAt: H } = machine;
  const constants = constantsOf(machine);
  const { W, io, top, far } = constants;
  const layout = wordLayout(machine, false);
  const net = networkBuilder(layout.groups);
  if (machine.errorCorrection) correct(net, layout.groups);
  const state = { memory: { start: 0, count: N }, pc: N, input: N + 1 };

  const counter = decode(net, state, [{ name: 'pc', wire: state.pc, limit: H, bounded: true }]);
  const fetch = net.stage('relu', 'fetch', (s) => {
    const { memory, pc } = counter.bus;
    const running = counter.inRange.pc!;
    return {
      bus: s.carry(counter.bus),
      words: [0, 1, 2].map((k) => memoryGates(s, { name: `fetch ${'ABC'[k]}`, memory, limit: H, shift: k, M: top }, counter.select, 'pc')),
      halted: s.neuron('halted', [[running, -1]], 1),
      stay: gate(s, 'stay', pc, [[running, -1]], far),
    };
  });
  const instruction = net.stage('linear', 'instruction', (s) => ({
    bus: { ...s.carry(fetch.bus), C: sum(s, 'C', fetch.words[2]!, [fetch.stay, 1]) },
    A: sum(s, 'A', fetch.words[0]!, [fetch.halted, W]),
    B: sum(s, 'B', fetch.words[1]!, [fetch.halted, W]),
  }));

  const operands = decode(net, instruction.bus, [
    { name: 'A', wire: instruction.A, limit: N, special: io },
    { name: 'B', wire: instruction.B, limit: N, special: io, written: true },
  ]);
  const gates = net.stage('relu', 'read', (s) => {
    const { memory, pc, C, input } = operands.bus;
    const reads = operands.equals.A!;
    const writes = operands.equals.B!;
    return {
      bus: {
        ...s.carry({ memory, pc, C }),
        cells: selected(s, 'B =', N, operands.select, 'B'),
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
      path: carryPath(s, operands.path),
      a: memoryGates(s, { name: 'read a', memory, limit: N, M: top }, operands.select, 'A'),
      b: memoryGates(s, { name: 'read b', memory, limit: N, M: top }, operands.select, 'B'),
    };
  });
  const values = net.stage('linear', 'a and b', (s) => ({
    bus: s.carry(gates.bus),
    path: carryPath(s, gates.path),
    a: sum(s, 'a', gates.a),
    b: sum(s, 'b', gates.b),
  }));

  const subtraction = net.stage('relu', 'subtract', (s) => {
    const { memory, cells, pc, C, read, input, inputUsed, outputValid, io: inOrOut } = values.bus;
    return {
      bus: {
        ...s.carry({ cells, pc, C, read, input, inputUsed, outputValid }),
        kept: kept(s, memory, cells, top),
        output: gate(s, 'output', values.a, [[outputValid, 1]], top),
      },
      path: carryPath(s, values.path),
      difference: difference(s, { a: values.a, b: values.b, reads: inputUsed, io: inOrOut }, constants),
    };
  });
  const stepped = net.stage('linear', 'steps', (s) => ({
    bus: s.carry(subtraction.bus),
    path: carryPath(s, subtraction.path),
    ...steps(s, subtraction.difference),
  }));
  const subtracted = net.stage('linear', 'result', (s) => {
    const { read, ...bus } = stepped.bus;
    return {
      bus: { ...s.carry(bus), jump: s.neuron('jump', [[stepped.jump, 1]]) },
      path: carryPath(s, stepped.path),
      result: result(s, stepped, read, constants),
    };
  });
  const down = bringDown(net, subtracted.bus, subtracted.path, subtracted.result, top);
  const write = net.stage('relu', 'write', (s) => {
    const { kept: old, cells, pc, C, input, inputUsed, outputValid, output, jump } = down.bus;
    return {
      ...s.carry({ kept: old, input, inputUsed, outputValid, output }),
      written: written(s, down.result, cells, 1, top),
      jumped: gate(s, 'pc jumped', C, [[jump, 1]], far),
      next: gate(s, 'pc + 3', pc, [[jump, -1]], far, 3),
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
    s.neuron(
      'pc',
      [
        [write.jumped, 1],
        [write.next, 1],
      ],
      0,
      { max: W + 2 },
    );
    s.carry({ input, inputUsed, outputValid, output });
  });
  return { layout, stages: net.stages };
}

/**
 * Hands the result down the tree that holds the cell to be written, a stage a level: handed to all cells at once it would change a gate of
 * each. Where the decoder is no tree there is nothing to do.
 */
function bringDown<B extends Bus>(
  net: NetworkBuilder,
  bus: B,
  path: readonly Level[],
  result: number,
  M: number,
): { readonly bus: B; readonly result: Spread } {
  const all: Spread = { values: { start: result, count: 1 }, cells: Number.POSITIVE_INFINITY };
  let now = { bus, path, result: all };
  for (let l = 0; l < path.length; l++) {
    const { bus: before, path: levels, result: values } = now;
    const [{ flags, cells }, ...rest] = levels as [Level, ...Level[]];
    now = net.stage('relu', `bring down ${l + 1}`, (s) => ({
      bus: s.carry(before),
      path: carryPath(s, rest),
      result: { values: written(s, values, flags, cells, M), cells },
    }));
  }
  return now;
}

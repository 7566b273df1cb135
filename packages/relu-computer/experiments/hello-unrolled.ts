import { buildComputer, createMachine, litNeurons, parseImage } from '@x/relu-computer';
import type { Experiment } from '@x/report/experiment';
import { HELLO } from '../test/hello.ts';

const [WORDS, BITS] = [32, 8];

const TEXT = 'Hello, world!\n';

/** Passes that the table shows, and those that are drawn layer by layer: the first letters, of five passes each. */
const SHOWN = 20;
const LAYER_BY_LAYER = 10;

export const experiment: Experiment = {
  id: 'hello-unrolled',
  claim:
    'Unrolled over its passes, a network that knows nothing of the program writes "Hello, world!", by neurons that can be named one by one.',
  source: 'Rosetta Code, "Subleq", for the program; Liang, Sha, Shi, Song, Zhou 2024, arXiv 2410.09375, for the loop',
  inputs: [],
  async run() {
    const computer = buildComputer({ words: WORDS, bits: BITS });
    let text = '';
    const machine = createMachine(computer, parseImage(HELLO, { bits: BITS }), {
      output: (word) => {
        text += String.fromCharCode(word);
      },
    });
    // ReLU stages one above the other, so that a neuron has a place of its own.
    let rows = 0;
    const stages = computer.stages.flatMap((stage, index) => {
      if (stage.kind !== 'relu') return [];
      const from = rows;
      rows += stage.rows;
      return [{ index, name: stage.name, from, lit: { x: [] as number[], y: [] as number[] } }];
    });
    const layers = { x: [] as number[], y: [] as number[] };
    const passes: (string | number)[][] = [];
    let lit = 0;
    while (!machine.halted) {
      // Every pass is compared with the interpreter.
      const before = { pc: machine.pc, length: text.length };
      const instruction = [0, 1, 2].map((k) => machine.word(machine.pc + k));
      machine.run({ maxSteps: 1, verifyEvery: 1 });
      let inPass = 0;
      for (const [k, { index, from, lit: points }] of stages.entries()) {
        for (const neuron of litNeurons(machine, index)) {
          points.x.push(machine.steps);
          points.y.push(from + neuron.index);
          if (machine.steps <= LAYER_BY_LAYER) {
            layers.x.push((machine.steps - 1) * stages.length + k + 1);
            layers.y.push(neuron.index);
          }
          inPass++;
        }
      }
      lit += inPass;
      const { value } = machine.explain('result', 'result');
      passes.push([machine.steps, before.pc, instruction.join(' '), inPass, value, JSON.stringify(text.slice(before.length)).slice(1, -1)]);
    }
    return {
      measured: `${JSON.stringify(text)} after ${machine.steps} passes of ${stages.length} ReLU stages: ${machine.steps * stages.length} layers, ${machine.steps * rows} neurons, ${lit} of them lit`,
      bound: JSON.stringify(TEXT),
      verdict: text === TEXT ? 'holds' : 'failed',
      note: 'Neurons that only hand the memory on from stage to stage are not counted as lit, nor drawn.',
      table: {
        columns: ['pass', 'pc', 'instruction', 'lit neurons', 'result', 'written'],
        rows: passes.slice(0, SHOWN),
      },
      plots: [
        {
          title: `The first ${LAYER_BY_LAYER} passes, layer by layer`,
          caption: `A dot is a neuron that is not 0. From left to right the ReLU layers of the unrolled network, ${stages.length} a pass: ${stages.map(({ name }) => name).join(', ')}.`,
          x: { label: 'layer of the unrolled network' },
          y: { label: 'neuron of the layer' },
          series: [{ label: 'not 0', kind: 'points' as const, ...layers }],
        },
        ...[0, 1].map((half) => ({
          title: `Hello, world, neuron by neuron: ${half === 0 ? 'the first half' : 'the rest'} of the passes`,
          caption: 'All neurons of a pass above each other, by their stages. Five passes write a letter, whose address climbs by one.',
          x: { label: 'pass' },
          y: { label: 'neuron' },
          series: stages.map(({ name, lit: { x, y } }) => {
            const inHalf = (_: number, i: number) => x[i]! <= machine.steps / 2 === (half === 0);
            return { label: name, kind: 'points' as const, x: x.filter(inHalf), y: y.filter(inHalf) };
          }),
        })),
      ],
    };
  },
};

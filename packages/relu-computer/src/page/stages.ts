import { litNeurons, type Machine } from '../index.ts';

/** Names shown of a stage. */
const NAMES = 12;

/** Pixels of a strip; a pixel stands for as many neurons as it takes. */
const WIDTH = 512;

/** Terms shown of a neuron's sum. */
const TERMS = 30;

/** Each stage as a strip that is dark where neurons are not 0, with their names; pressing one tells why. */
export function drawStages(into: HTMLElement, machine: Machine, fresh: boolean, tell: (text: string) => void): void {
  if (!fresh) into.replaceChildren('Neurons tell of a step: take one.');
  else into.replaceChildren(...machine.computer.stages.map((_, k) => row(machine, k, tell)));
}

function row(machine: Machine, k: number, tell: (text: string) => void): HTMLElement {
  const { name, kind, rows } = machine.computer.stages[k]!;
  const made = document.createElement('div');
  made.className = 'stage';
  const title = document.createElement('div');
  title.textContent = `${k} ${name}`;
  title.title = `${kind}, ${rows} neurons`;
  const side = document.createElement('div');
  side.append(strip(machine.activations(k)));
  for (const neuron of litNeurons(machine, k, { most: NAMES })) {
    const button = document.createElement('button');
    button.textContent = `${neuron.name} = ${neuron.value}`;
    button.addEventListener('click', () => tell(why(machine, k, neuron.index)));
    side.append(button);
  }
  made.append(title, side);
  return made;
}

function strip(values: Float64Array): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = Math.min(WIDTH, values.length);
  canvas.height = 1;
  const picture = new ImageData(canvas.width, 1);
  for (let x = 0; x < canvas.width; x++) {
    const part = values.subarray(Math.floor((x * values.length) / canvas.width), Math.floor(((x + 1) * values.length) / canvas.width));
    if (part.some((value) => value !== 0)) picture.data.set([30, 80, 180, 255], 4 * x);
  }
  canvas.getContext('2d')!.putImageData(picture, 0, 0);
  return canvas;
}

function why(machine: Machine, stage: number, neuron: number): string {
  const { name, terms, bias, sum, value } = machine.explain(stage, neuron);
  const shown = terms.slice(0, TERMS).map((term) => `  ${term.weight} * ${term.value}  (${term.name})`);
  const rest = terms.length > TERMS ? [`  ... ${terms.length - TERMS} more`] : [];
  return [`${name} = ${value}`, ...shown, ...rest, `  + ${bias}`, `  = ${sum}`].join('\n');
}

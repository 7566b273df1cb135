import { AbortedError } from '@x/linalg/errors';
import { architectureOf, weightsOf } from '../check.ts';
import { assemble, buildComputer, createMachine, DESIGNS, type Design, type Machine, parseImage, runAsync } from '../index.ts';
import { type Written, writtenText } from '../written.ts';
import { drawMemory } from './memory.ts';
import { drawStages } from './stages.ts';

/** Building a network is synchronous: a larger one would hold up the page. */
const MOST_WEIGHTS = 2 ** 23;

/** Share of a run's time that goes into drawing: a large network has millions of neurons to look at. */
const DRAWING = 0.25;

/** Steps that can be taken back. */
const HISTORY = 10_000;

/** A program may write without end; this much is shown. */
const OUTPUT_SHOWN = 4096;

const EXAMPLE = '15 17 -1 17 -1 -1 16 1 -1 16 3 -1 15 15 0 0 -1 72 101 108 108 111 44 32 119 111 114 108 100 33 10 0';

interface Loaded {
  readonly machine: Machine;
  readonly written: Written;
  /** Cells that the last step changed, and whether the neurons are those of that step. */
  changed: ReadonlySet<number>;
  fresh: boolean;
}

let loaded: Loaded | undefined;
let running: AbortController | undefined;

function element<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

function field(id: string): string {
  return element<HTMLInputElement>(id).value;
}

function show(message: string): void {
  element('message').textContent = message;
}

/** Runs what a button does; what is wrong is shown. */
function attempt(action: () => void): void {
  show('');
  try {
    action();
  } catch (error) {
    show((error as Error).message);
  }
  draw();
}

function load(): void {
  const text = field('source');
  const bits = Number(field('bits'));
  const numbers = /^[\s\d,+-]*$/.test(text);
  const image = numbers ? parseImage(text, { bits }) : assemble(text, { bits }).image;
  const words = Number(field('words'));
  const architecture = architectureOf({ words, bits, design: field('design') as Design });
  if (weightsOf(architecture) > MOST_WEIGHTS) {
    throw new Error(
      `The network would have more than ${MOST_WEIGHTS} weights, which would hold up the page: take fewer words, or another design.`,
    );
  }
  const computer = buildComputer(architecture);
  const written = writtenText(OUTPUT_SHOWN);
  const input = [...new TextEncoder().encode(field('input'))];
  const output = (word: number) => written.add(word, machine.steps);
  const machine = createMachine(computer, image, { history: HISTORY, input: () => input.shift(), output });
  loaded = { machine, written, changed: new Set(), fresh: false };
}

function step(now: Loaded): void {
  const { halted } = now.machine;
  const { instruction } = now.machine.step();
  now.changed = halted ? new Set() : new Set([instruction[1]]);
  now.fresh ||= !halted;
}

function back(now: Loaded): void {
  if (!now.machine.stepBack()) throw new Error('No step back is left.');
  now.written.back(now.machine.steps);
  now.changed = new Set();
  now.fresh = false;
}

/** Runs until the machine halts, a breakpoint, an error or Stop, and draws on the way. */
async function run(now: Loaded): Promise<void> {
  const before = now.machine.steps;
  // When it was drawn last, and how long it goes on without.
  let [drawn, rest] = [0, 0];
  const breakpoints = field('breakpoint') === '' ? new Set<number>() : new Set([Number(field('breakpoint'))]);
  const progress = () => {
    now.changed = new Set();
    now.fresh ||= now.machine.steps > before;
    const start = performance.now();
    draw();
    drawn = performance.now();
    rest = (drawn - start) / DRAWING;
  };
  running = new AbortController();
  try {
    await runAsync(now.machine, {
      maxSteps: Number.MAX_SAFE_INTEGER,
      signal: running.signal,
      breakpoints,
      onProgress: () => performance.now() - drawn > rest && progress(),
    });
  } catch (error) {
    if (!(error instanceof AbortedError)) show((error as Error).message);
  }
  running = undefined;
  progress();
}

function draw(): void {
  for (const id of ['step', 'run', 'back']) element<HTMLButtonElement>(id).disabled = loaded === undefined || running !== undefined;
  element<HTMLButtonElement>('stop').disabled = running === undefined;
  if (loaded === undefined) return;
  const { machine, written, changed, fresh } = loaded;
  element('status').textContent = `pc ${machine.pc}, step ${machine.steps}${machine.halted ? ', halted' : ''}`;
  element('output').textContent = written.text;
  drawMemory(element('memory'), machine, Number(field('from')), changed);
  drawStages(element('stages'), machine, fresh, (text) => {
    element('why').textContent = text;
  });
}

for (const design of DESIGNS) element('design').append(new Option(design, design));
element<HTMLTextAreaElement>('source').value = EXAMPLE;
element('file').addEventListener('change', async () => {
  const file = element<HTMLInputElement>('file').files?.[0];
  if (file !== undefined) element<HTMLTextAreaElement>('source').value = await file.text();
});
const onClick = (id: string, action: () => void) => element(id).addEventListener('click', () => attempt(action));
onClick('load', () => {
  running?.abort();
  load();
});
for (const [id, action] of [
  ['step', step],
  ['back', back],
  ['run', run],
] as const) {
  onClick(id, () => {
    if (loaded !== undefined) void action(loaded);
  });
}
onClick('stop', () => running?.abort());
element('from').addEventListener('input', draw);

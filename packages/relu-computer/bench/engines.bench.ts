import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Suite } from '@x/bench';
import { findInput } from '@x/inputs';
import { assemble, buildComputer, createMachine, type Design, type MachineOptions, parseImage } from '@x/relu-computer';

const path = findInput('subleq/eforth.dec', import.meta.url);
const STEPS = 2000;
const LAST = 80_000;

interface Contender {
  readonly design: Design;
  readonly engine: NonNullable<MachineOptions['engine']>;
}

const CONTENDERS: readonly Contender[] = [
  { design: 'demux', engine: 'event' },
  { design: 'two-level', engine: 'event' },
  { design: 'basic', engine: 'event' },
  { design: 'basic', engine: 'interpreter' },
];

const eforth: Suite<number> = {
  id: 'eforth',
  title: `Time of ${STEPS} instructions of eForth, 32,768 words of 16 bits`,
  cases: [{ label: '32,768 words', parameters: 32768, size: 32768 }],
  contenders: CONTENDERS.map(({ design, engine }) => ({
    name: `${design}, ${engine}`,
    setup(words) {
      const image = parseImage(readFileSync(path!, 'utf8'));
      const machine = createMachine(buildComputer({ words, bits: 16, design }), image, { dialect: 'howerj', engine });
      machine.run({ maxSteps: 20_000 });
      const kept = machine.snapshot();
      return () => {
        // Far from the end of the program: a machine that has halted would run at any speed.
        if (machine.steps > LAST) machine.restore(kept);
        const { reason } = machine.run({ maxSteps: STEPS });
        if (reason !== 'limit') throw new Error(`${design}, ${engine}: ${reason}`);
      };
    },
  })),
};

const SHORT = 20;

/** Without end, and with operands at the other end of the memory: the farther apart, the more changes in an addressing tree. */
const farLoop = (words: number) => {
  const source = `loop: one count; count sum; Z Z loop; .[${words - 9 - 4}] one: 1 count: 0 sum: 0 Z: 0`;
  return assemble(source, { bits: 16 }).image;
};

const growth: Suite<number> = {
  id: 'growth',
  title: `Time of ${SHORT} instructions, words of 16 bits`,
  cases: [512, 2048, 8192, 32768].map((words) => ({ label: `${words} words`, parameters: words, size: words })),
  contenders: (
    [
      { design: 'demux', engine: 'event' },
      { design: 'two-level', engine: 'event' },
      { design: 'basic', engine: 'sparse' },
    ] as const
  ).map(({ design, engine }) => ({
    name: `${design}, ${engine}`,
    setup(words) {
      const machine = createMachine(buildComputer({ words, bits: 16, design }), farLoop(words), { engine });
      return () => {
        if (machine.run({ maxSteps: SHORT }).reason !== 'limit') throw new Error(`${design}, ${engine}: it ended`);
      };
    },
  })),
  exponents: [
    { of: 'demux, event', atMost: 0.5 },
    { of: 'basic, sparse', atMost: 1.05 },
  ],
};

const build: Suite<number> = {
  id: 'build',
  title: 'CPU time to build a machine of 16 bits, in a process of its own',
  cases: [{ label: '32,768 words', parameters: 32768, size: 32768 }],
  contenders: (
    [
      { design: 'demux', engine: 'event' },
      { design: 'basic', engine: undefined },
      { design: 'speculative', engine: undefined },
    ] as const
  ).map(({ design, engine }) => ({
    name: engine === undefined ? design : `${design}, with its ${engine} engine`,
    outside: true,
    setup: (words) => () => {
      const args = [join(process.cwd(), 'bench/build-alone.mjs'), design, String(words), ...(engine === undefined ? [] : [engine])];
      return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })).seconds as number;
    },
  })),
};

export const suites: readonly Suite<number>[] = [...(path === undefined ? [] : [eforth]), growth, build];

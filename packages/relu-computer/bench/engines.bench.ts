import { readFileSync } from 'node:fs';
import type { Suite } from '@x/bench';
import { findInput } from '@x/inputs';
import { buildComputer, createMachine, type Design, type MachineOptions, parseImage } from '@x/relu-computer';

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

export const suites: readonly Suite<number>[] =
  path === undefined
    ? []
    : [
        {
          id: 'eforth',
          title: `Time of ${STEPS} instructions of eForth, 32,768 words of 16 bits`,
          cases: [{ label: '32,768 words', parameters: 32768, size: 32768 }],
          contenders: CONTENDERS.map(({ design, engine }) => ({
            name: `${design}, ${engine}`,
            setup(words) {
              const image = parseImage(readFileSync(path, 'utf8'));
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
        },
      ];

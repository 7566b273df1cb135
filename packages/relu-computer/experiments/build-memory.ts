import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Experiment } from '@x/report/experiment';

const WORDS = 32768;

/** Design, engine that is made as well, and the most megabytes that the process may hold. */
const CASES = [
  ['demux', 'event', 300],
  ['basic', undefined, 200],
] as const;

export const experiment: Experiment = {
  id: 'build-memory',
  claim:
    'A process that builds a machine of 32,768 words holds less than 300 MB for demux with its event engine, and less than 200 MB for basic.',
  source: 'own construction: weights are written into compressed rows at once, 12 bytes each',
  inputs: [],
  async run({ progress }) {
    const program = fileURLToPath(new URL('../bench/build-alone.mjs', import.meta.url));
    const rows = CASES.map(([design, engine, most], k) => {
      const args = [program, design, String(WORDS), ...(engine === undefined ? [] : [engine])];
      const { peak, seconds } = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as { peak: number; seconds: number };
      progress((k + 1) / CASES.length, design);
      return { name: engine === undefined ? design : `${design} with its ${engine} engine`, megabytes: peak / 1e6, seconds, most };
    });
    return {
      measured: rows.map(({ name, megabytes }) => `${name} ${megabytes.toFixed(0)} MB`).join(', '),
      bound: rows.map(({ most }) => `${most} MB`).join(', '),
      verdict: rows.every(({ megabytes, most }) => megabytes < most) ? 'holds' : 'failed',
      note: 'The most that the process ever held, with all of Node.',
      table: {
        columns: ['machine', 'most memory, MB', 'CPU time of building, s'],
        rows: rows.map(({ name, megabytes, seconds }) => [name, Math.round(megabytes), Number(seconds.toPrecision(2))]),
      },
    };
  },
};

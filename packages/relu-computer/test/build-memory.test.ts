import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { mustFail } from '@x/testkit';
import { expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../bench/build-alone.mjs', import.meta.url));

/** The most bytes that a process holds which builds a machine of so many words, Node and all. */
function peak(words: number, design: string, ...engine: readonly string[]): number {
  return JSON.parse(execFileSync(process.execPath, [PROGRAM, design, String(words), ...engine], { encoding: 'utf8' })).peak;
}

const claim = (bytes: number, megabytes: number) => expect(bytes).toBeLessThan(megabytes * 1e6);

it('32,768 words of demux, with the event engine, are built in less than 300 MB', () => claim(peak(32768, 'demux', 'event'), 300));
it('32,768 words of basic are built in less than 200 MB', () => claim(peak(32768, 'basic'), 200));
it('fails for a network of four times the weights, that of the paper for 8192 words', () => {
  const bytes = peak(8192, 'paper23', 'event');
  mustFail(() => claim(bytes, 300));
  mustFail(() => claim(bytes, 200));
});

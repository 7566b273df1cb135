/** Records what cachegrind counts of every case: `pnpm cachegrind`. Needs cc and valgrind; a minute. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { CASES, keyOf } from './cases.ts';
import { missesOfLoop, withLoops } from './measure.ts';

const first = (program: string) => execFileSync(program, ['--version'], { encoding: 'utf8' }).split('\n')[0]!;
const cases = withLoops((program, folder) => CASES.map((one) => ({ key: keyOf(one), misses: missesOfLoop(program, folder, one) })));
const by = [first('valgrind'), first('cc')];
writeFileSync(new URL('goldens.json', import.meta.url), `${JSON.stringify({ by, cases }, null, 2)}\n`);

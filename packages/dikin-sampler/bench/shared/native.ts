/**
 * Our own native walkers, C++ beside the repository (`../shared/prototypes/dikin-sampler`), built with g++ and Eigen where these are there, and timed
 * in the same run. Peers that need a C++ build of their own are told by the ratio of their time to the native reference's, both measured
 * on one machine; such rows are marked *.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { AbsentError } from '@x/bench';
import { type Csr, csrToDense } from '@x/linalg';

/** {x : A x <= b} with 0 inside. */
export interface NativeBody {
  readonly A: Csr;
  readonly b: Float64Array;
}

/** The walkers see vectors of 128 bits, as WebAssembly does. */
const FLAGS = ['-O3', '-ffast-math', '-I/usr/include/eigen3'];

/** Returns what a run of that many Dikin steps takes, by the walker's own clock. */
export function nativeDikin(body: NativeBody, radius: number, steps: number): () => number {
  const program = build('ref');
  const file = bodyFile(body);
  const count = enough(steps, body);
  return () => (steps * microseconds(program, [file, `${radius}`, `${count}`, '1000000000', '1'])) / 1e6;
}

/** The same of coordinate hit-and-run. */
export function nativeChords(body: NativeBody, steps: number): () => number {
  const program = build('cdhr');
  const file = bodyFile(body);
  return () => (steps * microseconds(program, [file, '2000000', '1000000000', '1', '/dev/null'])) / 1e6;
}

/** A run of the program lasts some ten milliseconds. */
function enough(steps: number, { A: { rows: n, cols: d } }: NativeBody): number {
  return Math.max(steps, Math.ceil(1e8 / (n * d * d + d ** 3)));
}

function microseconds(program: string, args: readonly string[]): number {
  // Large temporaries of Eigen would else go back to the system after every step.
  const env = {
    ...process.env,
    MALLOC_MMAP_THRESHOLD_: '1073741824',
    MALLOC_TRIM_THRESHOLD_: '1073741824',
    MALLOC_TOP_PAD_: '67108864',
  };
  return (JSON.parse(execFileSync(program, args, { env, encoding: 'utf8' })) as { us_per_step: number }).us_per_step;
}

const folder = mkdtempSync(join(tmpdir(), 'native-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const built = new Map<string, string>();

function build(name: string): string {
  const known = built.get(name);
  if (known !== undefined) return known;
  const source = resolve('../../../shared/prototypes/dikin-sampler', `${name}.cpp`);
  if (!existsSync(source)) throw new AbsentError(`${name}.cpp of our native reference is not beside the repository`);
  const program = join(folder, name);
  try {
    execFileSync(process.env.CXX ?? 'g++', [...FLAGS, '-o', program, source], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch {
    throw new AbsentError('our native reference needs g++ and libeigen3-dev');
  }
  built.set(name, program);
  return program;
}

let files = 0;

function bodyFile({ A, b }: NativeBody): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `body${files++}.txt`);
  const rows = csrToDense(A).data.join(' ');
  writeFileSync(file, `${A.rows} ${A.cols}\n${rows}\n${b.join(' ')}\n${new Array<number>(A.cols).fill(0).join(' ')}\n`);
  return file;
}

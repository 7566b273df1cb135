import { ArgumentError, BadFileError } from '@x/linalg/errors';
import { beforeAll, describe, expect, it } from 'vitest';
import { highs } from '../src/highs.ts';
import {
  DensityError,
  exponential,
  gaussian,
  loadState,
  type Prepared,
  prepare,
  type Run,
  sample,
  sampleStream,
  saveState,
} from '../src/index.ts';
import { cube, simplex } from './bodies.ts';

let body: Prepared;
let other: Prepared;
beforeAll(async () => {
  const solver = await highs();
  body = await prepare(simplex(4), { solver });
  other = await prepare(cube(4), { solver });
});

/** Draws from `from` on. */
function rest(run: Run, from: number): Float64Array {
  const n = run.names.length;
  return Float64Array.from(
    Array.from({ length: run.chains }, (_, c) => [...run.samples.subarray((c * run.draws + from) * n, (c + 1) * run.draws * n)]).flat(),
  );
}

describe('saved and resumed', () => {
  const density = gaussian({ mean: [0.1, 0.2, 0.3, 0.4], precision: [3, 4, 5, 6] });

  it.each(['cdhr', 'dikin', 'auto'] as const)('%s: draws are those of a run that never stopped, bit for bit', async (walk) => {
    for (const options of [{ walk }, { walk, density }]) {
      const whole = await sample(body, { ...options, draws: 60, seed: 3 });
      const first = await sample(body, { ...options, draws: 25, seed: 3 });
      const bytes = saveState(first);
      const second = await sample(body, { ...options, draws: 35, resume: bytes });
      expect(second.samples).toEqual(rest(whole, 25));
      expect(second.state).toEqual(whole.state);
      expect(second.acceptance).toEqual(whole.acceptance);
      expect(loadState(bytes)).toEqual(first.state);
    }
  });

  it('an aborted run goes on from its partial result', async () => {
    const controller = new AbortController();
    const error = await sample(body, {
      draws: 1e6,
      signal: controller.signal,
      onProgress: (_, soFar) => {
        if (soFar().draws > 10) controller.abort();
      },
    }).catch((e) => e);
    const partial = error.partial as Run;
    const more = await sample(body, { draws: 5, resume: partial.state });
    const whole = await sample(body, { draws: partial.draws + 5 });
    expect(more.samples).toEqual(rest(whole, partial.draws));
  });

  it('a density that fails late loses nothing', async () => {
    let calls = 0;
    const failing = {
      kind: 'logConcave' as const,
      logDensity: (x: Float64Array) => {
        if (calls++ > 30_000) throw new Error('disk full');
        return -x[0]!;
      },
    };
    const error = await sample(body, { density: failing as never, draws: 1e6, burnIn: 10, thin: 1 }).catch((e) => e);
    expect(error).toBeInstanceOf(DensityError);
    expect((error.partial as Run).draws).toBeGreaterThan(0);
  });

  it('refuses the state of another density, barrier or Hessian', async () => {
    const rates = [exponential([1, 2, 3, 4]), exponential([1, 2, 3, 5])] as const;
    // In this frame, and that of uniform draws, nothing but the density tells the two apart.
    const run = await sample(body, { density: rates[0], walk: 'dikin', frame: 'axes', draws: 3 });
    await expect(sample(body, { density: rates[1], walk: 'dikin', frame: 'axes', resume: run.state })).rejects.toThrow(
      /another body, density/,
    );
    const log = await sample(body, { walk: { kind: 'dikin' }, draws: 3 });
    for (const other of [{ barrier: 'vaidya' }, { hessian: 'f32' }] as const) {
      await expect(sample(body, { walk: { kind: 'dikin', ...other }, resume: log.state })).rejects.toBeInstanceOf(ArgumentError);
    }
  });

  it('refuses what a resumed run cannot follow: more chains would not be burned in', async () => {
    const run = await sample(body, { draws: 5, chains: 2, seed: 4 });
    for (const changed of [{ chains: 3 }, { chains: 1 }, { seed: 5 }, { thin: 1_000_000 }, { burnIn: 0 }, { radius: 1 }]) {
      const [argument] = Object.keys(changed);
      await expect(sample(body, { ...changed, resume: run.state })).rejects.toMatchObject({ name: 'ArgumentError', argument });
    }
    expect((await sample(body, { draws: 5, chains: 2, seed: 4, resume: run.state })).draws).toBe(5);
  });

  it('a damaged state is a BadFileError, whatever its head says', async () => {
    const bytes = saveState(await sample(body, { draws: 2 }));
    const head = JSON.parse(new TextDecoder().decode(bytes.subarray(bytes.indexOf(10) + 1, bytes.indexOf(10, bytes.indexOf(10) + 1))));
    const numbers = bytes.subarray(bytes.indexOf(10, bytes.indexOf(10) + 1) + 1);
    const start = bytes.subarray(0, bytes.indexOf(10) + 1);
    const withHead = (value: unknown) => new Uint8Array([...start, ...new TextEncoder().encode(`${JSON.stringify(value)}\n`), ...numbers]);
    expect(loadState(withHead(head)).seed).toBe(0);
    const chains = head.chains as { length: number }[];
    for (const bad of [
      null,
      [],
      { ...head, chains: undefined },
      { ...head, chains: [null] },
      { ...head, chains: [] },
      { ...head, chains: [{ ...chains[0], length: -8 }, ...chains.slice(1)] },
      { ...head, tuning: null },
      { ...head, tuning: { ...head.tuning, thin: 0 } },
      { ...head, tuning: { ...head.tuning, burnIn: 1.5 } },
      { ...head, seed: 'x' },
      { ...head, fingerprint: 7 },
    ]) {
      expect(() => loadState(withHead(bad))).toThrow(BadFileError);
    }
  });

  it('refuses the state of another body, walk or frame, and bytes that are no state', async () => {
    const run = await sample(body, { draws: 5 });
    await expect(sample(other, { resume: run.state })).rejects.toBeInstanceOf(ArgumentError);
    await expect(sample(body, { walk: 'dikin', resume: run.state })).rejects.toThrow(/another body, density, walk or frame/);
    await expect(sample(body, { frame: 'axes', resume: run.state })).rejects.toBeInstanceOf(ArgumentError);
    const bytes = saveState(run);
    for (const bad of [new Uint8Array(), bytes.subarray(0, bytes.length - 1), bytes.slice(1)]) {
      await expect(sample(body, { resume: bad })).rejects.toBeInstanceOf(BadFileError);
    }
  });
});

describe('sampleStream', () => {
  it('gives the draws of sample in batches, without an end', async () => {
    const whole = await sample(body, { draws: 30, seed: 8 });
    const seen: number[] = [];
    for await (const batch of sampleStream(body, { batch: 10, seed: 8 })) {
      expect(batch.draws).toBe(10);
      seen.push(...batch.samples.subarray(0, 40));
      if (seen.length === 120) break;
    }
    expect(seen).toEqual([...whole.samples.subarray(0, 120)]);
  });

  it('ends with an AbortedError when the signal fires', async () => {
    const controller = new AbortController();
    const run = async () => {
      for await (const _ of sampleStream(body, { batch: 5, signal: controller.signal })) controller.abort();
    };
    await expect(run()).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('workers', () => {
  it.each([1, 2, 3])('%i: the same draws as on this thread', async (workers) => {
    for (const walk of ['cdhr', 'dikin'] as const) {
      const options = { walk, draws: 40, chains: 3, seed: 5 };
      const [here, there] = [await sample(body, options), await sample(body, { ...options, workers })];
      expect(there).toEqual(here);
    }
  });

  it('go on from a saved state, and stop when aborted', async () => {
    const first = await sample(body, { draws: 10, workers: 2 });
    const second = await sample(body, { draws: 10, resume: saveState(first), workers: 3 });
    expect(second.samples).toEqual(rest(await sample(body, { draws: 20 }), 10));
    const controller = new AbortController();
    const error = await sample(body, { draws: 1e6, workers: 2, signal: controller.signal, onProgress: () => controller.abort() }).catch(
      (e) => e,
    );
    expect(error).toMatchObject({ name: 'AbortError', partial: { draws: 1 } });
  });

  it('refuse a density that is a function', async () => {
    const density = { kind: 'logConcave' as const, logDensity: () => 0 };
    await expect(sample(body, { density: density as never, workers: 2, burnIn: 1, thin: 1 })).rejects.toThrow(
      /a density that is a function/,
    );
  });
});

import { ArgumentError, WorkerError } from '@x/linalg';
import type { ChainSet, ChainState, Engine, Part } from './engine.ts';
import { type Port, startWorker } from './spawn.ts';
import type { Body, WalkOptions } from './target-of.ts';

/** What a worker is told: first what to run, then how many draws to make. */
export type Order = { readonly body: Body; readonly options: WalkOptions; readonly set: ChainSet } | { readonly draws: number };

/** What it answers to each number of draws. */
export type Answer = { readonly part: Part } | { readonly error: unknown };

/**
 * Runs chains on worker threads, each its share; what comes out is the same, bit for bit.
 *
 * @throws ArgumentError when the density holds a function, which no other thread can be given; WorkerError.
 */
export async function workerEngine(body: Body, options: WalkOptions, set: ChainSet, workers: number): Promise<Engine> {
  const count = Math.min(workers, set.chains.length);
  const ports: Port[] = [];
  const shares = Array.from({ length: count }, (_, w) => set.chains.map((_, i) => i).filter((i) => i % count === w));
  const close = () => {
    for (const port of ports) port.terminate();
  };
  try {
    for (const share of shares) {
      const port = await startWorker();
      ports.push(port);
      const states = set.states === undefined ? undefined : share.map((i) => set.states![i]!);
      const order: Order = { body, options, set: { ...set, chains: share.map((i) => set.chains[i]!), states } };
      try {
        port.post(order);
      } catch (cause) {
        if ((cause as Error)?.name !== 'DataCloneError') throw cause;
        throw new ArgumentError('sample: workers cannot be given a density that is a function; leave out workers', 'workers');
      }
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    async next(draws) {
      const parts = await Promise.all(ports.map((port) => ask(port, { draws })));
      return merge(parts, shares, set.chains.length);
    },
    close,
  };
}

async function ask(port: Port, order: Order): Promise<Part> {
  const answer = (await port.ask(order)) as Answer;
  if ('part' in answer) return answer.part;
  const { error } = answer;
  throw error instanceof Error ? error : new WorkerError(`sample: a worker failed: ${String(error)}`);
}

/** Puts each chain back in its place. */
function merge(parts: readonly Part[], shares: readonly (readonly number[])[], chains: number): Part {
  const join = (key: 'samples' | 'recorded') => {
    const width = parts[0]![key].length / shares[0]!.length;
    const all = new Float64Array(width * chains);
    shares.forEach((share, w) => {
      share.forEach((c, i) => {
        all.set(parts[w]![key].subarray(i * width, (i + 1) * width), c * width);
      });
    });
    return all;
  };
  const states: ChainState[] = [];
  shares.forEach((share, w) => {
    share.forEach((c, i) => {
      states[c] = parts[w]!.states[i]!;
    });
  });
  return { samples: join('samples'), recorded: join('recorded'), states };
}

import { type Engine, localEngine } from './engine.ts';
import { targetOf } from './target-of.ts';
import { pace } from './walk/pace.ts';
import type { Answer, Order } from './workers.ts';

/** What a worker thread runs: the chains it is told to, as many draws at a time as it is asked for. */

interface Inbox {
  postMessage(message: Answer): void;
  on?(event: 'message', listener: (order: Order) => void): void;
  onmessage?: ((event: { readonly data: Order }) => void) | null;
}

async function inbox(): Promise<Inbox> {
  const { process } = globalThis as { process?: { readonly versions?: { readonly node?: string } } };
  if (process?.versions?.node === undefined) return globalThis as unknown as Inbox;
  const name = 'node:worker_threads';
  return ((await import(/* webpackIgnore: true */ /* @vite-ignore */ name)) as { parentPort: Inbox }).parentPort;
}

let engine: Engine | undefined;
let failure: unknown;
/** Orders are worked off one after the other. */
let last: Promise<void> = Promise.resolve();

async function obey(port: Inbox, order: Order): Promise<void> {
  try {
    if ('body' in order) engine = localEngine(targetOf(order.body, order.options), order.set, pace());
    else if (engine === undefined) port.postMessage({ error: failure });
    else port.postMessage({ part: await engine.next(order.draws) });
  } catch (error) {
    failure = error;
    if (!('body' in order)) port.postMessage({ error });
  }
}

inbox().then((port) => {
  const receive = (order: Order) => {
    last = last.then(() => obey(port, order));
  };
  if (port.on !== undefined) port.on('message', receive);
  else port.onmessage = ({ data }) => receive(data);
});

import { WorkerError } from '../errors.ts';
import { WORKER_SOURCE } from './worker-source.ts';

/** What a worker reports. */
export type Report =
  | { readonly ready: true }
  | { readonly id: number; readonly tile: true }
  | { readonly id: number; readonly done: true; readonly error?: { readonly message: string; readonly bytes?: number } };

/** A running worker, the same on every platform. */
export interface Handle {
  post(message: unknown): void;
  terminate(): void;
  /** Whether the worker keeps the process alive (Node); browsers have no such notion. */
  hold(alive: boolean): void;
}

/** What a worker's owner listens to. */
interface Listener {
  report(report: Report): void;
  /** The worker is gone: it threw, could not start, or exited. */
  died(cause: unknown): void;
}

/** Starts one worker. */
export type Spawn = (listener: Listener) => Handle;

/** The part of node:worker_threads that is used here; the main entry must not depend on Node's types. */
interface NodeWorker {
  on(event: string, listener: (value: never) => void): void;
  postMessage(message: unknown): void;
  terminate(): unknown;
  ref(): void;
  unref(): void;
}
interface NodeThreads {
  readonly Worker: new (code: string, options: { readonly eval: true }) => NodeWorker;
}
interface NodeProcess {
  readonly versions?: { readonly node?: string };
  getBuiltinModule?(name: string): unknown;
}

/** A built-in module of Node, or undefined elsewhere. Never a static import: this file is part of bundles for browsers. */
async function builtin<M>(name: string): Promise<M | undefined> {
  const { process } = globalThis as { process?: NodeProcess };
  if (process?.versions?.node === undefined) return undefined;
  return (process.getBuiltinModule?.(name) ??
    (await import(/* webpackIgnore: true */ /* @vite-ignore */ name).catch(() => undefined))) as M;
}

/** How workers are started on this platform. @throws (rejects) WorkerError where threads that share memory are missing. */
export async function platformSpawn(source: string = WORKER_SOURCE): Promise<Spawn> {
  if (typeof SharedArrayBuffer === 'undefined') throw new WorkerError('pool: SharedArrayBuffer is missing');
  if (typeof Worker === 'function') return webSpawn(source);
  const threads = await builtin<NodeThreads>('node:worker_threads');
  if (threads === undefined) throw new WorkerError('pool: workers are missing');
  return nodeSpawn(threads, source);
}

function nodeSpawn({ Worker }: NodeThreads, source: string): Spawn {
  return (listener) => {
    const worker = new Worker(`const port = require('node:worker_threads').parentPort;${source}`, { eval: true });
    worker.on('message', (report: Report) => listener.report(report));
    worker.on('error', (error: unknown) => listener.died(error));
    worker.on('exit', (code: number) => listener.died(`exit code ${code}`));
    return {
      post: (message) => worker.postMessage(message),
      terminate: () => void worker.terminate(),
      hold: (alive) => (alive ? worker.ref() : worker.unref()),
    };
  };
}

function webSpawn(source: string): Spawn {
  return (listener) => {
    const url = URL.createObjectURL(new Blob([`const port = self;${source}`], { type: 'text/javascript' }));
    const forget = (): void => URL.revokeObjectURL(url);
    let worker: Worker;
    try {
      // Deno runs module workers only; the text is valid as a module.
      worker = new Worker(url, { type: 'module' });
    } catch (error) {
      forget();
      throw error;
    }
    worker.onmessage = ({ data }: MessageEvent<Report>) => {
      forget();
      listener.report(data);
    };
    worker.onerror = (event) => {
      forget();
      listener.died(event.message ?? 'the worker could not start');
    };
    worker.onmessageerror = () => listener.died('a message could not be read');
    return { post: (message) => worker.postMessage(message), terminate: () => worker.terminate(), hold: () => {} };
  };
}

import { WorkerError } from '@x/linalg';

/** A running worker, the same on every platform. */
export interface Port {
  post(message: unknown): void;
  /** Posts, and waits for the next answer. @throws (rejects) WorkerError when the worker dies. */
  ask(message: unknown): Promise<unknown>;
  terminate(): void;
}

/** The parts of node:worker_threads and of Node that are used here; the main entry must not depend on Node's types. */
interface NodeWorker {
  on(event: string, listener: (value: never) => void): void;
  postMessage(message: unknown): void;
  terminate(): unknown;
  ref(): void;
  unref(): void;
}
interface NodeThreads {
  readonly Worker: new (file: URL | string) => NodeWorker;
}
interface NodeProcess {
  readonly versions?: { readonly node?: string };
  getBuiltinModule?(name: string): unknown;
}
/** Of a CommonJS module; an ES module has none, and `import.meta` instead. */
declare const __dirname: string;

/** Starts src/worker.ts. @throws (rejects) WorkerError where there are no workers. */
export async function startWorker(): Promise<Port> {
  const { process } = globalThis as { process?: NodeProcess };
  if (process?.versions?.node !== undefined) {
    const name = 'node:worker_threads';
    const threads = (process.getBuiltinModule?.(name) ?? (await import(/* webpackIgnore: true */ /* @vite-ignore */ name))) as NodeThreads;
    return nodePort(new threads.Worker(nodeFile()));
  }
  if (typeof Worker !== 'function') throw new WorkerError('sample: this platform has no workers; leave out workers');
  // Bundlers know this form, and carry the file along.
  return webPort(new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }));
}

function nodeFile(): URL | string {
  // Bundled as CommonJS there is no URL of the module, but its folder.
  const here = import.meta.url as string | undefined;
  if (here === undefined) return `${__dirname}/worker.cjs`;
  return new URL(here.endsWith('.ts') ? './worker.ts' : './worker.js', here);
}

function nodePort(worker: NodeWorker): Port {
  const { ask, settle, fail } = exchange((message) => worker.postMessage(message));
  worker.on('message', settle);
  worker.on('error', fail);
  worker.on('exit', (code: number) => fail(`exit code ${code}` as never));
  return { post: (message) => worker.postMessage(message), ask, terminate: () => void worker.terminate() };
}

function webPort(worker: Worker): Port {
  const { ask, settle, fail } = exchange((message) => worker.postMessage(message));
  worker.onmessage = ({ data }) => settle(data as never);
  worker.onerror = (event) => fail((event.message ?? 'it could not start') as never);
  worker.onmessageerror = () => fail('a message could not be read' as never);
  return { post: (message) => worker.postMessage(message), ask, terminate: () => worker.terminate() };
}

/** One question at a time. */
function exchange(post: (message: unknown) => void) {
  let pending: { resolve(answer: unknown): void; reject(error: unknown): void } | undefined;
  let failure: WorkerError | undefined;
  return {
    ask: (message: unknown): Promise<unknown> => {
      if (failure !== undefined) return Promise.reject(failure);
      return new Promise((resolve, reject) => {
        pending = { resolve, reject };
        post(message);
      });
    },
    settle(answer: never): void {
      pending?.resolve(answer);
      pending = undefined;
    },
    fail(cause: never): void {
      failure ??= new WorkerError(`sample: a worker died (${(cause as unknown) instanceof Error ? (cause as Error).message : cause})`, {
        cause,
      });
      pending?.reject(failure);
      pending = undefined;
    },
  };
}

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { peer, peerFolder } from '@x/bench';
import { describe, expect, it } from 'vitest';
import { buildComputer, createMachine, parseImage } from '../src/index.ts';
import { hasBrowser, onPage } from './browser.ts';
import { HELLO } from './hello.ts';
import { CASES, inRuntime, type Ran, resultOf, SHAPE, type Task, taskOf } from './runtime.ts';

const PEER = 'onnxruntime-web@1.30.0/wasm';
const installed = await peer(PEER).then(
  () => true,
  () => false,
);
if (!installed && process.env.X_REQUIRE_ALL === '1')
  throw new Error('onnxruntime-web 1.30.0 cannot be installed, and X_REQUIRE_ALL is set');
const DIST = join(peerFolder(PEER), 'node_modules/onnxruntime-web/dist');

const HTML = `<!doctype html><title>onnx</title><script src="/ort.wasm.min.js"></script><script>globalThis.inRuntime = ${inRuntime}</script>`;

describe.skipIf(!(installed && hasBrowser))('onnxruntime-web in headless Chromium', () => {
  it('comes to the same memory for all designs, floats and layouts, step by step and in a loop', async () => {
    const runs = CASES.map((which) => {
      const computer = buildComputer({ ...SHAPE, design: which.design });
      return { which, computer, task: taskOf(computer, which) };
    });
    const files = (path: string) => {
      if (path === '/index.html') return HTML;
      const model = /^\/model(\d+)$/.exec(path);
      if (model !== null) return runs[Number(model[1])]?.task.model;
      const file = join(DIST, path);
      return /^\/[\w.-]+$/.test(path) && existsSync(file) ? readFileSync(file) : undefined;
    };
    await onPage(files, async (page) => {
      for (const [k, { which, computer, task }] of runs.entries()) {
        const ran: Ran = await page.evaluate(inPage, { k, task: { ...task, model: new Uint8Array(0) } });
        const machine = createMachine(computer, parseImage(HELLO, { bits: SHAPE.bits }), { engine: 'interpreter' });
        machine.run({ maxSteps: 1000 });
        const { state, text } = resultOf(computer, which, ran);
        const name = JSON.stringify(which);
        expect(text, name).toBe('Hello, world!\n');
        expect(state.memory, name).toEqual(machine.memory());
        expect(state.pc, name).toBe(machine.pc);
      }
    });
  });
});

/** Runs in the page. */
async function inPage({ k, task }: { k: number; task: Task }): Promise<Ran> {
  const { ort, inRuntime: run } = globalThis as unknown as { ort: { env: { wasm: { numThreads: number } } }; inRuntime: typeof inRuntime };
  ort.env.wasm.numThreads = 1;
  const model = new Uint8Array(await (await fetch(`/model${k}`)).arrayBuffer());
  return run(ort, { ...task, model });
}

/** The package bundled for a browser: on the main thread, in a module worker, and where a policy forbids WebAssembly. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Browser, chromium } from 'playwright-core';
import { check } from '../pack/check.ts';
import type { Result } from '../results.ts';
import type { Project } from './install.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** Without 'wasm-unsafe-eval', compiling WebAssembly throws. */
const STRICT_POLICY = "default-src 'self'; script-src 'self'";

/** What a page or worker says of itself. */
interface Said {
  readonly objection?: string;
  readonly webAssembly?: boolean;
}

/** Compiles the smallest module: magic number and version. */
const RUN = `import { objection } from './smoke.mjs';
const compiles = () => { try { new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])); return true; } catch { return false; } };
export const say = async () => ({ objection: await objection(), webAssembly: compiles() });
`;
const PAGE = `import { say } from './run.mjs';
say().then((said) => { globalThis.fromPage = said; });
const worker = new Worker('./worker.js', { type: 'module' });
worker.onmessage = ({ data }) => { globalThis.fromWorker = data; };
worker.onerror = ({ message }) => { globalThis.fromWorker = { objection: message }; };
`;
const WORKER = `import { say } from './run.mjs';\nsay().then((said) => postMessage(said));\n`;
const HTML = '<!doctype html><title>smoke</title><script type="module" src="./page.js"></script>';

export async function inBrowser({ folder }: Project): Promise<Result[]> {
  if (!existsSync(CHROMIUM)) return [check('smoke in Chromium', [`${CHROMIUM} is missing`])];
  for (const [name, text] of [
    ['run.mjs', RUN],
    ['page.mjs', PAGE],
    ['worker.mjs', WORKER],
  ] as const)
    writeFileSync(join(folder, name), text);
  const out = join(folder, 'site');
  const entryPoints = ['page', 'worker'].map((name) => join(folder, `${name}.mjs`));
  await build({
    entryPoints,
    outdir: out,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    logLevel: 'error',
  });
  writeFileSync(join(out, 'index.html'), HTML);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  try {
    return [...(await visit(browser, out, undefined)), ...(await visit(browser, out, STRICT_POLICY))];
  } finally {
    await browser.close();
  }
}

async function visit(browser: Browser, folder: string, policy: string | undefined): Promise<Result[]> {
  const server = await serve(folder, policy);
  const page = await browser.newPage();
  try {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const requests: string[] = [];
    const errors: string[] = [];
    page.on('request', (request) => requests.push(request.url().replace(origin, '')));
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(origin);
    const both = await page
      .waitForFunction(
        () => {
          const { fromPage, fromWorker } = globalThis as unknown as Record<string, unknown>;
          return fromPage !== undefined && fromWorker !== undefined ? [fromPage, fromWorker] : undefined;
        },
        undefined,
        { timeout: 60_000 },
      )
      .then((handle) => handle.jsonValue() as Promise<[Said, Said]>);
    const where = policy === undefined ? '' : ', WebAssembly forbidden';
    const wasm = policy === undefined;
    const foreign = requests.filter((url) => !['/', '/page.js', '/worker.js', '/favicon.ico'].includes(url));
    return [
      check(`smoke on a page of Chromium ${browser.version()}${where}`, [...objections(both[0], wasm), ...errors]),
      check(`smoke in a module worker of Chromium ${browser.version()}${where}`, objections(both[1], wasm)),
      check(`nothing is fetched but the bundle${where}`, foreign),
    ];
  } finally {
    await page.close();
    server.close();
  }
}

function objections({ objection, webAssembly }: Said, wanted: boolean): string[] {
  return [
    ...(objection === undefined ? [] : [objection]),
    ...(webAssembly === wanted ? [] : [`WebAssembly compiles: ${webAssembly}; here it should be ${wanted}`]),
  ];
}

function serve(folder: string, policy: string | undefined): Promise<Server> {
  const server = createServer((request, response) => {
    const file = join(folder, request.url === '/' ? 'index.html' : (request.url as string));
    if (!existsSync(file)) return void response.writeHead(404).end();
    if (policy !== undefined) response.setHeader('content-security-policy', policy);
    response.setHeader('content-type', file.endsWith('.html') ? 'text/html' : 'text/javascript');
    response.end(readFileSync(file));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

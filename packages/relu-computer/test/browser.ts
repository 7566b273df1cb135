/** A headless browser, and a server on this machine for what it is to load. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Page } from 'playwright-core';

const CHROMIUM: string = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync'];
const TYPES: { readonly [ending: string]: string } = {
  html: 'text/html',
  js: 'text/javascript',
  mjs: 'text/javascript',
  wasm: 'application/wasm',
};

export const hasBrowser: boolean = existsSync(CHROMIUM);
if (!hasBrowser && process.env.X_REQUIRE_ALL === '1') throw new Error(`${CHROMIUM} is missing, and X_REQUIRE_ALL is set`);

/**
 * Opens `/` of what `files` gives by path, and hands the page over.
 *
 * @throws Error for an exception in the page that nothing has caught, or something asked for that is not there.
 */
export async function onPage(files: (path: string) => Uint8Array | string | undefined, use: (page: Page) => Promise<void>): Promise<void> {
  const errors: string[] = [];
  const server = createServer(({ url = '/' }, response) => {
    const path = url === '/' ? '/index.html' : url;
    const content = files(path);
    if (content === undefined && path !== '/favicon.ico') errors.push(`${path} is not there`);
    response.writeHead(content === undefined ? 404 : 200, { 'content-type': TYPES[path.split('.').at(-1)!] ?? 'application/octet-stream' });
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  try {
    const page = await browser.newPage();
    page.on('pageerror', ({ message }) => errors.push(message));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await use(page);
  } finally {
    await browser.close();
    server.close();
  }
  if (errors.length > 0) throw new Error(errors.join('; '));
}

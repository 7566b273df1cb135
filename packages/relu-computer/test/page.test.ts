import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasBrowser, onPage } from './browser.ts';
import { HELLO, HELLO_STEPS } from './hello.ts';

const PAGE = new URL('../dist/page.html', import.meta.url);

describe.skipIf(!hasBrowser)('the page in headless Chromium', () => {
  it('loads an image, steps, goes back, runs, and shows memory and lit neurons', () =>
    onPage(
      (path) => (path === '/index.html' ? readFileSync(PAGE) : undefined),
      async (page) => {
        const text = (id: string) => page.locator(`#${id}`).textContent();
        const cell = (address: number) => page.locator(`[title="memory[${address}]"]`);
        await page.locator('#file').setInputFiles({ name: 'hello.dec', mimeType: 'text/plain', buffer: Buffer.from(`${HELLO}\n`) });
        await page.waitForFunction(() => (document.getElementById('source') as HTMLTextAreaElement).value.endsWith('\n'));
        await page.locator('#bits').fill('8');
        await page.locator('#design').selectOption('speculative');
        await page.locator('#load').click();
        expect(await cell(17).textContent()).toBe('72');
        expect(await text('status')).toBe('pc 0, step 0');
        for (let k = 0; k < 4; k++) await page.locator('#step').click();
        expect(await text('status')).toBe('pc 12, step 4');
        expect([await cell(3).textContent(), await cell(3).getAttribute('class')]).toEqual(['18', 'changed']);
        // m[3] <- m[3] - m[16] = 17 + 1.
        const result = page.locator('.stage button', { hasText: /^result = 18$/ });
        await result.first().click();
        expect(await text('why')).toMatch(/^result = 18\n/);
        await page.locator('#back').click();
        expect([await text('status'), await cell(3).textContent()]).toEqual(['pc 9, step 3', '17']);
        await page.locator('#run').click();
        await page.waitForFunction(() => document.getElementById('status')!.textContent!.endsWith('halted'));
        expect(await text('status')).toBe(`pc 255, step ${HELLO_STEPS}, halted`);
        expect(await text('output')).toBe('Hello, world!\n');
        for (let k = 0; k < 20; k++) await page.locator('#back').click();
        expect(await text('output')).toBe('Hello, wor');
        await page.locator('#run').click();
        await page.waitForFunction(() => document.getElementById('status')!.textContent!.endsWith('halted'));
        expect(await text('output')).toBe('Hello, world!\n');
        // Where X_SCREENSHOT names a file, for who wants to look.
        if (process.env.X_SCREENSHOT !== undefined) await page.screenshot({ path: process.env.X_SCREENSHOT, fullPage: true });
      },
    ));

  it('tells what is wrong, and stops a program that does not end', () =>
    onPage(
      (path) => (path === '/index.html' ? readFileSync(PAGE) : undefined),
      async (page) => {
        const message = () => page.locator('#message').textContent();
        await page.locator('#source').fill('1 2\n 3 @');
        await page.locator('#load').click();
        expect(await message()).toContain('line 2, column 4');
        await page.locator('#words').fill('0');
        await page.locator('#source').fill('A (-1); Z Z 0; . A: 65 Z: 0');
        await page.locator('#load').click();
        expect(await message()).toContain('words is 0');
        await page.locator('#words').fill('64');
        await page.locator('#load').click();
        await page.locator('#run').click();
        await page.locator('#stop').click();
        const output = (await page.locator('#output').textContent()) as string;
        expect(output.length).toBeGreaterThan(0);
        expect(output.length).toBeLessThanOrEqual(4096);
      },
    ));
});

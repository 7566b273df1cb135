import { readFile } from 'node:fs/promises';
import { type Command, command } from '@x/cli';

export const page: Command = command({
  description:
    'Prints a page for browsers that loads programs, steps, and shows memory and lit neurons. It is one file and fetches nothing.',
  examples: [{ text: 'A page:', command: 'relu-computer page > computer.html' }],
  async run() {
    const html = await readFile(new URL('./page.html', import.meta.url), 'utf8');
    return { data: { html }, text: html };
  },
});

import { readFileSync, writeFileSync } from 'node:fs';
import { library } from '@x/presets/tsup';
import { build } from 'esbuild';

/** Writes dist/page.html: the page with its code inside, so that it runs from a file. */
async function page(): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: ['src/page/main.ts'],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    write: false,
  });
  const code = outputFiles[0]!.text.replaceAll('</script', '<\\/script');
  const html = readFileSync('src/page/index.html', 'utf8');
  writeFileSync(
    'dist/page.html',
    html.replace('<script></script>', () => `<script>${code}</script>`),
  );
}

const [packages, ...programs] = library({ entry: ['src/index.ts', 'src/cli.ts'] });
export default [{ ...packages, onSuccess: page }, ...programs];

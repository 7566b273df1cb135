import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { compileKernel } from './kernel.ts';

/**
 * Bundles a bench file with the harness and the calibration kernel into one module that every Node version runs, since Node 20 does not run TypeScript. Packages
 * stay outside and are resolved from the package's folder; this repository's tools, which are TypeScript, are inlined.
 *
 * @returns the module's path, below `build/bench` of the package.
 */
export async function bundle(folder: string, file: string): Promise<string> {
  const outfile = join(folder, 'build', 'bench', `${basename(file, '.ts')}.mjs`);
  const child = fileURLToPath(new URL('./child.ts', import.meta.url));
  const imports = `import { suites } from ${JSON.stringify(file)};\nimport { main } from ${JSON.stringify(child)};\n`;
  await build({
    stdin: {
      contents: `${imports}await main(suites, '${await compileKernel()}');\n`,
      resolveDir: folder,
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'warning',
    outfile,
    plugins: [
      {
        name: 'packages-outside',
        setup(b) {
          b.onResolve({ filter: /^[^./]/ }, ({ path, importer }) => {
            if (!path.startsWith('@x/')) return { path, external: true };
            const resolved = createRequire(importer || join(folder, 'package.json')).resolve(path);
            return resolved.endsWith('.ts') ? { path: resolved, sideEffects: resolved.endsWith('setup.ts') } : { path, external: true };
          });
        },
      },
    ],
  });
  return outfile;
}

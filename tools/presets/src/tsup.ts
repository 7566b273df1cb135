import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Options } from 'tsup';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

const CLI = 'src/cli.ts';

/**
 * Options of a published package. Its library entries: ESM and CommonJS with types for both, no Node built-ins assumed, dev dependencies
 * inlined. Its `src/cli.ts`, where there is one, becomes a separate ESM program for Node.
 */
export function library(extra: Options = {}): Options[] {
  const { entry = ['src/index.ts'], ...rest } = extra;
  if (!Array.isArray(entry)) throw new Error('library: give `entry` as a list of files');
  const modules = entry.filter((file) => file !== CLI);
  const shared: Options = { target: 'es2022', sourcemap: true, treeshake: true, ...rest };
  const packages: Options = {
    ...shared,
    entry: modules,
    format: ['esm', 'cjs'],
    platform: 'neutral',
    dts: true,
    // All builds run at once: this one must leave alone what the other writes.
    clean: ['!cli.*'],
    splitting: true,
    esbuildPlugins: [workerText, generatedCode],
  };
  return entry.includes(CLI) ? [packages, program(shared, modules)] : [packages];
}

function program(shared: Options, modules: readonly string[]): Options {
  const entries = new Map(modules.map((file) => [resolve(file), `./${file.replace(/^src\//, '').replace(/\.ts$/, '.js')}`]));
  return {
    ...shared,
    entry: [CLI],
    format: ['esm'],
    platform: 'node',
    dts: false,
    clean: false,
    splitting: false,
    sourcemap: false,
    // CommonJS dependencies that are inlined call `require` for Node's own modules; an ES module has to make it.
    banner: { js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);" },
    esbuildPlugins: [libraryBeside(entries), licenses],
  };
}

/** Minifies what workers run where a module holds it as text (worker-source.ts): bundlers leave text alone. */
const workerText: Plugin = {
  name: 'worker-text',
  setup(build) {
    build.onLoad({ filter: /\/worker-source\.ts$/ }, async ({ path }) => {
      const [, declaration, text] = /^(export const \w+: string = )`([^`]*)`;$/m.exec(readFileSync(path, 'utf8')) ?? [];
      if (declaration === undefined || text === undefined) throw new Error(`worker-text: ${path} exports no template literal`);
      const { code } = await build.esbuild.transform(text, { minify: true, target: 'es2022' });
      return { contents: `${declaration}${JSON.stringify(code.trim())};`, loader: 'ts' };
    });
  },
};

/** A source map of a file's first line alone, which is a comment; esbuild ignores maps of nothing at all. */
const NOTHING: string = btoa('{"version":3,"sources":["generated"],"sourcesContent":[""],"mappings":"AAAA"}');

/** Leaves generated code out of the source maps: it is of no use to who debugs, and longer than all the rest. */
const generatedCode: Plugin = {
  name: 'generated-code',
  setup(build) {
    build.onLoad({ filter: /\/src\/generated\/[^/]+\.(?:ts|js)$/ }, ({ path }) => ({
      contents: `${readFileSync(path, 'utf8')}\n//# sourceMappingURL=data:application/json;base64,${NOTHING}`,
      loader: path.endsWith('.ts') ? 'ts' : 'js',
    }));
  },
};

/** The program uses the library beside it instead of holding a second copy. */
function libraryBeside(entries: ReadonlyMap<string, string>): Plugin {
  return {
    name: 'library-beside',
    setup(build) {
      build.onResolve({ filter: /^\./ }, ({ path, importer }) => {
        const beside = entries.get(resolve(dirname(importer), path));
        return beside ? { path: beside, external: true } : undefined;
      });
    },
  };
}

/** Writes dist/cli.licenses.txt: the licences of the packages that the program inlines ask for it. */
const licenses: Plugin = {
  name: 'licenses',
  setup(build) {
    build.initialOptions.metafile = true;
    build.onEnd(({ metafile }) => {
      const folders = new Set(
        Object.keys(metafile?.inputs ?? {}).flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []),
      );
      const texts = [...folders].sort().map((folder) => {
        const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string; version: string };
        const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
        if (file === undefined) throw new Error(`licenses: ${name} has no licence file`);
        return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
      });
      if (texts.length === 0) return;
      // This runs before esbuild writes the program, which on a fresh clone makes the folder.
      mkdirSync('dist', { recursive: true });
      writeFileSync('dist/cli.licenses.txt', `cli.js includes:\n\n${texts.join('\n----\n\n')}`);
    });
  },
};

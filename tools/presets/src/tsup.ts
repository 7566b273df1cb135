import type { Options } from 'tsup';

/** Options of a published package: ESM and CommonJS with types for both, no Node built-ins assumed, dev dependencies inlined. */
export function library(extra: Options = {}): Options {
  return {
    entry: ['src/index.ts'],
    format: ['esm', 'cjs'],
    target: 'es2022',
    platform: 'neutral',
    dts: true,
    sourcemap: true,
    clean: true,
    treeshake: true,
    splitting: true,
    ...extra,
  };
}

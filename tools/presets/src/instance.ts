/** The module that starts a package's kernel, SIMD or plain, for what it imports. `name` stands in the message of its error. */
export const instanceSource = (name: string): string => `import { OutOfMemoryError } from '@x/linalg';
import { bytes, type Exports } from './kernel.ts';
import { instantiate as instantiatePlain, names } from './plain.js';

/** The kernel's functions and memory; the plain fallback has the same ones and computes the same bits. */
export type Kernel = Exports;

/** What a kernel calls by name, numbers to number. */
export type Imports = Readonly<Record<string, (...values: number[]) => number>>;

/** Compiled on first use; \`null\` where WebAssembly or its SIMD is missing or forbidden. */
let compiled: WebAssembly.Module | null | undefined;

/** A kernel with a memory of its own, which goes when the kernel goes: what is allocated in it needs no release. */
export function instantiate(imports: Imports): Kernel {
  if (compiled === undefined) compiled = compile();
  return compiled === null
    ? instantiateFallback(imports)
    : named(Object.values(new WebAssembly.Instance(compiled, environment(imports)).exports));
}

/** The plain fallback. */
export function instantiateFallback(imports: Imports): Kernel {
  return named(instantiatePlain(environment(imports)));
}

function compile(): WebAssembly.Module | null {
  try {
    return new WebAssembly.Module(Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0)));
  } catch {
    return null;
  }
}

const environment = (imports: Imports) => ({ env: { ...imports, outOfMemory } });

function outOfMemory(requested: number): never {
  const bytes = requested >>> 0;
  throw new OutOfMemoryError(\`${name}: the kernel cannot allocate \${bytes} bytes; its memory is limited to 4 GiB\`, bytes);
}

/** What a kernel exports, under the names that the kernels themselves do not say. */
function named(values: readonly unknown[]): Kernel {
  return Object.fromEntries(names.split(' ').map((name, i) => [name, values[i]])) as unknown as Kernel;
}
`;

import { OutOfMemoryError } from '../errors.ts';
import { instantiate as instantiateFallback } from '../generated/fallback.js';
import { bytes, type Exports } from '../generated/kernel.ts';

/** The kernel's functions and memory; the plain fallback has the same ones and computes the same bits. */
export type Kernel = Exports;

const IMPORTS = {
  env: {
    outOfMemory(requested: number): never {
      const bytes = requested >>> 0;
      throw new OutOfMemoryError(`linalg: the kernel cannot allocate ${bytes} bytes; its memory is limited to 4 GiB`, bytes);
    },
    /** wasm2js returns the high half of 64-bit results here; no export of ours returns one. */
    setTempRet0(): void {},
  },
};

/** The embedded bytes. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

/** A SIMD instance, or undefined where WebAssembly or its SIMD is missing or forbidden (a content-security policy makes compilation throw). */
function instantiateSimd(): Kernel | undefined {
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(decodeBase64(bytes)), IMPORTS).exports as unknown as Kernel;
  } catch {
    return undefined;
  }
}

let current: { readonly kernel: Kernel; readonly simd: boolean } | undefined;

function load(): { readonly kernel: Kernel; readonly simd: boolean } {
  if (current === undefined) {
    const simd = instantiateSimd();
    current = { kernel: simd ?? (instantiateFallback(IMPORTS) as Kernel), simd: simd !== undefined };
  }
  return current;
}

/** The kernel, instantiated on first use. */
export function kernel(): Kernel {
  return load().kernel;
}

/** Which kernel runs. */
export function usesSimd(): boolean {
  return load().simd;
}

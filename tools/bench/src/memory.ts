import { readFileSync, writeFileSync } from 'node:fs';

/**
 * How much more memory the process held at most while `run` ran than before it: resident set, so WebAssembly memory, buffers and heap.
 * Linux only (it resets the kernel's high-water mark); undefined elsewhere. Memory that was there already and is used again does not
 * show, so measure in a fresh process or the largest size first.
 */
export async function peakMemory(run: () => unknown): Promise<number | undefined> {
  try {
    (globalThis as { gc?: () => void }).gc?.();
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    return undefined;
  }
  const before = status('VmRSS');
  await run();
  return Math.max(0, status('VmHWM') - before);
}

/** Bytes of a field of /proc/self/status. */
function status(field: string): number {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(line?.[1]) * 1024;
}

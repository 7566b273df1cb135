/** Milliseconds of work between two turns of the event loop. */
const SLICE = 20;

/** Lets events through where the last turn is long past. */
export function turn(): () => Promise<void> {
  let last = Date.now();
  return async () => {
    if (Date.now() - last < SLICE) return;
    await new Promise<void>((resolve) => (globalThis as unknown as { setTimeout(f: () => void, ms: number): void }).setTimeout(resolve, 0));
    last = Date.now();
  };
}

import { unitTogether } from '@x/presets/vitest';

// Files that forbid WebAssembly, start workers or measure memory.
export default unitTogether({ alone: ['test/*fallback.test.ts', 'test/memory.test.ts', 'test/pool.test.ts'] });

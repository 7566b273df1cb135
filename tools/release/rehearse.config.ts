import { suite } from '@x/presets/vitest';
import { mergeConfig } from 'vitest/config';

// Each rehearsal installs a repository and builds it; two at once would only wait for each other.
export default mergeConfig(suite('rehearse', 'rehearse'), { test: { fileParallelism: false, testTimeout: 600_000, hookTimeout: 600_000 } });

import { readmeExamples } from '@x/testkit';
import { it } from 'vitest';

for (const { title, run } of readmeExamples(new URL('../README.md', import.meta.url))) it(title, () => run());

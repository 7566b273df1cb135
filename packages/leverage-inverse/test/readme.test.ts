import { readmeExamples } from '@x/testkit';
import { describe, it } from 'vitest';

describe('README', () => {
  for (const example of readmeExamples(new URL('../README.md', import.meta.url))) it(example.title, () => example.run());
});

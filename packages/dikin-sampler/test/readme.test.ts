import { fileURLToPath } from 'node:url';
import { readmeExamples } from '@x/testkit';
import { describe, expect, it } from 'vitest';

describe('README', () => {
  for (const example of readmeExamples(new URL('../README.md', import.meta.url))) it(example.title, () => example.run());
});

describe('README of the repository', () => {
  const examples = readmeExamples(new URL('../../../README.md', import.meta.url), fileURLToPath(new URL('..', import.meta.url)));
  it('has an example', () => expect(examples).toHaveLength(1));
  for (const example of examples) it(example.title, () => example.run());
});

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { AbsentError, peer, peerFolder } from '../src/index.ts';
import { parseSpec } from '../src/peers.ts';

const PATH = process.env.PATH;
afterEach(() => {
  process.env.PATH = PATH;
});

describe('peers', () => {
  it('are named with exact versions, scope and sub-path', () => {
    expect(parseSpec('ml-matrix@6.15.1')).toEqual({ name: 'ml-matrix', version: '6.15.1', subpath: '' });
    expect(parseSpec('@a/b@1.0.0-rc.1/wasm/x')).toEqual({ name: '@a/b', version: '1.0.0-rc.1', subpath: '/wasm/x' });
    expect(() => parseSpec('ml-matrix')).toThrow(/NAME@VERSION/);
    expect(() => parseSpec('ml-matrix@latest')).toThrow(/exact version/);
  });

  it('that are installed already are imported from the cache, which lies below node_modules', async () => {
    const folder = peerFolder('toy-peer@1.0.0');
    expect(folder).toMatch(/node_modules\/\.cache\/x-peers\/toy-peer@1\.0\.0$/);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'installed.json'), '{}');
    writeFileSync(join(folder, 'modules.mjs'), 'export const modules = [{ answer: 42 }];');
    expect((await peer('toy-peer@1.0.0')).answer).toBe(42);
    rmSync(folder, { recursive: true });
  });

  it('that cannot be installed are absent, and leave nothing behind', async () => {
    // A machine without npm.
    process.env.PATH = '/nowhere';
    await expect(peer('toy-absent@1.0.0')).rejects.toThrow(AbsentError);
    await expect(peer('toy-absent@1.0.0')).rejects.toThrow(/toy-absent@1\.0\.0/);
    expect(existsSync(peerFolder('toy-absent@1.0.0'))).toBe(false);
  });
});

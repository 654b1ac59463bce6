import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closure, pack, readManifest, repository, runPnpm } from './packed.js';

const example = join(repository, 'examples/consumer');

describe('examples/consumer, in a clean workspace outside the repository', () => {
  const workspace = mkdtempSync(join(tmpdir(), 'torsor-consumer-'));
  const consumer = join(workspace, 'consumer');
  const names = closure(readManifest(example));

  beforeAll(() => {
    const tarballs = join(workspace, 'tarballs');
    mkdirSync(tarballs);
    const overrides = names.map((name) => `  '${name}': 'file:${join(tarballs, pack(name, tarballs))}'\n`);
    cpSync(example, consumer, { recursive: true, filter: (file) => !/node_modules|reports/.test(file) });
    writeFileSync(join(workspace, 'package.json'), '{ "name": "clean", "private": true }\n');
    writeFileSync(join(workspace, 'pnpm-workspace.yaml'), `packages:\n  - consumer\noverrides:\n${overrides.join('')}`);
    runPnpm(workspace, ['install', '--prefer-offline', '--ignore-scripts']);
  }, 300_000);

  afterAll(() => rmSync(workspace, { recursive: true, force: true }));

  it('installs the packed packages, not sources', () => {
    for (const name of Object.keys(readManifest(example).dependencies ?? {}).filter((key) => names.includes(key))) {
      const manifest = readFileSync(join(consumer, 'node_modules', name, 'package.json'), 'utf8');
      expect(manifest).not.toContain('workspace:');
      expect(manifest).not.toMatch(/"@torsor\/source"/);
    }
  });

  it('type-checks against the packed declarations', () => {
    runPnpm(consumer, ['run', 'typecheck']);
  }, 120_000);

  it('its suite passes', () => {
    expect(runPnpm(consumer, ['run', 'test'])).toMatch(/Tests\s+\d+ passed/);
  }, 120_000);
});

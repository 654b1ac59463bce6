import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closure, pack, readManifest, repository, runPnpm } from './packed.js';

const examples = ['consumer', 'trainer'];
const exampleDirectory = (name: string): string => join(repository, 'examples', name);

/** One clean workspace outside the repository for all of them: packed once, installed once. */
const workspace = mkdtempSync(join(tmpdir(), 'torsor-examples-'));

beforeAll(() => {
  const tarballs = join(workspace, 'tarballs');
  mkdirSync(tarballs);
  const packed = pack(closure(...examples.map(exampleDirectory).map(readManifest)), tarballs);
  const overrides = [...packed].map(([name, tarball]) => `  '${name}': 'file:${tarball}'\n`);
  for (const name of examples)
    cpSync(exampleDirectory(name), join(workspace, name), {
      recursive: true,
      filter: (file) => !/node_modules|reports|\/runs/.test(file),
    });
  const members = examples.map((name) => `  - ${name}\n`);
  writeFileSync(join(workspace, 'package.json'), '{ "name": "clean", "private": true }\n');
  writeFileSync(
    join(workspace, 'pnpm-workspace.yaml'),
    `packages:\n${members.join('')}overrides:\n${overrides.join('')}`,
  );
  runPnpm(workspace, ['install', '--prefer-offline', '--ignore-scripts']);
}, 300_000);

afterAll(() => rmSync(workspace, { recursive: true, force: true }));

describe.each(examples)('examples/%s, in a clean workspace outside the repository', (name) => {
  const directory = join(workspace, name);
  const dependencies = Object.keys(readManifest(exampleDirectory(name)).dependencies ?? {});

  it('installs the packed packages, not sources', () => {
    for (const dependency of dependencies.filter((key) => key.startsWith('@torsor/'))) {
      const manifest = readFileSync(join(directory, 'node_modules', dependency, 'package.json'), 'utf8');
      expect(manifest).not.toContain('workspace:');
      expect(manifest).not.toMatch(/"@torsor\/source"/);
    }
  });

  it('type-checks against the packed declarations', () => {
    runPnpm(directory, ['run', 'typecheck']);
  }, 120_000);

  it('its suite passes', () => {
    expect(runPnpm(directory, ['run', 'test'])).toMatch(/Tests\s+\d+ passed/);
  }, 240_000);
});

describe('examples/trainer', () => {
  it('is a trainer in at most 40 lines', () => {
    const source = readFileSync(join(exampleDirectory('trainer'), 'src/trainer.ts'), 'utf8');
    expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
  });
});

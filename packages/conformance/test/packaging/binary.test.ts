import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closure, pack, readManifest, repository, runPnpm } from './packed.js';

const binary = '@torsor/train';

/** An empty folder outside the repository, into which the binary is installed from tarballs. */
const folder = mkdtempSync(join(tmpdir(), 'torsor-binary-'));

beforeAll(() => {
  const tarballs = join(folder, 'tarballs');
  mkdirSync(tarballs);
  const packed = pack([binary, ...closure(readManifest(join(repository, 'apps/train')))], tarballs);
  const overrides = [...packed].map(([name, tarball]) => `  '${name}': 'file:${tarball}'\n`);
  const manifest = { name: 'robot', private: true, dependencies: { [binary]: `file:${packed.get(binary)}` } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'pnpm-workspace.yaml'), `overrides:\n${overrides.join('')}`);
  runPnpm(folder, ['install', '--prefer-offline', '--ignore-scripts']);
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A cache of its own: nothing that this machine has set up is found. */
const environment = Object.fromEntries([
  ...Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_|FORCE_COLOR|npm_|TURBO|TORSOR_|PNPM)/.test(name)),
  ['NO_COLOR', '1'],
  ['TORSOR_CACHE', join(folder, 'cache')],
]);

/** `npx torsor …` in that folder: what it prints on both streams, and the exit code. */
const torsor = (...words: readonly string[]): { readonly code: number; readonly text: string } => {
  const options = { cwd: folder, encoding: 'utf8', env: environment, stdio: 'pipe', timeout: 240_000 } as const;
  try {
    return { code: 0, text: execFileSync('npx', ['torsor', ...words], options) };
  } catch (error) {
    const [status, stdout, stderr] = ['status', 'stdout', 'stderr'].map((key) => Object(error)[key]);
    return { code: Number(status), text: `${stdout}${stderr}` };
  }
};

describe('npx torsor, packed and installed into an empty folder', () => {
  it('is installed as it is published', () => {
    const manifest = readFileSync(join(folder, 'node_modules', binary, 'package.json'), 'utf8');
    expect(manifest).not.toContain('workspace:');
    expect(existsSync(join(folder, 'node_modules', binary, 'src'))).toBe(false);
  });

  it('has help', () => {
    const { code, text } = torsor('--help');
    expect(code).toBe(0);
    for (const words of ['Usage: torsor', 'pi0-g1-quickstart', 'completion <shell>']) expect(text).toContain(words);
  });

  it('trains on the embedded sample, and leaves a run that it evaluates', () => {
    const words = ['--backend', 'wasm', '--steps', '3', '--set', 'evalWindows=2', '--set', 'model.actionHorizon=4'];
    const trained = torsor('train', 'pi0-tiny', ...words);
    expect(trained, trained.text).toMatchObject({ code: 0 });
    const run = join(folder, 'runs/pi0-tiny');
    for (const file of ['report.html', 'norm_stats.json', 'checkpoints/00000003/manifest.json']) {
      expect(existsSync(join(run, file)), file).toBe(true);
    }
    expect(readFileSync(join(run, 'metrics.jsonl'), 'utf8')).toContain('"checkpoint_step":3');
    expect(torsor('eval', 'runs/pi0-tiny', '--backend', 'wasm')).toMatchObject({ code: 0 });
  }, 300_000);

  it('fits action tokens', () => {
    const fitted = torsor('fit-fast', 'pi0-fast-tiny', '--set', 'data.heldOut=38');
    expect(fitted, fitted.text).toMatchObject({ code: 0 });
    expect(fitted.text).toContain('train with: npx torsor train pi0-fast-tiny --set model.fast.path=fast');
    expect(existsSync(join(folder, 'fast/tokenizer.json'))).toBe(true);
  }, 120_000);

  it('says what to type as it was typed', () => {
    const { text } = torsor('backends', '--backend', 'tfjs-node');
    expect(text).toContain('npx torsor setup tfjs-native');
  });
});

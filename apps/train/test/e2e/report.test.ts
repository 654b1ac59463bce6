import { execFileSync, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { result, tiny } from './torsor.js';

/** While a browser is waited for, no time limit of the test runner can end it. */
const limit = { timeout: 150_000, killSignal: 'SIGKILL' } as const;

const chromium = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version'], limit).status === 0,
);

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  // Where /dev/shm is small, as in a container, a page would wait for it.
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Whatever the page asked of the network would fail, and show.
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--enable-logging=stderr',
];

const name = chromium === undefined ? 'in a browser (skipped: no chromium on this machine)' : 'in a browser';

describe.skipIf(chromium === undefined)(`the report, ${name}`, () => {
  let dir = '';

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'torsor-report-'));
    await result(...tiny, '--out', join(dir, 'run'));
  });

  afterAll(() => rm(dir, { recursive: true }));

  it('opens without a network, with its charts and no complaint of the page', () => {
    const page = pathToFileURL(join(dir, 'run/report.html')).href;
    const words = [...flags, `--user-data-dir=${join(dir, 'profile')}`, '--dump-dom', page];
    const { stdout, stderr } = spawnSync(chromium ?? '', words, { encoding: 'utf8', ...limit });
    expect(stdout).toContain('How far off, joint by joint');
    expect(stdout).toContain('Recorded and sampled chunks');
    expect(stdout.match(/<svg/g)?.length).toBeGreaterThan(10);
    expect(stderr).not.toMatch(/CONSOLE|ERR_NAME_NOT_RESOLVED/);
  });

  it('draws something', () => {
    const picture = join(dir, 'report.png');
    const page = pathToFileURL(join(dir, 'run/report.html')).href;
    const words = [
      ...flags,
      `--user-data-dir=${join(dir, 'profile')}`,
      '--window-size=1000,1400',
      `--screenshot=${picture}`,
    ];
    execFileSync(chromium ?? '', [...words, page], { stdio: 'ignore', ...limit });
    // A blank page of this size is some 6 kB of PNG.
    expect(statSync(picture).size).toBeGreaterThan(20_000);
  });
});

import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { showRunError } from '../../src/run/error.js';
import { writeAtomically } from '../../src/run/files.js';
import { admit, checkWritable, entriesOf, prepareFolder } from '../../src/run/folder.js';
import { runEntries } from '../../src/run/layout.js';
import { appendLog, appendMetrics, truncateMetrics } from '../../src/run/metrics-file.js';

let dir = '';

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'torsor-run-'));
});

afterEach(async () => {
  await chmod(dir, 0o755);
  await rm(dir, { recursive: true });
});

const message = (result: E.Either<Parameters<typeof showRunError>[0], unknown>): string =>
  E.isLeft(result) ? showRunError(result.left) : '';

describe('admit', () => {
  it.each([
    [[], 'refuse', 'create'],
    [[], 'overwrite', 'create'],
    [['config.json'], 'resume', 'resume'],
    [['config.json', 'notes.txt'], 'overwrite', 'replace'],
  ] as const)('%j with %s: %s', (entries, policy, admission) => {
    expect(admit('runs/a', entries, policy)).toEqual(E.right(admission));
  });

  it.each([
    [['config.json'], 'refuse', ['--resume', '--overwrite', 'runs/a']],
    [[], 'resume', ['no run to resume', 'runs/a']],
    [['notes.txt'], 'overwrite', ['neither empty nor a run', 'notes.txt', '--out']],
    [['notes.txt'], 'resume', ['no run to resume']],
  ] as const)('%j with %s is refused', (entries, policy, parts) => {
    for (const part of parts) expect(message(admit('runs/a', entries, policy))).toContain(part);
  });
});

describe('a folder on disk', () => {
  it('is created, with its parents', async () => {
    const deep = join(dir, 'a', 'b');
    expect(await entriesOf(deep)()).toEqual(E.right([]));
    expect(await prepareFolder(deep, 'create')()).toEqual(E.right(undefined));
    expect(await readdir(deep)).toEqual([]);
  });

  it('loses the old run, and nothing else, when replaced', async () => {
    for (const entry of Object.values(runEntries)) await mkdir(join(dir, entry));
    await writeFile(join(dir, 'notes.txt'), 'mine');
    expect(await prepareFolder(dir, 'replace')()).toEqual(E.right(undefined));
    expect(await readdir(dir)).toEqual(['notes.txt']);
  });

  it('that is a file is refused by name', async () => {
    const path = join(dir, 'file');
    await writeFile(path, '');
    expect(message(await checkWritable(path)())).toContain(`${path} cannot be written`);
    expect(message(await entriesOf(path)())).toContain(`${path} cannot be read`);
  });

  it.skipIf(process.getuid?.() === 0)(
    'without permission is refused (not as root, who has every permission)',
    async () => {
      await chmod(dir, 0o555);
      expect(message(await checkWritable(dir)())).toContain('cannot be written');
    },
  );

  it.skipIf(process.platform !== 'linux')('that no process can make is refused (/proc is of Linux)', async () => {
    for (const path of ['/proc/torsor', '/proc/torsor/run']) {
      expect(message(await checkWritable(path)())).toContain(`${path} cannot be written`);
    }
  });

  it('below a file is refused', async () => {
    await writeFile(join(dir, 'file'), '');
    expect(message(await checkWritable(join(dir, 'file', 'run'))())).toContain('name another folder with --out');
  });
});

describe('files', () => {
  it('are written whole, over what was there, and leave no temporary name', async () => {
    const path = join(dir, 'config.json');
    await writeAtomically(path, 'one')();
    await writeAtomically(path, 'two')();
    expect(await readFile(path, 'utf8')).toBe('two');
    expect(await readdir(dir)).toEqual(['config.json']);
  });

  it('metrics are appended, and cut back to a step', async () => {
    const path = join(dir, 'metrics.jsonl');
    for (const step of [1, 2, 3]) appendMetrics(path)({ step, loss: 1 / step });
    await writeFile(path, '{"step": 4, "lo', { flag: 'a' });
    expect(await truncateMetrics(path, 2)()).toEqual(E.right(2));
    expect(await readFile(path, 'utf8')).toBe('{"step":1,"loss":1}\n{"step":2,"loss":0.5}\n');
    expect(await truncateMetrics(path, 2)()).toEqual(E.right(0));
  });

  it('log lines are dated', async () => {
    const path = join(dir, 'run.log');
    appendLog(path, () => new Date(0))('began');
    expect(await readFile(path, 'utf8')).toBe('1970-01-01T00:00:00.000Z began\n');
    expect(message(appendLog(join(dir, 'none', 'run.log'), () => new Date(0))('x'))).toContain('cannot be written');
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal } from './torsor.js';

let dir = '';

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'torsor-mesh-'));
});

afterAll(() => rm(dir, { recursive: true }));

describe('refused before anything runs', () => {
  const train = (...words: readonly string[]) => refusal('train', 'pi0-tiny', '--out', join(dir, 'refused'), ...words);

  it('a batch that the devices cannot share, with the sizes that fit', async () => {
    expect(await train('--mesh', 'data=4', '--set', 'batchSize=10')).toBe(
      'usage: batchSize: axis 0 of 10 cannot be split evenly over data=4: 8 or 12 fit',
    );
  });

  it('heads that the devices cannot share', async () => {
    expect(await train('--mesh', 'tensor=4')).toMatch(/^usage: .*attn.*cannot be split evenly over tensor=4: 4 fits$/);
  });

  it('a backend of one device', async () => {
    expect(await train('--mesh', 'data=2', '--backend', 'wasm')).toContain('several devices need --backend xla');
  });

  it('an update that needs more than a device has, with the flag that helps', async () => {
    expect(await train('--backend', 'reference', '--memory', '1MB')).toMatch(
      /^usage: an update needs .* on each device, which has 1.00 MB .*; with --mesh fsdp=2/,
    );
  });
});

import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { showCheckpointError } from '../../src/index.js';
import { convert } from '../convert/convert.js';
import { fails, floats, readAll, runs, temporaryDirectory, writeTensors } from '../convert/weights.js';
import { countedModel, families } from '../names/fixtures.js';
import { models, randomModel } from '../names/models.js';

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** Every file but the report, in the order of its path. */
const listing = async (folder: string): Promise<string> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name !== 'conversion.json')
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const lines = await Promise.all(paths.map(async (path) => `${path} ${sha256(await readFile(join(folder, path)))}\n`));
  return sha256(lines.join(''));
};

/** Names, dtypes, shapes and bytes of a model whose elements are counted. */
const arrays = (family: (typeof families)[number]): string => {
  const hash = createHash('sha256');
  for (const [name, { shape, elements }] of [...countedModel(family)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${name} float32 [${shape.join(', ')}]\n`);
    hash.update(new Uint8Array(Float32Array.from(elements).buffer));
  }
  return hash.digest('hex');
};

describe("openpi's restore_params", () => {
  it.each(families)('%s: was given these very files, and made of them the model that was written', async (family) => {
    const directory = await temporaryDirectory();
    const input = await writeTensors(join(directory, 'ours.safetensors'), floats(countedModel(family)));
    // Given a folder, the exports stay there, for openpi to be run on them.
    const output = join(process.env['TORSOR_EXPORTED'] ?? directory, family);
    await rm(output, { recursive: true, force: true });
    await runs(convert({ input, output, to: 'openpi' }));
    const returned = JSON.parse(await readFile(new URL('../fixtures/openpi-restored.json', import.meta.url), 'utf8'));
    expect({ files: await listing(output), arrays: arrays(family) }).toEqual(returned[family]);
  });
});

describe('laws', () => {
  it('to openpi and back, in bf16 too, gives the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(models, fc.constantFrom('F32' as const, 'BF16' as const), async (model, dtype) => {
        const directory = await temporaryDirectory();
        const [input, there, back] = ['ours', 'there', 'back'].map((name) => join(directory, name));
        const given = await writeTensors(join(directory, 'a.safetensors'), floats(randomModel(model)));
        await runs(convert({ input: given, output: String(input), to: 'torsor', dtype }));
        await runs(convert({ input: String(input), output: String(there), to: 'openpi' }));
        await runs(convert({ input: String(there), output: String(back), to: 'torsor' }));
        expect(await readAll(String(back))).toEqual(await readAll(String(input)));
      }),
      { numRuns: 8 },
    );
  });
});

describe('refusals', () => {
  it('a model without an image tower, and shards, which arrays are already', async () => {
    const directory = await temporaryDirectory();
    const blind = new Map([...countedModel('pi0')].filter(([name]) => !name.startsWith('PaliGemma/img/')));
    const input = await writeTensors(join(directory, 'a.safetensors'), floats(blind));
    const options = { input, output: join(directory, 'out'), to: 'openpi' } as const;
    expect(showCheckpointError(await fails(convert(options)))).toContain('was trained without cameras');
    expect(await fails(convert({ ...options, maxShardBytes: 10 }))).toMatchObject({
      _tag: 'BadOption',
      option: 'maxShardBytes',
    });
  });
});

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { fromTypedArray, inspectCheckpoint, type Safetensors, showCheckpointError } from '../../src/index.js';
import { parseShardIndex, showShardIndex } from '../../src/safetensors/shard-index.js';
import { splitShards } from '../../src/safetensors/shards.js';
import { fails, runs, temporaryDirectory, writeTensors } from '../convert/weights.js';

const tensors = fc
  .array(fc.nat(20), { maxLength: 12 })
  .map((sizes) => sizes.map((size, i) => ({ name: `t${i}`, dtype: 'U8' as const, shape: [size] })));

describe('laws', () => {
  it('shards hold every tensor in its order, none above the limit unless it is one tensor', () => {
    fc.assert(
      fc.property(tensors, fc.integer({ min: 1, max: 30 }), (all, maxBytes) => {
        const shards = splitShards(all, maxBytes, 'model');
        expect(shards.flatMap((shard) => shard.tensors)).toEqual(all);
        for (const { tensors: held } of shards) {
          const bytes = held.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
          expect(bytes <= maxBytes || held.filter(({ shape }) => shape[0] !== 0).length === 1).toBe(true);
        }
        expect(new Set(shards.map(({ file }) => file)).size).toBe(shards.length);
      }),
    );
  });

  it('an index is read as it was written', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 8 }), fc.nat(), (names, total) => {
        const map = new Map(names.map((name, i) => [name, `model-0000${i}-of-00009.safetensors`]));
        const read = parseShardIndex(showShardIndex(map, total));
        expect(E.isRight(read) && read.right.weightMap).toEqual(map);
        expect(E.isRight(read) && read.right.totalSize).toBe(total);
      }),
    );
  });

  it('no name is passed over, whatever it is', () => {
    const text = '{"weight_map":{"__proto__":"a.safetensors","constructor":"b.safetensors"}}';
    const read = parseShardIndex(text);
    expect(E.isRight(read) && [...read.right.weightMap.keys()]).toEqual(['__proto__', 'constructor']);
  });

  it('any text gives an index or a reason', () => {
    fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => /Left|Right/.test(parseShardIndex(text)._tag)));
  });
});

const one = (name: string): Safetensors => ({
  tensors: new Map([[name, fromTypedArray('U8', [1], Uint8Array.of(1))]]),
  metadata: {},
});

const sharded = async (index: string): Promise<string> => {
  const directory = await temporaryDirectory();
  await writeTensors(join(directory, 'x-1.safetensors'), one('a'));
  await writeTensors(join(directory, 'x-2.safetensors'), one('b'));
  await writeFile(join(directory, 'x.safetensors.index.json'), index);
  return directory;
};

const mapped = (map: object): string => JSON.stringify({ metadata: {}, weight_map: map });

describe('an index that lies', () => {
  it('the index without lies is accepted', async () => {
    const path = await sharded(mapped({ a: 'x-1.safetensors', b: 'x-2.safetensors' }));
    const { tensors: found } = await runs(inspectCheckpoint(path, []));
    expect(found.map(({ name, file }) => [name, file])).toEqual([
      ['a', 'x-1.safetensors'],
      ['b', 'x-2.safetensors'],
    ]);
  });

  it.each([
    ['a tensor in the wrong file', mapped({ a: 'x-2.safetensors', b: 'x-1.safetensors' }), "'a' is in x-1.safetensors"],
    [
      'a tensor that no file has',
      mapped({ a: 'x-1.safetensors', b: 'x-2.safetensors', c: 'x-2.safetensors' }),
      "'c' should be in",
    ],
    [
      'a tensor that it leaves out',
      mapped({ a: 'x-1.safetensors', c: 'x-2.safetensors' }),
      'the index has it in no file',
    ],
    ['a file above the directory', mapped({ a: '../x-1.safetensors' }), 'beside the index'],
    ['a file elsewhere', mapped({ a: '/x-1.safetensors' }), 'beside the index'],
    ['a file by a backslash', mapped({ a: 'y\\x-1.safetensors' }), 'beside the index'],
    ['a file of another kind', mapped({ a: 'x-1.bin' }), 'beside the index'],
    ['a number for a file', mapped({ a: 1 }), 'beside the index'],
    ['a tensor twice', '{"weight_map":{"a":"x-1.safetensors","a":"x-2.safetensors"}}', "names 'a' twice"],
    ['no map', '{"metadata":{}}', 'weight_map'],
    ['a list', '[]', 'weight_map'],
    ['no JSON', '{', 'not JSON'],
    ['brackets without end', '{"weight_map":'.repeat(100_000), 'nest deeper'],
  ])('%s', async (_, index, reason) => {
    const error = await fails(inspectCheckpoint(await sharded(index), []));
    expect(error._tag).toBe('BadIndex');
    expect(showCheckpointError(error)).toContain(reason);
  });

  it('a shard that is not there', async () => {
    const error = await fails(inspectCheckpoint(await sharded(mapped({ a: 'x-3.safetensors' })), []));
    expect(error).toMatchObject({ _tag: 'CannotRead', code: 'ENOENT' });
  });
});

import { sizeOf, tensorType } from '@torsor/tensor';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { assemble, deviceCount, extentOver, localType, type Mesh, shardOf } from '../src/index.js';
import { positionOver } from '../src/mesh.js';
import { type Laid, laid } from './meshes.js';

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(JSON.stringify(either.left));
  return either.right;
};

const counting = (size: number): Int32Array => Int32Array.from({ length: size }, (_, i) => i);

const shardsOf = ({ mesh, spec, type }: Laid): readonly Int32Array[] =>
  Array.from({ length: deviceCount(mesh) }, (_, device) =>
    Int32Array.from(right(shardOf(mesh, spec, type, counting(sizeOf(type.shape)), device))),
  );

describe('shardOf and assemble', () => {
  it('assemble after shard is the identity', () => {
    fc.assert(
      fc.property(laid, (it) => {
        expect(right(assemble(it.mesh, it.spec, it.type, shardsOf(it)))).toEqual(counting(sizeOf(it.type.shape)));
      }),
    );
  });

  it('local sizes multiply', () => {
    fc.assert(
      fc.property(laid, ({ mesh, spec, type }) => {
        const local = right(localType(mesh, spec, type));
        expect(sizeOf(local.shape) * extentOver(mesh, spec.flat())).toBe(sizeOf(type.shape));
      }),
    );
  });

  it('devices that differ only along axes that the layout does not name hold the same, others share nothing', () => {
    fc.assert(
      fc.property(laid, (it) => {
        const shards = shardsOf(it);
        const place = (device: number): number => positionOver(it.mesh, it.spec.flat(), device);
        const same = shards.flatMap((a, i) => shards.filter((_, j) => place(i) === place(j)).map((b) => [a, b]));
        for (const [a, b] of same) expect(b).toEqual(a);
        const parts = new Set(shards.map((_, i) => place(i)));
        const holders = [...parts].map((part) => shards.find((_, i) => place(i) === part) ?? []);
        expect(new Set(holders.flatMap((shard) => [...shard])).size).toBe(sizeOf(it.type.shape));
      }),
      { numRuns: 40 },
    );
  });

  it('two axes: rows over data, columns over fsdp', () => {
    const mesh: Mesh = {
      axes: [
        { name: 'data', size: 2 },
        { name: 'fsdp', size: 2 },
      ],
    };
    const shards = shardsOf({ mesh, spec: [['data'], ['fsdp']], type: tensorType('i32', [2, 4]) });
    expect(shards.map((shard) => [...shard])).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
      [6, 7],
    ]);
  });

  it('one axis over two mesh axes: the first named is the slower', () => {
    const mesh: Mesh = {
      axes: [
        { name: 'data', size: 2 },
        { name: 'fsdp', size: 2 },
      ],
    };
    const type = tensorType('i32', [4]);
    expect(shardsOf({ mesh, spec: [['data', 'fsdp']], type }).map(([x]) => x)).toEqual([0, 1, 2, 3]);
    expect(shardsOf({ mesh, spec: [['fsdp', 'data']], type }).map(([x]) => x)).toEqual([0, 2, 1, 3]);
  });

  it('refuses devices, lengths and counts that are not there', () => {
    const mesh: Mesh = { axes: [{ name: 'data', size: 2 }] };
    const type = tensorType('i32', [2]);
    const shard = (size: number, device: number): unknown => shardOf(mesh, [['data']], type, counting(size), device);
    expect(shard(2, 2)).toEqual(E.left({ _tag: 'NoSuchDevice', device: 2, devices: 2 }));
    expect(shard(3, 0)).toEqual(E.left({ _tag: 'WrongLength', expected: 2, got: 3 }));
    expect(assemble(mesh, [['data']], type, [counting(1)])).toEqual(
      E.left({ _tag: 'WrongShardCount', expected: 2, got: 1 }),
    );
    expect(assemble(mesh, [['data']], type, [counting(1), counting(2)])).toEqual(
      E.left({ _tag: 'WrongLength', expected: 1, got: 2 }),
    );
  });
});

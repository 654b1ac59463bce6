import { tensorType } from '@torsor/tensor';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  batchSpec,
  bytesOf,
  checkSpec,
  extentOver,
  fsdpSpec,
  type Mesh,
  paramSpec,
  parseMesh,
  portSpecs,
  type ShardingError,
  showShardingError,
} from '../src/index.js';
import { laid, meshes } from './meshes.js';

const mesh = (text: string): Mesh => {
  const parsed = parseMesh(text);
  if (E.isLeft(parsed)) throw new Error(showShardingError(parsed.left));
  return parsed.right;
};

const message = (result: E.Either<ShardingError, unknown>): string =>
  E.match(showShardingError, () => 'accepted')(result);

const types = fc.array(fc.integer({ min: 1, max: 24 }), { maxLength: 4 }).map((shape) => tensorType('f32', shape));

const layer = 'PaliGemma/llm/layers';

describe('fsdpSpec', () => {
  it('splits a largest axis that divides, or nothing', () => {
    fc.assert(
      fc.property(meshes, types, fc.integer({ min: 0, max: 4096 }), (of, type, minBytes) => {
        const spec = fsdpSpec(of, type, minBytes);
        const parts = extentOver(of, ['fsdp']);
        const divisible = type.shape.filter((extent) => extent % parts === 0);
        const axis = spec.findIndex((names) => names.length > 0);
        if (axis >= 0) expect(type.shape[axis]).toBe(Math.max(...divisible));
        else {
          const small = type.shape.length < 2 || bytesOf(type) < minBytes;
          expect(small || parts === 1 || divisible.length === 0).toBe(true);
        }
      }),
    );
  });

  // Made with openpi's own fsdp_sharding (15a9616) run on a stand-in mesh of 4, minimum 4 MiB, float32.
  it.each([
    [[257_152, 2048], [['fsdp']]],
    [
      [18, 8, 2048, 256],
      [[], [], ['fsdp']],
    ],
    [
      [18, 2, 2048, 16_384],
      [[], [], [], ['fsdp']],
    ],
    [
      [2048, 2048],
      [[], ['fsdp']],
    ],
    [[1023, 1023, 3], []],
    [[1024, 1023], []],
    [
      [1024, 1024],
      [[], ['fsdp']],
    ],
    [[4_194_304], []],
  ])('openpi: %j is laid out as %j', (shape, spec) => {
    expect(fsdpSpec(mesh('data=2,fsdp=4'), tensorType('f32', shape))).toEqual(spec);
  });
});

describe('paramSpec', () => {
  const of = paramSpec(mesh('fsdp=2,tensor=2'), { minBytes: 0 });

  it.each([
    [`${layer}/attn/q_einsum/w`, [3, 8, 64, 16], [[], ['tensor'], ['fsdp']]],
    [`${layer}/attn/q_einsum_1/w`, [3, 8, 64, 16], [[], ['tensor'], ['fsdp']]],
    [`${layer}/attn/kv_einsum/w`, [3, 2, 1, 64, 16], [[], [], [], ['fsdp']]],
    [`${layer}/attn/kv_einsum/w`, [3, 2, 4, 64, 16], [[], [], ['tensor'], ['fsdp']]],
    [`${layer}/attn/attn_vec_einsum/w`, [3, 8, 16, 64], [[], ['tensor'], [], ['fsdp']]],
    [`${layer}/mlp/gating_einsum`, [3, 2, 64, 128], [[], [], ['fsdp'], ['tensor']]],
    [`${layer}/mlp_1/linear`, [3, 128, 64], [[], ['tensor'], ['fsdp']]],
    ['PaliGemma/llm/embedder/input_embedding', [512, 64], [['tensor'], ['fsdp']]],
    ['action_in_proj/kernel', [32, 64], [[], ['fsdp']]],
    [`${layer}/pre_attention_norm/scale`, [64], []],
  ])('%s %j is laid out as %j', (path, shape, spec) => {
    expect(of(path, tensorType('f32', shape))).toEqual(spec);
  });

  it('a moment lies as its parameter does', () => {
    fc.assert(
      fc.property(meshes, types, fc.constantFrom('mlp/linear', 'attn/q_einsum/w', 'x/kernel'), (grid, type, path) => {
        const lay = paramSpec(grid, { minBytes: 0 });
        expect(lay(`state/optimizer/1/mu/${path}`, type)).toEqual(lay(path, type));
        expect(lay(`state/ema/${path}`, type)).toEqual(lay(path, type));
      }),
    );
  });

  it('another name is not split over tensor', () => {
    expect(paramSpec(mesh('tensor=2'))('not_mlp/gating_einsums', tensorType('f32', [2, 8, 8]))).toEqual([]);
  });
});

describe('checkSpec', () => {
  it('accepts what fits', () => {
    fc.assert(
      fc.property(laid, (it) => {
        expect(checkSpec(it.mesh, 'x', it.type, it.spec)).toEqual(E.right(it.spec));
      }),
    );
  });

  it('names the sizes that fit', () => {
    const four = mesh('data=4');
    expect(message(checkSpec(four, 'batch/actions', tensorType('f32', [10, 3]), batchSpec(four)))).toBe(
      'batch/actions: axis 0 of 10 cannot be split evenly over data=4: 8 or 12 fit',
    );
    const both = mesh('data=2,fsdp=2');
    expect(message(checkSpec(both, 'batch/time', tensorType('f32', [3]), batchSpec(both)))).toBe(
      'batch/time: axis 0 of 3 cannot be split evenly over data=2,fsdp=2: 4 fits',
    );
  });

  it('the sizes that it names fit', () => {
    fc.assert(
      fc.property(meshes, fc.integer({ min: 1, max: 50 }), (grid, batch) => {
        const checked = checkSpec(grid, 'x', tensorType('f32', [batch]), batchSpec(grid));
        if (E.isRight(checked)) return;
        const { left } = checked;
        for (const fits of left._tag === 'UnevenSplit' ? left.fits : [0.5]) {
          expect(E.isRight(checkSpec(grid, 'x', tensorType('f32', [fits]), batchSpec(grid)))).toBe(true);
        }
      }),
    );
  });

  it('refuses axes that are not in the mesh, twice in a layout, or too many', () => {
    const two = mesh('data=2');
    const type = tensorType('f32', [4, 4]);
    expect(message(checkSpec(two, 'x', type, [['fsdp']]))).toContain("'fsdp' is unknown; use data");
    expect(message(checkSpec(two, 'x', type, [['data'], ['data']]))).toContain('named twice');
    expect(message(checkSpec(two, 'x', type, [[], [], ['data']]))).toContain('3 axes for a tensor of 2');
  });
});

describe('portSpecs', () => {
  const ports = [
    { path: 'batch/actions', type: tensorType('f32', [8, 4]) },
    { path: 'batch/learningRate', type: tensorType('f32') },
    { path: 'state/params/x/kernel', type: tensorType('f32', [8, 4]) },
    { path: 'metrics/loss', type: tensorType('f32', [8]) },
  ];

  it('lays out by role', () => {
    expect(portSpecs(mesh('data=2,fsdp=2'), ports, { minBytes: 0 })).toEqual(
      E.right([[['data', 'fsdp']], [], [['fsdp']], []]),
    );
  });

  it('refuses an uneven batch', () => {
    expect(message(portSpecs(mesh('data=3'), ports))).toBe(
      'batch/actions: axis 0 of 8 cannot be split evenly over data=3: 6 or 9 fit',
    );
  });

  it('refuses heads that do not divide', () => {
    const heads = [{ path: 'params/attn/q_einsum/w', type: tensorType('f32', [8, 64, 16]) }];
    expect(message(portSpecs(mesh('tensor=3'), heads))).toContain('axis 0 of 8 cannot be split evenly over tensor=3');
  });
});

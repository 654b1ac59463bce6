import type { PartitionSpec } from '@torsor/sharding';
import {
  add,
  convert,
  dotGeneral,
  type Expr,
  type ExprTree,
  matmul,
  type Program,
  program,
  reduceSum,
  reshape,
  scan,
  showShapeError,
  slice,
  tensorType,
} from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { emitModule } from '../../src/stablehlo/module.js';

const x = tensorType('f32', [4, 6]);
const w = tensorType('f32', [5, 6, 6]);

const built = (f: (inputs: { readonly w: Expr; readonly x: Expr }) => ExprTree): Program => {
  const made = program({ w, x }, f);
  if (E.isLeft(made)) throw new Error(showShapeError(made.left));
  return made.right;
};

const mesh = {
  axes: [
    { name: 'fsdp', size: 2 },
    { name: 'tensor', size: 2 },
  ],
};

const textOf = (program: Program, ...inputs: readonly PartitionSpec[]): string =>
  emitModule(program, { precision: 'default', aliases: new Map(), partitioning: { mesh, inputs, outputs: [] } });

const constraints = (text: string): readonly string[] => text.match(/sdy\.sharding_constraint [^\n]* : \S+/g) ?? [];

/** Layers stacked on the first axis of their weights. */
const layers = (use: (h: Expr, w: Expr) => Expr): Program =>
  built(({ x, w }) => {
    const { carry } = scan(({ h }, row: { w: Expr }) => ({ carry: { h: use(h, row.w) }, y: {} }), { h: x }, { w });
    return carry;
  });

const rows: PartitionSpec = [['fsdp']];

describe('a parameter that fsdp splits', () => {
  it('is gathered layer by layer inside a loop, over fsdp alone', () => {
    const text = textOf(layers(matmul), [[], ['fsdp'], ['tensor']], rows);
    expect(constraints(text)).toEqual([
      expect.stringMatching(/^sdy\.sharding_constraint %\d+ <@mesh, \[\{\}, \{"tensor"\}\]> : tensor<6x6xf32>$/),
    ]);
  });

  it('is gathered once, however often it is used', () => {
    const text = textOf(
      layers((h, u) => matmul(matmul(h, u), u)),
      [[], ['fsdp']],
      rows,
    );
    expect(constraints(text)).toHaveLength(1);
  });

  it('is gathered in the dtype in which it is used', () => {
    const half = (h: Expr, u: Expr): Expr =>
      convert(dotGeneral(convert(h, 'bf16'), convert(u, 'bf16'), { contract: [[1], [0]], batch: [[], []] }), 'f32');
    expect(constraints(textOf(layers(half), [[], [], ['fsdp']], rows))).toEqual([
      expect.stringContaining('tensor<6x6xbf16>'),
    ]);
  });

  it('is gathered layer by layer where layers are written out', () => {
    const layer = (of: Expr, at: number): Expr => reshape(slice(of, [at, 0, 0], [at + 1, 6, 6]), [6, 6]);
    const text = textOf(
      built(({ x, w }) => ({ h: matmul(matmul(x, layer(w, 0)), layer(w, 1)) })),
      [[], ['fsdp']],
      rows,
    );
    expect(constraints(text)).toEqual(
      [0, 1].map(() => expect.stringContaining('<@mesh, [{}, {}, {}]> : tensor<1x6x6xf32>')),
    );
  });

  it('is gathered inside the inner of two loops', () => {
    const nested = built(({ w, x }) => {
      const inner = (first: Expr): Expr =>
        scan(({ h }, row: { w: Expr }) => ({ carry: { h: matmul(h, row.w) }, y: {} }), { h: first }, { w }).carry.h;
      const outer = scan(
        ({ sum }, part: { h: Expr }) => ({ carry: { sum: add(sum, reduceSum(inner(part.h))) }, y: {} }),
        { sum: reduceSum(x) },
        { h: reshape(x, [2, 2, 6]) },
      );
      return outer.carry;
    });
    const lines = textOf(nested, [[], ['fsdp']], rows).split('\n');
    const loops = lines.flatMap((line, i) => (line.includes('stablehlo.while') ? [i] : []));
    const at = lines.findIndex((line) => line.includes('sharding_constraint'));
    expect(loops).toHaveLength(2);
    expect(at).toBeGreaterThan(loops[1] ?? 0);
  });
});

describe('nothing else is constrained', () => {
  it.each<readonly [string, PartitionSpec]>([
    ['a whole parameter', []],
    ['one split over tensor', [[], [], ['tensor']]],
    ['what is split along the axis of the loop, as a batch is', [['fsdp']]],
  ])('%s', (_, spec) => {
    expect(constraints(textOf(layers(matmul), spec, rows))).toEqual([]);
  });

  it('samples cut out of a batch, or numbers out of samples', () => {
    const cut = built(({ x }) => ({ some: slice(x, [0, 0], [2, 6]), numbers: slice(x, [0, 1], [4, 3]) }));
    expect(constraints(textOf(cut, [], rows))).toEqual([]);
  });

  it('on one device', () => {
    const text = emitModule(layers(matmul), { precision: 'default', aliases: new Map(), partitioning: null });
    expect(constraints(text)).toEqual([]);
  });
});

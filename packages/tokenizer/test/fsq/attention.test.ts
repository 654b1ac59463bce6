import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { type FsqParams, fsqAttention, fsqCodebook, fsqTokenizer, showTokenizerError } from '../../src/index.js';
import golden from '../fixtures/fsq.json' with { type: 'json' };
import { right } from '../right.js';

const { config, shapes } = golden;
const shape = [config.data_horizon, config.data_dim] as const;

// The formula that gave openpi's code its parameters: by place in the sorted list, and by element.
const params: FsqParams = Object.fromEntries(
  Object.entries(shapes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, sizes], n) => {
      const length = sizes.reduce((product: number, size: number) => product * size, 1);
      const base = path.endsWith('scale') ? 1 : 0;
      return [path, Float64Array.from({ length }, (_, i) => 0.12 * Math.sin(1.7 * i * i + n) + base)];
    }),
);

const { bins, network } = right(fsqAttention(config, params));

describe("openpi's own code, in float64", () => {
  it.each(golden.actions.map((actions, i) => ({ i, actions })))('chunk $i', ({ i, actions }) => {
    const chunk = { shape, data: Float64Array.from(actions) };
    const latents = Array.from(right(network.encode(chunk)));
    for (const [j, z] of (golden.latents[i] ?? []).entries()) expect(latents[j]).toBeCloseTo(z, 10);
    const tokenizer = fsqTokenizer(right(fsqCodebook(bins)), network);
    const tokens = right(tokenizer.encode(chunk));
    expect(tokens).toEqual(golden.tokens[i]);
    const { data } = right(tokenizer.decode(tokens, shape));
    for (const [j, a] of (golden.decoded[i] ?? []).entries()) expect(data[j]).toBeCloseTo(a, 10);
  });
});

describe('refuses', () => {
  it.each([
    ['proj/bias', Float64Array.of(1), 'parameter proj/bias has 1 values: expected 1 × 128'],
    ['out_scale', Float64Array.of(Number.NaN), 'parameter out_scale'],
    ['somewhere', Float64Array.of(1), 'the parameters somewhere belong to no layer'],
  ])('parameter %s', (path, value, message) => {
    const refused = fsqAttention(config, { ...params, [path]: value });
    expect(E.isLeft(refused) && showTokenizerError(refused.left)).toContain(message);
  });

  it('variants that it does not compute', () => {
    for (const change of [{ causal: true }, { use_state_conditioning: true }, { embed_dim: 100 }]) {
      expect(fsqAttention({ ...config, ...change }, params)).toMatchObject(E.left({ _tag: 'BadFit' }));
    }
  });

  it('another horizon, and actions beyond the bound unless told to clamp', () => {
    const chunk = { shape, data: new Float64Array(15).fill(0.5) };
    expect(network.encode({ shape: [3, 5], data: chunk.data })).toMatchObject(E.left({ _tag: 'BadActionShape' }));
    expect(network.decode(new Float64Array(8), [3, 5])).toMatchObject(E.left({ _tag: 'BadActionShape' }));
    const bounded = right(fsqAttention({ ...config, bound: 0.25 }, params)).network;
    const codebook = right(fsqCodebook(bins));
    expect(fsqTokenizer(codebook, bounded).encode(chunk)).toMatchObject(
      E.left({ _tag: 'ActionOutOfRange', bound: 0.25 }),
    );
    const clamping = fsqTokenizer(codebook, bounded, { onOutOfRange: 'clamp' });
    expect(clamping.encodeCounted(chunk)).toMatchObject(E.right({ clamped: 15 }));
  });
});

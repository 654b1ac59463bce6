import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  checkFsqConfig,
  type FsqConfig,
  type FsqNetwork,
  type FsqParams,
  fsqNetwork,
  showModelError,
} from '../../src/index.js';
import golden from '../fixtures/fsq.json' with { type: 'json' };

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

const right = <A>(value: E.Either<unknown, A>): A =>
  E.isRight(value) ? value.right : expect.fail(JSON.stringify(value.left));

const network: FsqNetwork = right(fsqNetwork(config, params));

/** The middles of the 16 × 16 bins of a codebook of 256, of which the first counts least. */
const latentsOf = (token: number): readonly number[] =>
  [token % 16, Math.floor(token / 16)].map((bin) => (bin / 15) * 2 - 1);

describe("openpi's own code, in float64", () => {
  it.each(golden.actions.map((actions, i) => ({ i, actions })))('chunk $i', ({ i, actions }) => {
    const latents = right(network.encode({ shape, data: actions }));
    for (const [j, z] of (golden.latents[i] ?? []).entries()) expect(latents[j]).toBeCloseTo(z, 10);
    expect(latents).toHaveLength(golden.latents[i]?.length ?? Number.NaN);
    const { data } = right(network.decode((golden.tokens[i] ?? []).flatMap(latentsOf), shape));
    for (const [j, a] of (golden.decoded[i] ?? []).entries()) expect(data[j]).toBeCloseTo(a, 10);
    expect(data).toHaveLength(golden.decoded[i]?.length ?? Number.NaN);
  });
});

describe('refuses', () => {
  const messages = (change: Partial<FsqConfig>, more: FsqParams = {}): readonly string[] =>
    E.match(
      (errors: Parameters<typeof showModelError>[0][]) => errors.map(showModelError),
      () => [],
    )(
      fsqNetwork({ ...config, ...change }, { ...params, ...more }) as E.Either<
        Parameters<typeof showModelError>[0][],
        unknown
      >,
    );

  it.each([
    ['proj/bias', Float64Array.of(1), 'model.fsq.proj/bias has 1 values: expected 128 finite numbers'],
    ['out_scale', Float64Array.of(Number.NaN), 'model.fsq.out_scale has 1 values: expected one finite numbers'],
    ['somewhere', Float64Array.of(1), 'model.fsq.somewhere belongs to no layer of this configuration'],
  ])('parameter %s', (path, value, message) => {
    expect(messages({}, { [path]: value })).toEqual([message]);
  });

  it('every parameter that is missing', () => {
    expect(E.isLeft(fsqNetwork(config, {}))).toBe(true);
    expect(messages({ num_layers: 3 })).toContain(
      'model.fsq.encoder/CrossAttentionLayer_2/Dense_0/bias has no values: expected 64 finite numbers',
    );
  });

  it.each<[Partial<FsqConfig>, string]>([
    [{ causal: true }, 'fsq.causal'],
    [{ use_state_conditioning: true }, 'fsq.use_state_conditioning'],
    [{ embed_dim: 100 }, 'fsq.embed_dim'],
    [{ num_tokens: 0 }, 'fsq.num_tokens'],
    [{ mlp_ratio: 0 }, 'fsq.mlp_ratio'],
  ])('variants that it does not compute: %j', (change, field) => {
    expect(checkFsqConfig({ ...config, ...change })).toMatchObject(E.left([{ _tag: 'BadModelConfig', field }]));
    expect(messages(change)[0]).toContain(`model.${field} must be`);
  });

  it('another horizon, and another count of actions or latents', () => {
    const data = new Float64Array(15).fill(0.5);
    expect(network.encode({ shape: [3, 5], data })).toMatchObject(E.left({ _tag: 'BadActionShape' }));
    expect(network.encode({ shape, data: data.slice(1) })).toMatchObject(
      E.left({ _tag: 'BadActionShape', values: 14 }),
    );
    expect(network.decode(new Float64Array(8), [3, 5])).toMatchObject(E.left({ _tag: 'BadActionShape' }));
    expect(network.decode(new Float64Array(7), shape)).toMatchObject(E.left({ _tag: 'BadActions' }));
  });

  it('has a bound where the configuration has one', () => {
    expect(network.bound).toBeUndefined();
    expect(right(fsqNetwork({ ...config, bound: 0.25 }, params)).bound).toBe(0.25);
  });
});

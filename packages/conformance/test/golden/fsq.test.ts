import { readFileSync } from 'node:fs';
import { fsqNetwork } from '@torsor/models';
import { fsqBins, fsqCodebook, fsqTokenizer } from '@torsor/tokenizer';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { number, numbers, object } from './json.js';

/*
 * openpi's FSQ tokenizer whole: the network of models between the clipping and the codebook of tokenizer. The recording
 * is the one that models compares latents and actions with.
 */

const file = new URL('../../../models/test/fixtures/fsq.json', import.meta.url);
const golden = object(JSON.parse(readFileSync(file, 'utf8')));
const sizes = object(golden['config']);

const config = {
  embed_dim: number(sizes['embed_dim']),
  data_dim: number(sizes['data_dim']),
  data_horizon: number(sizes['data_horizon']),
  num_tokens: number(sizes['num_tokens']),
  num_layers: number(sizes['num_layers']),
  target_codebook_size: number(sizes['target_codebook_size']),
  mlp_ratio: number(sizes['mlp_ratio']),
};
const shape = [config.data_horizon, config.data_dim] as const;

const rows = (name: string): ReadonlyArray<readonly number[]> => {
  const all = golden[name];
  return Array.isArray(all) ? all.map(numbers) : [];
};

// The formula that gave openpi's code its parameters: by place in the sorted list, and by element.
const params = Object.fromEntries(
  Object.entries(object(golden['shapes']))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, extents], n) => {
      const length = numbers(extents).reduce((product, size) => product * size, 1);
      const base = path.endsWith('scale') ? 1 : 0;
      return [path, Float64Array.from({ length }, (_, i) => 0.12 * Math.sin(1.7 * i * i + n) + base)];
    }),
);

const right = <A>(value: E.Either<unknown, A>): A =>
  E.isRight(value) ? value.right : expect.fail(JSON.stringify(value.left));

const codebook = right(E.flatMap(fsqCodebook)(fsqBins(config.target_codebook_size, 'custom')));
const networkWith = (bound: number | null) => right(fsqNetwork({ ...config, bound }, params));

describe('the FSQ tokenizer', () => {
  it.each(rows('actions').map((actions, i) => ({ i, actions })))('writes chunk $i as openpi does', ({ i, actions }) => {
    const tokenizer = fsqTokenizer(codebook, networkWith(null));
    const tokens = right(tokenizer.encode({ shape, data: Float64Array.from(actions) }));
    expect(tokens).toEqual(rows('tokens')[i]);
    const { data } = right(tokenizer.decode(tokens, shape));
    for (const [j, a] of (rows('decoded')[i] ?? []).entries()) expect(data[j]).toBeCloseTo(a, 10);
  });

  it('refuses actions beyond the bound unless told to clamp', () => {
    const chunk = { shape, data: new Float64Array(15).fill(0.5) };
    const bounded = networkWith(0.25);
    const refused = fsqTokenizer(codebook, bounded).encode(chunk);
    expect(refused).toMatchObject(E.left({ _tag: 'ActionOutOfRange', bound: 0.25 }));
    const clamping = fsqTokenizer(codebook, bounded, { onOutOfRange: 'clamp' });
    expect(clamping.encodeCounted(chunk)).toMatchObject(E.right({ clamped: 15 }));
  });
});

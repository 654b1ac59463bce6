import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromTypedArray, type Safetensors } from '../../src/index.js';
import { readableNames } from '../../src/names/older-names.js';
import { convert } from '../convert/convert.js';
import { fails, floats, readAll, runs, temporaryDirectory, writeTensors } from '../convert/weights.js';
import { families, openpiConverted, releasedNames } from './fixtures.js';

/** A name in the layout that transformers had before 4.52. */
const aged = (name: string): string =>
  name
    .replace('paligemma.lm_head.', 'paligemma.language_model.lm_head.')
    .replace('paligemma.model.language_model.', 'paligemma.language_model.model.')
    .replace('paligemma.model.vision_tower.', 'paligemma.vision_tower.')
    .replace('paligemma.model.multi_modal_projector.', 'paligemma.multi_modal_projector.');

/** What training loops put around a module: each at the front, compiling and sharding also further in. */
const wrappings = {
  none: (name: string) => name,
  ddp: (name: string) => `module.${name}`,
  compiled: (name: string) => `_orig_mod.${name}`,
  compiledUnderDdp: (name: string) => `module._orig_mod.${name}`,
  ddpUnderCompiled: (name: string) => `_orig_mod.module.${name}`,
  inner: (name: string) => name.replace('model.', 'model._orig_mod.'),
  sharded: (name: string) => `_fsdp_wrapped_module.${name.replace('.self_attn.', '._fsdp_wrapped_module.self_attn.')}`,
  checkpointed: (name: string) => name.replace('.mlp.', '._checkpoint_wrapped_module.mlp.'),
} as const;

const wrapping = fc.constantFrom(...Object.values(wrappings));

/** What is no weight, as LeRobot before 0.4 and transformers wrote it. */
const notWeights = [
  'normalize_inputs.buffer_observation_state.mean',
  'normalize_inputs.buffer_observation_state.std',
  'normalize_targets.buffer_action.mean',
  'unnormalize_outputs.buffer_action.std',
  'model.paligemma_with_expert.paligemma.model.language_model.layers.0.self_attn.rotary_emb.inv_freq',
  'model.paligemma_with_expert.gemma_expert.model.rotary_emb.inv_freq',
  'model.paligemma_with_expert.paligemma.model.vision_tower.vision_model.embeddings.position_ids',
  'model.paligemma_with_expert.gemma_expert.model.embed_tokens.weight',
];

describe('laws', () => {
  it('names of today are themselves', () => {
    for (const family of families) {
      const names = [...releasedNames(family).keys()].flatMap((name) => [name, `model.${name}`]);
      const read = readableNames(names);
      expect([...read.stored]).toEqual(names.map((name) => [name, name]));
      expect([read.ignored, read.renamed]).toEqual([[], []]);
    }
  });

  it('wrapped and aged names are read as those of today, and what is no weight is listed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...families),
        wrapping,
        fc.boolean(),
        fc.subarray(notWeights),
        (family, wrap, old, extra) => {
          const names = [...releasedNames(family).keys()].map((name) => `model.${name}`);
          const other = (name: string): string => wrap(old ? aged(name) : name);
          const read = readableNames([...names, ...extra].map(other));
          expect(read.stored).toEqual(new Map(names.map((name) => [name, other(name)])));
          expect(read.ignored.map(({ name }) => name)).toEqual(extra.map(other));
          expect(read.ignored.every(({ why }) => why.length > 0)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('reading is idempotent', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^((module|_orig_mod|model|a|b)\.){0,4}w$/), { maxLength: 8 }),
        (names) => {
          const once = [...readableNames(new Set(names)).stored.keys()];
          expect([...readableNames(once).stored.keys()].sort()).toEqual([...new Set(once)].sort());
        },
      ),
    );
  });
});

const scalar = fromTypedArray('F32', [1], Float32Array.of(1));

/** The file of openpi's converter under other names. */
const renamed = (rename: (name: string) => string, extra: readonly string[] = []): Safetensors => ({
  tensors: new Map([
    ...[...floats(openpiConverted('pi0')).tensors].map(([name, tensor]) => [rename(name), tensor] as const),
    ...extra.map((name) => [rename(name), scalar] as const),
  ]),
  metadata: {},
});

const heads = { headDim: 4, imageHeads: 2 };

describe('an import', () => {
  it('of LeRobot before 0.4, compiled under DistributedDataParallel, is that of today; the report says what was left out', async () => {
    const directory = await temporaryDirectory();
    const today = await writeTensors(
      join(directory, 'a.safetensors'),
      renamed((name) => `model.${name}`),
    );
    const old = (name: string): string =>
      name.startsWith('model.') || name.includes('normalize')
        ? `module._orig_mod.${aged(name)}`
        : `module._orig_mod.model.${aged(name)}`;
    const before = await writeTensors(join(directory, 'b.safetensors'), renamed(old, notWeights));
    const [a, b] = [join(directory, 'a'), join(directory, 'b')];
    await runs(convert({ input: today, output: a, to: 'torsor', heads }));
    const report = await runs(convert({ input: before, output: b, to: 'torsor', heads }));
    expect(await readAll(b)).toEqual(await readAll(a));
    expect(report.from).toBe('lerobot');
    expect(report.ignored.map(({ name }) => name).sort()).toEqual(notWeights.map(old).sort());
    expect(report.renamed.map(({ why }) => why)).toEqual(
      expect.arrayContaining([
        "torch.compile's _orig_mod",
        "DistributedDataParallel's module",
        'the layout of transformers before 4.52',
      ]),
    );
  });

  it('of a file that holds a tensor under its name of today and under an older one is refused with the older one', async () => {
    const directory = await temporaryDirectory();
    const both = renamed((name) => name);
    const name = 'state_proj.weight';
    const tensors = new Map(both.tensors).set(`module.${name}`, both.tensors.get(name) ?? scalar);
    const input = await writeTensors(join(directory, 'a.safetensors'), { tensors, metadata: {} });
    const error = await fails(convert({ input, output: join(directory, 'out'), to: 'torsor', heads }));
    expect(error).toMatchObject({ _tag: 'NamesDisagree', difference: { unused: [`module.${name}`] } });
  });
});

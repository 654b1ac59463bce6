import * as fc from 'fast-check';
import * as O from 'fp-ts/lib/Option.js';
import { describe, expect, it } from 'vitest';
import { type NameFormat, pi0FastNames } from '../../src/index.js';
import { detectFeatures, detectFormat } from '../../src/names/detect.js';
import { type NameFeatures, nameMap } from '../../src/names/name-map.js';
import { agrees, type Shapes } from '../../src/names/plan.js';
import { planExport } from '../../src/names/plan-export.js';
import { planImport } from '../../src/names/plan-import.js';
import { execute } from './execute.js';
import {
  type Arrays,
  countedModel,
  families,
  familyNames,
  openpiConverted,
  releasedNames,
  smallShapes,
} from './fixtures.js';
import { models, randomModel } from './models.js';

const shapesOf = (arrays: Arrays): Shapes => new Map([...arrays].map(([name, { shape }]) => [name, shape]));

const featuresOf = (format: NameFormat, shapes: Shapes): NameFeatures => {
  const features = detectFeatures(format, shapes, familyNames);
  if (O.isNone(features)) throw new Error('a model of no family');
  return features.value;
};

const sorted = (arrays: Arrays): unknown => [...arrays].sort(([a], [b]) => (a < b ? -1 : 1));

const formats = ['openpi-pytorch', 'lerobot'] as const;
const none = { missing: [], unused: [], misshaped: [] };

describe('laws', () => {
  it.each(formats)('importing what was exported to %s gives the model back, element by element', (format) => {
    fc.assert(
      fc.property(models, (model) => {
        const ours = randomModel(model);
        const features = featuresOf('torsor', shapesOf(ours));
        const out = planExport(nameMap(format, features), shapesOf(ours));
        expect(out.difference).toEqual(none);
        const theirs = execute(out.plan, ours);
        expect(detectFormat(theirs.keys())).toEqual(O.some(format));
        expect(featuresOf(format, shapesOf(theirs))).toEqual(features);
        const back = planImport(nameMap(format, features), shapesOf(theirs), model);
        expect(back.difference).toEqual(none);
        expect(sorted(execute(back.plan, theirs))).toEqual(sorted(ours));
      }),
      { numRuns: 40 },
    );
  });

  it('a map is a bijection on elements: each is written once', () => {
    fc.assert(
      fc.property(models, fc.constantFrom(...formats), (model, format) => {
        const ours = randomModel(model);
        const map = nameMap(format, featuresOf('torsor', shapesOf(ours)));
        const theirs = execute(planExport(map, shapesOf(ours)).plan, ours);
        for (const { name } of map.unread) expect(new Set(theirs.get(name)?.elements)).toEqual(new Set([0]));
        const unread = new Set(map.unread.map(({ name }) => name));
        const written = [...theirs].flatMap(([name, { elements }]) => (unread.has(name) ? [] : elements));
        const given = [...ours.values()].flatMap(({ elements }) => elements);
        expect(written.sort((a, b) => a - b)).toEqual(given);
      }),
      { numRuns: 40 },
    );
  });

  it.each(formats)('a key taken away, added or reshaped in %s is listed, whichever it is', (format) => {
    const ours = countedModel('pi05');
    const map = nameMap(format, featuresOf('torsor', shapesOf(ours)));
    const theirs = shapesOf(execute(planExport(map, shapesOf(ours)).plan, ours));
    const heads = { headDim: 4, imageHeads: 2 };
    for (const name of theirs.keys()) {
      const without = new Map([...theirs].filter(([other]) => other !== name));
      const isUnread = map.unread.some((unread) => unread.name === name);
      const taken = planImport(map, without, heads).difference;
      expect(taken).toEqual({ ...none, missing: isUnread ? [] : [name] });
      const added = planImport(map, new Map([...theirs, [`${name}_`, [1]]]), heads);
      expect(added.difference).toEqual({ ...none, unused: [`${name}_`] });
      const reshaped = new Map([...theirs, [name, [...(theirs.get(name) ?? []), 1]]]);
      const bent = planImport(map, reshaped, heads).difference;
      expect(bent.misshaped.map((m) => m.name)).toEqual([name]);
    }
  });

  it('a tensor that nothing reads is compared with the sizes that are known, and its message shows the others by letter', () => {
    const theirs = new Map(releasedNames('pi0'));
    const map = nameMap('openpi-pytorch', featuresOf('openpi-pytorch', theirs));
    const [unread] = map.unread.map(({ name }) => name);
    for (const name of theirs.keys())
      if (/paligemma\.(lm_head|.*embed_tokens)\.weight$/.test(name)) theirs.delete(name);
    theirs.set(unread ?? '', [257152, 1025]);
    const { difference } = planImport(map, theirs, { headDim: 256, imageHeads: 16 });
    expect(difference.misshaped).toEqual([{ name: unread, expected: '[v,1024]', actual: '[257152,1025]' }]);
  });
});

describe('against openpi', () => {
  it.each(['pi0', 'pi05'] as const)("%s: the names, shapes and elements of openpi's own converter", (family) => {
    const ours = countedModel(family);
    const map = nameMap('openpi-pytorch', featuresOf('torsor', shapesOf(ours)));
    const { plan, difference } = planExport(map, shapesOf(ours));
    expect(difference).toEqual(none);
    expect(sorted(execute(plan, ours))).toEqual(sorted(openpiConverted(family)));
  });

  it.each(families)('%s: the names and shapes that PyTorch gives the released sizes, and no other', (family) => {
    const theirs = releasedNames(family);
    const tied = [...theirs.keys()].filter((name) => name.endsWith('embed_tokens.weight'));
    const features = featuresOf('openpi-pytorch', theirs);
    expect(features.family.kind).toBe(family);
    const map = nameMap('openpi-pytorch', features);
    const { plan, difference } = planImport(map, theirs, { headDim: 256, imageHeads: 16 });
    expect(difference).toEqual(none);
    expect(plan.tied.map(([, duplicate]) => duplicate)).toEqual(tied);
    const ours = new Map(plan.tensors.map(({ name, shape }) => [name, shape]));
    expect([...ours.keys()].sort()).toEqual([...smallShapes(family).keys()].sort());
    const again = planExport(map, ours);
    expect(again.difference).toEqual(none);
    const stored = [...theirs].filter(([name]) => !tied.includes(name));
    expect(new Map(again.plan.tensors.map(({ name, shape }) => [name, shape]))).toEqual(new Map(stored));
  });
});

describe('examples', () => {
  it('a π0-FAST file has neither action expert nor projections', () => {
    const names = nameMap('lerobot', { family: pi0FastNames, fused: { llm: false, expert: false } });
    expect(names.rules.filter(({ scope }) => scope === 'expert' || scope === 'head')).toEqual([]);
    expect(names.unread).toEqual([]);
  });

  it('adapters that PyTorch has no name for are listed, not left out', () => {
    const lora = 'PaliGemma/llm/layers/attn/q_einsum/lora_a';
    const ours = new Map([...smallShapes('pi0'), [lora, [2, 2, 8, 1]]]);
    const map = nameMap('openpi-pytorch', featuresOf('torsor', ours));
    expect(planExport(map, ours).difference).toEqual({ ...none, unused: [lora] });
  });

  it('a layer number beyond all tensors is an unused name, not a reason to count so far', () => {
    const theirs = new Map(releasedNames('pi0-fast'));
    const wild = 'paligemma_with_expert.paligemma.model.language_model.layers.900000000.mlp.up_proj.weight';
    theirs.set(wild, [1]);
    const map = nameMap('openpi-pytorch', featuresOf('openpi-pytorch', theirs));
    const { difference } = planImport(map, theirs, { headDim: 256, imageHeads: 16 });
    expect(agrees(difference)).toBe(false);
    expect(difference).toEqual({ ...none, unused: [wild] });
  });

  it('a head size that does not divide the projections is named with them', () => {
    const theirs = releasedNames('pi0-fast');
    const map = nameMap('openpi-pytorch', featuresOf('openpi-pytorch', theirs));
    const [first] = planImport(map, theirs, { headDim: 300, imageHeads: 16 }).difference.misshaped;
    expect(first).toEqual({
      name: 'paligemma_with_expert.paligemma.model.language_model.layers.0.self_attn.q_proj.weight',
      expected: '[h*e=300, d=2048]',
      actual: '[2048,2048]',
    });
  });
});

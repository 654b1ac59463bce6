import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { families, familyOf, frozenTableDtype } from '../../src/index.js';
import { expert, tiny, tinyModel } from '../tiny.js';

describe('what families differ in', () => {
  // openpi `training/config.py` (15a9616): `use_quantile_norm=model_config.model_type != ModelType.PI0`
  it('statistics as in openpi', () => {
    expect(families.pi0.normMode).toBe('mean_std');
    expect(families.pi05.normMode).toBe('quantile');
    expect(families['pi0-fast'].normMode).toBe('quantile');
  });

  it.each(['pi0', 'pi05', 'pi0-fast'] as const)('settings of %s find their family', (kind) => {
    expect(familyOf(tinyModel(kind))).toBe(families[kind]);
  });

  it('prompts alone, or actions as tokens too', () => {
    expect(families.pi0.sequences._tag).toBe('Text');
    expect(families.pi05.sequences._tag).toBe('Text');
    const { sequences } = families['pi0-fast'];
    if (sequences._tag !== 'Actions') throw new Error('π0-FAST writes actions as tokens');
    const fast = { path: 'fast', scale: 2, vocabSize: 300, onOutOfRange: 'clamp' } as const;
    expect(sequences.tokens(tiny['pi0-fast']({ fast }))).toEqual(fast);
  });

  it('the experts, the one that reads the prompt first', () => {
    const other = { ...expert, width: 6 };
    expect(families.pi0.experts(tiny.pi0({ actionExpert: other }))).toEqual([expert, other]);
    expect(families.pi05.experts(tiny.pi05({ actionExpert: other }))).toEqual([expert, other]);
    expect(families['pi0-fast'].experts(tiny['pi0-fast']())).toEqual([expert]);
  });

  it('factors of experts, in the form that the settings name', () => {
    const attn = { rank: 2, alpha: 4 };
    const ffn = { rank: 3, alpha: 1, rslora: true };
    const given = { lora: 'openpi', paligemma: { ...expert, lora: { attn } } };
    const withAttn = { ...expert, lora: { attn: { ...attn, rslora: false }, form: 'openpi' } };
    const other = { ...expert, lora: { ffn } };
    const withFfn = { ...expert, lora: { ffn, form: 'openpi' } };
    expect(families.pi0.experts(tiny.pi0({ ...given, actionExpert: other }))).toStrictEqual([withAttn, withFfn]);
    expect(families.pi05.experts(tiny.pi05({ ...given, actionExpert: other }))).toStrictEqual([withAttn, withFfn]);
    expect(families['pi0-fast'].experts(tiny['pi0-fast'](given))).toStrictEqual([withAttn]);
  });

  // openpi `models/pi0_config.py` (15a9616): `max_token_len = 200 if self.pi05 else 48`
  it('of a size, what they need', () => {
    const size = { actionExpert: expert, sequence: { maxTokenLen: 250, maxDecodingSteps: 80 } };
    expect(families.pi0.ofSize(size)).toEqual({ maxTokenLen: 48, actionExpert: expert });
    expect(families.pi05.ofSize(size)).toEqual({ maxTokenLen: 200, actionExpert: expert });
    expect(families['pi0-fast'].ofSize(size)).toEqual({ maxTokenLen: 250, maxDecodingSteps: 80 });
  });

  it('facts for people', () => {
    expect(families.pi0.facts(tiny.pi0())).toEqual([]);
    expect(families.pi05.facts(tiny.pi05())).toEqual([]);
    expect(families['pi0-fast'].facts(tiny['pi0-fast']({ decoding: 'openpi', maxDecodingSteps: 7 }))).toEqual([
      ['decoding', 'openpi, at most 7 tokens'],
    ]);
  });
});

describe('frozenTableDtype', () => {
  const table = 'PaliGemma/llm/embedder/input_embedding';
  const free = { freeze: [], freezeForLora: false, frozenDtype: 'auto' } as const;

  it.each([
    ['a table that is trained', free, undefined],
    ['factors in its place', { ...free, freezeForLora: true }, 'bf16'],
    ['its whole path', { ...free, freeze: [table] }, 'bf16'],
    ['a pattern of it', { ...free, freeze: ['action.*', 'PaliGemma/.*'] }, 'bf16'],
    ['one of two alternatives', { ...free, freeze: ['action_in_proj|PaliGemma/llm/.*'] }, 'bf16'],
    ['a part of its path', { ...free, freeze: ['embedder', 'PaliGemma/llm', 'embedder/input_embedding'] }, undefined],
    ['frozen in f32', { freeze: [table], freezeForLora: true, frozenDtype: 'f32' }, undefined],
    ['frozen in bf16', { ...free, freeze: [table], frozenDtype: 'bf16' }, 'bf16'],
  ] as const)('%s', (_, settings, dtype) => {
    expect(frozenTableDtype(settings)).toBe(dtype);
  });

  it('a pattern that is not anchored at both ends freezes nothing of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: table.length - 1 }), (at) => {
        expect(frozenTableDtype({ ...free, freeze: [table.slice(at)] })).toBeUndefined();
        expect(frozenTableDtype({ ...free, freeze: [table.slice(0, at)] })).toBeUndefined();
      }),
    );
  });
});

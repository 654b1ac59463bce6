import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { families, isInconsistency, modelSchema } from '../../src/index.js';
import { expert, stated } from '../tiny.js';

const defaults = {
  vocabSize: null,
  cameras: [],
  imageSize: [224, 224],
  siglip: 'So400m/14',
  lora: 'textbook',
  computeDtype: 'f32',
  remat: 'auto',
};

const flow = { ...defaults, maskPadding: false };

const gemma = { ...expert, lora: null };

const required = { actionDim: 32, actionHorizon: 50, maxTokenLen: 48, paligemma: expert };

describe('defaults', () => {
  it('π0 needs sizes and experts', () => {
    const given = { kind: 'pi0', ...required, actionExpert: expert };
    expect(modelSchema.parse(given)).toEqual({ ...given, ...flow, paligemma: gemma, actionExpert: gemma });
  });

  it('π0.5 tells the state in the prompt unless it is told not to', () => {
    const given = { kind: 'pi05', ...required, actionExpert: expert };
    const whole = { ...given, ...flow, paligemma: gemma, actionExpert: gemma, discreteStateInput: true };
    expect(modelSchema.parse(given)).toEqual(whole);
    expect(modelSchema.parse({ ...given, discreteStateInput: false })).toEqual({ ...whole, discreteStateInput: false });
  });

  it('π0-FAST has one expert, and a tokenizer of actions', () => {
    const given = { kind: 'pi0-fast', ...required };
    expect(modelSchema.parse(given)).toEqual({
      ...given,
      ...defaults,
      paligemma: gemma,
      fast: { path: null, scale: 10, vocabSize: 1024, onOutOfRange: 'refuse' },
      absentCameras: 'masked',
      decoding: 'consistent',
      maxDecodingSteps: 256,
      temperature: 1,
    });
  });

  it('factors are scaled by their rank unless they are to be by its root', () => {
    const lora = { attn: { rank: 2, alpha: 4 }, ffn: { rank: 3, alpha: 6, rslora: true } };
    const { paligemma } = modelSchema.parse({ ...stated['pi0-fast'], paligemma: { ...expert, lora } });
    expect(paligemma.lora).toEqual({
      attn: { rank: 2, alpha: 4, rslora: false },
      ffn: { rank: 3, alpha: 6, rslora: true },
    });
    const { paligemma: none } = modelSchema.parse({ ...stated['pi0-fast'], paligemma: { ...expert, lora: {} } });
    expect(none.lora).toEqual({ attn: null, ffn: null });
  });
});

describe('what is taken', () => {
  it.each([
    { computeDtype: 'f32' },
    { computeDtype: 'bf16' },
    { remat: 'carry' },
    { remat: 'dots' },
    { remat: 'none' },
    { lora: 'openpi' },
    { lora: 'textbook' },
    { decoding: 'openpi' },
    { decoding: 'consistent' },
    { temperature: 0 },
    { fast: { path: 'fast', scale: 0.5, vocabSize: 300, onOutOfRange: 'clamp' } },
    { vocabSize: 257_152 },
    { siglip: 'mu/16', imageSize: [32, 48], cameras: ['base_0_rgb', 'left_wrist_0_rgb'] },
  ])('%j', (more) => {
    expect(modelSchema.parse({ ...stated['pi0-fast'], ...more })).toMatchObject(more);
  });
});

/** The first thing that is said of settings, and whether it is that they disagree with each other. */
const refusal = (
  settings: unknown,
): { readonly path: string; readonly message: string; readonly disagree: boolean } => {
  const issue: z.core.$ZodIssue | undefined = modelSchema.safeParse(settings).error?.issues[0];
  if (issue === undefined) throw new Error('nothing was refused');
  return { path: issue.path.join('.'), message: issue.message, disagree: isInconsistency(issue) };
};

describe('a single value that is refused, by its path', () => {
  it.each([
    ['actionDim', 0],
    ['actionDim', 1.5],
    ['actionHorizon', 0],
    ['maxTokenLen', 0],
    ['vocabSize', 0],
    ['maxDecodingSteps', 0],
    ['kind', 'pi1'],
    ['lora', 'other'],
    ['computeDtype', 'f16'],
    ['remat', 'all'],
    ['decoding', 'other'],
    ['temperature', -0.1],
  ])('%s = %j', (name, value) => {
    expect(refusal({ ...stated['pi0-fast'], [name]: value })).toMatchObject({ path: name, disagree: false });
  });

  it.each([
    ['cameras.0', { cameras: [''] }],
    ['imageSize.0', { imageSize: [0, 16] }],
    ['imageSize.1', { imageSize: [16, 0] }],
    ['imageSize', { imageSize: [16] }],
    ['paligemma.width', { paligemma: { ...expert, width: 0 } }],
    ['paligemma.depth', { paligemma: { ...expert, depth: 0 } }],
    ['paligemma.mlpDim', { paligemma: { ...expert, mlpDim: 0 } }],
    ['paligemma.numHeads', { paligemma: { ...expert, numHeads: 0 } }],
    ['paligemma.numKvHeads', { paligemma: { ...expert, numKvHeads: 0 } }],
    ['paligemma.headDim', { paligemma: { ...expert, headDim: 3 } }],
    ['paligemma.headDim', { paligemma: { ...expert, headDim: 0 } }],
    ['paligemma', { paligemma: { ...expert, heads: 2 } }],
    ['paligemma.lora.attn.rank', { paligemma: { ...expert, lora: { attn: { rank: 0, alpha: 1 } } } }],
    ['paligemma.lora.attn.alpha', { paligemma: { ...expert, lora: { attn: { rank: 1, alpha: 0 } } } }],
    ['paligemma.lora.ffn.rank', { paligemma: { ...expert, lora: { ffn: { rank: 0, alpha: 1 } } } }],
    ['paligemma.lora', { paligemma: { ...expert, lora: { mlp: null } } }],
    ['paligemma.lora.ffn', { paligemma: { ...expert, lora: { ffn: { rank: 1, alpha: 1, r: 2 } } } }],
    ['fast.path', { fast: { path: '' } }],
    ['fast.scale', { fast: { scale: 0 } }],
    ['fast.vocabSize', { fast: { vocabSize: 0 } }],
    ['fast.onOutOfRange', { fast: { onOutOfRange: 'cut' } }],
    ['fast', { fast: { merges: 3 } }],
    ['', { actionExpert: expert }],
  ])('%s of %j', (path, more) => {
    expect(refusal({ ...stated['pi0-fast'], ...more })).toMatchObject({ path, disagree: false });
  });

  it('the name of a tower that there is not, with the nearest', () => {
    expect(refusal({ ...stated.pi0, siglip: 'So40m/14' })).toEqual({
      path: 'siglip',
      message: "'So40m/14' is no SigLIP variant; the nearest is 'So400m/14'",
      disagree: false,
    });
  });

  it.each(['pi0', 'pi05'] as const)('%s takes no settings of a tokenizer of actions', (kind) => {
    expect(refusal({ ...stated[kind], fast: {} })).toMatchObject({ path: '', disagree: false });
  });

  it('π0 has no choice of where the state goes', () => {
    expect(refusal({ ...stated.pi0, discreteStateInput: true })).toMatchObject({ path: '' });
  });
});

describe('values that are refused together', () => {
  it.each(['pi0', 'pi05'] as const)('%s: experts share attention, so that their heads are alike', (kind) => {
    for (const [name, value, message] of [
      ['depth', 2, '2 differs from model.paligemma.depth = 1; the two experts share attention'],
      ['numHeads', 4, '4 differs from model.paligemma.numHeads = 2; the two experts share attention'],
      ['numKvHeads', 2, '2 differs from model.paligemma.numKvHeads = 1; the two experts share attention'],
      ['headDim', 8, '8 differs from model.paligemma.headDim = 4; the two experts share attention'],
    ] as const) {
      expect(refusal({ ...stated[kind], actionExpert: { ...expert, [name]: value } })).toEqual({
        path: `actionExpert.${name}`,
        message,
        disagree: true,
      });
    }
  });

  it.each(['pi0', 'pi05'] as const)('%s: widths of experts are their own', (kind) => {
    expect(modelSchema.safeParse({ ...stated[kind], actionExpert: { ...expert, width: 6, mlpDim: 5 } }).success).toBe(
      true,
    );
  });

  it.each(['pi0', 'pi05'] as const)('%s: an odd width of the action expert, which the time does not fill', (kind) => {
    expect(refusal({ ...stated[kind], actionExpert: { ...expert, width: 7 } })).toEqual({
      path: 'actionExpert.width',
      message: '7 is odd; the sine-cosine time embedding fills it in pairs',
      disagree: true,
    });
    expect(modelSchema.safeParse({ ...stated[kind], paligemma: { ...expert, width: 7 } }).success).toBe(true);
  });

  it('heads that key and value heads do not divide, of every expert', () => {
    const odd = { ...expert, numHeads: 3, numKvHeads: 2 };
    const refused = { path: 'paligemma.numKvHeads', message: '2 does not divide numHeads = 3', disagree: true };
    expect(refusal({ ...stated['pi0-fast'], paligemma: odd })).toEqual(refused);
    const both = modelSchema.safeParse({ ...stated.pi0, paligemma: odd, actionExpert: odd }).error?.issues;
    expect(both?.map(({ path }) => path.join('.'))).toEqual(['paligemma.numKvHeads', 'actionExpert.numKvHeads']);
  });

  it.each(['pi0', 'pi05', 'pi0-fast'] as const)('%s: a camera that is named twice', (kind) => {
    const cameras = ['front', 'wrist', 'wrist'];
    const twice = { ...stated[kind], cameras, siglip: 'mu/16', imageSize: [16, 16] };
    expect(refusal(twice)).toEqual({ path: 'cameras', message: 'wrist is named twice', disagree: true });
  });
});

describe('patches that do not fill a picture', () => {
  const tower = (siglip: string, imageSize: readonly number[], cameras: readonly string[] = ['a']) =>
    modelSchema.safeParse({ ...stated.pi0, siglip, imageSize, cameras }).error?.issues.map(({ message }) => message);

  it.each([
    // 24 and 36 have the divisors 1, 2, 3, 4, 6 and 12 in common; 12 those of 12.
    ['mu/7', [24, 36], 'mu/6'],
    ['mu/11', [24, 36], 'mu/12'],
    ['mu/11', [12, 12], 'mu/12'],
    ['mu/24', [24, 36], 'mu/12'],
    ['mu/5', [12, 12], 'mu/4'],
    ['P/14', [1, 5], 'P/1'],
  ] as const)('%s of %j: nearest %s', (siglip, size, near) => {
    const patch = siglip.split('/')[1] ?? '';
    expect(tower(siglip, size)).toEqual([
      `patches of ${patch} pixels do not divide model.imageSize = [${size.join(', ')}]; the nearest that do: ${near}`,
    ]);
  });

  it('is said of the tower, and is a disagreement', () => {
    const given = { ...stated.pi0, siglip: 'mu/7', imageSize: [24, 36], cameras: ['a'] };
    expect(refusal(given)).toMatchObject({ path: 'siglip', disagree: true });
  });

  it('none where they do, and none without a camera', () => {
    expect(tower('mu/12', [24, 36])).toBeUndefined();
    expect(tower('mu/7', [24, 36], [])).toBeUndefined();
  });

  it('the one that is named fills the picture, and no nearer one does', () => {
    const side = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(side, side, side, (height, width, patch) => {
        const [message] = tower(`mu/${patch}`, [height, width]) ?? [];
        const fills = (p: number): boolean => height % p === 0 && width % p === 0;
        expect(message === undefined).toBe(fills(patch));
        if (message === undefined) return;
        const near = Number(message.split('mu/')[1]);
        expect(fills(near)).toBe(true);
        for (let p = patch - Math.abs(near - patch) + 1; p < patch + Math.abs(near - patch); p++) {
          if (p > 0) expect(fills(p)).toBe(false);
        }
      }),
    );
  });
});

it('a single value that is wrong is no disagreement, whoever reports it', () => {
  const issue: z.core.$ZodIssueCustom = { code: 'custom', path: [], message: '', input: 1 };
  expect(isInconsistency({ ...issue, params: { inconsistent: true } })).toBe(true);
  expect(isInconsistency({ ...issue, params: { inconsistent: 'yes' } })).toBe(false);
  expect(isInconsistency({ ...issue, params: {} })).toBe(false);
  expect(isInconsistency(issue)).toBe(false);
  expect(isInconsistency({ code: 'invalid_type', expected: 'string', path: [], message: '' })).toBe(false);
});

it('the table has each family under its kind', () => {
  expect(Object.entries(families).map(([kind, family]) => [kind, family.kind, family.title])).toEqual([
    ['pi0', 'pi0', 'π0'],
    ['pi05', 'pi05', 'π0.5'],
    ['pi0-fast', 'pi0-fast', 'π0-FAST'],
  ]);
});

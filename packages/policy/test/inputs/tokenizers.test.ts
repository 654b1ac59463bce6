import { applyTransforms, NdArray } from '@torsor/data';
import type { CountingActionTokenizer } from '@torsor/tokenizer';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { describe, expect, it } from 'vitest';
import {
  type ActionCodec,
  actionTokensOf,
  plannedVocabulary,
  type SequenceEncoder,
  type SequenceSettings,
  sequencesOf,
  sequenceTokens,
} from '../../src/index.js';
import { characters, read, tenths } from '../characters.js';
import { fastFiles } from '../fast-files.js';
import { left, right } from '../right.js';
import { tinyModel } from '../tiny.js';

const text = characters(140);

const counting: CountingActionTokenizer = {
  ...tenths,
  vocabSize: 20,
  encodeCounted: (chunk) => E.map((tokens: readonly number[]) => ({ tokens, clamped: 0 }))(tenths.encode(chunk)),
};

const codec: ActionCodec = { tokenizer: counting, nearest: counting, files: fastFiles };

const settings = (
  kind: 'pi0' | 'pi05' | 'pi0-fast',
  model: object = {},
  data: Partial<SequenceSettings['data']> = {},
): SequenceSettings => ({
  model: tinyModel(kind, { vocabSize: null, ...model }),
  data: { tokenizer: null, maxTruncatedShare: 0, ...data },
});

const encoded = ({ transform, tokenizers }: SequenceEncoder, prompt: string) =>
  pipe(
    {
      prompt: [prompt],
      state: new NdArray('float64', [1, 1], Float64Array.of(0)),
      actions: new NdArray('float64', [1, 1, 2], Float64Array.of(0.3, 0)),
    },
    applyTransforms([transform], tokenizers),
    E.flatMap(sequenceTokens),
  );

const shown = (encoder: SequenceEncoder, prompt: string) =>
  pipe(
    encoded(encoder, prompt),
    E.map(({ tokens, truncated }) => [read(tokens), truncated] as const),
  );

describe('actionTokensOf', () => {
  it('are the settings of the family that writes actions as tokens, and none of the others', () => {
    const fast = { path: null, scale: 3, vocabSize: 50, onOutOfRange: 'clamp' } as const;
    expect(actionTokensOf(tinyModel('pi0-fast', { fast }))).toEqual(fast);
    expect(actionTokensOf(tinyModel('pi0'))).toBeNull();
    expect(actionTokensOf(tinyModel('pi05'))).toBeNull();
  });
});

describe('plannedVocabulary', () => {
  // The embedded tokenizer has no ids to spare: 50 action tokens and the 128 reserved ones come behind its own.
  it.each([
    ['pi0', null, 140],
    ['pi05', null, 140],
    ['pi0-fast', null, 140 + 50 + 128],
    ['pi0', 'gemma.model', 140],
    ['pi0-fast', 'gemma.model', 140],
  ] as const)('of %s with the tokenizer %s', (kind, tokenizer, rows) => {
    const model = tinyModel(kind, kind === 'pi0-fast' ? { fast: { vocabSize: 50 } } : {});
    expect(plannedVocabulary({ model, data: { tokenizer } }, text)).toBe(rows);
  });
});

describe('the sequences of prompts', () => {
  it.each([
    ['pi0', '^go\n'],
    ['pi05', '^Task: go, State: 128;\nAction: '],
  ] as const)('of %s, the same to act as to train', (kind, prompt) => {
    const { tokenizer, encode, measure, encodePrompt, codec: none } = right(sequencesOf(settings(kind), text, null));
    expect([tokenizer.vocabSize, none]).toEqual([140, null]);
    for (const encoder of [encode, measure, encodePrompt]) expect(shown(encoder, 'go')).toEqual(E.right([prompt, [0]]));
  });

  it('one that is too long is refused, and measured', () => {
    const { encode, measure, encodePrompt, heldOut } = right(sequencesOf(settings('pi0'), text, null));
    expect(left(encoded(encode, 'pick it up'))).toMatchObject({ _tag: 'TokenizerRefused' });
    expect(left(encoded(encodePrompt, 'pick it up'))).toMatchObject({ _tag: 'TokenizerRefused' });
    expect(shown(measure, 'pick it up')).toEqual(E.right(['^pick it', [4]]));
    // What is held out stops nothing.
    expect(shown(heldOut.encode, 'pick it up')).toEqual(E.right(['^pick it', [4]]));
    expect(shown(heldOut.encodePrompt, 'pick it up')).toEqual(E.right(['^pick it', [4]]));
  });

  it('but cut where some may be', () => {
    const { encode, encodePrompt } = right(sequencesOf(settings('pi0', {}, { maxTruncatedShare: 0.1 }), text, null));
    expect(shown(encode, 'pick it up')).toEqual(E.right(['^pick it', [4]]));
    expect(shown(encodePrompt, 'pick it up')).toEqual(E.right(['^pick it', [4]]));
  });
});

describe('the sequences of prompts and actions', () => {
  const prefix = '^Task: go, State: 128;\n';
  /** Action token a, of a tokenizer that has got ids for 20 of them behind 140 of its own, read as a character. */
  const action = (a: number): string => String.fromCodePoint(140 + 20 - 1 - a - 3);

  it('actions are predicted in training, and not there to act', () => {
    const {
      tokenizer,
      encode,
      measure,
      encodePrompt,
      codec: held,
    } = right(sequencesOf(settings('pi0-fast'), text, codec));
    expect(tokenizer.vocabSize).toBe(140 + 20 + 128);
    expect(held).toBe(codec);
    const whole = `${prefix}Action: ${action(3)}${action(0)}|$`;
    expect(shown(encode, 'go')).toEqual(E.right([whole, [0]]));
    expect(shown(measure, 'go')).toEqual(E.right([whole, [0]]));
    expect(shown(encodePrompt, 'go')).toEqual(E.right([prefix, [0]]));
  });

  it('what is too long is refused or cut, as the prompts', () => {
    const short = { maxTokenLen: 30 };
    const { encode, measure, encodePrompt, heldOut } = right(sequencesOf(settings('pi0-fast', short), text, codec));
    expect(left(encoded(encode, 'go'))).toMatchObject({ _tag: 'TokenizerRefused' });
    // 23 tokens and 12 of 30.
    expect(shown(measure, 'go')).toEqual(E.right([`${prefix}Action:`, [5]]));
    expect(shown(heldOut.encode, 'go')).toEqual(E.right([`${prefix}Action:`, [5]]));
    expect(shown(heldOut.encodePrompt, 'pick up it')).toMatchObject(E.right([{}, [1]]));
    expect(shown(encodePrompt, 'go')).toEqual(E.right([prefix, [0]]));
    expect(left(encoded(encodePrompt, 'pick up it'))).toMatchObject({ _tag: 'TokenizerRefused' });
    const cutting = right(sequencesOf(settings('pi0-fast', short, { maxTruncatedShare: 0.5 }), text, codec));
    expect(shown(cutting.encode, 'go')).toEqual(E.right([`${prefix}Action:`, [5]]));
    expect(shown(cutting.encodePrompt, 'pick up it')).toMatchObject(E.right([{}, [1]]));
  });

  it('held-out motions without a token get the nearest, where training refuses them', () => {
    const refuse: CountingActionTokenizer['encodeCounted'] & CountingActionTokenizer['encode'] = () =>
      E.left({ _tag: 'EmptyTask', text: '' });
    const refusing: ActionCodec = { ...codec, tokenizer: { ...counting, encode: refuse, encodeCounted: refuse } };
    const { encode, heldOut } = right(sequencesOf(settings('pi0-fast'), text, refusing));
    expect(left(encoded(encode, 'go'))).toMatchObject({ _tag: 'TokenizerRefused' });
    expect(shown(heldOut.encode, 'go')).toEqual(E.right([`${prefix}Action: ${action(3)}${action(0)}|$`, [0]]));
  });

  it('a family that writes them without a tokenizer for them is a defect', () => {
    expect(left(sequencesOf(settings('pi0-fast'), text, null))).toEqual({
      _tag: 'Defect',
      reason: 'a family that writes action tokens was given no tokenizer for them',
    });
  });
});

describe('rows of the embedding table', () => {
  it('are at least the tokens of the embedded tokenizer', () => {
    expect(left(sequencesOf(settings('pi0', { vocabSize: 139 }), text, null))).toEqual({
      _tag: 'TooFewRows',
      rows: 139,
      tokens: 140,
    });
    for (const vocabSize of [140, 141]) {
      expect(right(sequencesOf(settings('pi0', { vocabSize }), text, null)).tokenizer.vocabSize).toBe(140);
    }
    expect(left(sequencesOf(settings('pi0-fast', { vocabSize: 287 }), text, codec))).toEqual({
      _tag: 'TooFewRows',
      rows: 287,
      tokens: 288,
    });
  });

  const own = { tokenizer: 'gemma.model' };

  it("are exactly the tokens of a tokenizer of one's own, which has ids for actions already", () => {
    const wide = characters(200);
    expect(right(sequencesOf(settings('pi0', { vocabSize: null }, own), wide, null)).tokenizer).toBe(wide);
    expect(right(sequencesOf(settings('pi0-fast', { vocabSize: 200 }, own), wide, codec)).tokenizer).toBe(wide);
    expect(left(sequencesOf(settings('pi0', { vocabSize: 201 }, own), wide, null))).toEqual({
      _tag: 'Tokenizer',
      error: { _tag: 'VocabularyMismatch', tokenizer: 200, model: 201, actionTokens: 0 },
    });
  });

  it("a tokenizer of one's own without ids to spare is refused where actions are tokens", () => {
    // 140 ids less 128 reserved ones leave 12; 20 are asked for.
    expect(left(sequencesOf(settings('pi0-fast', {}, own), text, codec))).toMatchObject({
      _tag: 'Tokenizer',
      error: { _tag: 'TokenOutOfRange' },
    });
    expect(right(sequencesOf(settings('pi0', {}, own), text, null)).tokenizer).toBe(text);
  });
});

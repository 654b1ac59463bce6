import { type NormStats, samplesOf } from '@torsor/data';
import { type ActionCodec, type SequenceSettings, sequencesOf } from '@torsor/policy';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { checkSequences, type PreflightSettings } from '../../src/dataset/preflight.js';
import { chunkCodec, letterTokenizer } from '../letter-tokenizer.js';
import { recordedDataset } from '../recorded-dataset.js';
import { right } from '../right.js';
import { tinyModel, tinySettings } from '../settings.js';

const plain = { mean: [0, 0], std: [1, 1], q01: [-1, -1], q99: [1, 1] };
const stats: NormStats = { state: plain, actions: plain };

type Wish = {
  readonly lengths?: readonly number[];
  readonly train?: readonly number[];
  readonly heldOut?: readonly number[];
  readonly maxTruncatedShare?: number;
  readonly tasks?: ReadonlyMap<number, string>;
  readonly codec?: ActionCodec | null;
};

const checked = (model: PreflightSettings['model'], wish: Wish) => {
  const { lengths = [4, 3, 5], train = [0, 2], heldOut = [1], maxTruncatedShare = 0, tasks, codec = null } = wish;
  const dataset = recordedDataset(lengths, tasks === undefined ? {} : { tasks });
  const { data } = tinySettings(model);
  const settings: SequenceSettings & PreflightSettings = {
    model,
    data: { ...data, normMode: 'mean_std', maxTruncatedShare },
  };
  return checkSequences(right(sequencesOf(settings, letterTokenizer, codec)), settings, {
    train: right(samplesOf(dataset, train)),
    heldOut: heldOut.length === 0 ? null : right(samplesOf(dataset, heldOut)),
    stats,
  });
};

const pi0 = (maxTokenLen: number) => tinyModel('pi0', { maxTokenLen, actionHorizon: 2 });

/** Odd episodes are to `place the red cup on the shelf`: a beginning mark, 30 letters and a line end; even ones to `pick`: 6. */
const tooLong = { _tag: 'SequencesTooLong', maxTokenLen: 31, longest: 32, firstTask: 'place the red cup on the shelf' };

describe('checkSequences', () => {
  it('says nothing where all sequences fit', () => {
    expect(checked(pi0(32), {})).toEqual(E.right([]));
  });

  it('refuses more sequences too long than are allowed, with the length that fits', () => {
    const some = { train: [0, 1, 2], heldOut: [] };
    const found = { ...tooLong, windows: 12, tooLong: 3 };
    expect(checked(pi0(31), some)).toEqual(E.left({ ...found, maxTruncatedShare: 0 }));
    expect(checked(pi0(31), { ...some, maxTruncatedShare: 0.24 })).toEqual(
      E.left({ ...found, maxTruncatedShare: 0.24 }),
    );
    expect(checked(pi0(31), { ...some, maxTruncatedShare: 0.25 })).toEqual(
      E.right([
        '3 of 12 training windows have sequences that are cut (the longest takes 32 tokens; first: task "place the red cup on the shelf"), as data.maxTruncatedShare allows',
      ]),
    );
  });

  it('names the first', () => {
    const tasks = new Map([
      [0, 'pick the blue cup'],
      [1, 'place'],
    ]);
    // Of 7, 19 and 19 tokens: two more than the letters.
    expect(checked(pi0(5), { tasks, train: [1, 0, 2], heldOut: [] })).toMatchObject(
      E.left({ tooLong: 12, longest: 19, maxTokenLen: 5, firstTask: 'place' }),
    );
  });

  it('cuts held-out ones, whatever is allowed, and says how many', () => {
    expect(checked(pi0(31), {})).toEqual(
      E.right([
        '3 of 3 held-out windows have sequences that are cut (the longest takes 32 tokens; first: task "place the red cup on the shelf"), as they stop no training',
      ]),
    );
  });

  it('looks at every window of more than it gathers at a time', () => {
    const found = checked(pi0(31), { lengths: [300, 300], train: [0, 1], heldOut: [] });
    expect(found).toMatchObject({ left: { windows: 600, tooLong: 300, longest: 32 } });
  });

  it('refuses a task that has no tokens', () => {
    expect(checked(pi0(32), { tasks: new Map([[0, 'pick']]) })).toMatchObject({
      left: { _tag: 'Transform', error: { _tag: 'TokenizerRefused' } },
    });
  });
});

describe('checkSequences of a policy that writes tokens', () => {
  const fast = (onOutOfRange: string, maxTokenLen = 200) =>
    tinyModel('pi0-fast', { actionHorizon: 2, maxTokenLen, fast: { onOutOfRange } });

  it('counts the windows that are clamped, whole chunks looked at', () => {
    // Shoulders reach 5 in the fifth frame of episode 2: its window and the one before hold that.
    expect(checked(fast('clamp'), { codec: chunkCodec })).toEqual(
      E.right([
        '2 of 9 training windows have motions outside the range of the action tokenizer; they are clamped, as model.fast.onOutOfRange says',
      ]),
    );
    expect(checked(fast('clamp'), { codec: chunkCodec, train: [0], heldOut: [1] })).toEqual(E.right([]));
  });

  it('counts none where they are refused instead, but those that are held out', () => {
    expect(checked(fast('refuse'), { codec: chunkCodec })).toEqual(E.right([]));
    expect(checked(fast('refuse'), { codec: chunkCodec, train: [0], heldOut: [2] })).toEqual(
      E.right([
        '2 of 5 held-out windows have motions outside the range of the action tokenizer; they are clamped, as they stop no training',
      ]),
    );
  });

  it('says both where sequences are cut too', () => {
    // `Task: `, `, State: `, two bins of up to three digits and more: above 30 in any case.
    const found = checked(fast('clamp', 30), { codec: chunkCodec, maxTruncatedShare: 1, heldOut: [] });
    expect(E.isRight(found) && found.right.map((warning) => warning.slice(0, 13))).toEqual([
      '9 of 9 traini',
      '2 of 9 traini',
    ]);
  });

  it('says what its tokenizer refuses', () => {
    const encode: ActionCodec['tokenizer']['encodeCounted'] = () => E.left({ _tag: 'EmptyTask', text: '' });
    const refusing = { ...chunkCodec, tokenizer: { ...chunkCodec.tokenizer, encodeCounted: encode } };
    expect(E.isLeft(checked(fast('clamp'), { codec: refusing }))).toBe(true);
  });
});

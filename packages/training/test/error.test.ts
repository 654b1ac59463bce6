import { describe, expect, it } from 'vitest';
import { showTrainingError, type TrainingError } from '../src/index.js';

const tooLong = {
  _tag: 'SequencesTooLong',
  windows: 10,
  tooLong: 3,
  longest: 70,
  maxTokenLen: 48,
  maxTruncatedShare: 0.1,
  firstTask: 'say "when"',
} as const;

const samples = (n: number): readonly string[] => Array.from({ length: n }, (_, i) => `0:${i}`);

const nonFinite = (n: number): TrainingError => ({
  _tag: 'NonFinite',
  step: 7,
  what: 'loss',
  value: Number.NaN,
  samples: samples(n),
});

describe('showTrainingError', () => {
  it.each<[TrainingError, readonly string[]]>([
    [
      { _tag: 'UnusedCameras', model: 'pi0', cameras: ['top', 'hand'] },
      ['model pi0 reads no pictures, but the dataset has top, hand: train without them by data.withoutCameras=all'],
    ],
    [
      { _tag: 'SpareCameras', cameras: ['hand'], free: ['wrist'] },
      [
        'no camera of the model sees hand of the dataset: train without by data.withoutCameras=["hand"], or show it to the model: data.cameras.wrist=hand',
      ],
    ],
    [
      { _tag: 'SpareCameras', cameras: ['top', 'hand'], free: [] },
      ['no camera of the model sees top, hand of the dataset: train without by data.withoutCameras=["top","hand"]'],
    ],
    [
      {
        _tag: 'UnmappedCameras',
        cameras: [
          { camera: 'base', nearest: 'top' },
          { camera: 'wrist', nearest: null },
        ],
        pictures: ['top', 'hand'],
      },
      [
        'data.cameras does not say what base, wrist of the model sees; the dataset has top, hand. For example data.cameras.base=top data.cameras.wrist=null, where null is a camera that is absent',
      ],
    ],
    [
      { _tag: 'Optim', error: { _tag: 'NoMatch', filter: '/^(?:x)$/u', paths: ['w', 'v'] } },
      [expect.stringContaining('/^(?:x)$/u')],
    ],
    [
      { _tag: 'Evaluation', error: { _tag: 'NoSamples' } },
      ['a defect of this program: the mean of no samples was asked for: draw at least one'],
    ],
    [
      { _tag: 'GapsInTime', gaps: 2, episode: 3, frame: 7, seconds: 11 },
      [
        'time jumps 2 times inside episodes, farthest by 11.00 s before frame 7 of episode 3: leave the episode out by data.excludeEpisodes, or let windows end there by data.gaps=cut',
      ],
    ],
    [
      { _tag: 'NothingUnseen', episodes: 4 },
      [
        'all 4 episodes of the dataset were trained on: an error on them says nothing; record others, or train with data.heldOut',
      ],
    ],
    [
      { _tag: 'TooManyDimensions', what: 'action', dimensions: 44, actionDim: 32 },
      ['the dataset has 44 action dimensions, more than model.actionDim = 32'],
    ],
    [
      { _tag: 'UnitsMismatch', units: 3, actions: 7 },
      ['data.units has 3 entries for 7 action dimensions: give one for each, or one for all'],
    ],
    [{ _tag: 'NotRecorded', reason: 'metrics.jsonl: disk full' }, ['metrics.jsonl: disk full']],
    [
      tooLong,
      [
        '3 of 10 windows have sequences longer than model.maxTokenLen = 48, the longest of 70 tokens (first: task "say \\"when\\""), and data.maxTruncatedShare is 0.1: raise the one or the other',
      ],
    ],
    [
      { _tag: 'OtherWeights', path: 'w.safetensors', reasons: ['lacks a', 'has b'] },
      ['w.safetensors: lacks a', 'w.safetensors: has b'],
    ],
    [nonFinite(0), ['update 7: loss is NaN; nothing of it was saved']],
    [
      nonFinite(4),
      ['update 7: loss is NaN; nothing of it was saved', 'its samples (episode:frame): 0:0, 0:1, 0:2, 0:3'],
    ],
    [
      nonFinite(6),
      ['update 7: loss is NaN; nothing of it was saved', 'its samples (episode:frame): 0:0, 0:1, 0:2, 0:3 and 2 more'],
    ],
    // What a policy refuses is said as there.
    [{ _tag: 'Defect', reason: 'no such row' }, ['a defect of this program: no such row']],
    [
      { _tag: 'TooFewRows', rows: 5, tokens: 9 },
      ['model.vocabSize is 5, the tokenizer has 9 tokens: give at least as many, or null'],
    ],
  ])('%j', (error, expected) => {
    expect(showTrainingError(error)).toEqual(expected);
  });
});

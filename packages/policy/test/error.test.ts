import { tensorType } from '@torsor/tensor';
import { expect, it } from 'vitest';
import {
  backendError,
  checkpointError,
  dataError,
  defect,
  type PolicyError,
  showPolicyError,
  tokenizerError,
  transformError,
} from '../src/index.js';

it.each<readonly [PolicyError, string]>([
  [
    { _tag: 'Program', error: { _tag: 'ShapeError', primitive: 'add', operands: [], reason: 'two operands' } as never },
    'add',
  ],
  [backendError({ _tag: 'ReleasedBuffer', backend: 'reference', type: tensorType('f32', [2]) }), 'reference'],
  [checkpointError({ _tag: 'MissingFile', path: 'run/20', file: 'params.safetensors' }), 'params.safetensors'],
  [dataError({ _tag: 'MissingQuantiles', what: 'this dataset' }), 'this dataset'],
  [tokenizerError({ _tag: 'EmptyTask', text: ' ' }), 'task'],
  [
    transformError({
      _tag: 'WrongValue',
      transform: 'SliceActions',
      key: 'actions',
      expected: 'wider',
      found: '2 wide',
    }),
    'SliceActions: actions should be wider, but it is 2 wide.',
  ],
  [
    transformError({ _tag: 'TokenizerRefused', transform: 'TokenizePrompt', reason: 'the task is empty' }),
    'the task is empty',
  ],
  [
    transformError({
      _tag: 'Refused',
      transform: 'Normalize',
      key: 'state',
      error: { _tag: 'MissingQuantiles', what: 'this dataset' },
    }),
    'this dataset',
  ],
  [
    {
      _tag: 'Model',
      errors: [
        { _tag: 'BadModelConfig', field: 'a', reason: 'is wrong' },
        { _tag: 'BadModelConfig', field: 'b', reason: 'is too' },
      ],
    },
    'model.a is wrong; model.b is too',
  ],
  [
    { _tag: 'NotExported', path: 'run/20', library: 'LeRobot', reason: 'model.x=1' },
    'run/20: LeRobot has no policy with model.x=1; train without it, or convert to another format',
  ],
  [{ _tag: 'NoDType', backend: 'tfjs', dtype: 'bf16' }, 'backend tfjs has no bf16'],
  [
    { _tag: 'TooFewRows', rows: 9, tokens: 10 },
    'model.vocabSize is 9, the tokenizer has 10 tokens: give at least as many, or null',
  ],
  [{ _tag: 'NotReadable', path: 'a.json', reason: 'no such file' }, 'a.json cannot be read: no such file'],
  [
    { _tag: 'BadSettings', path: 'run/20', field: 'model.kind', reason: 'is missing' },
    'run/20: model.kind: is missing; was it written by a newer version?',
  ],
  [
    { _tag: 'BadObservation', robot: 1, field: 'state', expected: '3 numbers', found: '2' },
    'robot 1: state should be 3 numbers, it is 2',
  ],
  [defect('arrays differ'), 'a defect of this program: arrays differ'],
])('%j in words', (error, words) => {
  expect(showPolicyError(error)).toContain(words);
});

it('a refusal by what a transform asks is in its words alone', () => {
  const error = { _tag: 'MissingQuantiles', what: 'this dataset' } as const;
  const refused = transformError({ _tag: 'Refused', transform: 'Normalize', key: 'state', error });
  expect(showPolicyError(refused)).toBe(showPolicyError(dataError(error)));
  expect(showPolicyError(refused)).not.toContain('Normalize');
  const reason = 'the task is empty';
  expect(showPolicyError(transformError({ _tag: 'TokenizerRefused', transform: 'TokenizePrompt', reason }))).toBe(
    reason,
  );
});

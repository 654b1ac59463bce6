import { interval } from '@torsor/metrics';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { decodeHostState, encodeHostState, firstHostState, type HostState } from '../../src/loop/host-state.js';

const measured = fc.dictionary(
  fc.constantFrom(
    'loss',
    'loss_real_dims',
    'grad_norm',
    'param_norm',
    'learning_rate',
    'data_time',
    'samples',
    'seconds',
  ),
  fc.oneof(fc.double({ min: -1e300, max: 1e300 }), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY)),
);

const hostState: fc.Arbitrary<HostState> = fc
  .tuple(fc.nat(), fc.nat(), fc.nat(), fc.array(measured, { maxLength: 5 }))
  .map(([step, epoch, offset, steps]) => ({
    step,
    position: { epoch, offset },
    interval: steps.reduce(interval.step, interval.empty),
  }));

describe('laws', () => {
  it('decoding an encoded state gives it back', () => {
    fc.assert(
      fc.property(hostState, (state) => {
        expect(decodeHostState(encodeHostState(state))).toStrictEqual(E.right(state));
      }),
    );
  });

  it('any text is answered, never thrown at', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(E.isLeft(decodeHostState(text))).toBe(true);
      }),
    );
  });
});

it('reads what version 0.1 wrote', () => {
  const none = { parts: [], nonFinite: 0 };
  const interval01 = {
    steps: 2,
    loss: { total: { parts: [0.75], nonFinite: 0 }, weight: { parts: [2], nonFinite: 0 } },
    lossRealDims: { total: none, weight: none },
    gradNorm: { total: none, weight: none },
    paramNorm: { _tag: 'None' },
    learningRate: { _tag: 'Some', value: 0.125 },
    dataTime: { parts: [0.5], nonFinite: 0 },
    samples: { parts: [8], nonFinite: 0 },
    peakMemoryBytes: { _tag: 'Some', value: 1024 },
  };
  const text = JSON.stringify({ step: 7, position: { epoch: 1, offset: 3 }, interval: interval01, intervalSeconds: 4 });
  const state = decodeHostState(text);
  if (E.isLeft(state)) throw new Error(state.left);
  expect(state.right).toMatchObject({ step: 7, position: { epoch: 1, offset: 3 } });
  expect(interval.extract(state.right.interval)).toEqual({
    loss: 0.375,
    learning_rate: 0.125,
    time_per_step: 2,
    data_time: 0.25,
    samples_per_second: 2,
    peak_memory_bytes: 1024,
  });
});

it('names the field of another form', () => {
  expect(decodeHostState('{')).toMatchObject({ left: expect.stringContaining('not JSON: ') });
  const text = JSON.stringify({ ...firstHostState, position: { epoch: -1, offset: 0 } });
  expect(decodeHostState(text)).toMatchObject({ left: expect.stringContaining('position.epoch') });
});

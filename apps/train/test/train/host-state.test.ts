import { interval } from '@torsor/metrics';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { decodeHostState, encodeHostState, firstHostState, type HostState } from '../../src/train/host-state.js';

const number = fc.double({ min: -1e300, max: 1e300, noNaN: true });

const measured = fc.record(
  {
    loss: number,
    lossRealDims: number,
    gradNorm: number,
    paramNorm: number,
    learningRate: number,
    dataTime: fc.double({ min: 0, max: 9, noNaN: true }),
    samples: fc.nat(),
    peakMemoryBytes: fc.nat(),
  },
  { requiredKeys: ['loss', 'learningRate', 'dataTime', 'samples'] },
);

const hostState: fc.Arbitrary<HostState> = fc.record({
  step: fc.nat(),
  position: fc.record({ epoch: fc.nat(), offset: fc.nat() }),
  interval: fc.array(measured, { maxLength: 5 }).map((steps) => steps.reduce(interval.step, interval.empty)),
  intervalSeconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
});

// JSON has one zero; the sums in a state never hold the other.
const plain = (state: HostState): unknown => JSON.parse(JSON.stringify(state));

describe('laws', () => {
  it('decoding an encoded state gives it back', () => {
    fc.assert(
      fc.property(hostState, (state) => {
        const back = decodeHostState(encodeHostState(state));
        expect(E.isRight(back) ? plain(back.right) : back).toEqual(plain(state));
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

it('names the field of another form', () => {
  const text = JSON.stringify({ ...firstHostState, position: { epoch: -1, offset: 0 } });
  expect(decodeHostState(text)).toMatchObject({ left: expect.stringContaining('position.epoch') });
});

import { interval } from '@torsor/metrics';
import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import { describe, expect, it } from 'vitest';
import { advance, takeLine, type Update } from '../../src/loop/advance.js';
import { firstHostState, type HostState } from '../../src/loop/host-state.js';
import { right } from '../right.js';

const position = { epoch: 2, offset: 3 };

const update = (measured: Update['measured']): Update => ({
  measured: { learning_rate: 0.5, data_time: 1, samples: 4, ...measured },
  position,
  seconds: 2,
  samples: () => ['4:9'],
});

const after = (host: HostState, measured: Update['measured']): HostState =>
  right(advance(host, update(measured), interval));

describe('advance', () => {
  it('counts the update, takes its position, and adds what it measured and how long it took', () => {
    const first = after({ ...firstHostState, step: 6 }, { loss: 1, grad_norm: 3, param_norm: 5 });
    const second = after(first, { loss: 2, grad_norm: 5, param_norm: 6 });
    expect([second.step, second.position]).toEqual([8, position]);
    expect(takeLine(second, interval)).toEqual({
      line: O.some({
        step: 8,
        loss: 1.5,
        grad_norm: 4,
        param_norm: 6,
        learning_rate: 0.5,
        time_per_step: 2,
        data_time: 1,
        samples_per_second: 2,
      }),
      host: { step: 8, position, interval: {} },
    });
  });

  it.each(['loss', 'grad_norm', 'param_norm'])('refuses an update whose %s is no number, with its samples', (what) => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const measured = { loss: 1, grad_norm: 1, param_norm: 1, [what]: value };
      expect(advance({ ...firstHostState, step: 6 }, update(measured), interval)).toEqual(
        E.left({ _tag: 'NonFinite', step: 7, what, value, samples: ['4:9'] }),
      );
    }
  });

  it('names no samples where all is well, and asks for no norm that was not measured', () => {
    const samples = (): never => expect.fail('it was asked');
    expect(E.isRight(advance(firstHostState, { ...update({ loss: 1 }), samples }, interval))).toBe(true);
    // A rate that is no number is the schedule's affair.
    const rate = update({ loss: 1, learning_rate: Number.NaN });
    expect(E.isRight(advance(firstHostState, { ...rate, samples }, interval))).toBe(true);
  });
});

describe('takeLine', () => {
  it('has no line where no update was made since the last one', () => {
    expect(takeLine({ ...firstHostState, step: 5 }, interval)).toEqual({
      line: O.none,
      host: { ...firstHostState, step: 5 },
    });
  });
});

import * as O from 'fp-ts/lib/Option.js';
import { expect, it } from 'vitest';
import { encodeMetricLine, interval, intervalLine, mean, reduce } from '../src/index.js';

it('the example of the README runs', () => {
  const [a, b] = [reduce({ ...mean, extract: (s) => s }, [1, 2, 3]), reduce({ ...mean, extract: (s) => s }, [10])];
  expect(mean.extract(mean.combine(a, b))).toEqual(O.some(4));

  let state = interval.empty;
  for (const loss of [0.5, 0.25]) {
    state = interval.step(state, { loss, learningRate: 1e-4, dataTime: 0.01, samples: 32 });
  }
  const text = O.map(encodeMetricLine)(intervalLine(state, 100, 0.5));
  expect(text).toEqual(
    O.some(
      '{"step":100,"loss":0.375,"learning_rate":0.0001,"time_per_step":0.25,"data_time":0.01,"samples_per_second":128}',
    ),
  );
});

import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as O from 'fp-ts/lib/Option.js';
import { expect, it } from 'vitest';
import {
  encodeMetricLine,
  intervalLine,
  makeInterval,
  maximum,
  metric,
  metrics,
  reading,
  reduce,
} from '../src/index.js';

it('the example of the README runs', () => {
  const noise = metric({
    name: 'noise',
    unit: '1',
    when: 'log',
    meaning: 'largest noise of the interval',
    from: reading('noise', maximum),
  });
  const steps = [
    { loss: 0.5, learning_rate: 1e-4, seconds: 0.25, samples: 32, noise: 2 },
    { loss: 0.25, learning_rate: 1e-4, seconds: 0.25, samples: 32, noise: 3 },
  ];
  const text = pipe(
    makeInterval([...metrics, noise]),
    E.map((interval) => O.map(encodeMetricLine)(intervalLine(reduce(interval, steps), 100))),
  );
  expect(text).toEqual(
    E.right(
      O.some(
        '{"step":100,"loss":0.375,"learning_rate":0.0001,"time_per_step":0.25,"samples_per_second":128,"noise":3}',
      ),
    ),
  );
});

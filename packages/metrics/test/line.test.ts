import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  decodeMetricLine,
  encodeMetricLine,
  isMetricName,
  jointMetric,
  type MetricLine,
  metricRows,
  showMetricsError,
} from '../src/index.js';

const number = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 5e-324, Number.MAX_VALUE),
);
const name = fc.oneof(
  fc.constantFrom(...metricRows.map((row) => row.name)),
  fc.string({ minLength: 1 }).map(jointMetric),
);

const anyLine: fc.Arbitrary<MetricLine> = fc
  .tuple(fc.nat(), fc.dictionary(name, number))
  .map(([step, values]): MetricLine => ({ step, ...values }));

const message = (text: string): string => {
  const line = decodeMetricLine(text);
  return E.isLeft(line) ? `${line.left._tag}: ${showMetricsError(line.left)}` : 'accepted';
};

describe('metric lines', () => {
  it('survive a round trip, with NaN, infinities and -0', () => {
    fc.assert(
      fc.property(anyLine, (line) => {
        expect(decodeMetricLine(encodeMetricLine(line))).toStrictEqual(E.right(line));
      }),
      { numRuns: 500 },
    );
  });

  it('are one line of strict JSON', () => {
    fc.assert(
      fc.property(anyLine, (line) => {
        const text = encodeMetricLine(line);
        expect(text).not.toContain('\n');
        expect(Object.keys(JSON.parse(text))).toEqual(Object.keys(line));
      }),
    );
  });

  it('read well', () => {
    expect(encodeMetricLine({ step: 3, loss: 0.5, grad_norm: Number.NaN, 'eval/action_mae/left elbow': 0.1 })).toBe(
      '{"step":3,"loss":0.5,"grad_norm":"NaN","eval/action_mae/left elbow":0.1}',
    );
  });

  it.each([
    ['{"step":3,"lo', 'NotJson: metrics line is not JSON (cut short?): {"step":3,"lo'],
    ['[3]', 'NotAnObject: metrics line is not a JSON object: [3]'],
    ['{"loss":1}', 'NoStep: metrics line has no "step" that is an integer of at least 0: {"loss":1}'],
    ['{"step":-1}', 'NoStep: metrics line has no "step" that is an integer of at least 0: {"step":-1}'],
    ['{"step":3,"los":1}', "UnknownMetric: metrics line names 'los', which no version of this program writes"],
    [
      '{"step":3,"loss":null}',
      'BadValue: metric \'loss\' is null; expected a number, "NaN", "Infinity" or "-Infinity"',
    ],
    ['{"step":3,"loss":"1"}', 'BadValue: metric \'loss\' is "1"; expected a number, "NaN", "Infinity" or "-Infinity"'],
  ])('refuses %s', (text, expected) => {
    expect(message(text)).toBe(expected);
  });
});

describe('names', () => {
  it('are those of the table', () => {
    expect(metricRows.every((row) => isMetricName(row.name))).toBe(true);
    expect(isMetricName(jointMetric('left elbow'))).toBe(true);
    for (const other of ['step', 'eval/action_mae/', 'Loss', '__proto__', '']) expect(isMetricName(other)).toBe(false);
  });
});

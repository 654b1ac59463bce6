import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  decodeMetricLine,
  encodeMetricLine,
  jointMetric,
  type MetricLine,
  metric,
  metricNamed,
  metrics,
  showMetricsError,
} from '../src/index.js';

const number = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 5e-324, Number.MAX_VALUE),
);
const name = fc.oneof(
  fc.constantFrom('loss', 'samples_per_second', 'checkpoint_step', 'eval/loss_ema'),
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
    ['3', 'NotAnObject: metrics line is not a JSON object: 3'],
    ['null', 'NotAnObject: metrics line is not a JSON object: null'],
    ['"step"', 'NotAnObject: metrics line is not a JSON object: "step"'],
    ['{"step":1.5}', 'NoStep: metrics line has no "step" that is an integer of at least 0: {"step":1.5}'],
    ['{"step":"3"}', 'NoStep: metrics line has no "step" that is an integer of at least 0: {"step":"3"}'],
    ['{"loss":1}', 'NoStep: metrics line has no "step" that is an integer of at least 0: {"loss":1}'],
    ['{"step":-1}', 'NoStep: metrics line has no "step" that is an integer of at least 0: {"step":-1}'],
    ['{"step":3,"los":1}', "UnknownMetric: metrics line names 'los', which no metric declares: declare it"],
    [
      '{"step":3,"loss":null}',
      'BadValue: metric \'loss\' is null; expected a number, "NaN", "Infinity" or "-Infinity"',
    ],
    ['{"step":3,"loss":"1"}', 'BadValue: metric \'loss\' is "1"; expected a number, "NaN", "Infinity" or "-Infinity"'],
  ])('refuses %s', (text, expected) => {
    expect(message(text)).toBe(expected);
  });
});

it.each(['{"step":', '["', '{"s":"'])('a refusal shows the first 80 characters of a line', (start) => {
  const line = `${start}${'x'.repeat(200)}${start.startsWith('[') ? '"]' : '"}'}`;
  expect(message(line)).toMatch(/x{70,80}$/u);
  expect(message(line)).not.toContain('x'.repeat(80));
});

describe('names', () => {
  it('are these, in this order', () => {
    expect(metrics.map(({ name }) => name)).toEqual([
      'loss',
      'loss_real_dims',
      'grad_norm',
      'param_norm',
      'learning_rate',
      'time_per_step',
      'data_time',
      'samples_per_second',
      'peak_memory_bytes',
      'checkpoint_step',
      'eval/loss',
      'eval/loss_ema',
      'eval/action_mae',
      'eval/action_rmse',
      'eval/action_mae/<joint>',
      'eval/token_accuracy',
      'eval/decode_failure_rate',
      'eval/tokens_per_chunk',
    ]);
  });

  it('with a word in angle brackets stand for any text there', () => {
    expect(metricNamed(metrics, jointMetric('left elbow'))?.name).toBe('eval/action_mae/<joint>');
    expect(metricNamed(metrics, 'eval/action_mae')?.name).toBe('eval/action_mae');
    for (const other of ['step', 'eval/action_mae/', 'Loss', 'loss/x', '__proto__', '']) {
      expect(metricNamed(metrics, other)).toBeUndefined();
    }
  });

  it("of a consumer's own metrics are accepted where they are declared", () => {
    const own = metric({ name: 'eval/grip/<finger>', unit: 'N', when: 'eval', meaning: 'force of a finger' });
    const line = { step: 1, loss: 2, 'eval/grip/thumb': 3 };
    expect(decodeMetricLine(encodeMetricLine(line), [...metrics, own])).toEqual(E.right(line));
    expect(message(encodeMetricLine(line))).toContain("UnknownMetric: metrics line names 'eval/grip/thumb'");
  });
});

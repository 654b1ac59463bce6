import { encodeMetricLine } from '@torsor/metrics';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { showRunError } from '../../src/run/error.js';
import { metricLines, truncateAfter } from '../../src/run/metrics-lines.js';

const lines = fc.array(fc.record({ step: fc.nat(100), loss: fc.double({ noNaN: true }) }), { maxLength: 20 });

const write = (records: readonly { step: number; loss: number }[]): string =>
  records.map(({ step, loss }) => `${encodeMetricLine({ step, loss })}\n`).join('');

it('reads the lines that are metrics, and tells the others by their numbers', () => {
  const text = `${write([{ step: 1, loss: 2 }])}not a line\n${write([{ step: 2, loss: 1 }])}{"step":`;
  expect(metricLines(text)).toEqual({
    lines: [
      { step: 1, loss: 2 },
      { step: 2, loss: 1 },
    ],
    unreadable: [2, 4],
  });
});

describe('laws', () => {
  it('keeps exactly the lines up to the step, in order', () => {
    fc.assert(
      fc.property(lines, fc.nat(100), (records, step) => {
        const kept = records.filter((record) => record.step <= step);
        const expected = { text: write(kept), dropped: records.length - kept.length };
        expect(truncateAfter('m', write(records), step)).toEqual(E.right(expected));
      }),
    );
  });

  it('any prefix of a file, cut anywhere, is truncated to whole lines; twice is once', () => {
    fc.assert(
      fc.property(lines, fc.nat(), fc.nat(100), (records, cut, step) => {
        const text = write(records);
        const once = truncateAfter('m', text.slice(0, cut % (text.length + 1)), step);
        expect(E.isRight(once)).toBe(true);
        if (E.isRight(once)) {
          const lines = text.split('\n');
          expect(once.right.text.split('\n').every((line) => lines.includes(line))).toBe(true);
          expect(truncateAfter('m', once.right.text, step)).toEqual(E.right({ text: once.right.text, dropped: 0 }));
        }
      }),
    );
  });
});

it.each([
  ['x\n', 'line 1: metrics line is not JSON'],
  ['{"step":1}\n{"loss":2}\n', 'line 2: metrics line has no "step"'],
])('refuses %j', (text, reason) => {
  const result = truncateAfter('run/metrics.jsonl', text, 5);
  expect(E.isLeft(result) ? showRunError(result.left) : '').toContain(reason);
});

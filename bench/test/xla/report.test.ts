import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { lastLine, readReport } from '../../src/xla/report.js';

// A line that bench_openpi.py printed, shortened.
const theirs =
  '{"config": "small_text", "jax": "0.5.3", "absent": ["torch"], "params": 392072, "compile_s": 6.2, "first_step_from_process_start_s": 14.1, "first_step_cpu_s": 20.5, "step_s": {"median": 0.034, "min": 0.018}, "losses": [2.4, 2.1], "peak_rss_after_training_mb": 413.0, "sample_b1_s": {"median": 0.005, "min": 0.002}, "peak_rss_mb": 413.5}';

describe('readReport', () => {
  it('reads what the peer prints, after anything else it prints', () =>
    expect(readReport(`a warning\n${theirs}\n`)).toEqual(
      E.right({
        params: 392_072,
        firstStep: 14.1,
        firstStepCpu: 20.5,
        step: 0.034,
        sample: 0.005,
        idleStep: null,
        trainingMemory: 413,
        memory: 413.5,
        losses: [2.4, 2.1],
        phases: {},
      }),
    ));

  it('reads our phases, and a run without timed steps', () => {
    const ours = { params: 1, first_step_from_process_start_s: 2, step_s: null, phases_ms: { open: 3 } };
    expect(readReport(JSON.stringify(ours))).toMatchObject(E.right({ step: null, phases: { open: 3 } }));
  });

  it.each([
    ['', 'got nothing'],
    ['Killed', 'got Killed'],
    ['{"params": 1}', 'first_step'],
  ])('refuses %j', (printed, expected) =>
    expect(E.swap(readReport(printed))).toMatchObject({ right: expect.stringContaining(expected) }),
  );
});

describe('lastLine', () => {
  it('a number is no report', () => expect(lastLine('3')._tag).toBe('Left'));
});

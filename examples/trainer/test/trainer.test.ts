import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrainOptions } from '@torsor/training';
import { afterAll, describe, expect, it } from 'vitest';
import { trainer } from '../src/trainer.js';

type TrainingEvent = Parameters<TrainOptions['world']['report']>[0];
type Line = Readonly<Record<string, unknown>>;

const folder = mkdtempSync(join(tmpdir(), 'trainer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a run told, its steps and its lines apart. */
const told = async (out: string, steps: number): Promise<{ readonly steps: number[]; readonly lines: Line[] }> => {
  const events: TrainingEvent[] = [];
  const ended = await trainer(join(folder, out), steps, (event) => events.push(event))();
  expect(ended).toMatchObject({ _tag: 'Right', right: { ending: 'steps', host: { step: steps } } });
  return {
    steps: events.flatMap((event) => (event._tag === 'Progress' ? [event.step] : [])),
    lines: events.flatMap((event) => (event._tag === 'Metrics' ? [event.line] : [])),
  };
};

/** A line without what a clock or this machine says. */
const lasting = ({ time_per_step: _time, data_time: _data, samples_per_second: _rate, ...line }: Line): Line => line;

const values = (lines: readonly Line[], name: string): readonly number[] =>
  lines.flatMap((line) => (name in line ? [Number(line[name])] : []));

describe('a trainer of our own', async () => {
  const whole = await told('whole', 40);

  it('tells every step', () => expect(whole.steps).toEqual(Array.from({ length: 40 }, (_, i) => i + 1)));

  it('learns what the hand does to the joint, on samples that it never saw', () => {
    const heldOut = values(whole.lines, 'eval/loss');
    expect(heldOut).toHaveLength(4);
    expect(heldOut[3]).toBeLessThan(0.25 * (heldOut[0] ?? 0));
  });

  it('has our metric in its lines', () => {
    const worst = values(whole.lines, 'off');
    expect(worst).toHaveLength(4);
    expect(worst[3]).toBeLessThan(worst[0] ?? 0);
  });

  it('goes on from its checkpoint as if it had never stopped', async () => {
    const before = await told('stopped', 20);
    expect(existsSync(join(folder, 'stopped/checkpoints'))).toBe(true);
    const after = await told('stopped', 40);
    expect(after.steps[0]).toBe(21);
    expect([...before.lines, ...after.lines].map(lasting)).toEqual(whole.lines.map(lasting));
  });
});

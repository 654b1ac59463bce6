import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { referenceBackend } from '@torsor/backend';
import { type MetricLine, maximum, metric, metrics, reading } from '@torsor/metrics';
import { sgd } from '@torsor/optim';
import { abs, fromFloat64, mul, type Operand, square, sub, tensorType } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { afterAll, describe, expect, it } from 'vitest';
import { objective, optimizerOf, showTrainingError, type TrainOptions, train } from '../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'torsor-train-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pair = tensorType('f32', [2]);
const batch = { x: fromFloat64(pair, [1, 2]), y: fromFloat64(pair, [3, 6]) };

/** The slope of y = 3 x. */
const slope = objective({ w: tensorType('f32', [1]) }, { x: pair, y: pair }, ({ w }, { x, y }) => {
  const off = sub(mul(x, w), y);
  return { loss: square(off), measured: { off: abs(off) } };
});

const off = metric({ name: 'off', unit: '1', when: 'log', meaning: 'largest', from: reading('off', maximum) });

const options = (out: string, lines: MetricLine[]): TrainOptions => ({
  backend: referenceBackend(),
  objective: slope,
  settings: { optimizer: optimizerOf({ kind: 'sgd', momentum: 0, nesterov: false }) },
  schedule: () => 0.1,
  initParams: () => ({ w: fromFloat64(tensorType('f32', [1]), [0]) }),
  source: ({ position }) => TE.right({ inputs: batch, size: 2, position, samples: () => [] }),
  heldOut: [() => TE.right({ inputs: batch, real: 1 })],
  limits: { steps: 1, maxMinutes: null, logInterval: 1, evalInterval: 1, saveInterval: 1 },
  retention: { out: join(folder, out), keepLast: 1, keepPeriod: null },
  world: { clock: () => 0, report: (event) => event._tag === 'Metrics' && lines.push(event.line) },
});

describe('a run of your own', () => {
  it('trains every parameter on whole batches, and evaluates with the same loss, where nothing else is said', async () => {
    const lines: MetricLine[] = [];
    const ended = await train({ ...options('plain', lines), metrics: [...metrics, off] })();
    expect(ended).toMatchObject({ _tag: 'Right', right: { ending: 'steps', host: { step: 1 } } });
    // By hand: w = 0, the loss is (9 + 36) / 2, its derivative −(2·3·1 + 2·6·2) / 2 = −15; then w = 1.5.
    expect(lines[0]).toMatchObject({ step: 1, loss: 22.5, off: 4.5, grad_norm: 15 });
    // Of the first sample alone: (1.5 − 3)².
    expect(lines[1]).toMatchObject({ 'eval/loss': 2.25, 'eval/off': 1.5 });
    expect(lines[1]).not.toHaveProperty('eval/loss_ema');
  });

  it('goes on without momentum and without averages: there is no state but the parameters', async () => {
    const plain = {
      ...options('stateless', []),
      settings: { optimizer: (learningRate: Operand) => sgd({ learningRate }) },
    };
    const first = await train(plain)();
    expect(first).toMatchObject({ _tag: 'Right', right: { host: { step: 1 }, device: { optimizer: {}, ema: {} } } });
    const more = await train({ ...plain, limits: { ...plain.limits, steps: 2 } })();
    expect(more).toMatchObject({ _tag: 'Right', right: { host: { step: 2 }, device: { optimizer: {}, ema: {} } } });
  });

  it('refuses two metrics of one name', async () => {
    const ended = await train({ ...options('twice', []), metrics: [off, off] })();
    expect(ended).toMatchObject({ _tag: 'Left', left: { _tag: 'Metrics' } });
    if (E.isLeft(ended)) expect(showTrainingError(ended.left).join()).toContain('off');
  });

  it('goes on only where its folder has a checkpoint, and asks for first parameters only where it has none', async () => {
    const first = options('again', []);
    await train(first)();
    const refuse = (): never => expect.fail('asked for first parameters');
    const lines: MetricLine[] = [];
    const more = { ...options('again', lines), initParams: refuse, limits: { ...first.limits, steps: 2 } };
    expect(await train(more)()).toMatchObject({ _tag: 'Right', right: { host: { step: 2 } } });
    expect(lines[0]).toMatchObject({ step: 2, loss: 5.625 });
  });

  it('says of its checkpoints what it was told, and nothing where it was told nothing', async () => {
    const manifestOf = (out: string): unknown =>
      JSON.parse(readFileSync(join(folder, out, 'checkpoints', '00000001', 'manifest.json'), 'utf8'));
    await train(options('anonymous', []))();
    expect(manifestOf('anonymous')).toMatchObject({
      createdBy: '@torsor/training',
      config: {},
      key: [0, 0],
      normalisation: { mode: 'none', statistics: {} },
      dataset: { id: 'unnamed', splitHash: 'unnamed' },
    });
    await train({ ...options('named', []), identity: { seed: 7, config: { mine: 1 } } })();
    expect(manifestOf('named')).toMatchObject({ createdBy: '@torsor/training', config: { mine: 1 }, key: [0, 7] });
  });

  it('asks its world whether to stop, lets it breathe, and gives it the lines to record', async () => {
    const [lines, recorded]: [MetricLine[], MetricLine[]] = [[], []];
    let breaths = 0;
    const plain = options('world', lines);
    const ended = await train({
      ...plain,
      limits: { ...plain.limits, steps: 9 },
      world: {
        ...plain.world,
        interrupted: () => breaths === 2,
        breathe: async () => {
          breaths += 1;
        },
        record: (line) => E.right(void recorded.push(line)),
        memory: () => 321,
      },
    })();
    expect(ended).toMatchObject({ right: { ending: 'interrupted', host: { step: 2 } } });
    expect(recorded).toEqual(lines);
    expect(lines[0]).toMatchObject({ step: 1, peak_memory_bytes: 321 });
    const refuse = () => E.left({ _tag: 'NotRecorded', reason: 'disk full' } as const);
    expect(await train({ ...options('unwritten', []), world: { ...plain.world, record: refuse } })()).toEqual(
      E.left({ _tag: 'NotRecorded', reason: 'disk full' }),
    );
  });

  it('goes on to its last step where nobody interrupts', async () => {
    const plain = options('two', []);
    const ended = await train({ ...plain, limits: { ...plain.limits, steps: 2 } })();
    expect(ended).toMatchObject({ right: { ending: 'steps', host: { step: 2 } } });
  });

  it('measures no memory that it is not told of', async () => {
    const lines: MetricLine[] = [];
    await train(options('memory', lines))();
    expect(lines.map((line) => Object.keys(line))).toEqual([
      ['step', 'loss', 'grad_norm', 'param_norm', 'learning_rate', 'time_per_step', 'data_time', 'samples_per_second'],
      ['step', 'eval/loss', 'eval/off'],
      ['step', 'checkpoint_step'],
    ]);
  });

  it('keeps averages where it is told to, and says where its loss is no number', async () => {
    const lines: MetricLine[] = [];
    const plain = options('averages', lines);
    await train({ ...plain, settings: { ...plain.settings, emaDecay: 0.5 } })();
    // The average of 0 and 1.5, of the first sample alone: (0.75 − 3)².
    expect(lines[1]).toMatchObject({ 'eval/loss': 2.25, 'eval/loss_ema': 5.0625 });
    const nothing = { ...batch, y: fromFloat64(pair, [Number.NaN, 6]) };
    const source: TrainOptions['source'] = ({ position }) =>
      TE.right({ inputs: nothing, size: 2, position, samples: () => ['my sample'] });
    expect(await train({ ...options('nan', []), source })()).toMatchObject({
      left: { _tag: 'NonFinite', step: 1, what: 'loss', samples: ['my sample'] },
    });
  });

  it('is refused where its folder cannot be read', async () => {
    mkdirSync(join(folder, 'blocked'));
    writeFileSync(join(folder, 'blocked', 'checkpoints'), '');
    expect(await train(options('blocked', []))()).toMatchObject({ left: { _tag: 'Checkpoint' } });
  });
});

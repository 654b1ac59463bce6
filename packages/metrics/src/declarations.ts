import * as O from 'fp-ts/lib/Option.js';
import { type Chart, type Metric, metric, reading, readingOf } from './declaration.js';
import { maximum } from './extreme.js';
import { last } from './last.js';
import { mean } from './mean.js';
import { product } from './product.js';
import { contramap, map } from './reducer.js';
import { sum } from './sum.js';

type Throughput = { readonly samples: number; readonly seconds: number };

const samplesPerSecond = map(
  product({
    samples: contramap(sum, ({ samples }: Throughput) => samples),
    seconds: contramap(sum, ({ seconds }: Throughput) => seconds),
  }),
  ({ samples, seconds }) => O.some(samples / seconds),
);

const losses: Chart = { title: 'Loss', axis: 'loss (normalized units)' };
const actionErrors: Chart = { title: 'Action error on held-out episodes', axis: "error (the dataset's units)" };
const tokens: Chart = { title: 'Action tokens on held-out episodes', axis: 'share' };
const learningRate: Chart = { title: 'Learning rate', axis: 'learning rate' };
const gradientNorm: Chart = { title: 'Gradient norm before clipping', axis: 'global L2 norm' };
const parameterNorm: Chart = { title: 'Parameter norm', axis: 'global L2 norm' };
const times: Chart = { title: 'Time per step', axis: 'seconds' };

const flowMatching = ['pi0', 'pi05'];
const tokenWriting = ['pi0-fast'];

/** Every metric of a run, in the order of a line's values and of the tables. */
export const metrics = [
  metric({
    name: 'loss',
    unit: '1',
    when: 'log',
    meaning: 'training loss, mean over the steps since the last line',
    from: reading('loss', mean),
    curve: { chart: losses, label: 'training' },
  }),
  metric({
    name: 'loss_real_dims',
    unit: '1',
    when: 'log',
    meaning: 'the same over the action dimensions that are not padding',
    families: flowMatching,
    from: reading('loss_real_dims', mean),
    curve: { chart: losses, label: 'training, real dimensions' },
  }),
  metric({
    name: 'grad_norm',
    unit: '1',
    when: 'log',
    meaning: 'global L2 norm of the gradient before clipping, mean over the interval',
    from: reading('grad_norm', mean),
    curve: { chart: gradientNorm, label: 'gradient norm' },
  }),
  metric({
    name: 'param_norm',
    unit: '1',
    when: 'log',
    meaning: 'global L2 norm of the updated kernel parameters, at the last step',
    from: reading('param_norm', last),
    curve: { chart: parameterNorm, label: 'parameter norm' },
  }),
  metric({
    name: 'learning_rate',
    unit: '1',
    when: 'log',
    meaning: 'value applied at the last step',
    from: reading('learning_rate', last),
    curve: { chart: learningRate, label: 'learning rate' },
  }),
  metric({
    name: 'time_per_step',
    unit: 's',
    when: 'log',
    meaning: 'wall time over the interval divided by its steps',
    from: reading('seconds', mean),
    curve: { chart: times, label: 'whole step' },
  }),
  metric({
    name: 'data_time',
    unit: 's',
    when: 'log',
    meaning: 'time spent waiting for batches over the interval divided by its steps',
    from: reading('data_time', mean),
    curve: { chart: times, label: 'waiting for data' },
  }),
  metric({
    name: 'samples_per_second',
    unit: '1/s',
    when: 'log',
    meaning: 'samples of the interval divided by its wall time',
    from: readingOf(['samples', 'seconds'], samplesPerSecond),
    curve: null,
  }),
  metric({
    name: 'peak_memory_bytes',
    unit: 'B',
    when: 'log',
    meaning: 'largest memory in use over the interval',
    from: reading('peak_memory_bytes', maximum),
    curve: null,
  }),
  metric({
    name: 'checkpoint_step',
    unit: 'step',
    when: 'save',
    meaning: 'a checkpoint of that step is durable on disk',
    curve: null,
  }),
  metric({
    name: 'eval/loss',
    unit: '1',
    when: 'eval',
    meaning: 'loss on held-out episodes, fixed noise and time per sample',
    curve: { chart: losses, label: 'held out' },
  }),
  metric({
    name: 'eval/loss_ema',
    unit: '1',
    when: 'eval',
    meaning: 'the same with the averaged parameters',
    curve: { chart: losses, label: 'held out, EMA' },
  }),
  metric({
    name: 'eval/action_mae',
    unit: 'dataset',
    when: 'eval',
    meaning: 'mean absolute error of sampled actions, un-normalized',
    curve: { chart: actionErrors, label: 'MAE' },
  }),
  metric({
    name: 'eval/action_rmse',
    unit: 'dataset',
    when: 'eval',
    meaning: 'root mean square error of sampled actions, un-normalized',
    curve: { chart: actionErrors, label: 'RMSE' },
  }),
  metric({
    name: 'eval/action_mae/<joint>',
    unit: 'dataset',
    when: 'eval',
    meaning: 'mean absolute error of one action dimension, un-normalized',
    curve: null,
  }),
  metric({
    name: 'eval/token_accuracy',
    unit: '1',
    when: 'eval',
    meaning: 'share of the held-out action tokens that are the most likely ones',
    families: tokenWriting,
    curve: { chart: tokens, label: 'most likely token is the recorded one' },
  }),
  metric({
    name: 'eval/decode_failure_rate',
    unit: '1',
    when: 'eval',
    meaning: 'share of the decoded chunks that are no actions',
    families: tokenWriting,
    curve: { chart: tokens, label: 'decoded chunks that are no actions' },
  }),
  metric({
    name: 'eval/tokens_per_chunk',
    unit: '1',
    when: 'eval',
    meaning: 'decoded tokens, the end of the sequence included',
    families: tokenWriting,
    curve: null,
  }),
] as const satisfies readonly Metric[];

/** The name of one joint's mean absolute error, in the dataset's unit of that joint. */
export type JointMetric = `eval/action_mae/${string}`;

/** A name of `metrics` as it may stand in a line. */
export type MetricName = Exclude<(typeof metrics)[number]['name'], 'eval/action_mae/<joint>'> | JointMetric;

/** `eval/action_mae/<joint>`. */
export const jointMetric = (joint: string): JointMetric => `eval/action_mae/${joint}`;

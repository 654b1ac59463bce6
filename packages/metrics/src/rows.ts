/** When a row is written: every log interval, every evaluation, or when a checkpoint is durable. */
export type MetricMoment = 'log' | 'eval' | 'save';

/** One row of the table of metrics. */
export type MetricRow = {
  readonly name: string;
  /** `dataset` stands for the unit of the dataset's actions, `1` for none. */
  readonly unit: '1' | 's' | '1/s' | 'B' | 'step' | 'dataset';
  readonly when: MetricMoment;
  readonly meaning: string;
  /** The policies that have it: all; those by flow matching; those that write tokens, as π0-FAST. */
  readonly of: 'all' | 'flow' | 'tokens';
};

const row = <Name extends string>(
  name: Name,
  unit: MetricRow['unit'],
  when: MetricMoment,
  meaning: string,
  of: MetricRow['of'] = 'all',
): MetricRow & { readonly name: Name } => ({ name, unit, when, meaning, of });

/**
 * Every metric of a run that has one name. `eval/action_mae/<joint>` has as many as the dataset has joints: `jointMetric`.
 */
export const metricRows = [
  row('loss', '1', 'log', 'training loss, mean over the steps since the last line'),
  row('loss_real_dims', '1', 'log', 'the same over the action dimensions that are not padding', 'flow'),
  row('grad_norm', '1', 'log', 'global L2 norm of the gradient before clipping, mean over the interval'),
  row('param_norm', '1', 'log', 'global L2 norm of the updated kernel parameters, at the last step'),
  row('learning_rate', '1', 'log', 'value applied at the last step'),
  row('time_per_step', 's', 'log', 'wall time over the interval divided by its steps'),
  row('data_time', 's', 'log', 'time spent waiting for batches over the interval divided by its steps'),
  row('samples_per_second', '1/s', 'log', 'samples of the interval divided by its wall time'),
  row('peak_memory_bytes', 'B', 'log', 'largest memory in use over the interval'),
  row('checkpoint_step', 'step', 'save', 'a checkpoint of that step is durable on disk'),
  row('eval/loss', '1', 'eval', 'loss on held-out episodes, fixed noise and time per sample'),
  row('eval/loss_ema', '1', 'eval', 'the same with the averaged parameters'),
  row('eval/action_mae', 'dataset', 'eval', 'mean absolute error of sampled actions, un-normalized'),
  row('eval/action_rmse', 'dataset', 'eval', 'root mean square error of sampled actions, un-normalized'),
  row(
    'eval/token_accuracy',
    '1',
    'eval',
    'share of the held-out action tokens that are the most likely ones',
    'tokens',
  ),
  row('eval/decode_failure_rate', '1', 'eval', 'share of the decoded chunks that are no actions', 'tokens'),
  row('eval/tokens_per_chunk', '1', 'eval', 'decoded tokens, the end of the sequence included', 'tokens'),
] as const;

const jointPrefix = 'eval/action_mae/';

/** The name of one joint's mean absolute error, in the dataset's unit of that joint. */
export type JointMetric = `eval/action_mae/${string}`;

/** A name that may stand in a line of metrics. */
export type MetricName = (typeof metricRows)[number]['name'] | JointMetric;

/** `eval/action_mae/<joint>`. */
export const jointMetric = (joint: string): JointMetric => `${jointPrefix}${joint}`;

/** Whether a text is the name of a metric: one of `metricRows`, or a joint's. */
export const isMetricName = (name: string): name is MetricName =>
  (name.startsWith(jointPrefix) && name.length > jointPrefix.length) || metricRows.some((known) => known.name === name);

export { count } from './count.js';
export { type MetricsError, showMetricsError } from './error.js';
export type { ExactSum } from './exact-sum.js';
export { maximum, minimum } from './extreme.js';
export { type IntervalState, interval, intervalLine, type StepMetrics } from './interval.js';
export { last } from './last.js';
export { decodeMetricLine, encodeMetricLine, type MetricLine } from './line.js';
export { type MeanState, mean, type Weighted, weightedMean } from './mean.js';
export { perDimension } from './per-dimension.js';
export { contramap, type Reducer, reduce } from './reducer.js';
export { rootMeanSquare } from './root-mean-square.js';
export {
  isMetricName,
  type JointMetric,
  jointMetric,
  type MetricMoment,
  type MetricName,
  type MetricRow,
  metricRows,
} from './rows.js';
export { sum } from './sum.js';

export { type Codec, countCodec, numberCodec, optionCodec } from './codec.js';
export { count } from './count.js';
export {
  type Chart,
  type Curve,
  type Measured,
  type Metric,
  type MetricDeclaration,
  type MetricMoment,
  metric,
  metricNamed,
  type Reading,
  reading,
  readingOf,
} from './declaration.js';
export { type JointMetric, jointMetric, type MetricName, metrics } from './declarations.js';
export { type MetricsError, showMetricsError } from './error.js';
export type { ExactSum } from './exact-sum.js';
export { maximum, minimum } from './extreme.js';
export { type Interval, type IntervalState, interval, intervalLine, makeInterval } from './interval.js';
export { last } from './last.js';
export { decodeMetricLine, encodeMetricLine, type MetricLine, type MetricValues } from './line.js';
export { type MeanState, mean, type Weighted, weightedMean } from './mean.js';
export { perDimension } from './per-dimension.js';
export { type InputOf, type Part, type Parts, product, type ResultsOf, type StatesOf } from './product.js';
export { contramap, map, type Reducer, reduce } from './reducer.js';
export { rootMeanSquare } from './root-mean-square.js';
export { decodeFirstInterval, decodeInterval, encodeInterval } from './saved-interval.js';
export { sum } from './sum.js';
export { metricTable } from './table.js';

export { type ActionErrors, actionErrors } from './action-errors.js';
export { holdLastState, matchingDimensions, meanChunk, repeatChunk } from './baselines.js';
export type { RecordedChunks } from './chunks.js';
export { type EvaluationError, showEvaluationError } from './error.js';
export { meanOfSamples } from './mean-of-samples.js';
export { actionMetrics } from './metric-values.js';
export type { ChunkWindow, ReportData } from './report/data.js';
export { reportHtml } from './report/report.js';
export { errorTable, type Joint, type ScoredMethod } from './table.js';

export { type CheapSettings, cheapFindings, cheapWarnings } from './cheap.js';
export { type Check, type Fold, type RowSettings, runChecks, type Subject } from './check.js';
export { checks } from './checks.js';
export { bySeverity, type Finding, isSafe, type Place, type Severity } from './finding.js';
export { type Examination, type ExamineOptions, examine, type Reading } from './fs/examine.js';
export { admitWeights, type RunSettings, type WeightSettings } from './fs/run-findings.js';
export { type Looked, showFinding, showFindings } from './show.js';
export type { VideoFacts } from './videos.js';

export { donationByPath } from './donation.js';
export { type DoesNotFit, type FitSearch, fittingPlan, type Savable, type Saving } from './fit.js';
export { type Plan, type PlanGroup, type PlanOptions, planProgram } from './plan.js';
export { showBytes, showPlan } from './show.js';
export type { Traffic } from './traffic.js';

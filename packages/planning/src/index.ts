export { donationByPath } from './donation.js';
export { type Plan, type PlanGroup, type PlanOptions, planProgram } from './plan.js';
export type { Traffic } from './traffic.js';

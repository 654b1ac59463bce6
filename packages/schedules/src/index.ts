export { constantSchedule } from './constant.js';
export { type ScheduleError, showScheduleError } from './error.js';
export { joinSchedules } from './join.js';
export { type LinearOptions, linearSchedule } from './linear.js';
export { type RsqrtDecayOptions, rsqrtDecaySchedule } from './rsqrt-decay.js';
export type { Schedule } from './schedule.js';
export { type WarmupCosineDecayOptions, warmupCosineDecaySchedule } from './warmup-cosine-decay.js';

import { join } from 'node:path';

/** The files and folders of a run, relative to its folder. */
export const runEntries = {
  config: 'config.json',
  split: 'split.json',
  normStats: 'norm_stats.json',
  fast: 'fast',
  metrics: 'metrics.jsonl',
  log: 'run.log',
  report: 'report.html',
  checkpoints: 'checkpoints',
} as const;

/** The same as paths below a run's folder. */
export type RunPaths = { readonly [K in keyof typeof runEntries]: string };

/** Where a run's files are. */
export const runPaths = (dir: string): RunPaths => ({
  config: join(dir, runEntries.config),
  split: join(dir, runEntries.split),
  normStats: join(dir, runEntries.normStats),
  fast: join(dir, runEntries.fast),
  metrics: join(dir, runEntries.metrics),
  log: join(dir, runEntries.log),
  report: join(dir, runEntries.report),
  checkpoints: join(dir, runEntries.checkpoints),
});

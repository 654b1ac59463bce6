import type { Metric, MetricLine } from '@torsor/metrics';
import type { Joint, ScoredMethod } from '../table.js';

/** A held-out window: what was recorded, and what the policy sampled for it. */
export type ChunkWindow = {
  /** Such as `episode 41, frame 120`. */
  readonly title: string;
  /** `[ah, ad]` row-major, in the dataset's units. */
  readonly recorded: ArrayLike<number>;
  /** `[ah]`: not 0 beyond the end of the episode. */
  readonly isPad: ArrayLike<number>;
  /** Each `[ah, ad]`. */
  readonly samples: readonly ArrayLike<number>[];
};

/** Everything that the report of a run shows. */
export type ReportData = {
  readonly title: string;
  /** What a reader must know before any number: shown first. */
  readonly notices?: readonly string[];
  /** False where the errors are not the policy's own, so that they are set against no baseline. True when left out. */
  readonly comparable?: boolean;
  /** Label and value of what the run was: configuration, split, dataset, backend, versions. */
  readonly facts: readonly (readonly [label: string, value: string])[];
  /** All lines of `metrics.jsonl`. */
  readonly lines: readonly MetricLine[];
  /** What is declared of the values in them, and so which are drawn and how; `metrics` when left out. */
  readonly metrics?: readonly Metric[];
  readonly joints: readonly Joint[];
  /** The policy's methods first, then the baselines. */
  readonly methods: readonly ScoredMethod[];
  readonly windows: readonly ChunkWindow[];
  /** Time between two actions; without it the charts count steps. */
  readonly secondsPerStep?: number;
};

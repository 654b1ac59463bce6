import { createHash } from 'node:crypto';
import type { JsonObject, ManifestFields, Normalization } from '@torsor/checkpoint';
import type { Dataset, EpisodeSplit, NormalizationMode, NormStats, VectorStats } from '@torsor/data';
import { key } from '@torsor/random';
import type { FastFiles } from '@torsor/tokenizer';
import type { TrainConfig } from '../config/schema.js';
import type { HostState } from './host-state.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What tells one dataset from another: its robot, its dimensions and the lengths of its episodes. */
export const datasetId = ({ robotType, fps, stateNames, actionNames, episodes }: Dataset): string =>
  sha256(JSON.stringify({ robotType, fps, stateNames, actionNames, lengths: episodes.map(({ length }) => length) }));

/** What tells one split into training and held-out episodes from another. */
export const splitHash = ({ train, heldOut }: EpisodeSplit): string => sha256(JSON.stringify({ train, heldOut }));

const vector = ({ mean, std, q01, q99 }: VectorStats): JsonObject => ({ mean, std, q01, q99 });

/** Statistics and mode as a checkpoint keeps them, under the keys of openpi's `norm_stats.json`. */
export const normalizationOf = (stats: NormStats, mode: NormalizationMode): Normalization => ({
  mode,
  statistics: { state: vector(stats.state), actions: vector(stats.actions) },
});

/** What a run is, for its checkpoints. */
export type RunIdentity = {
  readonly config: TrainConfig;
  readonly normalization: Normalization;
  readonly dataset: ManifestFields['dataset'];
  readonly createdBy: string;
  /** The files of the tokenizer of action chunks; `null` for a policy that has none. */
  readonly fast: FastFiles | null;
};

/** The manifest of a checkpoint of a run at a host state. */
export const manifestOf = (
  { config, normalization, dataset, createdBy }: RunIdentity,
  { step, position }: HostState,
): ManifestFields => ({
  createdBy,
  step,
  config: JSON.parse(JSON.stringify(config)) as JsonObject,
  normalisation: normalization,
  dataset,
  position,
  key: key(config.seed),
});

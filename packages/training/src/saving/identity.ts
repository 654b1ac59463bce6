import type { JsonObject, ManifestFields, Normalization } from '@torsor/checkpoint';
import type { Dataset, EpisodeSplit, NormalizationMode, NormStats, VectorStats } from '@torsor/data';
import { textHash } from '@torsor/files';
import { key } from '@torsor/random';
import type { FastFiles } from '@torsor/tokenizer';
import { episodeId } from '../dataset/episode-id.js';
import type { HostState } from '../loop/host-state.js';

/** What tells one dataset from another: its robot, its dimensions and the lengths of its episodes. */
export const datasetId = ({ robotType, fps, stateNames, actionNames, episodes }: Dataset): string =>
  textHash(JSON.stringify({ robotType, fps, stateNames, actionNames, lengths: episodes.map(({ length }) => length) }));

/** What a checkpoint says of its data: by which episodes it was made, and which dimension is which. */
export const datasetIdentity = (dataset: Dataset, split: EpisodeSplit): RunIdentity['dataset'] => {
  const trained = new Set(split.train);
  return {
    id: datasetId(dataset),
    splitHash: splitHash(split),
    stateNames: dataset.stateNames,
    actionNames: dataset.actionNames,
    trained: dataset.episodes.filter(({ index }) => trained.has(index)).map(episodeId),
  };
};

/** What tells one split into training and held-out episodes from another. */
export const splitHash = ({ train, heldOut }: EpisodeSplit): string => textHash(JSON.stringify({ train, heldOut }));

const vector = ({ mean, std, q01, q99 }: VectorStats): JsonObject => ({ mean, std, q01, q99 });

/** Statistics and mode as a checkpoint keeps them, under the keys of openpi's `norm_stats.json`. */
export const normalizationOf = (stats: NormStats, mode: NormalizationMode): Normalization => ({
  mode,
  statistics: { state: vector(stats.state), actions: vector(stats.actions) },
});

/** What a run is, for its checkpoints. */
export type RunIdentity = {
  /** As the checkpoint keeps it: what another program must know to read it. */
  readonly config: JsonObject;
  readonly seed: number;
  readonly normalization: Normalization;
  readonly dataset: ManifestFields['dataset'];
  readonly createdBy: string;
  /** The files of the tokenizer of action chunks; `null` for a policy that has none. */
  readonly fast: FastFiles | null;
};

/** The manifest of a checkpoint of a run at a host state. */
export const manifestOf = (
  { config, seed, normalization, dataset, createdBy }: RunIdentity,
  { step, position }: HostState,
): ManifestFields => ({
  createdBy,
  step,
  config,
  normalisation: normalization,
  dataset,
  position,
  key: key(seed),
});

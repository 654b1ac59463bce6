import type { Dataset, Episode, EpisodeSplit, NormalizationMode } from '@torsor/data';
import type { Finding } from './finding.js';

/** What the checks of rows depend on of a run. */
export type RowSettings = {
  readonly model: {
    /** Actions of a chunk `ah`. */
    readonly actionHorizon: number;
  };
  readonly data: { readonly normMode: NormalizationMode };
};

/** What a check knows before it sees an episode. */
export type Subject = Pick<Dataset, 'fps' | 'stateNames' | 'actionNames' | 'tasks'> & {
  /** `null` where a dataset is looked at without a run. */
  readonly settings: RowSettings | null;
  /** Which episodes the run trains on; `null` without a run, or where it cannot be split. */
  readonly split: EpisodeSplit | null;
};

/**
 * What a check makes of the episodes it is shown: the one mutable object here, for a million rows are summed up in place. It
 * keeps of an episode only what is bounded by the dimensions and by the number of episodes.
 */
export type Fold = {
  readonly add: (episode: Episode) => void;
  readonly findings: () => readonly Finding[];
};

/** One thing that is looked at in the rows of a dataset. */
export type Check = {
  readonly name: string;
  /** In a few words. */
  readonly looksAt: string;
  readonly begin: (subject: Subject) => Fold;
};

/**
 * Looks at episodes with several checks side by side, one pass over the episodes.
 *
 * @returns their findings in the order of the checks.
 * @law what a check finds does not depend on the others.
 */
export const runChecks = (
  checks: readonly Check[],
  subject: Subject,
  episodes: Iterable<Episode>,
): readonly Finding[] => {
  const folds = checks.map(({ begin }) => begin(subject));
  for (const episode of episodes) for (const fold of folds) fold.add(episode);
  return folds.flatMap((fold) => fold.findings());
};

/** The two vectors of every frame, with what a check of either needs. */
export type VectorView = {
  readonly feature: 'state' | 'action';
  readonly names: readonly string[];
  /** `f32[l, dim]` */
  readonly rowsOf: (episode: Episode) => Float32Array;
};

/** State and action of a dataset. */
export const vectorsOf = ({ stateNames, actionNames }: Subject): readonly VectorView[] => [
  { feature: 'state', names: stateNames, rowsOf: ({ state }) => state },
  { feature: 'action', names: actionNames, rowsOf: ({ action }) => action },
];

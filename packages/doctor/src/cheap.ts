import type { Dataset } from '@torsor/data';
import { splitOf } from '@torsor/training';
import * as E from 'fp-ts/lib/Either.js';
import { type RowSettings, runChecks, type Subject } from './check.js';
import { stillness } from './checks/stillness.js';
import { checks } from './checks.js';
import { bySeverity, type Finding } from './finding.js';
import { sentenceOf } from './show.js';

/** What the findings of rows depend on of a run; a training configuration is one. */
export type CheapSettings = {
  readonly model: RowSettings['model'] & { readonly actionDim: number };
  readonly data: RowSettings['data'] & { readonly heldOut: number };
  readonly seed: number;
};

const subjectOf = (dataset: Dataset, settings: CheapSettings | null): Subject => ({
  ...dataset,
  settings,
  split: settings === null ? null : E.getOrElseW(() => null)(splitOf(dataset, settings)),
});

/** Vectors that the model has no room for. */
const tooWide = ({ stateNames, actionNames }: Dataset, { model }: CheapSettings): readonly Finding[] => {
  const dimensions = Math.max(stateNames.length, actionNames.length);
  const feature = actionNames.length === dimensions ? 'action' : 'state';
  if (dimensions <= model.actionDim) return [];
  return [
    {
      _tag: 'TooManyDimensions',
      severity: 'error',
      where: { feature },
      numbers: { dimensions, actionDim: model.actionDim },
      message: `the dataset has ${dimensions} ${feature} dimensions, more than model.actionDim = ${model.actionDim}.`,
      remedy: `model.actionDim=${dimensions}`,
    },
  ];
};

/**
 * Everything that the rows in memory tell: one pass over the episodes, some three seconds for a million frames of 52
 * numbers.
 *
 * @param settings - of the run, a training configuration; `null` for the dataset alone.
 */
export const cheapFindings = (dataset: Dataset, settings: CheapSettings | null): readonly Finding[] => [
  ...(settings === null ? [] : tooWide(dataset, settings)),
  ...runChecks(checks, subjectOf(dataset, settings), dataset.episodes),
];

/** What a run tells by itself: jumps in time and tasks that it never trains on; dimensions that do not move are `stillness`. */
const told = ['TimeGap', 'TimeRestart', 'TaskNeverTrained'];

/**
 * What a run is warned of before its first step, a sentence each: the warnings and errors of `cheapFindings` but those that
 * it tells by itself, with its split and its statistics.
 */
export const cheapWarnings = (dataset: Dataset, settings: CheapSettings): readonly string[] => {
  const looking = checks.filter((check) => check !== stillness);
  return bySeverity(runChecks(looking, subjectOf(dataset, settings), dataset.episodes))
    .filter(({ _tag, severity }) => severity !== 'note' && !told.includes(_tag))
    .map(sentenceOf);
};

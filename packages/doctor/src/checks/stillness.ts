import type { NormalizationMode } from '@torsor/data';
import { type Check, type VectorView, vectorsOf } from '../check.js';
import { type Extreme, keptExtremes } from '../extremes.js';
import type { Finding, Severity } from '../finding.js';
import { modesOf, normalized, shownMode } from '../normalized.js';
import { type DimensionProfile, profile } from '../profile.js';
import { counted, distinctNumbers, excluding, listed, shownNumber } from '../words.js';

/**
 * Of the largest value: a range below it is 256 steps of float32 or fewer, the noise of arithmetic and no motion of a robot (of a
 * joint at 1 rad it is 0.015 mrad).
 */
const noiseShare = 2 ** -16;

/** What is normalized beyond it is named: the others lie from -1 to 1, and its squared error is 400 times theirs. */
const farNormalized = 20;

/** What is normalized beyond it makes training unsafe. */
const hopelessNormalized = 1000;

const noiseOf = ({ min, max }: DimensionProfile): number => noiseShare * Math.max(Math.abs(min), Math.abs(max));

const isConstant = ({ min, max }: DimensionProfile): boolean => min === max;

const isNearConstant = (dimension: DimensionProfile): boolean =>
  !isConstant(dimension) && dimension.max - dimension.min <= noiseOf(dimension);

const isCollapsed = (dimension: DimensionProfile): boolean =>
  dimension.q01 === dimension.q99 && !isConstant(dimension) && !isNearConstant(dimension);

type Feature = VectorView['feature'];

const constantFinding = (feature: Feature, all: readonly DimensionProfile[]): readonly Finding[] => {
  const names = all.filter(isConstant).map(({ name }) => name);
  if (names.length === 0) return [];
  return [
    {
      _tag: 'ConstantDimension',
      severity: 'note',
      where: { feature },
      numbers: { constant: names.length, dimensions: all.length },
      dimensions: names,
      message: `${counted(names.length, 'dimension')} of ${all.length} never ${names.length === 1 ? 'changes' : 'change'} (${listed(names)}) and ${names.length === 1 ? 'is' : 'are'} trained as ${names.length === 1 ? 'a constant' : 'constants'}.`,
      remedy: null,
    },
  ];
};

const nearFinding = (feature: Feature, all: readonly DimensionProfile[]): readonly Finding[] => {
  const near = all.filter(isNearConstant);
  const [first] = near;
  if (first === undefined) return [];
  return [
    {
      _tag: 'NearConstantDimension',
      severity: 'warning',
      where: { feature, dimension: first.name },
      numbers: { min: first.min, max: first.max, dimensions: near.length },
      dimensions: near.map(({ name }) => name),
      message: `the values lie from ${first.min} to ${first.max}, which is rounding and no motion; normalization makes a full range of it.${near.length > 1 ? ` Also: ${listed(near.slice(1).map(({ name }) => name))}.` : ''}`,
      remedy: 'write a constant there, or leave the dimension out (data.columns)',
    },
  ];
};

/** The values that are not the usual one, the farthest first; at most 32. */
const exceptionsOf = (dimension: DimensionProfile): readonly Extreme[] => {
  const away = ({ value }: Extreme): number => Math.abs(value - dimension.median);
  return [...dimension.highest, ...dimension.lowest]
    .filter((extreme) => away(extreme) > 0)
    .toSorted((a, b) => away(b) - away(a));
};

const severityOf = (made: readonly number[], isOfRun: boolean): Severity => {
  const most = Math.max(...made.map(Math.abs));
  if (most < farNormalized) return 'note';
  return most >= hopelessNormalized && isOfRun ? 'error' : 'warning';
};

const collapsedFinding = (
  feature: Feature,
  dimension: DimensionProfile,
  modes: readonly NormalizationMode[],
): readonly Finding[] => {
  const exceptions = exceptionsOf(dimension);
  const [farthest] = exceptions;
  if (farthest === undefined) return [];
  const { value, episode, frame } = farthest;
  const made = modes.map((mode) => normalized(dimension, mode, value));
  const isMany = exceptions.length >= keptExtremes;
  const frames = isMany ? `${exceptions.length} frames or more` : counted(exceptions.length, 'frame');
  const episodes = distinctNumbers(exceptions.map((one) => one.episode));
  const shown = modes.map((mode, i) => `${shownNumber(made[i] ?? 0)} ${shownMode[mode]}`).join(', ');
  return [
    {
      _tag: 'CollapsedDimension',
      severity: severityOf(made, modes.length === 1),
      where: { feature, dimension: dimension.name, episode, frame },
      numbers: {
        usual: dimension.median,
        value,
        exceptions: exceptions.length,
        ...Object.fromEntries(modes.map((mode, i) => [`normalized_${mode}`, made[i] ?? 0])),
      },
      episodes,
      message: `98 % of the frames have ${shownNumber(dimension.median)}, but ${frames} ${exceptions.length === 1 ? 'has another value' : 'have others'}, here ${shownNumber(value)}: normalized it becomes ${shown}.`,
      remedy: `${modes.includes('quantile') ? 'data.normMode=mean_std' : 'a constant there'}${isMany ? '' : `, or ${excluding(episodes)}`}`,
    },
  ];
};

/** Dimensions that never change, hardly change, or change in so few frames that quantiles do not see it. */
export const stillness: Check = {
  name: 'stillness',
  looksAt: 'dimensions whose values are, nearly or nearly all, the same',
  begin: (subject) => {
    const views = vectorsOf(subject).map((view) => ({ feature: view.feature, values: profile(view) }));
    const modes = modesOf(subject.settings);
    return {
      add: (episode) => {
        for (const { values } of views) values.add(episode);
      },
      findings: () =>
        views.flatMap(({ feature, values }) => {
          const all = values.dimensions();
          return [
            ...all.filter(isCollapsed).flatMap((dimension) => collapsedFinding(feature, dimension, modes)),
            ...nearFinding(feature, all),
            ...constantFinding(feature, all),
          ];
        }),
    };
  },
};

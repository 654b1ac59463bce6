import type { NormalizationMode } from '@torsor/data';
import { type Check, type VectorView, vectorsOf } from '../check.js';
import { type Extreme, keptExtremes } from '../extremes.js';
import type { Finding } from '../finding.js';
import { modesOf, normalized, shownMode } from '../normalized.js';
import { type DimensionProfile, profile } from '../profile.js';
import { counted, distinctNumbers, excluding, listed, shownEpisodes, shownNumber } from '../words.js';

/**
 * Distance from the middle 98 % of the values, in widths of it, from which a value is named. Quantile normalization makes 41 of it,
 * where the others lie from -1 to 1; of a normal distribution it would be 95 standard deviations away.
 */
const farWidths = 20;

/** From here on training is not safe: the squared error of the value is some four million times that of another. */
const hopelessWidths = 1000;

type Far = { readonly dimension: DimensionProfile; readonly values: readonly Extreme[]; readonly widths: number };

const widthsOf = ({ q01, q99 }: DimensionProfile, value: number): number =>
  Math.max(q01 - value, value - q99) / (q99 - q01);

/** The values of a dimension that are far out, the farthest first; none where 98 % of them are equal. */
const farOf = (dimension: DimensionProfile): readonly Far[] => {
  if (!(dimension.q99 > dimension.q01)) return [];
  const values = [...dimension.highest, ...dimension.lowest]
    .filter(({ value }) => widthsOf(dimension, value) > farWidths)
    .toSorted((a, b) => widthsOf(dimension, b.value) - widthsOf(dimension, a.value));
  const [farthest] = values;
  return farthest === undefined ? [] : [{ dimension, values, widths: widthsOf(dimension, farthest.value) }];
};

type Modes = readonly NormalizationMode[];

const normalizedTo = (dimension: DimensionProfile, value: number, modes: Modes): string =>
  modes.map((mode) => `${shownMode[mode]} it becomes ${shownNumber(normalized(dimension, mode, value))}`).join(', ');

/** The middle of a dimension, normalized by mean and deviation: what outliers leave of it. */
const squeezed = (dimension: DimensionProfile): number =>
  Math.abs(normalized(dimension, 'mean_std', dimension.q99) - normalized(dimension, 'mean_std', dimension.q01));

const squeeze = (dimension: DimensionProfile, modes: Modes): string => {
  const width = squeezed(dimension);
  // A normal distribution has 4.65.
  return modes.includes('mean_std') && width < 0.5
    ? ` The other values of it become nearly equal: 98 % lie within ${shownNumber(width)}.`
    : '';
};

const others = (far: readonly Far[]): string => {
  const names = far.slice(1).map(({ dimension }) => dimension.name);
  return names.length === 0 ? '' : ` Also in ${counted(names.length, 'other dimension')}: ${listed(names)}.`;
};

const outlierFinding = (feature: VectorView['feature'], far: readonly Far[], modes: Modes): readonly Finding[] => {
  const [worst] = far;
  const [value] = worst?.values ?? [];
  if (worst === undefined || value === undefined) return [];
  const { dimension, widths, values } = worst;
  const { episode, frame } = value;
  const episodes = distinctNumbers(far.flatMap(({ values: all }) => all.map((one) => one.episode)));
  return [
    {
      _tag: 'Outlier',
      severity: far.some((one) => one.widths >= hopelessWidths) ? 'error' : 'warning',
      where: { feature, dimension: dimension.name, episode, frame },
      numbers: {
        value: value.value,
        q01: dimension.q01,
        q99: dimension.q99,
        widthsAway: Math.min(widths, Number.MAX_VALUE),
        frames: values.length,
      },
      episodes,
      dimensions: far.map((one) => one.dimension.name),
      message: `the value is ${shownNumber(value.value)}, where 98 % lie from ${shownNumber(dimension.q01)} to ${shownNumber(dimension.q99)}: ${shownNumber(widths)} such widths away, in ${counted(values.length, 'frame')}; normalized ${normalizedTo(dimension, value.value, modes)}.${squeeze(dimension, modes)}${others(far)}`,
      remedy: `${excluding(episodes)}, or repair ${shownEpisodes(episodes)}`,
    },
  ];
};

const narrowFinding = (feature: VectorView['feature'], far: readonly Far[], modes: Modes): readonly Finding[] => {
  const [worst] = far;
  const [value] = worst?.values ?? [];
  if (worst === undefined || value === undefined || !modes.includes('quantile')) return [];
  const { dimension, widths } = worst;
  const { episode, frame } = value;
  return [
    {
      _tag: 'NarrowRange',
      severity: 'warning',
      where: { feature, dimension: dimension.name, episode, frame },
      numbers: { value: value.value, q01: dimension.q01, q99: dimension.q99, widthsAway: widths },
      dimensions: far.map((one) => one.dimension.name),
      message: `98 % of the values lie from ${shownNumber(dimension.q01)} to ${shownNumber(dimension.q99)}, but ${keptExtremes} frames or more lie far outside, up to ${shownNumber(value.value)}: normalized by quantiles it becomes ${shownNumber(normalized(dimension, 'quantile', value.value))}.${others(far)}`,
      remedy: 'data.normMode=mean_std, which the few large motions widen',
    },
  ];
};

const byDistance = (far: readonly Far[]): readonly Far[] => far.toSorted((a, b) => b.widths - a.widths);

/** Values far outside those of their dimension: few of them are slips of a sensor, many are motions that quantiles overlook. */
export const outliers: Check = {
  name: 'outliers',
  looksAt: 'the outermost values of each dimension against its middle 98 %',
  begin: (subject) => {
    const views = vectorsOf(subject).map((view) => ({ feature: view.feature, values: profile(view) }));
    const modes = modesOf(subject.settings);
    return {
      add: (episode) => {
        for (const { values } of views) values.add(episode);
      },
      findings: () =>
        views.flatMap(({ feature, values }) => {
          const far = byDistance(values.dimensions().flatMap(farOf));
          const isFew = ({ values: all }: Far): boolean => all.length < keptExtremes;
          return [
            ...outlierFinding(feature, far.filter(isFew), modes),
            ...narrowFinding(
              feature,
              far.filter((one) => !isFew(one)),
              modes,
            ),
          ];
        }),
    };
  },
};

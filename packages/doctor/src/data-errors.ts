import { type DataError, showDataError } from '@torsor/data';
import type { Finding, Place } from './finding.js';
import { counted, distinctNumbers, excluding } from './words.js';

const placed = ['file', 'feature', 'episode', 'frame'] as const;

const placeOf = (error: DataError): Place => {
  const fields: Readonly<Record<string, unknown>> = error;
  const place = Object.fromEntries(placed.flatMap((key) => (key in fields ? [[key, fields[key]]] : [])));
  return {
    ...place,
    ...('column' in error ? { feature: error.column } : {}),
    ...('joint' in error ? { dimension: error.joint } : {}),
  };
};

const numbersOf = (error: DataError): Finding['numbers'] =>
  Object.fromEntries(
    Object.entries(error).filter(
      (entry): entry is [string, number] =>
        typeof entry[1] === 'number' && Number.isFinite(entry[1]) && entry[0] !== 'episode' && entry[0] !== 'frame',
    ),
  );

const remedyOf = (error: DataError, episodes: readonly number[], all: number): string | null => {
  if (error._tag === 'MissingVideos') return `copy them, or data.withoutCameras=${JSON.stringify(error.cameras)}`;
  if (error._tag === 'CountMismatch') return `${error.what} of meta/info.json: ${error.counted}`;
  return episodes.length === 0 || episodes.length === all ? null : excluding(episodes);
};

/** The reader's own words; of videos that are missing the first, without the list. */
const wordsOf = (error: DataError): string =>
  error._tag === 'MissingVideos'
    ? `${counted(error.count, 'video file')} that meta/info.json declares ${error.count === 1 ? 'is' : 'are'} missing, first ${error.files[0] ?? ''}.`
    : showDataError(error).replaceAll(/\s*\n\s*/g, ' ');

/** A refusal of the reader, and the episodes that were asked for when it refused; none where it refuses all. */
export type Refusal = { readonly error: DataError; readonly episodes: readonly number[] };

/**
 * What a reader refuses, as a finding each kind: the first of it, the episodes of all.
 *
 * @param all - episodes that were asked for.
 */
export const refusalFindings = (refusals: readonly Refusal[], all: number): readonly Finding[] => {
  const tags = [...new Set(refusals.map(({ error }) => error._tag))];
  return tags.flatMap((tag): readonly Finding[] => {
    const same = refusals.filter(({ error }) => error._tag === tag);
    const [first] = same;
    if (first === undefined) return [];
    const { error } = first;
    const episodes = distinctNumbers(same.flatMap((refusal) => refusal.episodes));
    const more = episodes.length > 1 ? ` So it is, or nearly, in ${counted(episodes.length, 'episode')}.` : '';
    return [
      {
        _tag: tag,
        severity: 'error',
        where: placeOf(error),
        numbers: numbersOf(error),
        ...(episodes.length === 0 ? {} : { episodes }),
        message: `${wordsOf(error)}${more}`,
        remedy: remedyOf(error, episodes, all),
      },
    ];
  });
};

import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { counted, distinctNumbers, shownShare } from '../words.js';

/** Share of targets from which padding is worth a line. */
const worthSaying = 0.1;

/** Share of targets from which most of what is learned is to stand still. */
const mostly = 0.5;

/** Targets of the windows of an episode of `l` frames that lie beyond its end: the last `ah − 1` windows have some. */
const paddedOf = (l: number, ah: number): number => {
  const windows = Math.min(l, ah - 1);
  // The window with r frames left lacks ah − r, for r from 1 on.
  return windows * ah - (windows * (windows + 1)) / 2;
};

const findingOf = (
  short: readonly number[],
  { padded, frames, ah }: { readonly padded: number; readonly frames: number; readonly ah: number },
): readonly Finding[] => {
  const share = frames === 0 ? 0 : padded / (frames * ah);
  if (short.length === 0 && share < worthSaying) return [];
  const episodes = distinctNumbers(short);
  const [first] = episodes;
  return [
    {
      _tag: 'PaddedTargets',
      severity: share >= mostly ? 'warning' : 'note',
      where: first === undefined ? {} : { episode: first },
      numbers: { share, actionHorizon: ah, shortEpisodes: episodes.length, frames },
      ...(episodes.length === 0 ? {} : { episodes }),
      message: `${shownShare(share)} of the targets lie beyond the end of their episode and repeat its last action${episodes.length === 0 ? '' : `; ${counted(episodes.length, 'episode')} ${episodes.length === 1 ? 'is' : 'are'} shorter than a chunk of ${ah}`}.`,
      remedy: `model.actionHorizon below ${ah}`,
    },
  ];
};

/** Episodes shorter than a chunk of a run, and the share of targets that are padding. */
export const chunks: Check = {
  name: 'chunks',
  looksAt: 'lengths of episodes against model.actionHorizon',
  begin: ({ settings }) => {
    const ah = settings?.model.actionHorizon ?? 0;
    const short: number[] = [];
    let [padded, frames] = [0, 0];
    return {
      add: ({ index, length }) => {
        if (length < ah) short.push(index);
        if (ah > 0) padded += paddedOf(length, ah);
        frames += length;
      },
      findings: () => (ah === 0 ? [] : findingOf(short, { padded, frames, ah })),
    };
  },
};

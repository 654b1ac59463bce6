/** A number for people: four digits. */
export const shownNumber = (x: number): string => String(Number(x.toPrecision(4)));

/** A share for people, in percent; never rounded to all or nothing. */
export const shownShare = (share: number): string => {
  const percent = 100 * share;
  if (percent > 0 && percent < 0.1) return 'below 0.1 %';
  if (percent < 100 && percent > 99.9) return 'above 99.9 %';
  return `${Number(percent.toFixed(1))} %`;
};

/** A number of things: `1 frame`, `3 frames`. */
export const counted = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** The first of some names, and how many more there are. */
export const listed = (items: readonly (string | number)[], most = 8): string =>
  items.length <= most ? items.join(', ') : `${items.slice(0, most).join(', ')} and ${items.length - most} more`;

/** `episode 3`, `episodes 3, 5`. */
export const shownEpisodes = (episodes: readonly number[]): string =>
  `${episodes.length === 1 ? 'episode' : 'episodes'} ${listed(episodes)}`;

/** Numbers ascending, each once. */
export const distinctNumbers = (all: Iterable<number>): readonly number[] =>
  [...new Set(all)].toSorted((a, b) => a - b);

/** Episodes that a setting can hold on one line of a terminal. */
const most = 16;

/** The setting that leaves episodes out. */
export const excluding = (episodes: readonly number[]): string =>
  `data.excludeEpisodes=[${episodes.slice(0, most).join(',')}${episodes.length > most ? `,…] (all ${episodes.length}: --json)` : ']'}`;

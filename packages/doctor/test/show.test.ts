import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../src/finding.js';
import { sentenceOf, showFinding, showFindings } from '../src/show.js';

const finding: Finding = {
  _tag: 'TimeGap',
  severity: 'warning',
  where: { episode: 3, frame: 30 },
  numbers: { seconds: 11.1 },
  episodes: [3],
  message: '11.1 s pass to the next frame, where fps = 10 says 0.1 s; windows of actions run across it.',
  remedy: 'data.excludeEpisodes=[3], or split the episode there',
};

it('says where, what, and what mends it', () => {
  expect(showFinding(finding)).toBe(
    [
      'warning  episode 3, frame 30: 11.1 s pass to the next frame, where fps = 10 says',
      '         0.1 s; windows of actions run across it.',
      '         → data.excludeEpisodes=[3], or split the episode there',
    ].join('\n'),
  );
});

it('is one line for a log', () => {
  expect(sentenceOf({ ...finding, message: 'time stands still.' })).toBe(
    'episode 3, frame 30: time stands still. Remedy: data.excludeEpisodes=[3], or split the episode there',
  );
});

it('never repeats the file that a message names', () => {
  const message = 'meta/info.json, line 3: not valid JSON.';
  expect(showFinding({ ...finding, where: { file: 'meta/info.json' }, message, remedy: null })).toBe(
    'warning  meta/info.json, line 3: not valid JSON.',
  );
});

it('keeps to 80 columns but for words that are longer', () => {
  const word = fc
    .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 60 })
    .map((text) => text.replaceAll(' ', '_'));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 40 }), (words) => {
      const shown = showFinding({ ...finding, where: {}, message: words.join(' '), remedy: words.join(' ') });
      for (const line of shown.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
      expect(shown.split(/\s+/).filter((text) => text !== '→' && text !== 'warning')).toEqual(
        [...words, ...words].filter((text) => text !== '→' && text !== 'warning'),
      );
    }),
  );
});

describe('findings', () => {
  const looked = { episodes: 1, frames: 20 };

  it('come with the worst first, and a sum', () => {
    const error: Finding = { ...finding, severity: 'error', message: 'bad.', where: {}, remedy: null };
    const shown = showFindings([{ ...finding, message: 'odd.', where: {}, remedy: null }, error], looked);
    expect(shown.split('\n')).toEqual([
      'error    bad.',
      'warning  odd.',
      '',
      '1 episode (20 frames) looked at: 1 error, 1 warning, 0 notes. Not safe to train on.',
    ]);
  });

  it('are none of a good dataset', () => {
    expect(showFindings([], looked)).toBe(
      '1 episode (20 frames) looked at: 0 errors, 0 warnings, 0 notes. Safe to train on.',
    );
  });
});

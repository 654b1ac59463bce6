import type { ActionChunk, CountingActionTokenizer } from '@torsor/tokenizer';
import { roundTrip } from '@torsor/tokenizer';
import * as E from 'fp-ts/lib/Either.js';
import type { Finding } from '../finding.js';
import { counted, shownNumber, shownShare } from '../words.js';

/**
 * Root mean square error, in normalized units, from which the actions that are learned are not those that were recorded: 5 %
 * of the middle 98 % of a joint, which is 2 wide. Openpi's processor has 0.01 to 0.02 on robot data.
 */
const coarse = 0.1;

/** A motion so much larger is usual of another day. */
const larger = 1.1;

/** Share of chunks that such a motion may leave without tokens. */
const nearEdge = 0.01;

/** Chunks that go there and back at most, evenly spread: the error of 2,000 is known to some 2 % of itself. */
const looked = 2000;

const spread = (chunks: readonly ActionChunk[]): readonly ActionChunk[] => {
  const step = Math.ceil(chunks.length / looked);
  return chunks.filter((_, i) => i % step === 0);
};

const scaled = ({ shape, data }: ActionChunk): ActionChunk => ({ shape, data: data.map((x) => x * larger) });

const roundTripFinding = (chunks: number, rmse: number, worst: number): readonly Finding[] =>
  rmse < coarse
    ? []
    : [
        {
          _tag: 'CoarseActionTokens',
          severity: 'warning',
          where: { feature: 'action' },
          numbers: { rmse, worst, chunks },
          message: `actions come back from their tokens ${shownNumber(rmse)} away (root mean square, normalized; at most ${shownNumber(worst)}): the policy can learn nothing finer.`,
          remedy: 'a larger model.fast.scale, or another model.fast.path',
        },
      ];

/**
 * How a FAST tokenizer does on the chunks of a run: what it loses, what it has no tokens for, and what is near that. Of many chunks
 * 2,000 evenly spread ones are looked at.
 *
 * @param all - normalized chunks `[ah, ad]`.
 */
export const fastFindings = (tokenizer: CountingActionTokenizer, all: readonly ActionChunk[]): readonly Finding[] => {
  const chunks = spread(all);
  const { refused, rmse, worst, tokensPerChunk, longest, example } = roundTrip(tokenizer, chunks);
  const isOutside = (chunk: ActionChunk): boolean => {
    const made = tokenizer.encodeCounted(chunk);
    return E.isLeft(made) || made.right.clamped > 0;
  };
  const edge = chunks.filter((chunk) => !isOutside(chunk) && isOutside(scaled(chunk))).length;
  const share = edge / Math.max(1, chunks.length);
  return [
    ...(refused === 0
      ? []
      : [
          {
            _tag: 'NoActionTokens',
            severity: 'error' as const,
            where: { feature: 'action' },
            numbers: { chunks: chunks.length, refused },
            message: `${counted(refused, 'chunk')} of ${chunks.length} ${refused === 1 ? 'has' : 'have'} no action tokens (${example ?? ''}).`,
            remedy: 'model.fast.onOutOfRange=clamp, or a tokenizer fitted on these data (torsor fit-fast)',
          },
        ]),
    ...roundTripFinding(chunks.length, rmse, worst),
    ...(share < nearEdge
      ? []
      : [
          {
            _tag: 'NearAlphabetEdge',
            severity: 'warning' as const,
            where: { feature: 'action' },
            numbers: { share, chunks: chunks.length, factor: larger },
            message: `${shownShare(share)} of the chunks would have coefficients without a token if their motions were ${shownShare(larger - 1)} larger: motions of another day may be cut or refused.`,
            remedy: 'model.fast.onOutOfRange=clamp, or a tokenizer fitted on more data',
          },
        ]),
    {
      _tag: 'ActionTokens',
      severity: 'note',
      where: { feature: 'action' },
      numbers: { tokensPerChunk, longest, rmse, worst, chunks: chunks.length },
      message: `${shownNumber(tokensPerChunk)} action tokens for a chunk, ${longest} for the longest of ${chunks.length}; they come back ${shownNumber(rmse)} away (root mean square, normalized).`,
      remedy: null,
    },
  ];
};

import type { Split } from './bytes.js';
import { byteCharacters, characterBytes, splitText, utf8 } from './bytes.js';

/** A byte-pair vocabulary: the string of each id, and the merges in the order in which they are tried. */
export type BytePairs = {
  readonly vocab: readonly string[];
  /** Ids `[left, right, merged]`. */
  readonly merges: readonly (readonly [left: number, right: number, merged: number])[];
  readonly split: Split;
};

type Rank = {
  readonly rank: number;
  readonly merged: number;
};

type Ranks = ReadonlyMap<number, Rank>;

type RankOf = (left: number, right: number) => Rank;

const noRank: Rank = { rank: Number.POSITIVE_INFINITY, merged: -1 };

const lowestRank = (ranks: RankOf, symbols: readonly number[]): number => {
  let lowest = noRank.rank;
  for (let i = 1; i < symbols.length; i += 1)
    lowest = Math.min(lowest, ranks(symbols[i - 1] ?? 0, symbols[i] ?? 0).rank);
  return lowest;
};

// One merge at every place from the left, until a merge makes a pair that comes before it in the order.
const mergeRank = (rankOf: RankOf, symbols: readonly number[], rank: number): readonly number[] => {
  const done: number[] = [];
  for (let i = 0; i < symbols.length; i += 1) {
    const left = symbols[i] ?? -1;
    const found = rankOf(left, symbols[i + 1] ?? -1);
    if (found.rank !== rank) {
      done.push(left);
      continue;
    }
    i += 1;
    const earlier = Math.min(
      rankOf(done.at(-1) ?? -1, found.merged).rank,
      rankOf(found.merged, symbols[i + 1] ?? -1).rank,
    );
    done.push(found.merged);
    if (earlier < rank) return [...done, ...symbols.slice(i + 1)];
  }
  return done;
};

const ranksOf = ({ vocab, merges }: BytePairs): ((left: number, right: number) => Rank) => {
  const size = vocab.length;
  const ranks: Ranks = new Map(merges.map(([left, right, merged], rank) => [left * size + right, { rank, merged }]));
  return (left, right) => (left < 0 || right < 0 ? noRank : (ranks.get(left * size + right) ?? noRank));
};

/** The id of each byte, -1 for a byte that the vocabulary lacks. */
export const byteIds = ({ vocab }: BytePairs): readonly number[] => {
  const ids = new Map(vocab.map((text, id) => [text, id]));
  return byteCharacters.map((c) => ids.get(c) ?? -1);
};

/**
 * Ids of a text all of whose bytes the vocabulary has: the first merge in the order that applies, leftmost first, until none does.
 *
 * @source `BPE` of Hugging Face's tokenizers
 */
export const encodeBytePairs = (pairs: BytePairs): ((text: string) => readonly number[]) => {
  const [ranks, ids] = [ranksOf(pairs), byteIds(pairs)];
  const encodeWord = (word: string): readonly number[] => {
    let symbols: readonly number[] = [...word].flatMap((c) =>
      utf8(c.codePointAt(0) ?? 0).map((byte) => ids[byte] ?? -1),
    );
    for (let rank = lowestRank(ranks, symbols); rank < noRank.rank; rank = lowestRank(ranks, symbols)) {
      symbols = mergeRank(ranks, symbols, rank);
    }
    return symbols;
  };
  return (text) => splitText(text, pairs.split).flatMap(encodeWord);
};

/** Bytes of ids inside the vocabulary; a character of it that stands for no byte gives `undefined`. */
export const decodeBytePairs =
  ({ vocab }: BytePairs) =>
  (tokens: readonly number[]): readonly number[] | undefined => {
    const bytes: number[] = [];
    for (const token of tokens) {
      for (const character of vocab[token] ?? '') {
        const byte = characterBytes.get(character);
        if (byte === undefined) return undefined;
        bytes.push(byte);
      }
    }
    return bytes;
  };

import type { BytePairs } from './byte-pairs.js';
import type { Split } from './bytes.js';
import { byteCharacters, splitText, utf8 } from './bytes.js';
import type { PairCount } from './pair-queue.js';
import { pairQueue } from './pair-queue.js';

/** How byte pairs are trained. */
export type TrainOptions = {
  readonly vocabSize: number;
  /** Characters that get an id whether or not they occur. */
  readonly alphabet: readonly string[];
  readonly split: Split;
};

const minFrequency = 2;

type Word = {
  readonly symbols: Int32Array;
  length: number;
  readonly count: number;
};

type Merge = readonly [left: number, right: number, merged: number];

// What lies beside a merged pair: the old neighbour pairs go, the new ones come.
const countBeside = (
  before: number,
  [left, right, merged]: Merge,
  after: number,
  count: (a: number, b: number, by: 1 | -1) => void,
): void => {
  if (before >= 0) {
    count(before, left, -1);
    count(before, merged, 1);
  }
  if (after >= 0) {
    count(right, after, -1);
    count(merged, after, 1);
  }
};

// Every place of the pair from the left, in place; `count` hears of each pair that went and came. The symbols end with -1.
const mergeWord = (word: Word, merge: Merge, count: (a: number, b: number, by: number) => void): void => {
  const { symbols, length } = word;
  let to = 0;
  for (let from = 0; from < length; from += 1) {
    let symbol = symbols[from] ?? -1;
    if (symbol === merge[0] && symbols[from + 1] === merge[1]) {
      countBeside(symbols[to - 1] ?? -1, merge, symbols[from + 2] ?? -1, (a, b, by) => count(a, b, by * word.count));
      symbol = merge[2];
      from += 1;
    }
    symbols[to] = symbol;
    to += 1;
  }
  if (to < length) symbols[to] = -1;
  word.length = to;
};

const countWords = (texts: Iterable<string>, split: Split): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const text of texts) for (const word of splitText(text, split)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
};

const bytesOf = (word: string): readonly string[] =>
  [...word].flatMap((c) => utf8(c.codePointAt(0) ?? 0).map((byte) => byteCharacters[byte] ?? ''));

// Ids in the order of the characters, as Hugging Face's trainer gives them.
const alphabetOf = (words: Iterable<string>, alphabet: readonly string[]): readonly string[] => {
  const characters = new Set(alphabet);
  const seen = new Set<string>();
  for (const word of words) for (const c of word) seen.add(c);
  for (const c of seen) for (const byte of bytesOf(c)) characters.add(byte);
  return [...characters].sort((a, b) => (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0));
};

const countPairs = (words: readonly Word[], size: number): ReadonlyMap<number, PairCount> => {
  const pairs = new Map<number, { count: number; words: number[] }>();
  for (const [index, { symbols, length, count }] of words.entries()) {
    for (let i = 1; i < length; i += 1) {
      const key = (symbols[i - 1] ?? 0) * size + (symbols[i] ?? 0);
      const pair = pairs.get(key) ?? { count: 0, words: [] };
      pairs.set(key, pair);
      pair.count += count;
      if (pair.words.at(-1) !== index) pair.words.push(index);
    }
  }
  return pairs;
};

/**
 * Byte pairs of texts: the commonest pair is merged until the vocabulary is full or no pair occurs twice. Of equally common pairs the
 * one with the lowest ids goes first.
 *
 * @law the same for every order of the texts.
 * @source `BpeTrainer(min_frequency=2)` of Hugging Face's tokenizers, id for id
 */
export const trainBytePairs = (texts: Iterable<string>, options: TrainOptions): BytePairs => {
  const counts = countWords(texts, options.split);
  const vocab = [...alphabetOf(counts.keys(), options.alphabet)];
  const ids = new Map(vocab.map((text, id) => [text, id]));
  const words = Array.from(counts, ([text, count]): Word => {
    const symbols = Int32Array.from([...bytesOf(text), ''], (c) => ids.get(c) ?? -1);
    return { symbols, length: symbols.length - 1, count };
  });
  const size = Math.max(options.vocabSize, vocab.length);
  const queue = pairQueue(countPairs(words, size));
  const merges: [number, number, number][] = [];
  while (vocab.length < options.vocabSize) {
    const top = queue.pop();
    if (top === undefined || top.count < minFrequency) break;
    const [left, right] = [Math.floor(top.key / size), top.key % size];
    const text = `${vocab[left] ?? ''}${vocab[right] ?? ''}`;
    // Two pairs may spell one string: it keeps the id that it has.
    const merged = ids.get(text) ?? vocab.push(text) - 1;
    ids.set(text, merged);
    merges.push([left, right, merged]);
    for (const index of top.words) {
      const word = words[index];
      if (word === undefined) continue;
      mergeWord(word, [left, right, merged], (a, b, change) => queue.change(a * size + b, change, index));
    }
    queue.settle();
  }
  return { vocab, merges, split: options.split };
};

import { bits } from './bits.js';
import { type Key, split } from './key.js';

const base = 256;

/** Where each digit's words begin once they are sorted. */
const starts = (words: Uint32Array, shift: number): Uint32Array => {
  const start = new Uint32Array(base + 1);
  for (const word of words) {
    const next = ((word >>> shift) & (base - 1)) + 1;
    start[next] = (start[next] ?? 0) + 1;
  }
  for (let digit = 1; digit <= base; digit++) start[digit] = (start[digit] ?? 0) + (start[digit - 1] ?? 0);
  return start;
};

/** Stable order of `order` by the 32-bit word at each position: least significant digit radix sort. */
const sortByWords = (words: Uint32Array, order: Uint32Array): Uint32Array => {
  let fromWords = words;
  let from = order;
  for (const shift of [0, 8, 16, 24]) {
    const start = starts(fromWords, shift);
    const toWords = new Uint32Array(words.length);
    const to = new Uint32Array(words.length);
    for (let i = 0; i < words.length; i++) {
      const word = fromWords[i] ?? 0;
      const digit = (word >>> shift) & (base - 1);
      const at = start[digit] ?? 0;
      start[digit] = at + 1;
      toWords[at] = word;
      to[at] = from[i] ?? 0;
    }
    fromWords = toWords;
    from = to;
  }
  return from;
};

/**
 * A random order of `0 … n − 1`.
 *
 * @law the result is a permutation.
 * @source jax 0.5.3 `jax.random.permutation(key, n)`: sort by fresh words, as often as makes ties unlikely.
 */
export const permutation = (key: Key, n: number): Uint32Array => {
  const rounds = Math.ceil((3 * Math.log(Math.max(1, n))) / Math.log(2 ** 32 - 1));
  let order: Uint32Array = Uint32Array.from({ length: n }, (_, i) => i);
  let parent = key;
  for (let round = 0; round < rounds; round++) {
    const [next = parent, drawn = parent] = split(parent);
    order = sortByWords(bits(drawn, n), order);
    parent = next;
  }
  return order;
};

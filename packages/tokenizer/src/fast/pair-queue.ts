/** How often a pair occurs, and the words that it was seen in. */
export type PairCount = {
  readonly count: number;
  readonly words: readonly number[];
};

/** A pair by its key `left · size + right`, with its count. */
export type QueuedPair = PairCount & {
  readonly key: number;
};

/** Pairs by count, the commonest first and of equals the lowest key; counts change between takes. */
export type PairQueue = {
  /** The commonest pair, with its words; it leaves the queue. */
  readonly pop: () => QueuedPair | undefined;
  /** Adds to the count of a pair; a gain also notes the word, for `settle`. */
  readonly change: (key: number, change: number, word: number) => void;
  /** Queues the pairs that gained since the last call. */
  readonly settle: () => void;
};

const before = (a: QueuedPair, b: QueuedPair): boolean => (a.count === b.count ? a.key < b.key : a.count > b.count);

const push = (heap: QueuedPair[], pair: QueuedPair): void => {
  let place = heap.push(pair) - 1;
  while (place > 0) {
    const up = (place - 1) >> 1;
    const parent = heap[up];
    if (parent === undefined || !before(pair, parent)) break;
    heap[place] = parent;
    place = up;
  }
  heap[place] = pair;
};

const lesserChild = (heap: readonly QueuedPair[], place: number): number => {
  const [left, right] = [heap[2 * place + 1], heap[2 * place + 2]];
  return left !== undefined && right !== undefined && before(right, left) ? 2 * place + 2 : 2 * place + 1;
};

const pop = (heap: QueuedPair[]): QueuedPair | undefined => {
  const top = heap[0];
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return top;
  let place = 0;
  for (let child = 1; child < heap.length; ) {
    child = lesserChild(heap, place);
    const below = heap[child];
    if (below === undefined || !before(below, last)) break;
    heap[place] = below;
    place = child;
    child = 2 * place + 1;
  }
  heap[place] = last;
  return top;
};

/** A queue of these pairs. Counts in the heap may be old: a pair that comes up with an old one goes back with the new. */
export const pairQueue = (initial: ReadonlyMap<number, PairCount>): PairQueue => {
  const counts = new Map<number, number>();
  const gained = new Map<number, number[]>();
  const heap: QueuedPair[] = [];
  for (const [key, pair] of initial) {
    counts.set(key, pair.count);
    push(heap, { key, ...pair });
  }
  return {
    pop: () => {
      for (let top = pop(heap); top !== undefined; top = pop(heap)) {
        const count = counts.get(top.key) ?? 0;
        if (count === top.count) return top;
        push(heap, { ...top, count });
      }
      return undefined;
    },
    change: (key, change, word) => {
      counts.set(key, (counts.get(key) ?? 0) + change);
      if (change < 0) return;
      const words = gained.get(key) ?? [];
      gained.set(key, words);
      if (words.at(-1) !== word) words.push(word);
    },
    settle: () => {
      for (const [key, words] of gained) {
        const count = counts.get(key) ?? 0;
        if (count > 0) push(heap, { key, count, words });
      }
      gained.clear();
    },
  };
};

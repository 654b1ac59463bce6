import { foldIn, key, permutation } from '@torsor/random';

/** Where training is in the data: how many of an epoch's samples are used. Part of the training state. */
export type DataPosition = {
  readonly epoch: number;
  /** Samples of this epoch already used, in `[0, n)`. */
  readonly offset: number;
};

/** The order of an epoch's `n` samples. */
export type EpochOrder = (seed: number, epoch: number, n: number) => Uint32Array;

/** The position of a run that has not begun. */
export const firstPosition: DataPosition = { epoch: 0, offset: 0 };

/**
 * The order in which an epoch visits its samples: a function of the seed and the epoch alone.
 *
 * @returns `u32[n]`, a permutation of `0 … n − 1`.
 * @law a permutation; equal arguments give equal orders.
 */
export const epochOrder: EpochOrder = (seed, epoch, n) => permutation(foldIn(key(seed), epoch), n);

/** `epochOrder` that remembers the last epochs it was asked for, so that a step costs no permutation. Same results. */
export const cachedEpochOrder = (): EpochOrder => {
  const remembered = new Map<string, Uint32Array>();
  return (seed, epoch, n) => {
    const name = `${seed}/${epoch}/${n}`;
    const known = remembered.get(name);
    if (known) return known;
    const order = epochOrder(seed, epoch, n);
    // Two are enough: a batch spans at most the end of one epoch and the start of the next.
    for (const old of [...remembered.keys()].slice(0, -1)) remembered.delete(old);
    remembered.set(name, order);
    return order;
  };
};

/**
 * The samples of the next batch, and the position after it. A batch that reaches the end of an epoch goes on with the
 * next one: no sample is dropped and every batch is full, also where it is larger than the whole dataset.
 *
 * @param n - number of samples, at least 1; with none the batch is empty and the position stays.
 * @returns `u32[batchSize]` sample numbers in `[0, n)`.
 * @law batches from a stored position continue the sequence exactly; each epoch visits every sample once.
 */
export const nextIndices = (
  position: DataPosition,
  batchSize: number,
  n: number,
  seed: number,
  order: EpochOrder = epochOrder,
): { readonly indices: Uint32Array; readonly position: DataPosition } => {
  if (n < 1) return { indices: new Uint32Array(0), position };
  const indices = new Uint32Array(batchSize);
  let { epoch, offset } = position;
  for (let filled = 0; filled < batchSize; ) {
    const take = Math.min(batchSize - filled, n - offset);
    indices.set(order(seed, epoch, n).subarray(offset, offset + take), filled);
    filled += take;
    offset += take;
    if (offset === n) {
      epoch += 1;
      offset = 0;
    }
  }
  return { indices, position: { epoch, offset } };
};

/**
 * Memory that decoding reuses from page to page and from file to file: without it, freeing pages costs as much time as
 * decoding them. Contents are meaningless between pages; decoding never yields in the middle of one.
 */
export type Scratch = {
  readonly reals: (count: number) => Float32Array;
  readonly integers: (count: number) => Float64Array;
};

type Growable = {
  readonly length: number;
};

const growing = <A extends Growable>(make: (length: number) => A): ((length: number) => A) => {
  let memory = make(0);
  return (length) => {
    if (memory.length < length) memory = make(Math.max(length, 2 * memory.length));
    return memory;
  };
};

/** Fresh scratch memory; every array it gives is at least as long as asked for. */
export const makeScratch = (): Scratch => ({
  reals: growing((length) => new Float32Array(length)),
  integers: growing((length) => new Float64Array(length)),
});

import koffi from 'koffi';

/*
 * glibc's parameters. XLA allocates the temporary memory of a run anew for each run; by default glibc takes it from the
 * system and gives it back every time, and the system clears it page by page: 10 % of a small policy's train step.
 */
const trimThreshold = -1;
const mmapMax = -4;
const twoGibibytes = 2 ** 31 - 1;

type Allocator = {
  readonly mallopt: (parameter: number, value: number) => number;
  readonly mallocTrim: (pad: number) => number;
};

/** glibc's allocator; `undefined` where the C library is another one. */
const glibc = (): Allocator | undefined => {
  try {
    const libc = koffi.load('libc.so.6');
    return {
      mallopt: libc.func('int mallopt(int parameter, int value)'),
      mallocTrim: libc.func('int malloc_trim(size_t pad)'),
    };
  } catch {
    return undefined;
  }
};

let allocator: Allocator | undefined | null = null;

/**
 * After a compilation: what the compiler freed goes back to the system, and from here on what a run frees is kept for the
 * next one. Does nothing without glibc.
 */
export const settleMemory = (): void => {
  if (allocator === null) {
    allocator = glibc();
    allocator?.mallopt(mmapMax, 0);
    allocator?.mallopt(trimThreshold, twoGibibytes);
  }
  allocator?.mallocTrim(0);
};

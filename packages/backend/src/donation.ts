import type { Program } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import type { Buffer, RunOptions } from './backend.js';
import type { BackendError } from './error.js';

/** Whether a path is at or below another; everything is below the empty one. */
const isBelow = (path: string, above: string): boolean =>
  above === '' || path === above || path.startsWith(`${above}/`);

const refuse = (path: string, reason: string): E.Either<BackendError, never> =>
  E.left({ _tag: 'BadDonation', path, reason });

/** The first two inputs that are one buffer, one of them at least given up. */
const givenTwice = (buffers: readonly Buffer[], donated: readonly boolean[]): readonly [number, number] | undefined => {
  const first = new Map<Buffer, number>();
  for (const [i, buffer] of buffers.entries()) {
    const before = first.get(buffer);
    if (before === undefined) first.set(buffer, i);
    else if (donated[i] === true || donated[before] === true) return [before, i];
  }
  return undefined;
};

/**
 * Which of its inputs a run gives up.
 *
 * @param inputs - of the program.
 * @param buffers - what is given for them, in their order.
 * @returns for each input, whether the run takes it.
 * @errors `BadDonation` for a path that names no input, and for a buffer that is given up and used as another input too.
 */
export const donatedInputs = (
  inputs: Program['inputs'],
  buffers: readonly Buffer[],
  { donate = [] }: RunOptions,
): E.Either<BackendError, readonly boolean[]> => {
  const unknown = donate.find((above) => above !== '' && !inputs.some(({ path }) => isBelow(path, above)));
  if (unknown !== undefined) {
    return refuse(unknown, `no input lies there; the inputs are ${inputs.map(({ path }) => path).join(', ')}`);
  }
  const donated = inputs.map(({ path }) => donate.some((above) => isBelow(path, above)));
  const twice = givenTwice(buffers, donated);
  if (twice === undefined) return E.right(donated);
  const [one, other] = twice.map((i) => inputs[i]?.path ?? '');
  return refuse(donated[twice[0]] ? `${one}` : `${other}`, `${one} and ${other} are one buffer; put the value twice`);
};

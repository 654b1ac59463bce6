import { program, tensorType } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { Buffer, donatedInputs, showBackendError } from '../src/index.js';

const scalar = tensorType('f32');

const paths = ['batch', 'state/mu/w', 'state/w', 'statement'];

const { inputs } = E.getOrElseW(() => expect.fail('a program'))(
  program({ batch: scalar, state: { mu: { w: scalar }, w: scalar }, statement: scalar }, ({ batch }) => batch),
);

const buffers = paths.map(() => new Buffer('some', scalar));

const taken = (...donate: readonly string[]): readonly string[] =>
  E.match(
    (): readonly string[] => [],
    (donated: readonly boolean[]) => paths.filter((_, i) => donated[i]),
  )(donatedInputs(inputs, buffers, { donate }));

const refusal = (given: readonly Buffer[], ...donate: readonly string[]): string =>
  E.match(showBackendError, () => 'no refusal')(donatedInputs(inputs, given, { donate }));

describe('donatedInputs', () => {
  it('gives up a path and everything below it, and no longer name', () => {
    expect(inputs.map(({ path }) => path)).toEqual(paths);
    expect(taken('state')).toEqual(['state/mu/w', 'state/w']);
    expect(taken('state/mu', 'statement')).toEqual(['state/mu/w', 'statement']);
    expect(taken('')).toEqual(paths);
    expect(taken()).toEqual([]);
  });

  it('names a path at which there is no input, and the inputs', () => {
    for (const path of ['stat', 'state/', 'state/w/x', 'State'])
      expect(refusal(buffers, 'batch', path)).toBe(
        `'${path}' cannot be donated: no input lies there; the inputs are batch, state/mu/w, state/w, statement`,
      );
  });

  it('names the inputs that are one buffer, whichever of them is given up', () => {
    const [batch, mu, w] = buffers;
    const shared = [batch, mu, w, batch].filter((buffer) => buffer !== undefined);
    const reason = 'cannot be donated: batch and statement are one buffer; put the value twice';
    expect(refusal(shared, 'batch')).toBe(`'batch' ${reason}`);
    expect(refusal(shared, 'statement')).toBe(`'statement' ${reason}`);
    expect(refusal(shared, 'state')).toBe('no refusal');
  });
});

import fc from 'fast-check';
import { vi } from 'vitest';

/*
 * The properties draw from one seed, the same for the same commit. `TORSOR_SEED=<integer>` draws from another instead,
 * `TORSOR_SEED=random` from a new one each time.
 */

const integer = (name: string, said: string): number => {
  const seed = Number(said);
  if (!Number.isInteger(seed)) throw new Error(`${name}: expected an integer or "random", received "${said}"`);
  return seed;
};

const said = process.env['TORSOR_SEED'];
if (said !== 'random')
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: integer('TORSOR_SEED', said ?? '20261123') });

/**
 * Beside it the gate draws from a seed that no run had before (`TORSOR_NEW_SEED`), a quarter as often: in the same test,
 * since starting every suite a second time would cost more than the draws. A property that names its seed keeps to it.
 */
const assertTwice = (newSeed: number): typeof fc.assert => {
  const assert = <T>(property: fc.IRawProperty<T>, parameters: fc.Parameters<T> = {}): unknown => {
    const first: unknown = fc.assert(property, parameters);
    if (parameters.seed !== undefined) return first;
    const { path: _path, examples: _examples, ...others } = { ...fc.readConfigureGlobal(), ...parameters };
    const numRuns = Math.ceil((others.numRuns ?? 100) / 4);
    const second = (): unknown => fc.assert(property, { ...others, examples: [], seed: newSeed, numRuns });
    return first instanceof Promise ? first.then(second) : second();
  };
  // The overloads for properties that wait and for those that do not: the body above treats both alike.
  return assert as typeof fc.assert;
};

const newSeed = process.env['TORSOR_NEW_SEED'];
if (newSeed !== undefined && said === undefined) {
  const assert = assertTwice(integer('TORSOR_NEW_SEED', newSeed));
  vi.doMock('fast-check', async (importOriginal) => {
    const original = await importOriginal<typeof import('fast-check')>();
    return { ...original, assert, default: { ...original.default, assert } };
  });
}

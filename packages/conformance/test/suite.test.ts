import { dtypes, type PrimitiveName, primitives } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  allNodes,
  type Case,
  declaredDeviations,
  gradientCases,
  inputsOf,
  knownDeviations,
  primitiveCases,
  suite,
} from '../src/index.js';

const names = Object.keys(primitives) as readonly PrimitiveName[];

const nodesOf = (of: Case): readonly string[] => {
  const built = of.program();
  if (E.isLeft(built)) return [];
  return allNodes(built.right.graph).flatMap((node) => (node._tag === 'Apply' ? [node.primitive.name] : []));
};

describe('the suite', () => {
  it('builds a program of every case', () => {
    expect(suite.filter(({ case: each }) => E.isLeft(each.program())).map(({ id }) => id)).toEqual([]);
  });

  it('names every case once', () => {
    expect(new Set(suite.map(({ id }) => id)).size).toBe(suite.length);
  });

  it('draws the same inputs each time', () => {
    for (const { case: each } of suite) expect(inputsOf(each)).toEqual(inputsOf(each));
  });

  it.each(names)('applies %s, also after simplification', (name) => {
    expect(primitiveCases[name].some((each) => nodesOf(each).includes(name))).toBe(true);
  });

  it('differentiates every primitive that a float depends on through', () => {
    const without = names.filter((name) => gradientCases[name].length === 0);
    expect(without).toEqual(['and', 'argmax', 'compare', 'constant', 'iota', 'not', 'or']);
  });

  it.each(dtypes)('has inputs or results of %s', (dtype) => {
    const types = suite.flatMap(({ case: each }) => Object.values(each.sources).map(({ type }) => type.dtype));
    expect(types).toContain(dtype);
  });
});

describe('the deviations', () => {
  it('that a backend declares are each shown by a case, of a primitive that it names', () => {
    for (const { declared, cases } of declaredDeviations) {
      const shown = cases.filter((id) => suite.some((entry) => entry.id === id));
      expect(shown.length, declared.where).toBeGreaterThan(0);
      const named = shown.flatMap((id) => (id.startsWith('primitive/') ? [id.split('/')[1]] : []));
      if (!declared.primitives.includes('*')) expect(declared.primitives).toEqual(expect.arrayContaining(named));
    }
  });

  it('are listed once', () => {
    const keys = knownDeviations.map((each) => `${each.backend} ${each.case}`);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

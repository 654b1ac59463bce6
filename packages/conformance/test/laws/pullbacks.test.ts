import { type PrimitiveName, primitives } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { allNodes, type Entry, gradientCases, suite } from '../../src/index.js';

const names = Object.keys(primitives) as readonly PrimitiveName[];
const differentiable = names.filter((name) => gradientCases[name].length > 0);

const pullbacks = suite.filter(({ group }) => group === 'pullback');

const under = (name: string): readonly Entry[] =>
  pullbacks.filter(({ id }) => id.startsWith(`pullback/${name}/`) || id.startsWith(`pullback/gradient/${name}/`));

/** Primitives whose derivative is zero wherever there is one: their pullbacks compute nothing. */
const flat: ReadonlySet<string> = new Set([
  'ceil',
  'floor',
  'is_finite',
  'round_nearest_even',
  'sign',
  'stop_gradient',
]);

const computes = ({ case: each }: Entry): boolean => {
  const built = each.program();
  if (E.isLeft(built)) return false;
  const inputs = new Set(built.right.graph.inputs.map(({ node }) => node));
  return allNodes(built.right.graph).some(
    (node) => node._tag === 'Apply' && node.operands.length > 0 && !inputs.has(node),
  );
};

describe('derived pullbacks', () => {
  it.each(differentiable.filter((name) => name !== 'scan'))('there is one of %s', (name) => {
    expect(under(name).length).toBeGreaterThan(0);
  });

  it.each(differentiable.filter((name) => !flat.has(name) && name !== 'scan'))(
    'that of %s computes something',
    (name) => {
      expect(under(name).some(computes)).toBe(true);
    },
  );

  it('there are some of loops and of composites', () => {
    for (const part of ['scan', 'composite']) expect(under(part).filter(computes).length).toBeGreaterThan(5);
  });
});

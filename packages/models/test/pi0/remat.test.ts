import { type Expr, type Graph, mean, program, type Remat, showShapeError, valueAndGrad } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { batchTypes, computeLoss, paramTypes } from '../../src/index.js';
import { tinyConfig as config, type Inputs, randomInputs, run } from './tiny.js';

const policies: readonly Remat[] = ['carry', 'dots', 'none'];

/** Without a policy the layers of so shallow a stack are written out. */
const derivative =
  (remat?: Remat) =>
  ({ params, batch }: Inputs<Expr>) =>
    valueAndGrad((at: typeof params) =>
      mean(computeLoss({ ...config, ...(remat === undefined ? {} : { remat }) }, at, batch)),
    )(params);

type Loop = {
  readonly reverse: boolean;
  readonly products: number;
};

const nodesOf = ({ outputs }: Graph): ReadonlySet<Graph['outputs'][number]['node']> => {
  const nodes = new Set(outputs.map(({ node }) => node));
  // What is added while a set is walked is walked too.
  for (const node of nodes) if (node._tag === 'Apply') for (const operand of node.operands) nodes.add(operand.node);
  return nodes;
};

const count = (graph: Graph, name: string): number =>
  [...nodesOf(graph)].filter((node) => node._tag === 'Apply' && node.primitive.name === name).length;

/** The loops over the layers in the gradient, and the products in a layer of each. */
const loops = (remat?: Remat): readonly Loop[] => {
  const types: Inputs<ReturnType<typeof batchTypes>['noise']> = {
    params: paramTypes(config),
    batch: batchTypes(config, 2),
  };
  const built = program(types, (inputs) => derivative(remat)(inputs as unknown as Inputs<Expr>));
  if (E.isLeft(built)) throw new Error(showShapeError(built.left));
  return [...nodesOf(built.right.graph)]
    .flatMap((node) => (node._tag === 'Apply' && node.primitive.name === 'scan' ? [node.params] : []))
    .map((params) => params as { readonly reverse: boolean; readonly body: Graph })
    .map(({ reverse, body }) => ({ reverse, products: count(body, 'dot_general') }))
    .sort((a, b) => Number(a.reverse) - Number(b.reverse) || a.products - b.products);
};

describe('what the derivative keeps of each layer', () => {
  it('changes no loss and no gradient', () => {
    const inputs = randomInputs(7);
    const expected = run(inputs, derivative('carry'));
    for (const remat of [...policies, undefined]) {
      for (const [path, values] of run(inputs, derivative(remat))) {
        const before = expected.get(path) ?? [];
        const scale = Math.max(1, ...before.map(Math.abs));
        expect(before.length).toBe(values.length);
        expect(Math.max(...values.map((x, i) => Math.abs(x - (before[i] ?? Number.NaN))))).toBeLessThan(1e-12 * scale);
      }
    }
  });

  it('is everything, without a loop, when nothing is said of so shallow a stack', () => {
    expect(config.paligemma.depth).toBeLessThanOrEqual(8);
    expect(loops()).toEqual([]);
  });

  it('is one loop forward and one back per stack, which computes products again only when nothing is kept', () => {
    const forward = loops('carry').filter(({ reverse }) => !reverse);
    expect(forward.length, 'one stack of the tower, one of the experts').toBe(2);
    for (const remat of policies) {
      const all = loops(remat);
      const back = all.filter(({ reverse }) => reverse);
      expect(all.filter(({ reverse }) => !reverse)).toEqual(forward);
      expect(back.length).toBe(forward.length);
      for (const [i, { products }] of forward.entries()) {
        expect(products).toBeGreaterThan(0);
        if (remat === 'carry') expect(back[i]?.products).toBeGreaterThan(2 * products);
        // Two for the cotangents of each.
        else expect(back[i]?.products).toBe(2 * products);
      }
    }
  });
});

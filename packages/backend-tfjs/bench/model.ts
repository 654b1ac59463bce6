import {
  add,
  div,
  type Expr,
  einsum,
  gelu,
  mean,
  mul,
  type Program,
  program,
  reshape,
  rmsNorm,
  type ShapeError,
  scan,
  softmax,
  sqrt,
  square,
  sub,
  type TensorType,
  tensorType,
  valueAndGrad,
} from '@torsor/tensor';
import type { Either } from 'fp-ts/lib/Either.js';
import { adam, layerNames, layerShapes, type Sizes } from './sizes.js';

type Named<A> = Readonly<Record<string, A>>;

/** The parameters: projections in and out, and layers stacked on a leading axis. */
export const parameterTypes = (sizes: Sizes): Named<TensorType> => {
  const shapes = layerShapes(sizes);
  const layers = layerNames.map((name) => [name, tensorType('f32', [sizes.n, ...shapes[name]])] as const);
  return {
    win: tensorType('f32', [sizes.ad, sizes.d]),
    wout: tensorType('f32', [sizes.d, sizes.ad]),
    ...Object.fromEntries(layers),
  };
};

const take = (weights: Named<Expr>, name: string): Expr => {
  const weight = weights[name];
  if (weight === undefined) throw new RangeError(`no weight ${name}`);
  return weight;
};

const attention = ({ b, l, h, e }: Sizes, x: Expr, weights: Named<Expr>): Expr => {
  const normed = rmsNorm(x, take(weights, 's1'));
  const q = reshape(einsum('bld,df->blf', [normed, take(weights, 'q')]), [b, l, h, e]);
  const k = einsum('bld,de->ble', [normed, take(weights, 'k')]);
  const v = einsum('bld,de->ble', [normed, take(weights, 'v')]);
  const scores = softmax(mul(einsum('blhe,bse->bhls', [q, k]), 1 / Math.sqrt(e)));
  const mixed = reshape(einsum('bhls,bse->blhe', [scores, v]), [b, l, h * e]);
  return add(x, einsum('blf,fd->bld', [mixed, take(weights, 'o')]));
};

const feedForward = (x: Expr, weights: Named<Expr>): Expr => {
  const normed = rmsNorm(x, take(weights, 's2'));
  const gate = gelu(einsum('bld,dm->blm', [normed, take(weights, 'g')]));
  const hidden = mul(gate, einsum('bld,dm->blm', [normed, take(weights, 'u')]));
  return add(x, einsum('blm,md->bld', [hidden, take(weights, 'w')]));
};

const predict = (sizes: Sizes, { win, wout, ...layers }: Named<Expr>, x: Expr): Expr => {
  const start = einsum('bla,ad->bld', [x, take({ win: win ?? x }, 'win')]);
  const step = (carry: Expr, weights: Named<Expr>): { readonly carry: Expr; readonly y: Record<never, Expr> } => ({
    carry: feedForward(attention(sizes, carry, weights), weights),
    y: {},
  });
  const { carry } = scan<Expr, Named<Expr>, Record<never, Expr>>(step, start, layers);
  return einsum('bld,da->bla', [carry, take({ wout: wout ?? x }, 'wout')]);
};

const zip = (f: (...leaves: readonly Expr[]) => Expr, ...trees: ReadonlyArray<Named<Expr>>): Named<Expr> =>
  Object.fromEntries(Object.keys(trees[0] ?? {}).map((name) => [name, f(...trees.map((tree) => take(tree, name)))]));

/** One training step: loss, gradients, Adam. `correction` are 1/(1 − b1ᵗ) and 1/(1 − b2ᵗ). */
export const trainStep = (sizes: Sizes): Either<ShapeError, Program> => {
  const types = parameterTypes(sizes);
  const { b, l, ad } = sizes;
  const batch = tensorType('f32', [b, l, ad]);
  const scalar = tensorType('f32');
  const inputs = { p: types, mu: types, nu: types, x: batch, y: batch, c1: scalar, c2: scalar };
  return program(inputs, ({ p, mu, nu, x, y, c1, c2 }) => {
    const { value, grads } = valueAndGrad((at: Named<Expr>) => mean(square(sub(predict(sizes, at, x), y))))(p);
    const m = zip((old = value, g = value) => add(mul(old, adam.b1), mul(g, 1 - adam.b1)), mu, grads);
    const v = zip((old = value, g = value) => add(mul(old, adam.b2), mul(square(g), 1 - adam.b2)), nu, grads);
    const update = (w: Expr, first: Expr, second: Expr): Expr =>
      sub(w, mul(div(mul(first, c1), add(sqrt(mul(second, c2)), adam.eps)), adam.rate));
    const next = zip((w = value, first = value, second = value) => update(w, first, second), p, m, v);
    return { loss: value, p: next, mu: m, nu: v };
  });
};

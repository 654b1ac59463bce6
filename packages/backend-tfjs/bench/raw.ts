import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import type { TfjsCore } from '../src/native/core.js';
import { requireHere } from '../src/native/core.js';
import { adam, drawn, type LayerName, layerNames, layerShapes, type Sizes } from './sizes.js';

type Weights = {
  readonly win: Variable;
  readonly wout: Variable;
  readonly layers: ReadonlyArray<{ readonly [N in LayerName]: Variable }>;
};

const variable = (tf: TfjsCore, shape: readonly number[], data: Float32Array): Variable =>
  tf.variable(tf.tensor(data, [...shape], 'float32'));

/** The same numbers as our program draws: there a parameter's layers are stacked in one tensor. */
const weightsOf = (tf: TfjsCore, sizes: Sizes, scale: number): Weights => {
  const shapes = layerShapes(sizes);
  const names = ['win', 'wout', ...layerNames].sort();
  const seed = (name: string): number => names.indexOf(name);
  const part = (name: LayerName, layer: number): Variable => {
    const size = shapes[name].reduce((a, b) => a * b, 1);
    return variable(
      tf,
      shapes[name],
      drawn(size * sizes.n, seed(name), scale).subarray(layer * size, (layer + 1) * size),
    );
  };
  const layer = (i: number): { readonly [N in LayerName]: Variable } => ({
    s1: part('s1', i),
    q: part('q', i),
    k: part('k', i),
    v: part('v', i),
    o: part('o', i),
    s2: part('s2', i),
    g: part('g', i),
    u: part('u', i),
    w: part('w', i),
  });
  return {
    win: variable(tf, [sizes.ad, sizes.d], drawn(sizes.ad * sizes.d, seed('win'), scale)),
    wout: variable(tf, [sizes.d, sizes.ad], drawn(sizes.ad * sizes.d, seed('wout'), scale)),
    layers: Array.from({ length: sizes.n }, (_, i) => layer(i)),
  };
};

const gelu = (tf: TfjsCore, x: Tensor): Tensor => {
  const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
};

const rmsNorm = (tf: TfjsCore, x: Tensor, scale: Tensor): Tensor =>
  tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-6))), tf.add(scale, 1));

/** Rows of width d: `[b·l, d]`, as one writes it to have one matrix product. */
const forward = (tf: TfjsCore, { b, l, h, e }: Sizes, weights: Weights, x: Tensor): Tensor => {
  let rows: Tensor = tf.matMul(x, weights.win);
  for (const w of weights.layers) {
    const normed = rmsNorm(tf, rows, w.s1);
    const heads = tf.transpose(tf.reshape(tf.matMul(normed, w.q), [b, l, h, e]), [0, 2, 1, 3]);
    const q = tf.reshape(heads, [b, h * l, e]);
    const k = tf.reshape(tf.matMul(normed, w.k), [b, l, e]);
    const v = tf.reshape(tf.matMul(normed, w.v), [b, l, e]);
    const scores = tf.softmax(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(e)));
    const mixed = tf.transpose(tf.reshape(tf.matMul(scores, v), [b, h, l, e]), [0, 2, 1, 3]);
    rows = tf.add(rows, tf.matMul(tf.reshape(mixed, [b * l, h * e]), w.o));
    const hidden = rmsNorm(tf, rows, w.s2);
    const gated = tf.mul(gelu(tf, tf.matMul(hidden, w.g)), tf.matMul(hidden, w.u));
    rows = tf.add(rows, tf.matMul(gated, w.w));
  }
  return tf.matMul(rows, weights.wout);
};

/**
 * The same training step as a tfjs user writes it: `variableGrads` and tfjs's Adam.
 *
 * @returns runs one step and gives its loss.
 */
export const rawStep = (
  tf: TfjsCore,
  sizes: Sizes,
  scale: number,
  x: Float32Array,
  y: Float32Array,
): (() => number) => {
  // the core is loaded without them; a user's `@tensorflow/tfjs` has them registered
  requireHere('@tensorflow/tfjs-core/dist/register_all_gradients');
  const weights = weightsOf(tf, sizes, scale);
  const shape: [number, number] = [sizes.b * sizes.l, sizes.ad];
  const [input, target] = [tf.tensor2d(x, shape), tf.tensor2d(y, shape)];
  const optimizer = tf.train.adam(adam.rate, adam.b1, adam.b2, adam.eps);
  const loss = (): Scalar => tf.mean<Scalar>(tf.square(tf.sub(forward(tf, sizes, weights, input), target)));
  return () => {
    const value = tf.tidy(() => {
      const found = tf.variableGrads(loss);
      optimizer.applyGradients(Object.entries(found.grads).map(([name, tensor]) => ({ name, tensor })));
      return found.value;
    });
    const [number = Number.NaN] = value.dataSync();
    value.dispose();
    return number;
  };
};

import { type Backend, type Buffer, referenceBackend } from '@torsor/backend';
import { backendError, type PolicyModel, type SampleRequest, type SamplerOptions } from '@torsor/policy';
import {
  abs,
  type Expr,
  mean,
  mul,
  square,
  sub,
  TensorValue,
  tensorType,
  tensorValue,
  toFloat64,
} from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';

const [ah, ad] = [2, 3];

const branch = (tree: Tree<Expr>, name: string): Expr => Object(tree)[name];

/** What its sampler was compiled for, and asked. */
export type Asked = { readonly options: SamplerOptions[]; readonly requests: SampleRequest[] };

/** Two axes, as what counts in `param_norm` has. */
const kernel = tensorType('f32', [1, 1]);

/** Its parameters. */
export const scaleOf = (w: number): { readonly w: TensorValue } => ({
  w: new TensorValue(kernel, Float32Array.of(w)),
});

const bufferOf = (params: Tree<Buffer>): Buffer => Object(params)['w'];

/**
 * A policy of one number w, in whose place any other stands: its loss is (w · noise − actions)² of each step, held out
 * |w · noise − actions|, and its actions are all w. Two tokens more than its row in the batch are decoded for each, where it writes any.
 */
export const scalePolicy = (
  asked: Asked,
  { writesTokens = false, backend = referenceBackend() }: { writesTokens?: boolean; backend?: Backend } = {},
): PolicyModel => {
  const off = (params: Tree<Expr>, batch: Tree<Expr>): Expr =>
    sub(mul(branch(batch, 'noise'), branch(params, 'w')), branch(batch, 'actions'));
  return {
    kind: 'scale',
    sizes: { actionDim: ad, actionHorizon: ah, maxTokenLen: 48, imageSize: [2, 2] },
    cameras: [],
    errors: [],
    paramTypes: { w: kernel },
    initParams: () => scaleOf(0.5),
    freezeFilter: undefined,
    batchTypes: (_, b) => ({ noise: tensorType('f32', [b, ah, ad]), actions: tensorType('f32', [b, ah, ad]) }),
    batchTensors: ({ noise, actions }, b) =>
      pipe(
        E.Do,
        E.bind('noise', () => tensorValue('f32', [b, ah, ad], noise)),
        E.bind('actions', () => tensorValue('f32', [b, ah, ad], actions)),
      ),
    loss: (_, params, batch, realDims) => ({
      loss: mean(square(off(params, batch)), [2]),
      measured: { loss_real_dims: mul(mean(square(off(params, batch)), [1, 2]), realDims) },
    }),
    heldOutLoss: (_, params, batch, realDims) => ({
      loss: mean(abs(off(params, batch)), [2]),
      measured: { token_accuracy: mul(mean(mul(branch(batch, 'actions'), branch(params, 'w')), [1, 2]), realDims) },
    }),
    sampler: (options) => {
      asked.options.push(options);
      return TE.right((params, request) => {
        asked.requests.push(request);
        const { state, stateDim, actionDim, actionHorizon } = request.start;
        return pipe(
          backend.get(bufferOf(params)),
          TE.bimap(backendError, (value) => ({
            actions: new Float32Array((state.length / stateDim) * actionHorizon * actionDim).fill(
              toFloat64(value)[0] ?? Number.NaN,
            ),
            decoded: writesTokens
              ? request.keys.map((_, row) => ({ tokens: row + 2, failure: row === 1 ? 'no end' : null }))
              : null,
          })),
        );
      });
    },
  };
};

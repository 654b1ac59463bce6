import type { JsonObject } from '@torsor/checkpoint';
import { foldIn, key, normal } from '@torsor/random';
import { fromFloat64, sizeOf, type TensorType, type TensorValue } from '@torsor/tensor';
import { map, type Tree } from '@torsor/tree';
import { familyOf, type PolicyModel } from '../../src/index.js';
import { save, stored } from '../saved-run.js';
import { tinyModel } from '../tiny.js';

/** Statistics of two dimensions, in which the ways of normalizing differ. */
export const statistics = {
  state: { mean: [1, 2], std: [2, 4], q01: [0, 0], q99: [2, 4] },
  actions: { mean: [10, 20], std: [2, 4], q01: [0, 10], q99: [2, 14] },
};

/** What of a policy's checkpoint is not as below. */
export type Saved = {
  readonly model?: object;
  readonly data?: JsonObject;
  readonly config?: JsonObject;
  readonly statistics?: JsonObject;
  /** Rows of the embedding table that the settings leave to the tokenizer. */
  readonly vocabulary?: number;
  readonly params?: (types: Tree<TensorType>) => Tree<TensorValue>;
  /** What is kept beside parameters: averages under `ema`, by the paths of their parameters, and parts of others. */
  readonly others?: { readonly [part: string]: Tree<TensorValue> };
  /** Averages, made after the parameters. */
  readonly averages?: () => Tree<TensorValue>;
  readonly files?: { readonly [file: string]: Uint8Array };
};

/** Parameters drawn so that everything that a policy sees changes what it does. */
export const drawn = (types: Tree<TensorType>): Tree<TensorValue> => {
  let count = 0;
  return map<TensorType, TensorValue>(types, (type) => {
    count += 1;
    return fromFloat64(
      type,
      normal(foldIn(key(11), count), sizeOf(type.shape)).map((x) => 0.5 * x),
    );
  });
};

/** A policy as training saves it; what is read of its settings, and some that are not. */
export const savePolicy = async (
  run: string,
  kind: 'pi0' | 'pi05' | 'pi0-fast',
  saved: Saved = {},
): Promise<{ readonly path: string; readonly model: PolicyModel }> => {
  const settings = tinyModel(kind, saved.model);
  const model = familyOf(settings).modelOf(settings, saved.vocabulary ?? 140);
  const config = {
    model: settings,
    data: {
      normMode: 'mean_std',
      deltaActionMask: null,
      cameras: {},
      tokenizer: null,
      maxTruncatedShare: 0,
      heldOut: 2,
      ...saved.data,
    },
    numSamplingSteps: 4,
    seed: 7,
    ...saved.config,
  };
  const params = stored((saved.params ?? drawn)(model.paramTypes));
  const others = saved.averages === undefined ? saved.others : { ...saved.others, ema: saved.averages() };
  const tensors = {
    'params.safetensors': params,
    ...(others === undefined ? {} : { 'train_state.safetensors': stored(others) }),
  };
  const path = await save(run, tensors, {
    // Settings are JSON.
    config: JSON.parse(JSON.stringify(config)),
    statistics: saved.statistics ?? statistics,
    files: saved.files ?? {},
  });
  return { path, model };
};

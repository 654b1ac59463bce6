import {
  type CheckpointError,
  readTensor,
  type StoredTensor,
  showSafetensorsError,
  type TensorSource,
  type TypedTensor,
  toFloat32,
  withTensors,
} from '@torsor/checkpoint';
import { checkpointError, defect, wholePath } from '@torsor/policy';
import { fromFloat64, type TensorType, TensorValue } from '@torsor/tensor';
import { flatten, nearestKey, type Tree, unflatten } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainingError } from '../error.js';

/** Stored weights to begin from. */
export type Init = {
  /** A checkpoint, or a safetensors file or folder in our names. */
  readonly from: string;
  /** Regular expressions; parameters that it may lack, and that then begin as without it. */
  readonly fresh: readonly string[];
  /** Regular expressions; tensors of it that the model may lack. */
  readonly unused: readonly string[];
};

/** Draws the parameters of the chosen paths, each with the value that it has when all are drawn. */
export type DrawParams = (only: (path: string) => boolean) => Tree<TensorValue>;

const matching = (patterns: readonly string[]): ((name: string) => boolean) => {
  const whole = patterns.map(wholePath);
  return (name) => whole.some((pattern) => pattern.test(name));
};

const refuse = (path: string, reason: string): TrainingError => ({ _tag: 'OtherWeights', path, reasons: [reason] });

const listed = (names: readonly string[]): string =>
  names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '');

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((extent, i) => extent === b[i]);

/** Everything about the names and shapes of the weights that is not as the model and the configuration want it. */
const disagreements = (
  { fresh, unused }: Init,
  params: ReadonlyMap<string, TensorType>,
  stored: ReadonlyMap<string, StoredTensor>,
): readonly string[] => {
  const [mayBeFresh, mayBeUnused] = [matching(fresh), matching(unused)];
  const missing = [...params.keys()].filter((name) => !stored.has(name) && !mayBeFresh(name));
  const extra = [...stored.keys()].filter((name) => !params.has(name) && !mayBeUnused(name));
  const other = [...params].flatMap(([name, type]) => {
    const found = stored.get(name);
    return found === undefined || sameShape(found.shape, type.shape)
      ? []
      : [`${name} is [${found.shape.join(', ')}], the model's is [${type.shape.join(', ')}]`];
  });
  const near = missing[0] === undefined ? null : nearestKey(missing[0], extra);
  return [
    ...(missing.length === 0
      ? []
      : [
          `lacks ${missing.length} parameters (${listed(missing)})${near === null || near === undefined ? '' : `; the nearest name there is ${near}`}: those of init.fresh may begin anew`,
        ]),
    ...(extra.length === 0
      ? []
      : [`has ${extra.length} tensors that the model has not (${listed(extra)}): init.unused may name them`]),
    ...(other.length === 0 ? [] : [`has other shapes: ${listed(other)}`]),
  ];
};

/** A stored tensor in the type of the parameter that it becomes. */
const valueOf = (
  from: string,
  name: string,
  type: TensorType,
  tensor: TypedTensor,
): E.Either<TrainingError, TensorValue> =>
  pipe(
    toFloat32(tensor),
    E.mapLeft((error) => refuse(from, `${name}: ${showSafetensorsError(error)}`)),
    E.filterOrElse(
      (data) => data.every(Number.isFinite),
      (data) =>
        refuse(from, `${name} has ${data.filter((x) => !Number.isFinite(x)).length} numbers that are not finite`),
    ),
    E.map((data) => (type.dtype === 'f32' ? new TensorValue(type, data) : fromFloat64(type, data))),
  );

type Named = readonly [name: string, value: TensorValue];

const readValues = (
  from: string,
  source: TensorSource,
  wanted: readonly (readonly [name: string, type: TensorType])[],
): TE.TaskEither<CheckpointError, E.Either<TrainingError, readonly Named[]>> =>
  pipe(
    wanted,
    TE.traverseSeqArray(([name, type]) =>
      pipe(
        readTensor(source, name),
        TE.map((tensor) => E.map((value: TensorValue): Named => [name, value])(valueOf(from, name, type, tensor))),
      ),
    ),
    TE.map(E.sequenceArray),
  );

/** Parameters to begin with, and how many of them begin anew. */
export type Started = { readonly params: Tree<TensorValue>; readonly fresh: number };

/** Stored values, and those drawn for the paths that have none. */
const started = (
  types: ReadonlyMap<string, TensorType>,
  stored: ReadonlyMap<string, TensorValue>,
  draw: DrawParams,
): E.Either<TrainingError, Started> => {
  const fresh = types.size - stored.size;
  const drawn = fresh === 0 ? [] : flatten(draw((path) => !stored.has(path)));
  const values = new Map([...stored, ...drawn.map(({ path, leaf }) => [path, leaf] as const)]);
  const leaves = [...types.keys()].flatMap((path) => {
    const leaf = values.get(path);
    return leaf === undefined ? [] : [{ path, leaf }];
  });
  const lost = types.size - leaves.length;
  if (lost > 0) return E.left(defect(`${lost} parameters are neither stored nor drawn`));
  return pipe(
    unflatten(leaves),
    E.bimap(
      () => defect('the paths of the parameters are no tree'),
      (params) => ({ params, fresh }),
    ),
  );
};

/**
 * First parameters: those of stored weights (a checkpoint of ours, or what `torsor convert` made of another library's), and only where
 * there are none those that are drawn.
 *
 * @param types - of all parameters.
 * @param draw - is asked for the paths that no weight is stored for, and not at all where there are none.
 * @errors every parameter that is missing, every tensor that is too much, every other shape; numbers that are not finite.
 * @source openpi `training/weight_loaders.py` `CheckpointWeightLoader` (15a9616), which lets LoRA factors begin anew
 */
export const startingFrom = (
  init: Init,
  types: Tree<TensorType>,
  draw: DrawParams,
): TE.TaskEither<TrainingError, Started> => {
  const leaves = new Map(flatten(types).map(({ path, leaf }) => [path, leaf]));
  return pipe(
    withTensors(init.from)((source) => {
      const refusals = disagreements(init, leaves, source.tensors);
      return refusals.length > 0
        ? TE.right(E.left<TrainingError>({ _tag: 'OtherWeights', path: init.from, reasons: refusals }))
        : readValues(
            init.from,
            source,
            [...leaves].filter(([name]) => source.tensors.has(name)),
          );
    }),
    TE.mapLeft((error): TrainingError => checkpointError(error)),
    TE.flatMapEither((read): E.Either<TrainingError, readonly Named[]> => read),
    TE.flatMapEither((stored) => started(leaves, new Map(stored), draw)),
  );
};

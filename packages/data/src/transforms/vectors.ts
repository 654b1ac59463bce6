import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { DataError } from '../error.js';
import type { NormStats } from '../stats/norm-stats.js';
import type { DataDict } from './array.js';
import { absoluteActions, type DeltaMask, deltaActions, subsampleActions } from './delta.js';
import { actionsIfAny, actionsOf, firstDims, type RealArray, realEntry, realsOf, stateOf } from './entry.js';
import type { TransformError } from './error.js';
import { type NormalizationMode, normalize, unnormalize } from './normalize.js';
import { padToDim } from './pad.js';
import type { Reals } from './reals.js';
import type { Rules } from './rule.js';

type Result = E.Either<TransformError, DataDict>;

const refusedBy =
  (transform: string, key: string) =>
  (error: DataError): TransformError => ({
    _tag: 'Refused',
    transform,
    key,
    error,
  });

const chunkOf = ({ shape, data, dim }: RealArray) => ({ actions: data, actionDim: dim, actionHorizon: shape[1] ?? 0 });

const shifted = (transform: string, shift: typeof deltaActions, mask: DeltaMask | null, dict: DataDict): Result => {
  if (mask === null || !Object.hasOwn(dict, 'actions')) return E.right(dict);
  return pipe(
    E.Do,
    E.bind('state', () => stateOf(transform, dict)),
    E.bind('actions', () => actionsOf(transform, dict)),
    E.flatMap(({ state, actions }) =>
      pipe(
        shift(mask)({ state: state.data, stateDim: state.dim, ...chunkOf(actions) }),
        E.bimap(refusedBy(transform, 'actions'), (moved) => ({
          ...dict,
          actions: realEntry(actions.shape, moved.actions),
        })),
      ),
    ),
  );
};

const ranks = { state: 1, actions: 2 } as const;

type Statistics = { readonly stats: Partial<NormStats>; readonly mode: NormalizationMode };

/** Replaces the vectors of an entry by others; float32 becomes float64, as numpy does beside statistics in float64. */
const scaled = (
  transform: string,
  scale: typeof normalize,
  { stats, mode }: Statistics,
  key: keyof NormStats,
  dict: DataDict,
): Result => {
  const ofKey = stats[key];
  if (ofKey === undefined) return E.right(dict);
  return pipe(
    realsOf(transform, dict, key, ranks[key]),
    E.flatMap(({ shape, data, dim }) =>
      pipe(
        scale(ofKey, mode, dim)(data instanceof Float32Array ? new Float64Array(data) : data),
        E.bimap(refusedBy(transform, key), (out) => ({ ...dict, [key]: realEntry(shape, out) })),
      ),
    ),
  );
};

/** Vectors widened with zeros. */
const padded = (key: string, dim: number, to: number, data: Reals): E.Either<TransformError, Reals> =>
  pipe(
    padToDim(dim, to)(data),
    E.bimap(refusedBy('PadStatesAndActions', key), (wider) => wider.data),
  );

const keys = ['state', 'actions'] as const;

/** Transforms of states and actions. */
export const vectorRules: Rules<
  | 'DeltaActions'
  | 'AbsoluteActions'
  | 'SubsampleActions'
  | 'SliceActions'
  | 'Normalize'
  | 'Unnormalize'
  | 'PadStatesAndActions'
> = {
  DeltaActions: ({ kind, mask }, dict) => shifted(kind, deltaActions, mask, dict),
  AbsoluteActions: ({ kind, mask }, dict) => shifted(kind, absoluteActions, mask, dict),

  SubsampleActions: ({ kind, stride }, dict, { b }) =>
    pipe(
      actionsOf(kind, dict),
      E.flatMap((actions) =>
        pipe(
          subsampleActions(stride)(chunkOf(actions)),
          E.bimap(refusedBy(kind, 'actions'), (kept) => ({
            ...dict,
            actions: realEntry([b, kept.actionHorizon, kept.actionDim], kept.actions),
          })),
        ),
      ),
    ),

  SliceActions: ({ kind, actionDim }, dict) =>
    pipe(
      firstDims(kind, dict, actionDim),
      E.map(({ shape, data }) => ({ ...dict, actions: realEntry(shape, data) })),
    ),

  // A robot at work has no actions.
  Normalize: (transform, dict) =>
    keys
      .filter((key) => Object.hasOwn(dict, key))
      .reduce<Result>(
        (out, key) => E.flatMap((found: DataDict) => scaled('Normalize', normalize, transform, key, found))(out),
        E.right(dict),
      ),

  Unnormalize: (transform, dict) =>
    keys.reduce<Result>(
      (out, key) => E.flatMap((found: DataDict) => scaled('Unnormalize', unnormalize, transform, key, found))(out),
      E.right(dict),
    ),

  PadStatesAndActions: ({ kind, modelActionDim: to }, dict, { b }) =>
    pipe(
      E.Do,
      E.bind('state', () => stateOf(kind, dict)),
      E.bind('actions', () => actionsIfAny(kind, dict)),
      E.bind('wideState', ({ state }) => padded('state', state.dim, to, state.data)),
      E.bind('wideActions', ({ actions }) =>
        actions === undefined ? E.right(undefined) : padded('actions', actions.dim, to, actions.data),
      ),
      E.map(({ actions, wideState, wideActions }) => ({
        ...dict,
        state: realEntry([b, to], wideState),
        ...(wideActions === undefined ? {} : { actions: realEntry([b, actions?.shape[1] ?? 0, to], wideActions) }),
      })),
    ),
};

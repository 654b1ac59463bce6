import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { boolRows, type DataDict, NdArray } from './array.js';
import { actionsIfAny, arrayOf, firstDims, promptIfAny, realEntry, realsOf, wrongValue } from './entry.js';
import type { TransformError } from './error.js';
import { blackLike, picturesOf } from './picture.js';
import type { Reals } from './reals.js';
import type { Rules } from './rule.js';
import type { ModelKind } from './transform.js';

/** The two pictures of one arm: from a stand, and from the wrist. */
type Pictures = {
  readonly base: NdArray;
  readonly wrist: NdArray;
};

/** What a camera of a model shows, and whether the model may look. */
type Views = { readonly [camera: string]: readonly [view: keyof Pictures | 'black', visible: boolean] };

const threeViews = (rightWrist: boolean): Views => ({
  base_0_rgb: ['base', true],
  left_wrist_0_rgb: ['wrist', true],
  right_wrist_0_rgb: ['black', rightWrist],
});

/** openpi masks black pictures for the flow-matching families only. */
const liberoViews: Readonly<Record<ModelKind, Views>> = {
  pi0: threeViews(false),
  pi05: threeViews(false),
  'pi0-fast': threeViews(true),
};

const droidViews: Readonly<Record<ModelKind, Views>> = {
  pi0: threeViews(false),
  pi05: threeViews(false),
  'pi0-fast': { base_0_rgb: ['base', true], base_1_rgb: ['black', true], wrist_0_rgb: ['wrist', true] },
};

const picture = (transform: string, dict: DataDict, key: string): E.Either<TransformError, NdArray> =>
  pipe(
    arrayOf(transform, dict, key),
    E.flatMap((image) => picturesOf(transform, key, image, 'byShape')),
  );

const shown = (views: Views, pictures: Pictures, b: number): DataDict => ({
  image: Object.fromEntries(
    Object.entries(views).map(([camera, [view]]) => [
      camera,
      view === 'black' ? blackLike(pictures.base) : pictures[view],
    ]),
  ),
  image_mask: Object.fromEntries(Object.entries(views).map(([camera, [, visible]]) => [camera, boolRows(visible, b)])),
});

/** Pictures, and what both robots pass on as it is: actions and prompt, where there are any. */
const viewed = (
  transform: string,
  dict: DataDict,
  b: number,
  { views, ...keys }: { readonly views: Views; readonly base: string; readonly wrist: string },
): E.Either<TransformError, DataDict> =>
  pipe(
    E.Do,
    E.bind('base', () => picture(transform, dict, keys.base)),
    E.bind('wrist', () => picture(transform, dict, keys.wrist)),
    E.bind('actions', () => actionsIfAny(transform, dict)),
    E.bind('prompt', () => promptIfAny(transform, dict)),
    E.map(({ base, wrist, actions, prompt }) => ({
      ...shown(views, { base, wrist }, b),
      ...(actions === undefined ? {} : { actions: realEntry(actions.shape, actions.data) }),
      ...prompt,
    })),
  );

const droid = 'DroidInputs';

const gripperKey = 'observation/gripper_position';

/** A number for each sample, in an axis of its own or in none. */
const gripperOf = (dict: DataDict, b: number): E.Either<TransformError, Reals> =>
  pipe(
    arrayOf(droid, dict, gripperKey),
    E.filterOrElse(
      ({ data }) => data.length === b,
      (given) => wrongValue(droid, gripperKey, 'one real number', given),
    ),
    E.flatMap(({ dtype, data }) => realsOf(droid, { [gripperKey]: new NdArray(dtype, [b, 1], data) }, gripperKey, 1)),
    E.map(({ data }) => data),
  );

/** Joints and gripper as one vector. */
const droidState = (dict: DataDict, b: number): E.Either<TransformError, NdArray> =>
  pipe(
    E.Do,
    E.bind('joints', () => realsOf(droid, dict, 'observation/joint_position', 1)),
    E.bind('gripper', () => gripperOf(dict, b)),
    E.map(({ joints: { data: joints, dim }, gripper }) => {
      const single = joints instanceof Float32Array && gripper instanceof Float32Array;
      const both = single ? new Float32Array(b * (dim + 1)) : new Float64Array(b * (dim + 1));
      for (let row = 0; row < b; row++) {
        both.set(joints.subarray(row * dim, (row + 1) * dim), row * (dim + 1));
        both.set(gripper.subarray(row, row + 1), row * (dim + 1) + dim);
      }
      return realEntry([b, dim + 1], both);
    }),
  );

/** Commands: the first dimensions of what a model sampled, and nothing else. */
const commands = (transform: string, dict: DataDict, dims: number): E.Either<TransformError, DataDict> =>
  pipe(
    firstDims(transform, dict, dims),
    E.map(({ shape, data }) => ({ actions: realEntry(shape, data) })),
  );

/** LIBERO and DROID: one arm with a gripper. */
export const armRules: Rules<'LiberoInputs' | 'LiberoOutputs' | 'DroidInputs' | 'DroidOutputs'> = {
  LiberoInputs: ({ kind, model }, dict, { b }) =>
    pipe(
      E.Do,
      E.bind('state', () => realsOf(kind, dict, 'observation/state', 1)),
      E.bind('views', () =>
        viewed(kind, dict, b, {
          views: liberoViews[model],
          base: 'observation/image',
          wrist: 'observation/wrist_image',
        }),
      ),
      E.map(({ state, views }) => ({ state: realEntry(state.shape, state.data), ...views })),
    ),

  LiberoOutputs: ({ kind }, dict) => commands(kind, dict, 7),

  DroidInputs: ({ kind, model }, dict, { b }) =>
    pipe(
      E.Do,
      E.bind('state', () => droidState(dict, b)),
      E.bind('views', () =>
        viewed(kind, dict, b, {
          views: droidViews[model],
          base: 'observation/exterior_image_1_left',
          wrist: 'observation/wrist_image_left',
        }),
      ),
      E.map(({ state, views }) => ({ state, ...views })),
    ),

  DroidOutputs: ({ kind }, dict) => commands(kind, dict, 8),
};

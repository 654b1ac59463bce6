import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { boolScalar, type DataDict, NdArray } from './array.js';
import { actionsIfAny, actionsOf, arrayOf, promptIfAny, realEntry, realsOf, wrongValue } from './entry.js';
import type { TransformError } from './error.js';
import { blackLike, pictureOf } from './picture.js';
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
  pi0_fast: threeViews(true),
};

const droidViews: Readonly<Record<ModelKind, Views>> = {
  pi0: threeViews(false),
  pi05: threeViews(false),
  pi0_fast: { base_0_rgb: ['base', true], base_1_rgb: ['black', true], wrist_0_rgb: ['wrist', true] },
};

const picture = (transform: string, dict: DataDict, key: string): E.Either<TransformError, NdArray> =>
  pipe(
    arrayOf(transform, dict, key),
    E.flatMap((image) => pictureOf(transform, key, image, 'byShape')),
  );

const shown = (views: Views, pictures: Pictures): DataDict => ({
  image: Object.fromEntries(
    Object.entries(views).map(([camera, [view]]) => [
      camera,
      view === 'black' ? blackLike(pictures.base) : pictures[view],
    ]),
  ),
  image_mask: Object.fromEntries(Object.entries(views).map(([camera, [, visible]]) => [camera, boolScalar(visible)])),
});

/** Pictures, and what both robots pass on as it is: actions and prompt, where there are any. */
const viewed = (
  transform: string,
  dict: DataDict,
  views: Views,
  keys: { readonly base: string; readonly wrist: string },
): E.Either<TransformError, DataDict> =>
  pipe(
    E.Do,
    E.bind('base', () => picture(transform, dict, keys.base)),
    E.bind('wrist', () => picture(transform, dict, keys.wrist)),
    E.bind('actions', () => actionsIfAny(transform, dict)),
    E.bind('prompt', () => promptIfAny(transform, dict)),
    E.map(({ base, wrist, actions, prompt }) => ({
      ...shown(views, { base, wrist }),
      ...(actions === undefined ? {} : { actions: realEntry(actions.shape, actions.data) }),
      ...prompt,
    })),
  );

const droid = 'DroidInputs';

/** Joints and gripper as one vector; the gripper may come as a single number. */
const droidState = (dict: DataDict): E.Either<TransformError, NdArray> =>
  pipe(
    E.Do,
    E.bind('joints', () => realsOf(droid, dict, 'observation/joint_position', 1)),
    E.bind('given', () => arrayOf(droid, dict, 'observation/gripper_position')),
    E.bind('gripper', ({ given }) => {
      const key = 'observation/gripper_position';
      if (given.data.length !== 1) return E.left(wrongValue(droid, key, 'one real number', given));
      return realsOf(droid, { [key]: new NdArray(given.dtype, [1], given.data) }, key, 1);
    }),
    E.map(({ joints, gripper }) => {
      const both = [...joints.data, ...gripper.data];
      const single = joints.data instanceof Float32Array && gripper.data instanceof Float32Array;
      return realEntry([both.length], single ? Float32Array.from(both) : Float64Array.from(both));
    }),
  );

const firstDims = (transform: string, dict: DataDict, dims: number): E.Either<TransformError, DataDict> =>
  pipe(
    actionsOf(transform, dict),
    E.flatMap(({ shape: [ah = 0], data, dim }) =>
      dim < dims
        ? E.left<TransformError>({
            _tag: 'WrongValue',
            transform,
            key: 'actions',
            expected: `at least ${dims} wide`,
            found: `${dim} wide`,
          })
        : E.right({
            actions: realEntry(
              [ah, dims],
              data.filter((_, i) => i % dim < dims),
            ),
          }),
    ),
  );

/** LIBERO and DROID: one arm with a gripper. */
export const armRules: Rules<'LiberoInputs' | 'LiberoOutputs' | 'DroidInputs' | 'DroidOutputs'> = {
  LiberoInputs: ({ kind, model }, dict) =>
    pipe(
      E.Do,
      E.bind('state', () => realsOf(kind, dict, 'observation/state', 1)),
      E.bind('views', () =>
        viewed(kind, dict, liberoViews[model], { base: 'observation/image', wrist: 'observation/wrist_image' }),
      ),
      E.map(({ state, views }) => ({ state: realEntry(state.shape, state.data), ...views })),
    ),

  LiberoOutputs: ({ kind }, dict) => firstDims(kind, dict, 7),

  DroidInputs: ({ kind, model }, dict) =>
    pipe(
      E.Do,
      E.bind('state', () => droidState(dict)),
      E.bind('views', () =>
        viewed(kind, dict, droidViews[model], {
          base: 'observation/exterior_image_1_left',
          wrist: 'observation/wrist_image_left',
        }),
      ),
      E.map(({ state, views }) => ({ state, ...views })),
    ),

  DroidOutputs: ({ kind }, dict) => firstDims(kind, dict, 8),
};

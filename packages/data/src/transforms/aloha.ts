import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { nearestKey } from '../nearest-key.js';
import { boolScalar, type DataDict, type DataValue, type NdArray } from './array.js';
import { actionsIfAny, actionsOf, arrayOf, dictOf, promptIfAny, type RealArray, realEntry, stateOf } from './entry.js';
import type { TransformError } from './error.js';
import { gripperFromAngular, gripperFromAngularInv, gripperToAngular } from './gripper.js';
import { blackLike, pictureOf } from './picture.js';
import type { Rules } from './rule.js';

/** Two arms of six joints and a gripper. */
const alohaDim = 14;

/** 1 where openpi's robots count a joint as ALOHA does, -1 where the other way round. */
const jointFlips = [1, -1, -1, 1, 1, 1, 1, 1, -1, -1, 1, 1, 1, 1] as const;

const grippers: readonly number[] = [6, 13];

/** `cam_low` is known, and no model looks through it. */
const knownCameras = ['cam_high', 'cam_low', 'cam_left_wrist', 'cam_right_wrist'] as const;

const wristCameras = [
  ['left_wrist_0_rgb', 'cam_left_wrist'],
  ['right_wrist_0_rgb', 'cam_right_wrist'],
] as const;

const inputs = 'AlohaInputs';

const refuseWidth = (transform: string, key: string, dim: number, expected: string): TransformError => ({
  _tag: 'WrongValue',
  transform,
  key,
  expected,
  found: `${dim} wide`,
});

/** Joints in the other space: flipped, the grippers through a map. With float64 arithmetic, as numpy's. */
const converted = ({ shape, data }: RealArray, gripper: (value: number) => number): NdArray =>
  realEntry(
    shape,
    Float64Array.from(data, (value, i) => {
      const joint = i % alohaDim;
      const flipped = value * (jointFlips[joint] ?? 1);
      return grippers.includes(joint) ? gripper(flipped) : flipped;
    }),
  );

const jointsIn = (
  key: string,
  reals: RealArray,
  adaptToPi: boolean,
  gripper: (value: number) => number,
): E.Either<TransformError, NdArray> => {
  if (!adaptToPi) return E.right(realEntry(reals.shape, reals.data));
  return reals.dim === alohaDim
    ? E.right(converted(reals, gripper))
    : E.left(refuseWidth(inputs, key, reals.dim, `${alohaDim} wide: two arms of six joints and a gripper`));
};

const refuseCameras = (images: DataDict): E.Either<TransformError, DataDict> => {
  const camera = Object.keys(images).find((name) => !knownCameras.some((known) => known === name));
  if (camera === undefined) return E.right(images);
  const nearest = nearestKey(camera, knownCameras);
  return E.left({ _tag: 'WrongCamera', transform: inputs, camera, known: knownCameras, nearest });
};

const picture = (images: DataDict, camera: string): E.Either<TransformError, NdArray> =>
  pipe(
    arrayOf(inputs, images, camera),
    E.flatMap((image) => pictureOf(inputs, `images.${camera}`, image, 'channelsFirst')),
  );

/** The pictures and whether each is one: a wrist without a camera sees black. */
const viewsOf = (images: DataDict): E.Either<TransformError, DataDict> => {
  const base = picture(images, 'cam_high');
  if (E.isLeft(base)) return base;
  const image: Record<string, DataValue> = { base_0_rgb: base.right };
  const mask: Record<string, DataValue> = { base_0_rgb: boolScalar(true) };
  for (const [name, camera] of wristCameras) {
    const there = Object.hasOwn(images, camera);
    const view = there ? picture(images, camera) : E.right(blackLike(base.right));
    if (E.isLeft(view)) return view;
    image[name] = view.right;
    mask[name] = boolScalar(there);
  }
  return E.right({ image, image_mask: mask });
};

/** The first 14 dimensions of sampled actions. */
const ownActions = ({ shape: [ah = 0], data, dim }: RealArray): E.Either<TransformError, RealArray> => {
  if (dim < alohaDim) return E.left(refuseWidth('AlohaOutputs', 'actions', dim, `at least ${alohaDim} wide`));
  const kept = data.filter((_, i) => i % dim < alohaDim);
  return E.right({ shape: [ah, alohaDim], data: kept, dim: alohaDim });
};

/** ALOHA's cameras, joints and grippers. Actions: outputs undo inputs. */
export const alohaRules: Rules<'AlohaInputs' | 'AlohaOutputs'> = {
  AlohaInputs: ({ adaptToPi }, dict) =>
    pipe(
      E.Do,
      E.bind('images', () => E.flatMap(refuseCameras)(dictOf(inputs, dict, 'images'))),
      E.bind('views', ({ images }) => viewsOf(images)),
      E.bind('joints', () => stateOf(inputs, dict)),
      E.bind('state', ({ joints }) => jointsIn('state', joints, adaptToPi, gripperToAngular)),
      E.bind('chunk', () => actionsIfAny(inputs, dict)),
      E.bind('actions', ({ chunk }) =>
        chunk === undefined ? E.right(undefined) : jointsIn('actions', chunk, adaptToPi, gripperFromAngularInv),
      ),
      E.bind('prompt', () => promptIfAny(inputs, dict)),
      E.map(({ views, state, actions, prompt }) => ({
        ...views,
        state,
        ...(actions === undefined ? {} : { actions }),
        ...prompt,
      })),
    ),

  AlohaOutputs: ({ kind, adaptToPi }, dict) =>
    pipe(
      actionsOf(kind, dict),
      E.flatMap(ownActions),
      E.map((own) => ({
        actions: adaptToPi ? converted(own, gripperFromAngular) : realEntry(own.shape, own.data),
      })),
    ),
};

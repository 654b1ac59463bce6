import { nearestKey } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { boolRows, type DataDict, type DataValue, type NdArray } from './array.js';
import {
  actionsIfAny,
  arrayOf,
  dictOf,
  firstDims,
  promptIfAny,
  type RealArray,
  realEntry,
  stateOf,
  wrongWidth,
} from './entry.js';
import type { TransformError } from './error.js';
import { gripperFromAngular, gripperFromAngularInv, gripperToAngular } from './gripper.js';
import { blackLike, picturesOf } from './picture.js';
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
    : E.left(wrongWidth(inputs, key, `${alohaDim} wide: two arms of six joints and a gripper`, reals.dim));
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
    E.flatMap((image) => picturesOf(inputs, `images.${camera}`, image, 'channelsFirst')),
  );

/** The pictures and whether each is one: a wrist without a camera sees black. */
const viewsOf = (images: DataDict, b: number): E.Either<TransformError, DataDict> => {
  const base = picture(images, 'cam_high');
  if (E.isLeft(base)) return base;
  const image: Record<string, DataValue> = { base_0_rgb: base.right };
  const mask: Record<string, DataValue> = { base_0_rgb: boolRows(true, b) };
  for (const [name, camera] of wristCameras) {
    const there = Object.hasOwn(images, camera);
    const view = there ? picture(images, camera) : E.right(blackLike(base.right));
    if (E.isLeft(view)) return view;
    image[name] = view.right;
    mask[name] = boolRows(there, b);
  }
  return E.right({ image, image_mask: mask });
};

/** ALOHA's cameras, joints and grippers. Actions: outputs undo inputs. */
export const alohaRules: Rules<'AlohaInputs' | 'AlohaOutputs'> = {
  AlohaInputs: ({ adaptToPi }, dict, { b }) =>
    pipe(
      E.Do,
      E.bind('images', () => E.flatMap(refuseCameras)(dictOf(inputs, dict, 'images'))),
      E.bind('views', ({ images }) => viewsOf(images, b)),
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
      firstDims(kind, dict, alohaDim),
      E.map((own) => ({
        actions: adaptToPi ? converted(own, gripperFromAngular) : realEntry(own.shape, own.data),
      })),
    ),
};

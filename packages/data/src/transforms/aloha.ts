import { nearestKey } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { boolRows, type DataDict, type DataValue, type NdArray } from './array.js';
import {
  actionsIfAny,
  actionsOf,
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

const converters = {
  state: { read: stateOf, gripper: gripperToAngular },
  // A command is an angle already, over another range.
  actions: { read: actionsOf, gripper: gripperFromAngularInv },
} as const;

const joints = `${alohaDim} wide: two arms of six joints and a gripper`;

const ofAloha = (transform: string, key: string, reals: RealArray): E.Either<TransformError, RealArray> =>
  reals.dim === alohaDim ? E.right(reals) : E.left(wrongWidth(transform, key, joints, reals.dim));

/** States or actions of a batch in the joint space of openpi's own robots; a robot at work has no actions. */
const toPi =
  (transform: string, key: keyof typeof converters) =>
  (dict: DataDict): E.Either<TransformError, DataDict> => {
    if (!Object.hasOwn(dict, key)) return E.right(dict);
    const { read, gripper } = converters[key];
    return pipe(
      read(transform, dict),
      E.flatMap((reals) => ofAloha(transform, key, reals)),
      E.map((reals) => ({ ...dict, [key]: converted(reals, gripper) })),
    );
  };

const adapted =
  (adaptToPi: boolean) =>
  (dict: DataDict): E.Either<TransformError, DataDict> =>
    adaptToPi ? pipe(dict, toPi(inputs, 'state'), E.flatMap(toPi(inputs, 'actions'))) : E.right(dict);

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

/** ALOHA's cameras, joints and grippers. Actions: outputs undo inputs, `AlohaFromPi` undoes `AlohaToPi`. */
export const alohaRules: Rules<'AlohaInputs' | 'AlohaOutputs' | 'AlohaToPi' | 'AlohaFromPi'> = {
  AlohaInputs: ({ adaptToPi }, dict, { b }) =>
    pipe(
      E.Do,
      E.bind('images', () => E.flatMap(refuseCameras)(dictOf(inputs, dict, 'images'))),
      E.bind('views', ({ images }) => viewsOf(images, b)),
      E.bind('state', () => stateOf(inputs, dict)),
      E.bind('actions', () => actionsIfAny(inputs, dict)),
      E.bind('prompt', () => promptIfAny(inputs, dict)),
      E.map(
        ({ views, state, actions, prompt }): DataDict => ({
          ...views,
          state: realEntry(state.shape, state.data),
          ...(actions === undefined ? {} : { actions: realEntry(actions.shape, actions.data) }),
          ...prompt,
        }),
      ),
      E.flatMap(adapted(adaptToPi)),
    ),

  AlohaOutputs: ({ kind, adaptToPi }, dict) =>
    pipe(
      firstDims(kind, dict, alohaDim),
      E.map((own) => ({
        actions: adaptToPi ? converted(own, gripperFromAngular) : realEntry(own.shape, own.data),
      })),
    ),

  AlohaToPi: ({ kind, key }, dict) => toPi(kind, key)(dict),

  AlohaFromPi: ({ kind }, dict) =>
    pipe(
      actionsOf(kind, dict),
      E.flatMap((reals) => ofAloha(kind, 'actions', reals)),
      E.map((reals) => ({ ...dict, actions: converted(reals, gripperFromAngular) })),
    ),
};

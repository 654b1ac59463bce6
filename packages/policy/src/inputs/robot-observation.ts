import { resizeBytesWithPad } from '@torsor/data';
import type { PolicyError } from '../error.js';
import type { PolicyModel } from '../families/family.js';
import type { SeenInputs } from './tensors.js';

/** A picture as a camera gives it. */
export type Picture = {
  readonly height: number;
  readonly width: number;
  /** `u8[height, width, 3]` */
  readonly data: Uint8Array;
};

/** What a robot sees and is asked for. */
export type RobotObservation = {
  /** In the robot's units, as wide as the states that the policy was trained on. */
  readonly state: ArrayLike<number>;
  readonly prompt: string;
  /** By the cameras of the model that were given pictures in training; none for a policy without cameras. */
  readonly pictures: { readonly [camera: string]: Picture };
};

const bad = (robot: number, field: string, expected: string, found: string): PolicyError => ({
  _tag: 'BadObservation',
  robot,
  field,
  expected,
  found,
});

/** What keeps an observation from being acted on; `null` when nothing does. */
export const refusalOf = (
  { state, pictures }: RobotObservation,
  robot: number,
  stateDim: number,
  cameras: readonly string[],
): PolicyError | null => {
  if (state.length !== stateDim) return bad(robot, 'state', `${stateDim} numbers`, `${state.length}`);
  const at = Array.from(state).findIndex((x) => !Number.isFinite(x));
  if (at >= 0) return bad(robot, `state[${at}]`, 'a finite number', String(state[at]));
  const extra = Object.keys(pictures).find((name) => !cameras.includes(name));
  if (extra !== undefined) {
    return bad(
      robot,
      `pictures.${extra}`,
      `of the cameras ${cameras.join(', ') || '(none)'}`,
      'of no camera of the policy',
    );
  }
  for (const camera of cameras) {
    const picture = pictures[camera];
    if (picture === undefined) return bad(robot, `pictures.${camera}`, 'a picture', 'missing');
    const { height, width, data } = picture;
    if (data.length !== height * width * 3) {
      return bad(robot, `pictures.${camera}`, `${height}·${width}·3 bytes`, `${data.length} bytes`);
    }
  }
  return null;
};

/** Pictures at a model's size, one after another; a picture of another form is centred on black. */
export const imagesOf = (
  observations: readonly RobotObservation[],
  cameras: readonly string[],
  size: PolicyModel['sizes']['imageSize'],
): SeenInputs['images'] =>
  Object.fromEntries(
    cameras.map((camera) => {
      const bytes = new Uint8Array(observations.length * size[0] * size[1] * 3);
      for (const [i, { pictures }] of observations.entries()) {
        const { data = new Uint8Array(0), height = 0, width = 0 } = pictures[camera] ?? {};
        bytes.set(resizeBytesWithPad(data, [height, width], size), i * size[0] * size[1] * 3);
      }
      return [camera, bytes];
    }),
  );

import {
  broadcastInDim,
  type DType,
  type Expr,
  type Remat,
  refused,
  reshape,
  showType,
  sliceInDim,
  squeeze,
  stack,
  withType,
} from '@torsor/tensor';
import { nearestKey } from '@torsor/tree';
import type { Observation } from '../observation.js';
import { type Params, paramsBelow } from '../params/at.js';
import type { SiglipConfig } from './config.js';
import { siglip } from './siglip.js';

/** The tokens of one camera. */
export type ImageTokens = {
  /** `[b, s, d]`. */
  readonly tokens: Expr;
  /** `bool[b, s]`, false where the camera is absent. */
  readonly mask: Expr;
};

/** What cameras are read with; the configurations of all families have it. */
export type CameraConfig = {
  readonly cameras: readonly string[];
  readonly imageSize: readonly [height: number, width: number];
  readonly siglip: SiglipConfig;
  readonly computeDtype: DType;
  readonly remat?: Remat;
};

const nearTo = (camera: string, given: readonly string[]): string => {
  const near = nearestKey(camera, given);
  return near === undefined ? `it has ${given.join(', ') || 'none'}` : `the nearest is '${near}'`;
};

/** What a camera has in a record, or why it has nothing. */
const ofCamera = (record: { readonly [camera: string]: Expr }, what: string, camera: string): Expr =>
  record[camera] ??
  refused('embedImages', [], `the observation has no ${what} '${camera}'; ${nearTo(camera, Object.keys(record))}`);

const checkedImage = ({ imageSize }: CameraConfig, observation: Observation, camera: string): Expr => {
  const image = ofCamera(observation.images, 'image', camera);
  return withType(image, (type) => {
    const [, height, width, channels] = type.shape;
    return type.shape.length === 4 && height === imageSize[0] && width === imageSize[1] && channels === 3
      ? image
      : refused(
          'embedImages',
          [type],
          `camera '${camera}' must be [b, ${imageSize.join(', ')}, 3], got ${showType(type)}`,
        );
  });
};

/** Images side by side for each sample, `[b n, h, w, 3]`: samples that are split over devices stay where they are. */
const perSample = (images: readonly Expr[]): Expr => {
  const together = stack(images, 1);
  return withType(together, ({ shape: [b = 0, n = 0, ...rest] }) => reshape(together, [b * n, ...rest]));
};

/**
 * The tokens of every camera, in the order of the configuration. All images go through the tower together: fewer and
 * larger products than camera by camera.
 *
 * @param params - of the whole policy.
 * @errors `ShapeError` that names a camera which is missing, or whose image has another size.
 * @source openpi `models/pi0.py` `embed_prefix` (15a9616)
 */
export const embedImages = (config: CameraConfig, params: Params, observation: Observation): readonly ImageTokens[] => {
  const { cameras } = config;
  const images = cameras.map((camera) => checkedImage(config, observation, camera));
  if (images.length === 0) return [];
  const tower = paramsBelow(params, 'PaliGemma/img');
  const options = { compute: config.computeDtype, remat: config.remat };
  const all = siglip(tower, config.siglip, perSample(images), options);
  const perCamera = withType(all, ({ shape: [bn = 0, ...rest] }) =>
    reshape(all, [bn / cameras.length, cameras.length, ...rest]),
  );
  return cameras.map((camera, i) => {
    const tokens = squeeze(sliceInDim(perCamera, i, i + 1, 1), 1);
    const present = ofCamera(observation.imageMasks, 'image mask', camera);
    return { tokens, mask: withType(tokens, ({ shape }) => broadcastInDim(present, shape.slice(0, 2), [0])) };
  });
};

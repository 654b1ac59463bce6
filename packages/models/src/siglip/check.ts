import { type ModelError, modelError } from '../error.js';
import { refuseCount } from '../gemma/check.js';
import type { SiglipConfig } from './config.js';

const counts = ['width', 'depth', 'mlpDim', 'numHeads', 'patchSize'] as const;

/** What is wrong with the sizes of a vision tower. */
const refuseSiglip = (field: string, config: SiglipConfig): readonly ModelError[] => {
  const { width, numHeads, posemb } = config;
  const wrong = counts.flatMap((name) => refuseCount(`${field}.${name}`, config[name]));
  if (wrong.length > 0) return wrong;
  return [
    ...(width % numHeads === 0
      ? []
      : [modelError(`${field}.numHeads`, `must divide the width ${width}, got ${numHeads}`)]),
    ...(posemb === 'learn' || (width % 4 === 0 && width > 4)
      ? []
      : [modelError(`${field}.width`, `must be a multiple of 4 above 4 for sincos2d positions, got ${width}`)]),
  ];
};

/** Why a side of an image is none, if it is not: whole patches fill it. */
const refuseSide = (field: string, side: number, patchSize: number): readonly ModelError[] => {
  const wrong = refuseCount(field, side);
  if (wrong.length > 0 || side % patchSize === 0) return wrong;
  return [modelError(field, `must be a multiple of siglip.patchSize ${patchSize}, got ${side}`)];
};

/** What cameras need: a configuration without any needs no vision tower. */
type Cameras = {
  readonly cameras: readonly string[];
  readonly imageSize: readonly [height: number, width: number];
  readonly siglip: SiglipConfig;
};

/** What is wrong with the cameras of a policy: a name twice or empty, images that patches do not fill, the tower. */
export const refuseCameras = ({ cameras, imageSize, siglip }: Cameras): readonly ModelError[] => {
  if (cameras.length === 0) return [];
  const twice = cameras.filter((camera, i) => cameras.indexOf(camera) !== i);
  return [
    ...[...new Set(twice)].map((camera) => modelError('cameras', `must be named once each, got '${camera}' again`)),
    ...(cameras.some((camera) => camera === '' || camera.includes('/'))
      ? [modelError('cameras', `must be names without '/', got ${cameras.map((camera) => `'${camera}'`).join(', ')}`)]
      : []),
    ...refuseSiglip('siglip', siglip),
    ...refuseSide('imageSize.0', imageSize[0], siglip.patchSize),
    ...refuseSide('imageSize.1', imageSize[1], siglip.patchSize),
  ];
};

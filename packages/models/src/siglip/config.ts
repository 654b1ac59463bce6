import { nearestKey } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { type ModelError, modelError } from '../error.js';

/** The sizes of a SigLIP vision tower. */
export type SiglipConfig = {
  /** d, the width of a token; divides into `numHeads` heads. */
  readonly width: number;
  /** The number of layers. */
  readonly depth: number;
  /** The inner width of the feed-forward layer. */
  readonly mlpDim: number;
  /** h, the number of heads, of which each has its own keys and values. */
  readonly numHeads: number;
  /** The side of a square patch, in pixels. */
  readonly patchSize: number;
  /** Positions that are learned, or sines and cosines of row and column. openpi learns them. */
  readonly posemb: 'learn' | 'sincos2d';
};

type Sizes = readonly [width: number, depth: number, mlpDim: number, numHeads: number];

/**
 * Sizes by name: those of openpi's `models/siglip.py` `decode_variant` (15a9616), which are big_vision's, from arXiv
 * 2106.04560 table 2; and two for small robots and quick tests between its mu and Ti. N, nano, has the sizes of XCiT-N12
 * (arXiv 2106.09681, table 1). P, pico, is half of N in every size but the width of a head.
 */
const sizes: ReadonlyMap<string, Sizes> = new Map<string, Sizes>([
  ['mu', [32, 1, 128, 2]],
  ['P', [64, 6, 256, 2]],
  ['N', [128, 12, 512, 4]],
  ['Ti', [192, 12, 768, 3]],
  ['S', [384, 12, 1536, 6]],
  ['M', [512, 12, 2048, 8]],
  ['B', [768, 12, 3072, 12]],
  ['L', [1024, 24, 4096, 16]],
  ['So400m', [1152, 27, 4304, 16]],
  ['H', [1280, 32, 5120, 16]],
  ['g', [1408, 40, 6144, 16]],
  ['g-opt', [1536, 40, 6144, 16]],
  ['G', [1664, 48, 8192, 16]],
  ['G-opt', [1536, 48, 8192, 16]],
  ['e', [1792, 56, 15_360, 16]],
]);

/** openpi's default where a name has no patch size. */
const defaultPatch = 16;

const configOf = ([width, depth, mlpDim, numHeads]: Sizes, patchSize: number): SiglipConfig => ({
  width,
  depth,
  mlpDim,
  numHeads,
  patchSize,
  posemb: 'learn',
});

/** The names of the sizes of vision towers: `mu`, `P`, `N`, `Ti` … `e`. */
export const siglipSizes: readonly string[] = [...sizes.keys()];

/**
 * A vision tower by name: a size of {@link siglipSizes}, then the side of a patch, any number of pixels, such as `mu/16`,
 * `N/12` or `So400m/14`; without a side it is 16.
 *
 * @errors `BadModelConfig` for a size that there is not, with the nearest one, and for a side that is no number of pixels.
 * @source openpi `models/siglip.py` `decode_variant` (15a9616)
 */
export const siglipVariant = (name: string): E.Either<ModelError, SiglipConfig> => {
  const [size = '', patch = String(defaultPatch), ...rest] = name.split('/');
  const found = sizes.get(size);
  if (found === undefined) {
    const near = nearestKey(size, siglipSizes);
    const meant = near === undefined ? `the sizes are ${siglipSizes.join(', ')}` : `the nearest is '${near}/${patch}'`;
    return E.left(modelError('siglip', `'${name}' is no SigLIP variant; ${meant}`));
  }
  if (rest.length > 0 || !/^[1-9]\d*$/.test(patch)) {
    return E.left(modelError('siglip', `'${name}' must be a size and the side of a patch, such as '${size}/14'`));
  }
  return E.right(configOf(found, Number(patch)));
};

/**
 * The vision tower of π0, π0.5 and π0-FAST: So400m/14, by itself about 400 M parameters.
 *
 * @source openpi `models/pi0.py` `Pi0.__init__` (15a9616)
 */
export const so400m14: SiglipConfig = {
  width: 1152,
  depth: 27,
  mlpDim: 4304,
  numHeads: 16,
  patchSize: 14,
  posemb: 'learn',
};

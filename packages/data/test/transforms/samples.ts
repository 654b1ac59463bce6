import fc from 'fast-check';
import { NdArray, type NormStats, type SampleDict, type VectorStats } from '../../src/index.js';

/** Real numbers of a robot: far from what overflows. */
const value = fc.double({ min: -3, max: 3, noNaN: true });

const list = (length: number, of: fc.Arbitrary<number> = value): fc.Arbitrary<number[]> =>
  fc.array(of, { minLength: length, maxLength: length });

/** Float64 vectors and chunks. */
export const reals = (shape: readonly number[], of: fc.Arbitrary<number> = value): fc.Arbitrary<NdArray> =>
  list(
    shape.reduce((a, b) => a * b, 1),
    of,
  ).map((data) => new NdArray('float64', shape, Float64Array.from(data)));

/** A picture of bytes. */
const bytes = (shape: readonly number[]): fc.Arbitrary<NdArray> => {
  const length = shape.reduce((a, b) => a * b, 1);
  return fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((data) => new NdArray('uint8', shape, Uint8Array.from(data)));
};

const vectorStats = (dim: number): fc.Arbitrary<VectorStats> =>
  fc.record({ mean: list(dim), std: list(dim, fc.double({ min: 0.1, max: 2, noNaN: true })) }).map(({ mean, std }) => ({
    mean,
    std,
    q01: mean.map((m, i) => m - (std[i] ?? 0)),
    q99: mean.map((m, i) => m + (std[i] ?? 0)),
  }));

/** Statistics of vectors that vary. */
export const stats = (stateDim: number, actionDim: number): fc.Arbitrary<NormStats> =>
  fc.record({ state: vectorStats(stateDim), actions: vectorStats(actionDim) });

/** A sample of an ALOHA dataset with three cameras. */
export const alohaSample: fc.Arbitrary<SampleDict> = fc.record({
  'observation.images.cam_high': bytes([3, 4, 5]),
  'observation.images.cam_left_wrist': bytes([3, 4, 5]),
  'observation.images.cam_right_wrist': bytes([3, 4, 5]),
  'observation.state': reals([14]),
  action: reals([2, 14]),
});

/** A sample of a LIBERO dataset. */
export const liberoSample: fc.Arbitrary<SampleDict> = fc.record({
  image: bytes([4, 5, 3]),
  wrist_image: bytes([4, 5, 3]),
  state: reals([8]),
  actions: reals([3, 7]),
  prompt: fc.constant('pick up the bowl'),
});

/** A sample of a DROID dataset. */
export const droidSample: fc.Arbitrary<SampleDict> = fc.record({
  exterior_image_1_left: bytes([4, 5, 3]),
  exterior_image_2_left: bytes([4, 5, 3]),
  wrist_image_left: bytes([4, 5, 3]),
  joint_position: reals([7]),
  gripper_position: reals([1]),
  actions: reals([3, 8]),
  prompt: fc.constant('open the drawer'),
});

import type { TensorType } from '@torsor/tensor';
import { tensorType } from '@torsor/tensor';
import fc from 'fast-check';
import { extentOver, type Mesh, meshAxisNames, type PartitionSpec } from '../src/index.js';

/** Meshes of one to three axes in any order. */
export const meshes: fc.Arbitrary<Mesh> = fc
  .shuffledSubarray([...meshAxisNames], { minLength: 1 })
  .chain((names) =>
    fc.tuple(...names.map((name) => fc.integer({ min: 1, max: 4 }).map((size) => ({ name: String(name), size })))),
  )
  .map((axes) => ({ axes }));

/** A tensor laid over a mesh so that it fits. */
export type Laid = {
  readonly mesh: Mesh;
  readonly spec: PartitionSpec;
  readonly type: TensorType;
};

/** Any assignment of mesh axes to tensor axes, and extents that they divide. */
export const laid: fc.Arbitrary<Laid> = meshes.chain((mesh) =>
  fc
    .integer({ min: 0, max: 3 })
    .chain((rank) =>
      fc.record({
        places: fc.tuple(...mesh.axes.map(() => fc.integer({ min: -1, max: rank - 1 }))),
        factors: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: rank, maxLength: rank }),
      }),
    )
    .map(({ places, factors }) => {
      const spec = factors.map((_, axis) => mesh.axes.flatMap(({ name }, i) => (places[i] === axis ? [name] : [])));
      const shape = factors.map((factor, axis) => factor * extentOver(mesh, spec[axis] ?? []));
      return { mesh, spec, type: tensorType('i32', shape) };
    }),
);

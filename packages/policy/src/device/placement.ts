import type { Backend, SpecOf } from '@torsor/backend';
import { batchSpec, extentOver, paramSpec, replicated } from '@torsor/sharding';

/** A backend, and how the tensors at the paths of programs lie on its mesh. */
export type Placement = { readonly backend: Backend; readonly specOf: SpecOf };

/** What has the samples of a batch as its first axis: the first names of paths of the programs' inputs and outputs. */
const perSample: ReadonlySet<string> = new Set(['batch', 'observation', 'noise', 'actions', 'loss', 'loss_real_dims']);

/**
 * How the programs' tensors lie on the mesh of a backend: samples are shared where they divide, parameters, averages and
 * the optimizer's state as `paramSpec` says, scalars are whole everywhere; and everything is, without a mesh.
 *
 * @param fsdpMinBytes - smaller tensors are whole on every device of `fsdp`.
 */
export const placementOn = (backend: Backend, fsdpMinBytes: number): Placement => {
  const { mesh } = backend.capabilities;
  if (mesh === undefined) return { backend, specOf: () => replicated };
  const ofParameter = paramSpec(mesh, { minBytes: fsdpMinBytes });
  const ofBatch = batchSpec(mesh);
  const parts = extentOver(mesh, ofBatch.flat());
  return {
    backend,
    specOf: (path, type) => {
      const [extent] = type.shape;
      if (extent === undefined) return replicated;
      if (!perSample.has(path.split('/')[0] ?? '')) return ofParameter(path, type);
      return extent % parts === 0 ? ofBatch : replicated;
    },
  };
};

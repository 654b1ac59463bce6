import type { JsonObject } from '../json.js';
import type { DeclaredTensor } from '../safetensors/declared.js';
import type { SafetensorsDType } from '../safetensors/dtype.js';

/** What zarr calls the dtypes that parameters have. */
const zarrDTypes: { readonly [D in SafetensorsDType]?: string } = {
  BF16: 'bfloat16',
  F16: '<f2',
  F32: '<f4',
  F64: '<f8',
};

/** An array as Orbax stores it in a folder of its own: one chunk that holds it whole, as it is. */
export type OrbaxArray = {
  readonly folder: string;
  /** `.zarray` */
  readonly form: JsonObject;
  /** Name of the chunk. */
  readonly chunk: string;
};

const pathOf = (name: string): readonly string[] => ['params', ...name.split('/'), 'value'];

/**
 * How a parameter is stored.
 *
 * @param tensor - of a float type; others have no place among parameters.
 * @source orbax-checkpoint 0.11.13 `PyTreeCheckpointHandler(use_ocdbt=False)`; openpi `training/checkpoints.py` `save_state` (15a9616)
 */
export const orbaxArray = ({ name, dtype, shape }: DeclaredTensor): OrbaxArray | undefined => {
  const zarrDType = zarrDTypes[dtype];
  if (zarrDType === undefined) return undefined;
  return {
    folder: pathOf(name).join('.'),
    form: {
      zarr_format: 2,
      shape,
      chunks: shape.map((size) => Math.max(1, size)),
      dtype: zarrDType,
      order: 'C',
      compressor: null,
      filters: null,
      fill_value: null,
      dimension_separator: '.',
    },
    chunk: shape.length === 0 ? '0' : shape.map(() => 0).join('.'),
  };
};

const treeEntry = ({ name, shape }: DeclaredTensor): readonly [string, JsonObject] => {
  const path = pathOf(name);
  return [
    // Python prints a tuple so.
    `(${path.map((key) => `'${key}'`).join(', ')})`,
    {
      key_metadata: path.map((key) => ({ key, key_type: 2 })),
      value_metadata: { value_type: 'jax.Array', skip_deserialize: false, write_shape: shape },
    },
  ];
};

/** The files beside the arrays, by name: what the tree is, and that it was written whole. */
export const orbaxMetadata = (tensors: readonly DeclaredTensor[]): { readonly [file: string]: JsonObject } => ({
  _METADATA: {
    tree_metadata: Object.fromEntries(tensors.map(treeEntry)),
    use_zarr3: false,
    store_array_data_equal_to_fill_value: true,
    custom_metadata: null,
  },
  _CHECKPOINT_METADATA: {
    item_handlers: 'orbax.checkpoint._src.handlers.pytree_checkpoint_handler.PyTreeCheckpointHandler',
    metrics: {},
    performance_metrics: {},
    init_timestamp_nsecs: 0,
    commit_timestamp_nsecs: 0,
    custom_metadata: {},
  },
});

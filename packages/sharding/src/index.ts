export { checkSpec } from './check.js';
export { type ShardingError, showShardingError } from './error.js';
export { bytesOf, fsdpMinBytes, fsdpSpec } from './fsdp.js';
export {
  deviceCount,
  extentOver,
  type Mesh,
  type MeshAxis,
  meshAxisNames,
  type PartitionSpec,
  parseMesh,
  replicated,
  showMesh,
} from './mesh.js';
export { assemble, localType, shardOf } from './shards.js';
export { batchSpec, paramSpec, portSpecs, type ShardingOptions } from './specs.js';
export { type TensorRule, tensorRuleFor, tensorRules } from './tensor-parallel.js';

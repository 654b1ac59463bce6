export { type ConfigError, showConfigError } from './config/error.js';
export type { Layer, Values } from './config/layer.js';
export type { Origin } from './config/origin.js';
export { type ConfigFile, type ConfigRequest, defaultRequest, resolveConfig } from './config/resolve.js';
export { type TrainConfig, trainConfigSchema } from './config/schema.js';

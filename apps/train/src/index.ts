export type { Layer, Origin, SettingsError, Values } from '@torsor/settings';
export { showSettingsError } from '@torsor/settings';
export { type ConfigFile, type ConfigRequest, defaultRequest, resolveConfig } from './config/resolve.js';
export { type TrainConfig, trainConfigSchema } from './config/schema.js';

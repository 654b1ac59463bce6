export { deviations } from './deviations.js';
export { type PluginError, type PluginTask, showPluginError } from './native/plugin/error.js';
export { findPlugins, type PluginCandidate, type PluginSearch } from './native/plugin/find.js';
export { inspectPlugin, type PluginFile } from './native/plugin/inspect.js';
export type { XlaVariant } from './native/plugin/pins.js';
export type { PluginEnvironment } from './native/plugin/python.js';
export { setupXla, type XlaInstall, type XlaSetup } from './native/plugin/setup.js';
export { openPlugin, type Plugin, type XlaOptions } from './open.js';
export { openXla, type XlaSearch } from './openXla.js';

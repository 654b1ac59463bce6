export { type DecodeOptions, decodeLayers } from './decode.js';
export { type SettingsError, showSettingsError } from './error.js';
export { expectation } from './expectation.js';
export { type Ignorable, ignoredSettings } from './ignorable.js';
export { type JsonSchema, knownPaths } from './keys.js';
export { isValues, type Layer, originAt, overlay, overlayAll, type Values, valueAt } from './layer.js';
export { nearest } from './nearest.js';
export { type Origin, showOrigin } from './origin.js';
export { flagLayer, parseSetting, parseValue } from './setting.js';

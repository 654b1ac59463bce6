export { deviations } from './deviations.js';
export type { NativeVariant } from './native/directories.js';
export { type NativeSetupError, type NativeTask, showNativeSetupError } from './native/error.js';
export type { TfjsKind } from './native/loaded.js';
export type { NativePlaces } from './native/node-binding.js';
export { runPackageInstaller } from './native/package-installer.js';
export { probeTfjs, type TfjsProbe, tfjsKinds } from './native/probe.js';
export { type NativeInstall, type NativeSetup, setupTfjsNative } from './native/setup.js';
export { openTfjs } from './open.js';

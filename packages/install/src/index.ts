export { type CacheEnvironment, cacheDirectory } from './cache.js';
export { type CommandContext, runCommand } from './command.js';
export { type Cuda12Library, cuda12Wheels } from './cuda12.js';
export { downloadPinned, type Log, type Pin, pinLine } from './download.js';
export { type InstallError, type InstallTask, type MissingTool, messageOf, showInstallError } from './error.js';
export { exists, filesBelow, onFiles, writeText } from './files.js';
export { type Installation, installOnce, isInstalled, type Manifest } from './install.js';
export { called, findTools, pipTo, runTool, type Tool, type WantedTool } from './tools.js';
export { type Unpacking, unpackWheels, type WheelPin } from './wheel.js';

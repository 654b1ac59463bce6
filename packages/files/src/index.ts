export { type FileError, showFileError } from './error.js';
export type { DirectoryEntry, FileSystem, OpenFile, Put } from './file-system.js';
export { type Luck, MemoryDisk } from './memory-disk.js';
export { nodeFileSystem } from './node-file-system.js';
export { readBytes, readText, sha256Of, sha256OfFile, withFile } from './read.js';
export { cannotRead, cannotWrite } from './system-error.js';
export { textHash } from './text-hash.js';
export { type WholeDirectory, wholeDirectory } from './whole-directory.js';
export { wholeFile } from './whole-file.js';

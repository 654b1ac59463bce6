export { type GoldenError, showGoldenError } from './golden/error.js';
export { type GoldenFiles, goldenFiles } from './golden/files.js';

export { traverse, unflatten, zipWith } from './combine.js';
export { showTreeError, type TreeError } from './error.js';
export { nearestKey } from './nearest-key.js';
export { type Entry, flatten, foldMap, isNode, leaves, map, paths, type Tree, type TreeNode } from './tree.js';

export { bernoulli } from './bernoulli.js';
export { beta } from './beta.js';
export { bits } from './bits.js';
export { foldIn, type Key, key, split } from './key.js';
export { normal } from './normal.js';
export { permutation } from './permutation.js';
export { randint } from './randint.js';
export { uniform } from './uniform.js';

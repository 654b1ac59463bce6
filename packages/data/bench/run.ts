import { benchReader } from './reader.js';
console.log(await benchReader(undefined, 12));

import { openTfjs, probeTfjs } from '@torsor/backend-tfjs';
import { it } from 'vitest';
import { conforms } from './conform.js';

const places = { env: process.env, project: process.cwd() };
const probes = await probeTfjs(places);

/** A process runs one of the two: the faster one that loads. */
const native = probes.filter(({ kind }) => kind !== 'wasm');
const found = native.find(({ available }) => available);

if (found === undefined) {
  for (const { kind, detail } of native) it.skip(`${kind} is not set up here: ${detail}`, () => {});
} else {
  conforms(found.kind, openTfjs(found.kind, places));
}

import { type Backend, referenceBackend } from '@torsor/backend';
import { openTfjs, probeTfjs } from '@torsor/backend-tfjs';
import { xlaForModels, xlaMissing } from '../xla.js';
import { orThrow } from './on-backend.js';

const places = { env: process.env, project: process.cwd() };

/** The backends of this machine, by name, each opened once: the reference, wasm, the native tfjs that loads, XLA. */
export const backendsHere = async (): Promise<ReadonlyMap<string, Promise<Backend>>> => {
  const native = (await probeTfjs(places)).find(({ kind, available }) => kind !== 'wasm' && available);
  const opened = new Map<string, Promise<Backend>>([['reference', Promise.resolve(referenceBackend())]]);
  opened.set('wasm', orThrow(openTfjs('wasm', places)));
  if (native !== undefined) opened.set(native.kind, orThrow(openTfjs(native.kind, places)));
  if ((await xlaMissing()) === undefined) opened.set('xla', orThrow(xlaForModels()));
  return opened;
};

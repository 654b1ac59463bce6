import type { Origin } from './origin.js';

/** A plain object of configuration values; deeper ones are plain objects again. */
export type Values = { readonly [key: string]: unknown };

/** Some configuration values and where they came from. */
export type Layer = { readonly origin: Origin; readonly values: Values };

/** True for what JSON calls an object. */
export const isValues = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const own = (values: Values, key: string): unknown => (Object.hasOwn(values, key) ? values[key] : undefined);

const changesKind = (below: Values, above: Values): boolean => {
  const kind = own(above, 'kind');
  return kind !== undefined && own(below, 'kind') !== undefined && kind !== own(below, 'kind');
};

/**
 * `above` over `below`, object by object; anything else, arrays too, is replaced whole. Where `above` names another `kind`, the
 * fields below belong to the old kind and are dropped.
 */
export const overlay = (below: Values, above: Values): Values => {
  if (changesKind(below, above)) return above;
  const merged = Object.entries(above).map(([key, value]): [string, unknown] => {
    const under = own(below, key);
    return [key, isValues(under) && isValues(value) ? overlay(under, value) : value];
  });
  return { ...below, ...Object.fromEntries(merged) };
};

const isSetting = (layer: Layer): boolean => layer.origin._tag === 'Setting';

/**
 * All layers over one another, lowest first. The `--set` layers are first put together, so that their order does not matter to
 * a new `kind` and the fields that go with it.
 */
export const overlayAll = (layers: readonly Layer[]): Values => {
  const settings = layers.filter(isSetting).reduce<Values>((below, { values }) => overlay(below, values), {});
  const first = layers.findIndex(isSetting);
  const merged = layers.flatMap((layer, i) => (i === first ? [settings] : isSetting(layer) ? [] : [layer.values]));
  return merged.reduce<Values>(overlay, {});
};

/** The value at a key path, `undefined` where there is none. */
export const valueAt = (root: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return value[Number(key)];
    return isValues(value) ? own(value, String(key)) : undefined;
  }, root);

/** The last layer that says something at `path`, else at the nearest enclosing path. */
export const originAt = (layers: readonly Layer[], path: readonly PropertyKey[]): Origin => {
  for (let depth = path.length; depth > 0; depth--) {
    const said = layers.findLast((layer) => valueAt(layer.values, path.slice(0, depth)) !== undefined);
    if (said !== undefined) return said.origin;
  }
  return { _tag: 'Default' };
};

/** An object that holds `value` at a key path and nothing else. */
export const nested = (path: readonly string[], value: unknown): unknown =>
  path.reduceRight<unknown>((inner, key) => Object.fromEntries([[key, inner]]), value);

import { isValues } from './layer.js';

/** A JSON schema as plain data, of which only objects, their properties and alternatives are read here. */
/** A JSON schema. */
export type JsonSchema = { readonly [key: string]: unknown };

const alternatives = (schema: JsonSchema): readonly JsonSchema[] => {
  const options = schema['oneOf'] ?? schema['anyOf'];
  return Array.isArray(options) ? options.filter(isValues).flatMap(alternatives) : [schema];
};

const properties = (schema: JsonSchema): readonly (readonly [string, JsonSchema])[] => {
  const found = schema['properties'];
  return isValues(found)
    ? Object.entries(found).flatMap(([key, value]): readonly (readonly [string, JsonSchema])[] =>
        isValues(value) ? [[key, value]] : [],
      )
    : [];
};

const admits = (schema: JsonSchema, input: unknown): boolean => {
  const kind = properties(schema).find(([key]) => key === 'kind')?.[1];
  const given = isValues(input) ? input['kind'] : undefined;
  return kind === undefined || given === undefined || kind['const'] === given;
};

/**
 * The dotted paths of every key a JSON schema knows for a given input. Alternatives that the input's `kind` rules out are not
 * followed.
 */
export const knownPaths = (schema: JsonSchema, input: unknown, prefix = ''): readonly string[] => {
  const found = alternatives(schema)
    .filter((option) => admits(option, input))
    .flatMap(properties)
    .flatMap(([key, inner]) => [
      prefix + key,
      ...knownPaths(inner, isValues(input) ? input[key] : undefined, `${prefix}${key}.`),
    ]);
  return [...new Set(found)];
};

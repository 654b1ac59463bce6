import { isValues } from '@torsor/settings';
import * as z from 'zod';
import { trainConfigSchema } from './schema.js';

type Schema = { readonly [key: string]: unknown };

/** JSON schema (draft 2020-12) of a whole run. */
export const runJsonSchema: Schema = z.toJSONSchema(trainConfigSchema, { io: 'input' });

const relax = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(relax);
  if (!isValues(schema)) return schema;
  const kept = Object.entries(schema).filter(([key]) => key !== 'required');
  return Object.fromEntries(kept.map(([key, value]) => [key === 'oneOf' ? 'anyOf' : key, relax(value)]));
};

const relaxedProperties = (): Schema => {
  const properties = relax(runJsonSchema['properties']);
  return isValues(properties) ? properties : {};
};

/**
 * JSON schema (draft 2020-12) of a configuration file: any part of a run, and the preset it changes.
 *
 * @param presets - names that the `preset` key may take.
 */
export const fileJsonSchema = (presets: readonly string[]): Schema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  properties: { preset: { enum: presets, description: 'the preset that this file changes' }, ...relaxedProperties() },
  additionalProperties: false,
});

import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { separate } from 'fp-ts/lib/ReadonlyArray.js';
import { decodeTrainConfig } from './decode.js';
import type { ConfigError } from './error.js';
import { isValues, type Layer, overlayAll, type Values, valueAt } from './layer.js';
import type { Origin } from './origin.js';
import { defaultPreset, presetLayer, sampleLayer } from './presets.js';
import type { TrainConfig } from './schema.js';
import { parseSetting } from './setting.js';

/** A configuration file as read: its path and its text. */
export type ConfigFile = { readonly path: string; readonly text: string };

/** What a command line says about a configuration. */
export type ConfigRequest = {
  readonly base: { readonly _tag: 'Preset'; readonly name: string } | ({ readonly _tag: 'File' } & ConfigFile);
  readonly settings: readonly string[];
  readonly flags: readonly Layer[];
};

const json = (file: ConfigFile): E.Either<ConfigError, Values> => {
  const bad = (reason: string): ConfigError => ({ _tag: 'BadFile', path: file.path, reason });
  return pipe(
    E.tryCatch(
      (): unknown => JSON.parse(file.text),
      (cause) => bad(`not JSON: ${String(cause)}`),
    ),
    E.filterOrElse(isValues, () => bad('expected one JSON object')),
  );
};

const belowFile = (preset: unknown, origin: Origin): E.Either<ConfigError, readonly Layer[]> => {
  if (preset === undefined) return E.right([]);
  if (typeof preset === 'string') return E.map((layer: Layer) => [layer])(presetLayer(preset, origin));
  const received = JSON.stringify(preset);
  return E.left({ _tag: 'WrongType', path: 'preset', expected: 'a preset name', received, origin });
};

const fileLayers = (file: ConfigFile): E.Either<ConfigError, readonly Layer[]> => {
  const origin: Origin = { _tag: 'File', path: file.path };
  return pipe(
    json(file),
    E.flatMap(({ preset, ...values }) =>
      pipe(
        belowFile(preset, origin),
        E.map((below) => [...below, { origin, values }]),
      ),
    ),
  );
};

const baseLayers = ({ base }: ConfigRequest): E.Either<ConfigError, readonly Layer[]> =>
  base._tag === 'File'
    ? fileLayers(base)
    : pipe(
        presetLayer(base.name, { _tag: 'Flag', flag: 'the command line' }),
        E.map((layer) => [layer]),
      );

const baseName = (request: ConfigRequest): string =>
  request.base._tag === 'Preset'
    ? request.base.name
    : request.base.path.slice(request.base.path.lastIndexOf('/') + 1).replace(/\.json$/, '');

const withDefaults = (request: ConfigRequest, said: readonly Layer[]): readonly Layer[] => {
  const kinds = { optimizer: { kind: 'adamw' }, lrSchedule: { kind: 'cosine' } };
  const bottom: Layer = { origin: { _tag: 'Default' }, values: { name: baseName(request), ...kinds } };
  const merged = overlayAll([bottom, ...said]);
  const name = valueAt(merged, ['name']);
  const out: Layer = {
    origin: { _tag: 'Default' },
    // A name of another type is refused by the schema; it may have no string form, as {"toString": null} has none.
    values: { out: `runs/${typeof name === 'string' ? name : 'unnamed'}` },
  };
  const kind = valueAt(merged, ['model', 'kind']);
  const normalization: Layer = {
    origin: { _tag: 'Default' },
    // openpi: quantiles for every model but π0.
    values: { data: { normMode: kind === 'pi0' || kind === undefined ? 'mean_std' : 'quantile' } },
  };
  const ofSample = (valueAt(merged, ['data', 'dir']) ?? null) === null;
  return [bottom, out, normalization, ...(ofSample ? [sampleLayer] : []), ...said];
};

/**
 * The configuration a command line asks for: defaults < embedded sample < preset < file < `--set` < flags.
 *
 * @errors as `decodeTrainConfig`, and `UnknownPreset`, `BadFile`, `BadSetting`.
 */
export const resolveConfig = (request: ConfigRequest): E.Either<readonly ConfigError[], TrainConfig> => {
  const base = E.mapLeft((error: ConfigError) => [error])(baseLayers(request));
  const { left, right } = separate(request.settings.map(parseSetting));
  const errors = [...(E.isLeft(base) ? base.left : []), ...left];
  if (errors.length > 0 || E.isLeft(base)) return E.left(errors);
  return decodeTrainConfig(withDefaults(request, [...base.right, ...right, ...request.flags]));
};

/** The request of a command line that says nothing. */
export const defaultRequest: ConfigRequest = { base: { _tag: 'Preset', name: defaultPreset }, settings: [], flags: [] };

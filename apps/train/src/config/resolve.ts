import {
  ignoredSettings,
  isValues,
  type Layer,
  type Origin,
  overlayAll,
  parseSetting,
  type SettingsError,
  type Values,
  valueAt,
} from '@torsor/settings';
import { ignorableSettings } from '@torsor/training';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { separate } from 'fp-ts/lib/ReadonlyArray.js';
import { decodeTrainConfig } from './decode.js';
import { type Derived, dependentDefaults, type Kept, movedEnd, type Resolved, rateNotes } from './derived.js';
import { defaultPreset, presetLayer, sampleLayer } from './presets.js';
import type { TrainConfig } from './schema.js';
import { atSchedule } from './shorthands.js';

/** A configuration file as read: its path and its text. */
export type ConfigFile = { readonly path: string; readonly text: string };

/** What a command line says about a configuration. */
export type ConfigRequest = {
  readonly base: { readonly _tag: 'Preset'; readonly name: string } | ({ readonly _tag: 'File' } & ConfigFile);
  readonly settings: readonly string[];
  readonly flags: readonly Layer[];
};

const json = (file: ConfigFile): E.Either<SettingsError, Values> => {
  const bad = (reason: string): SettingsError => ({ _tag: 'BadFile', path: file.path, reason });
  return pipe(
    E.tryCatch(
      (): unknown => JSON.parse(file.text),
      (cause) => bad(`not JSON: ${String(cause)}`),
    ),
    E.filterOrElse(isValues, () => bad('expected one JSON object')),
  );
};

const belowFile = (preset: unknown, origin: Origin): E.Either<SettingsError, readonly Layer[]> => {
  if (preset === undefined) return E.right([]);
  if (typeof preset === 'string') return E.map((layer: Layer) => [layer])(presetLayer(preset, origin));
  const received = JSON.stringify(preset);
  return E.left({ _tag: 'WrongType', path: 'preset', expected: 'a preset name', received, origin });
};

const fileLayers = (file: ConfigFile): E.Either<SettingsError, readonly Layer[]> => {
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

const baseLayers = ({ base }: ConfigRequest): E.Either<SettingsError, readonly Layer[]> =>
  base._tag === 'File'
    ? fileLayers(base)
    : pipe(
        presetLayer(base.name, { _tag: 'Flag', flag: 'the command line' }),
        E.map((layer) => [layer]),
      );

const sections = ['name', 'seed', 'model', 'data', 'optimizer', 'lrSchedule', 'out'];

/** A run's own `config.json` holds every field, also those that nobody asked for. */
const isSaved = ({ values }: Layer, base: readonly Layer[]): boolean =>
  base.length === 1 && sections.every((section) => values[section] !== undefined);

/** What the user says: files and the command line, no presets. */
const saidIn = (base: readonly Layer[], line: readonly Layer[]): readonly Layer[] => [
  ...base.filter((layer) => layer.origin._tag === 'File' && !isSaved(layer, base)),
  ...line,
];

const presetIn = (base: readonly Layer[]): string | null => {
  const [found] = base.flatMap(({ origin }) => (origin._tag === 'Preset' ? [origin.name] : []));
  return found ?? null;
};

const baseName = ({ base }: ConfigRequest): string =>
  base._tag === 'Preset' ? base.name : base.path.slice(base.path.lastIndexOf('/') + 1).replace(/\.json$/, '');

/** The layers below everything that is said: every run has a name, an optimizer and a schedule. */
const bottomOf = (request: ConfigRequest, said: readonly Layer[]): readonly Layer[] => {
  const kinds = { optimizer: { kind: 'adamw' }, lrSchedule: { kind: 'cosine' } };
  const bottom: Layer = { origin: { _tag: 'Default' }, values: { name: baseName(request), ...kinds } };
  const ofSample = (valueAt(overlayAll(said), ['data', 'dir']) ?? null) === null;
  return ofSample ? [bottom, sampleLayer] : [bottom];
};

/** A file, and then the command line, may each move the end of the schedule below it. */
const withMovedEnds = (
  bottom: readonly Layer[],
  base: readonly Layer[],
  line: readonly Layer[],
  kept: Kept,
): Derived => {
  const files = base.filter(({ origin }) => origin._tag === 'File');
  const presets = [...bottom, ...base.filter(({ origin }) => origin._tag !== 'File')];
  const ofFile = movedEnd(presets, files, kept);
  const below = [...presets, ...files, ...ofFile.layers];
  const ofLine = movedEnd(below, line, kept);
  return { layers: [...below, ...line, ...ofLine.layers], notes: [...ofFile.notes, ...ofLine.notes] };
};

const resolveLayers = (request: ConfigRequest, base: readonly Layer[], settings: readonly Layer[], kept: Kept) => {
  const bottom = bottomOf(request, [...base, ...settings, ...request.flags]);
  const kind = valueAt(overlayAll([...bottom, ...base, ...settings]), ['lrSchedule', 'kind']);
  const { layers, notes } = withMovedEnds(bottom, base, [...settings, ...atSchedule(kind, request.flags)], kept);
  const defaults = dependentDefaults(layers);
  return pipe(
    decodeTrainConfig([...defaults.layers, ...layers]),
    E.map(
      (config): Resolved => ({
        config,
        notes: [...notes, ...defaults.notes, ...rateNotes(config)],
        ignored: ignoredSettings(ignorableSettings, saidIn(base, [...settings, ...request.flags]), config),
        preset: presetIn(base),
      }),
    ),
  );
};

/**
 * The configuration that a command line asks for, and notes on what follows from it: a schedule that ended with the run's steps
 * ends with those that are asked for, small pictures are not augmented.
 *
 * @param kept - the schedule of a run that goes on, whose end stays where it is.
 * @errors as `decodeTrainConfig`, and `UnknownPreset`, `BadFile`, `BadSetting`.
 */
export const resolveRequest = (
  request: ConfigRequest,
  kept: Kept = null,
): E.Either<readonly SettingsError[], Resolved> => {
  const base = E.mapLeft((error: SettingsError) => [error])(baseLayers(request));
  const { left, right } = separate(request.settings.map(parseSetting('--set')));
  const errors = [...(E.isLeft(base) ? base.left : []), ...left];
  if (errors.length > 0 || E.isLeft(base)) return E.left(errors);
  return resolveLayers(request, base.right, right, kept);
};

/** @errors `Ignored` for each value that was said and would change nothing. */
export const heeded = (resolved: Resolved): E.Either<readonly SettingsError[], Resolved> =>
  resolved.ignored.length === 0 ? E.right(resolved) : E.left(resolved.ignored);

/**
 * The configuration a command line asks for: defaults < embedded sample < preset < file < `--set` < flags.
 *
 * @errors as `resolveRequest`, and `Ignored` for what would change nothing.
 */
export const resolveConfig = (request: ConfigRequest): E.Either<readonly SettingsError[], TrainConfig> =>
  pipe(
    resolveRequest(request),
    E.flatMap(heeded),
    E.map(({ config }) => config),
  );

/** The request of a command line that says nothing. */
export const defaultRequest: ConfigRequest = { base: { _tag: 'Preset', name: defaultPreset }, settings: [], flags: [] };

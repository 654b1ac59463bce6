import { type Layer, originAt, overlayAll, type SettingsError, type Values, valueAt } from '@torsor/settings';
import { lengthSchema, type TrainConfig } from './schema.js';

/** Values that follow from what is said, and what a user is told who did not ask for them. */
export type Derived = { readonly layers: readonly Layer[]; readonly notes: readonly string[] };

/** A configuration, and what a user is told of values that nobody asked for. */
export type Resolved = {
  readonly config: TrainConfig;
  readonly notes: readonly string[];
  /** What was said and would change nothing. */
  readonly ignored: readonly SettingsError[];
  /** The preset that it changes, by itself or in a file; `null` for a file without. */
  readonly preset: string | null;
};

const nothing: Derived = { layers: [], notes: [] };

const defaults = (values: Values): Layer => ({ origin: { _tag: 'Default' }, values });

/** A crop of 95 % moves pictures below it by less than two pixels, and a turn of 5° spoils what is left. */
const smallestAugmented = 64;

const isSmall = (size: unknown): boolean =>
  Array.isArray(size) && size.some((extent) => typeof extent === 'number' && extent < smallestAugmented);

const augmentation = (said: unknown): Derived => {
  const size = valueAt(said, ['model', 'imageSize']);
  if (!isSmall(size) || valueAt(said, ['data', 'augment']) !== undefined) return nothing;
  const cameras = valueAt(said, ['model', 'cameras']);
  const shown = Array.isArray(cameras) && cameras.length > 0;
  const note = `data.augment is false: pictures of ${JSON.stringify(size)} are too small to be cropped and turned`;
  return { layers: [defaults({ data: { augment: false } })], notes: shown ? [note] : [] };
};

/** Defaults that depend on what layers say: the folder, openpi's normalization of each family, augmentation. */
export const dependentDefaults = (layers: readonly Layer[]): Derived => {
  const said = overlayAll(layers);
  const [name, kind] = [valueAt(said, ['name']), valueAt(said, ['model', 'kind'])];
  const { layers: augmented, notes } = augmentation(said);
  // A name of another type is refused by the schema; it may have no string form, as {"toString": null} has none.
  const out = `runs/${typeof name === 'string' ? name : 'unnamed'}`;
  // openpi: quantiles for every model but π0.
  const normMode = kind === 'pi0' || kind === undefined ? 'mean_std' : 'quantile';
  return { layers: [defaults({ out, data: { normMode } }), ...augmented], notes };
};

/** Where the schedules that end say so. */
const ends = { cosine: 'decaySteps', linear: 'transitionSteps', rsqrt: null, constant: null } as const;

type Length = {
  readonly steps: number;
  readonly kind: string;
  readonly key: string;
  readonly end: number;
  readonly warmupSteps: number;
};

const lengthOf = (layers: readonly Layer[]): Length | null => {
  const { data } = lengthSchema.safeParse(overlayAll(layers));
  if (data === undefined) return null;
  const { steps, lrSchedule } = data;
  const key = ends[lrSchedule.kind];
  const end = valueAt(lrSchedule, [key ?? '']);
  const warmupSteps = lrSchedule.kind === 'cosine' ? lrSchedule.warmupSteps : 0;
  return key === null || typeof end !== 'number' ? null : { steps, kind: lrSchedule.kind, key, end, warmupSteps };
};

/** The steps that layers ask for, where they leave the schedule as it is. */
const stepsAlone = (said: readonly Layer[], { key, kind }: Length): number | null => {
  const values = overlayAll(said);
  const steps = valueAt(values, ['steps']);
  const isPlaced = valueAt(values, ['lrSchedule', key]) !== undefined;
  const isOther = (valueAt(values, ['lrSchedule', 'kind']) ?? kind) !== kind;
  return typeof steps === 'number' && Number.isInteger(steps) && steps > 0 && !isPlaced && !isOther ? steps : null;
};

/** A schedule whose end a run that goes on keeps; `null` for a run that begins. */
export type Kept = TrainConfig['lrSchedule'] | null;

/**
 * A schedule that ended with the steps below ends with the steps that are said above, or where a run that goes on has it.
 *
 * @param below - layers that together had steps and a schedule.
 * @param said - layers above them, of one source.
 */
export const movedEnd = (below: readonly Layer[], said: readonly Layer[], kept: Kept): Derived => {
  const before = lengthOf(below);
  const steps = before?.end === before?.steps && before !== null ? stepsAlone(said, before) : null;
  if (before === null || steps === null || steps === before.steps) return nothing;
  const path = `lrSchedule.${before.key}`;
  const moved = (end: unknown): readonly Layer[] => [
    { origin: originAt(said, ['steps']), values: { lrSchedule: { [before.key]: end } } },
  ];
  const own = valueAt(kept, [before.key]);
  if (own !== undefined) return { layers: moved(own), notes: [] };
  const warmupSteps = valueAt(overlayAll(said), ['lrSchedule', 'warmupSteps']);
  const end = Math.max(steps, (typeof warmupSteps === 'number' ? warmupSteps : before.warmupSteps) + 1);
  const note = `${path} is ${end} instead of ${before.end}: the schedule ended with the run; --set ${path}=… places it`;
  return { layers: moved(end), notes: [note] };
};

/** What a user may not have meant: a rate that rises when it should decay. */
export const rateNotes = ({ lrSchedule }: Pick<TrainConfig, 'lrSchedule'>): readonly string[] =>
  lrSchedule.kind === 'cosine' && lrSchedule.decayLr > lrSchedule.peakLr
    ? [
        `lrSchedule.decayLr = ${lrSchedule.decayLr} is above lrSchedule.peakLr = ${lrSchedule.peakLr}: the rate rises to it`,
      ]
    : [];

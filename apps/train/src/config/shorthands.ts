import { flagLayer, type Layer, valueAt } from '@torsor/settings';

/** A flag for a value that many set, and the path of that value. */
export type Shorthand = {
  readonly placeholder: string;
  readonly path: string;
  readonly about: string;
  /** False where the value is text, whatever it looks like. */
  readonly parsed: boolean;
};

const text = (placeholder: string, path: string, about: string): Shorthand => ({
  placeholder,
  path,
  about: `${about} (${path})`,
  parsed: false,
});

const number = (placeholder: string, path: string, about: string): Shorthand => ({
  ...text(placeholder, path, about),
  parsed: true,
});

/** By the name of the flag, in camel case. */
export const shorthands: Readonly<Record<string, Shorthand>> = {
  data: text('dir', 'data.dir', 'LeRobot dataset to train on'),
  out: text('dir', 'out', 'folder of the run'),
  steps: number('n', 'steps', 'optimizer updates; a schedule that ends with them still does'),
  batchSize: number('n', 'batchSize', 'samples per update'),
  lr: number('rate', 'lrSchedule.peakLr', 'learning rate at its highest'),
  seed: number('n', 'seed', 'of everything that is random'),
  backend: text('name', 'backend', 'auto, reference, wasm, tfjs-node, tfjs-node-gpu or xla'),
  mesh: text('axes', 'mesh', 'devices by axes, such as data=2,fsdp=4'),
};

/** What schedules that have no `peakLr` call their highest rate. */
const rates: Readonly<Record<string, string>> = { constant: 'lr', linear: 'initLr' };

/** Flags over a schedule of some kind: `--lr` sets the rate that it has. */
export const atSchedule = (kind: unknown, flags: readonly Layer[]): readonly Layer[] => {
  const key = typeof kind === 'string' ? rates[kind] : undefined;
  if (key === undefined) return flags;
  return flags.map((layer) =>
    layer.origin._tag === 'Flag' && layer.origin.flag === '--lr'
      ? flagLayer('--lr', ['lrSchedule', key], valueAt(layer.values, ['lrSchedule', 'peakLr']))
      : layer,
  );
};

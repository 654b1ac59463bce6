import { type Command as Commander, InvalidArgumentError, Option } from 'commander';
import type { Layer } from '../config/layer.js';
import { flagLayer, parseValue } from '../config/setting.js';
import type { ConfigArguments } from './command.js';

const collect = (value: string, previous: readonly string[] | undefined): readonly string[] => [
  ...(previous ?? []),
  value,
];

const nonEmpty = (value: string): string => {
  if (value === '') throw new InvalidArgumentError('It is empty.');
  return value;
};

/** A flag that stands for one configuration value. */
type ConfigFlag = {
  readonly flag: string;
  readonly placeholder: string;
  readonly path: readonly string[];
  readonly help: string;
};

const single: readonly ConfigFlag[] = [
  { flag: '--data', placeholder: 'dir', path: ['data', 'dir'], help: 'LeRobot dataset to train on (data.dir)' },
  { flag: '--out', placeholder: 'dir', path: ['out'], help: 'folder of the run (out)' },
  { flag: '--steps', placeholder: 'n', path: ['steps'], help: 'optimizer updates (steps)' },
  {
    flag: '--backend',
    placeholder: 'name',
    path: ['backend'],
    help: 'auto, reference, wasm, tfjs-node, tfjs-node-gpu or xla',
  },
  { flag: '--mesh', placeholder: 'axes', path: ['mesh'], help: 'devices by axes, such as data=2,fsdp=4 (mesh)' },
];

const nameOf = (flag: string): string => flag.slice(2);

const repeated = (flags: string, description: string): Option => new Option(flags, description).argParser(collect);

/** Adds the arguments from which a configuration is resolved. */
export const withConfigOptions = (command: Commander): Commander => {
  command.argument('[config]', 'a preset, or a .json file (with its own "preset" key, or complete)');
  command.addOption(
    repeated('--set <path=value>', 'one configuration value, for example optimizer.b1=0.8; repeatable'),
  );
  for (const { flag, placeholder, help } of single) {
    command.addOption(new Option(`${flag} <${placeholder}>`, help).argParser(nonEmpty));
  }
  return command.addOption(
    repeated('--without-camera <key>', 'train without this declared camera, or without all; repeatable'),
  );
};

const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

/** The text of an option, `null` when it was not given. */
export const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const flagValue = ({ path }: ConfigFlag, given: string): unknown => (path[0] === 'steps' ? parseValue(given) : given);

/** What the parsed options say about the configuration. */
export const configArguments = (base: unknown, options: Readonly<Record<string, unknown>>): ConfigArguments => {
  const flags = single.flatMap((flag): readonly Layer[] => {
    const given = text(options[nameOf(flag.flag)]);
    return given === null ? [] : [flagLayer(flag.flag, flag.path, flagValue(flag, given))];
  });
  const cameras = strings(options['withoutCamera']);
  const without = cameras.includes('all') ? 'all' : cameras;
  const camera = flagLayer('--without-camera', ['data', 'withoutCameras'], without);
  return {
    base: text(base),
    settings: strings(options['set']),
    flags: cameras.length > 0 ? [...flags, camera] : flags,
  };
};

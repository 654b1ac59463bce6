import { backendNames } from '@torsor/backends';
import type { Layer } from '@torsor/settings';
import * as z from 'zod';
import { shorthands } from '../config/shorthands.js';
import { choice, choiceOr, count, repeated, size, text, toggle } from './fields.js';

/** Where a configuration begins, as written on the command line; `null` when nothing is. */
export type ConfigArguments = {
  readonly base: string | null;
  readonly settings: readonly string[];
  readonly flags: readonly Layer[];
};

/** How an existing run folder is met. */
export type OnExistingRun = 'refuse' | 'resume' | 'overwrite';

/** A command: its words with its arguments, a line of help, and the schema of arguments and flags by name, in camel case. */
export type Declaration = {
  readonly words: string;
  readonly about: string;
  readonly schema: z.ZodType<object>;
  /** Takes what a configuration is resolved from too: `[config]`, `--set`, and the shorthands. */
  readonly takesConfig: boolean;
};

const command = <S extends z.ZodType<object>>(words: string, about: string, schema: S) =>
  ({ words, about, schema, takesConfig: false }) as const;

const configured = <S extends z.ZodType<object>>(words: string, about: string, schema: S) =>
  ({ words: `${words} [config]`, about, schema, takesConfig: true }) as const;

const json = toggle('JSON lines on standard output, nothing else there');

const backend = choice('name', backendNames, 'the backend to use');

const checkpoint = z.string();

const names = ['torsor', 'openpi-pytorch', 'lerobot'] as const;

const formats = [...names, 'openpi'] as const;

const onExistingRun = ({ resume, overwrite }: { resume: boolean; overwrite: boolean }): OnExistingRun => {
  if (resume) return 'resume';
  return overwrite ? 'overwrite' : 'refuse';
};

const train = z
  .object({
    resume: toggle('continue the run in the folder from its newest checkpoint', { conflicts: 'overwrite' }),
    overwrite: toggle('remove an existing run in the folder first'),
    memory: size('what each device has, such as 80GB, where it does not say so itself'),
    json,
  })
  .transform(({ resume, overwrite, ...rest }) => ({ ...rest, onExistingRun: onExistingRun({ resume, overwrite }) }));

const evaluate = z.object({
  checkpoint,
  data: text('dir', 'another dataset than the one of the run'),
  backend,
  mesh: text('axes', 'devices by axes, such as data=2,fsdp=4; one device when left out'),
  json,
});

const convert = z.object({
  input: z.string(),
  output: z.string(),
  to: choiceOr('torsor', 'format', formats, 'whose names the output has; openpi: params that its JAX code restores'),
  from: choice('format', names, 'whose names the input has, where they do not say so'),
  dtype: choice('dtype', ['F32', 'BF16'], 'element type to write; else each tensor keeps its own'),
  maxShard: size('several files of at most this size each, such as 5GB'),
  allowNonFinite: toggle('accept infinities and NaN, and count them'),
  live: toggle('the parameters of a checkpoint of ours as trained, instead of their averages'),
  assetId: text('name', "folder of norm_stats.json for openpi, its configuration's asset id; torsor when left out"),
  headDim: count('width of a head of a PyTorch file, 256 in the released models'),
  imageHeads: count('heads of the image tower of a PyTorch file, 16 in the released models'),
  json,
});

const setupXla = z.object({
  cuda: toggle('for an NVIDIA GPU: the plugin with CUDA (3.2 GB) instead of the one for the CPU (63 MB)'),
  json,
});

const setupTfjsNative = z.object({
  cuda: toggle('for an NVIDIA GPU: the library with CUDA instead of the one for the CPU'),
  packageInstaller: toggle("run the package's own installer instead; needs its download host"),
  json,
});

/** Every command, in the order of the help. */
export const commands = {
  Train: configured('train', 'train a policy; without arguments, on the embedded sample', train),
  Eval: command('eval <checkpoint>', 'held-out loss and action errors of a checkpoint', evaluate),
  Doctor: configured('doctor', 'what is wrong with a dataset, before a run; and with a run, named', z.object({ json })),
  NormStats: configured(
    'norm-stats',
    'normalization statistics of the training episodes, as JSON',
    z.object({ output: text('file', 'write there instead of to standard output') }),
  ),
  FitFast: configured(
    'fit-fast',
    'fit a FAST tokenizer on the training chunks, and say how well it does',
    z.object({
      output: z
        .string()
        .default('fast')
        .meta({ description: 'folder of processor_config.json and tokenizer.json', placeholder: 'dir' }),
      json,
    }),
  ),
  Inspect: command(
    'inspect <checkpoint>',
    'what a checkpoint, or any safetensors file or folder, holds and where it comes from',
    z.object({
      checkpoint,
      hashes: choiceOr('files', 'what', ['none', 'files', 'tensors'], 'of what SHA-256 is taken'),
      json,
    }),
  ),
  Convert: command(
    'convert <input> <output>',
    'a policy between our checkpoints, openpi (JAX and PyTorch) and LeRobot; the output folder must not exist',
    convert,
  ),
  Config: configured(
    'config',
    'the resolved configuration and its JSON schema',
    z.object({ only: choice('part', ['config', 'schema'], 'print one of the two alone') }),
  ),
  Plan: configured(
    'plan',
    'memory, work and traffic of an update on each device, before any run',
    z.object({
      memory: size('what each device has, such as 80GB: a plan that does not fit is refused'),
      compute: choice('dtype', ['f32', 'bf16'], 'what the transformer computes in, instead of model.computeDtype'),
      json,
    }),
  ),
  Backends: command(
    'backends',
    'which backends are available, which one is chosen, and why',
    z.object({ backend, json }),
  ),
  SetupXla: command('setup xla', 'fetch an XLA plugin from PyPI; needs python3 with pip', setupXla),
  SetupTfjsNative: command(
    'setup tfjs-native',
    'link the TensorFlow.js binding against libtensorflow from PyPI; needs python3 with pip, and g++',
    setupTfjsNative,
  ),
  Completion: command(
    'completion <shell>',
    'a script that completes commands, flags, presets and settings: bash, zsh or fish',
    z.object({ shell: z.enum(['bash', 'zsh', 'fish']) }),
  ),
} as const satisfies Readonly<Record<string, Declaration>>;

/** What commands that stand for several are about. */
export const groups: Readonly<Record<string, string>> = { setup: 'make a faster backend available' };

/** The fields of every command that takes a configuration, beside the shorthands. */
export const configSchema = z.object({
  config: text('config', 'a preset, or a .json file (with its own "preset" key, or complete)'),
  set: repeated('path=value', 'one configuration value, for example optimizer.b1=0.8; repeatable'),
  withoutCamera: repeated('key', 'train without this declared camera, or without all; repeatable'),
  fromScratch: toggle('begin from random weights under a preset that expects weights to begin from (fromScratch)'),
});

/** The flags for single values of a configuration. */
export const shorthandSchema = z.object(
  Object.fromEntries(
    Object.entries(shorthands).map(([name, { placeholder, about }]) => [name, text(placeholder, about)]),
  ),
);

type Commands = typeof commands;

type Fields<D extends Declaration> = Readonly<z.output<D['schema']>> &
  (D['takesConfig'] extends true ? { readonly config: ConfigArguments } : object);

/** What the user asked for. */
export type Command = { readonly [T in keyof Commands]: { readonly _tag: T } & Fields<Commands[T]> }[keyof Commands];

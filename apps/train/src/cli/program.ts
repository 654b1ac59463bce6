import type { NameFormat } from '@torsor/checkpoint';
import { Command as Commander, Option } from 'commander';
import { type BackendName, backendNames } from '../backend/names.js';
import { presets } from '../config/presets.js';
import type { Command, OnExistingRun } from './command.js';
import { showExitCodes } from './exit-codes.js';
import { configArguments, text, withConfigOptions } from './options.js';

type Options = Readonly<Record<string, unknown>>;

type Accept = (command: Command) => void;

const presetTable = (): string =>
  presets.map(({ name, description }) => `  ${name.padEnd(20)}${description}`).join('\n');

const footer = (): string => `
Presets:
${presetTable()}

Exit codes:
${showExitCodes()}`;

const json = (): Option => new Option('--json', 'JSON lines on standard output, nothing else there');

const backend = (): Option => new Option('--backend <name>', 'the backend to use').choices(backendNames);

const computeDtypes = ['f32', 'bf16'] as const;

const backendOf = (options: Options): BackendName | null =>
  backendNames.find((name) => name === options['backend']) ?? null;

const onExistingRun = (options: Options): OnExistingRun => {
  if (options['resume'] === true) return 'resume';
  return options['overwrite'] === true ? 'overwrite' : 'refuse';
};

const addTrain = (root: Commander, accept: Accept): Commander =>
  withConfigOptions(root.command('train'))
    .description('train a policy; without arguments, on the embedded sample')
    .addOption(
      new Option('--resume', 'continue the run in the folder from its newest checkpoint').conflicts('overwrite'),
    )
    .option('--overwrite', 'remove an existing run in the folder first')
    .option('--memory <size>', 'what each device has, such as 80GB, where it does not say so itself')
    .addOption(json())
    .action((base: unknown, options: Options) =>
      accept({
        _tag: 'Train',
        config: configArguments(base, options),
        onExistingRun: onExistingRun(options),
        memory: text(options['memory']),
        json: options['json'] === true,
      }),
    );

const addEval = (root: Commander, accept: Accept): Commander =>
  root
    .command('eval <checkpoint>')
    .description('held-out loss and action errors of a checkpoint')
    .option('--data <dir>', 'another dataset than the one of the run')
    .addOption(backend())
    .option('--mesh <axes>', 'devices by axes, such as data=2,fsdp=4; one device when left out')
    .addOption(json())
    .action((checkpoint: string, options: Options) =>
      accept({
        _tag: 'Eval',
        checkpoint,
        data: text(options['data']),
        backend: backendOf(options),
        mesh: text(options['mesh']),
        json: options['json'] === true,
      }),
    );

const addNormStats = (root: Commander, accept: Accept): Commander =>
  withConfigOptions(root.command('norm-stats'))
    .description('normalization statistics of the training episodes, as JSON')
    .option('--output <file>', 'write there instead of to standard output')
    .action((base: unknown, options: Options) =>
      accept({ _tag: 'NormStats', config: configArguments(base, options), output: text(options['output']) }),
    );

const addFitFast = (root: Commander, accept: Accept): Commander =>
  withConfigOptions(root.command('fit-fast'))
    .description('fit a FAST tokenizer on the training chunks, and say how well it does')
    .addOption(new Option('--output <dir>', 'folder of processor_config.json and tokenizer.json').default('fast'))
    .addOption(json())
    .action((base: unknown, options: Options) =>
      accept({ _tag: 'FitFast', config: configArguments(base, options), output: text(options['output']) ?? 'fast' }),
    );

const hashes = ['none', 'files', 'tensors'] as const;

const addInspect = (root: Commander, accept: Accept): Commander =>
  root
    .command('inspect <checkpoint>')
    .description('what a checkpoint, or any safetensors file or folder, holds and where it comes from')
    .addOption(new Option('--hashes <what>', 'of what SHA-256 is taken').choices(hashes).default('files'))
    .addOption(json())
    .action((checkpoint: string, options: Options) =>
      accept({ _tag: 'Inspect', checkpoint, hashes: hashes.find((what) => what === options['hashes']) ?? 'files' }),
    );

const formats = ['torsor', 'openpi-pytorch', 'lerobot'] as const;

const floatDTypes = ['F32', 'BF16'] as const;

const formatOf = (name: unknown): NameFormat | null => formats.find((format) => format === name) ?? null;

const addConvert = (root: Commander, accept: Accept): Commander =>
  root
    .command('convert <input> <output>')
    .description("weights between our checkpoints, openpi's PyTorch and LeRobot; the output folder must not exist")
    .addOption(new Option('--to <format>', 'whose names the output has').choices(formats).default('torsor'))
    .addOption(new Option('--from <format>', 'whose names the input has, where they do not say so').choices(formats))
    .addOption(
      new Option('--dtype <dtype>', 'element type to write; else each tensor keeps its own').choices(floatDTypes),
    )
    .option('--max-shard <size>', 'several files of at most this size each, such as 5GB')
    .option('--allow-non-finite', 'accept infinities and NaN, and count them')
    .option('--ema', 'the averaged parameters of a checkpoint of ours')
    .option('--head-dim <n>', 'width of a head of a PyTorch file, 256 in the released models')
    .option('--image-heads <n>', 'heads of the image tower of a PyTorch file, 16 in the released models')
    .addOption(json())
    .action((input: string, output: string, options: Options) =>
      accept({
        _tag: 'Convert',
        input,
        output,
        from: formatOf(options['from']),
        to: formatOf(options['to']) ?? 'torsor',
        dtype: floatDTypes.find((dtype) => dtype === options['dtype']) ?? null,
        maxShard: text(options['maxShard']),
        allowNonFinite: options['allowNonFinite'] === true,
        ema: options['ema'] === true,
        headDim: text(options['headDim']),
        imageHeads: text(options['imageHeads']),
      }),
    );

const addConfig = (root: Commander, accept: Accept): Commander =>
  withConfigOptions(root.command('config'))
    .description('the resolved configuration and its JSON schema')
    .addOption(new Option('--only <part>', 'print one of the two alone').choices(['config', 'schema']))
    .action((base: unknown, options: Options) =>
      accept({ _tag: 'Config', config: configArguments(base, options), only: text(options['only']) }),
    );

const addPlan = (root: Commander, accept: Accept): Commander =>
  withConfigOptions(root.command('plan'))
    .description('memory, work and traffic of an update on each device, before any run')
    .option('--memory <size>', 'what each device has, such as 80GB: a plan that does not fit is refused')
    .addOption(
      new Option('--compute <dtype>', 'what the transformer computes in, instead of model.computeDtype').choices(
        computeDtypes,
      ),
    )
    .addOption(json())
    .action((base: unknown, options: Options) =>
      accept({
        _tag: 'Plan',
        config: configArguments(base, options),
        memory: text(options['memory']),
        compute: computeDtypes.find((dtype) => dtype === options['compute']) ?? null,
        json: options['json'] === true,
      }),
    );

const addBackends = (root: Commander, accept: Accept): Commander =>
  root
    .command('backends')
    .description('which backends are available, which one is chosen, and why')
    .addOption(backend())
    .addOption(json())
    .action((options: Options) =>
      accept({ _tag: 'Backends', backend: backendOf(options), json: options['json'] === true }),
    );

const addSetup = (root: Commander, accept: Accept): Commander => {
  const setup = root.command('setup').description('make a faster backend available');
  setup
    .command('xla')
    .description('fetch an XLA plugin from PyPI; needs python3 with pip')
    .option('--cuda', 'for an NVIDIA GPU: the plugin with CUDA (3.2 GB) instead of the one for the CPU (63 MB)')
    .addOption(json())
    .action((options: Options) => accept({ _tag: 'SetupXla', cuda: options['cuda'] === true }));
  return setup
    .command('tfjs-native')
    .description('link the TensorFlow.js binding against libtensorflow from PyPI; needs python3 with pip, and g++')
    .option('--cuda', 'for an NVIDIA GPU: the library with CUDA instead of the one for the CPU')
    .option('--package-installer', "run the package's own installer instead; needs its download host")
    .addOption(json())
    .action((options: Options) =>
      accept({
        _tag: 'SetupTfjsNative',
        cuda: options['cuda'] === true,
        packageInstaller: options['packageInstaller'] === true,
      }),
    );
};

const helpWidth = (): number => 100;

/** The command line of `torsor`: commands go to `accept`, help and version texts to `print`; it exits by throwing. */
export const program = (version: string, accept: Accept, print: (text: string) => void): Commander => {
  const output = { writeOut: print, writeErr: print, outputError: () => undefined };
  const root = new Commander('torsor')
    .description('Train and evaluate robot policies.')
    .version(version)
    .exitOverride()
    .configureOutput({ ...output, getOutHelpWidth: helpWidth, getErrHelpWidth: helpWidth })
    .addHelpText('after', footer);
  const commands = [
    addTrain,
    addEval,
    addNormStats,
    addFitFast,
    addInspect,
    addConvert,
    addConfig,
    addPlan,
    addBackends,
  ];
  for (const add of [...commands, addSetup]) add(root, accept);
  return root;
};

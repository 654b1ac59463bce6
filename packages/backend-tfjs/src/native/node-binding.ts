import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type CacheEnvironment, cacheDirectory, messageOf } from '@torsor/install';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TensorflowBinding } from './binding.js';
import { requireHere, type TfjsCore, tfjsCore } from './core.js';
import { bindingDirectory, packageInstallDirectory } from './directories.js';
import type { NativeSetupError, NativeTask } from './error.js';
import { installedPackage } from './installed-package.js';
import { restoreLegacyUtil } from './legacy-util.js';
import { bindingName } from './link.js';
import type { LoadedNode, NodeKind } from './loaded.js';
import { withStderrClosed } from './stderr-gate.js';

/** Where native parts may be found. */
export type NativePlaces = {
  readonly env: CacheEnvironment;
  /** Directory of the user's project, whose own tfjs-node is used if it has one that works. */
  readonly project: string;
};

const variantOf = (kind: NodeKind): 'cuda' | 'cpu' => (kind === 'tfjs-node-gpu' ? 'cuda' : 'cpu');

const remedyFor = (kind: NodeKind): string => `Link it with setupTfjsNative, variant ${variantOf(kind)}.`;

type KernelModule = {
  readonly NodeJSKernelBackend: new (binding: unknown, packageName: string) => InstanceType<TfjsCore['KernelBackend']>;
};

const isBinding = (value: unknown): value is TensorflowBinding => {
  return typeof value === 'object' && value !== null && 'executeOp' in value && 'TF_Version' in value;
};

/** The addon that the registered backend runs on. */
const bindingOf = (core: TfjsCore): TensorflowBinding => {
  const backend: unknown = core.findBackend('tensorflow');
  const binding = typeof backend === 'object' && backend !== null && 'binding' in backend ? backend.binding : undefined;
  if (!isBinding(binding)) throw new Error('its backend has no binding');
  return binding;
};

/** Registers the backend over the binding that `setupTfjsNative` linked, under tfjs-node's own JavaScript. */
const registerFromCache = (core: TfjsCore, kind: NodeKind, directory: string): void => {
  const load = createRequire(join(directory, bindingName));
  const binding: unknown = withStderrClosed(directory, () => load(join(directory, bindingName)));
  load('@tensorflow/tfjs-node/dist/register_all_kernels.js');
  const { NodeJSKernelBackend }: KernelModule = load('@tensorflow/tfjs-node/dist/nodejs_kernel_backend.js');
  core.registerBackend('tensorflow', () => new NodeJSKernelBackend(binding, `@tensorflow/${kind}`), 3);
};

/** A place that has the backend: how to register it from there. */
type Candidate = {
  readonly source: string;
  readonly register: () => void;
};

const candidates = (core: TfjsCore, kind: NodeKind, places: NativePlaces): readonly Candidate[] => {
  const cache = cacheDirectory(places.env);
  const linked = bindingDirectory(cache, variantOf(kind));
  const packages = [places.project, packageInstallDirectory(cache, variantOf(kind))]
    .flatMap((project) => installedPackage(kind, project)?.directory ?? [])
    .filter((directory, i, all) => all.indexOf(directory) === i);
  return [
    ...(existsSync(join(linked, bindingName))
      ? [{ source: linked, register: () => registerFromCache(core, kind, linked) }]
      : []),
    // the package registers its backend when it is loaded
    ...packages.map((directory) => ({ source: directory, register: () => requireHere(directory) })),
  ];
};

// libtensorflow writes its start-up notices to standard error unless told otherwise before it is loaded
const quietly = <A>(work: () => A): A => {
  const before = process.env['TF_CPP_MIN_LOG_LEVEL'];
  process.env['TF_CPP_MIN_LOG_LEVEL'] = before ?? '2';
  try {
    return work();
  } finally {
    if (before === undefined) delete process.env['TF_CPP_MIN_LOG_LEVEL'];
  }
};

const loadFirst = async (core: TfjsCore, kind: NodeKind, from: readonly Candidate[]): Promise<LoadedNode> => {
  const reasons: string[] = [];
  for (const { source, register } of from) {
    try {
      quietly(register);
      if (!(await core.setBackend('tensorflow'))) throw new Error('TensorFlow did not start');
      const binding = bindingOf(core);
      const device = binding.isUsingGpuDevice() ? 'GPU' : 'CPU';
      return {
        kind,
        core,
        binding,
        description: `${kind}, TensorFlow ${binding.TF_Version} on ${device}, from ${source}`,
      };
    } catch (cause) {
      reasons.push(messageOf(cause).split('\n', 1)[0] ?? '');
    }
  }
  throw new Error(reasons.join('; '));
};

const alreadyLoaded = new Map<NodeKind, LoadedNode>();

/**
 * Loads tfjs-node or tfjs-node-gpu: the binding that `setupTfjsNative` linked, else the package installed in the user's
 * project or as this package's optional peer, else the one its own installer put into the cache. A process holds one of them.
 *
 * @errors `NotInstalled` when there is none, `LoadFailed` when none of those present works.
 */
export const loadNodeBinding = (kind: NodeKind, places: NativePlaces): NativeTask<LoadedNode> => {
  const failed = (reason: string): NativeSetupError => ({
    _tag: 'LoadFailed',
    what: kind,
    reason,
    remedy: remedyFor(kind),
  });
  const before = alreadyLoaded.get(kind);
  if (before !== undefined) return TE.right(before);
  const [other] = alreadyLoaded.keys();
  if (other !== undefined) return TE.left(failed(`this process already runs ${other}`));
  const core = tfjsCore();
  const from = candidates(core, kind, places);
  if (from.length === 0) return TE.left({ _tag: 'NotInstalled', what: kind, remedy: remedyFor(kind) });
  return TE.tryCatch(
    async () => {
      restoreLegacyUtil();
      const loaded = await loadFirst(core, kind, from);
      alreadyLoaded.set(kind, loaded);
      return loaded;
    },
    (cause) => failed(messageOf(cause)),
  );
};

import { basename, dirname, join, relative } from 'node:path';
import { filesBelow, onFiles, runTool, type Tool } from '@torsor/install';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { NativeTask } from './error.js';

/** File name of the linked binding inside its directory. */
export const bindingName = 'tfjs_binding.node';

// TensorFlow opens these by name when it first needs them; a binding that needs them has them loaded already
const cudaLibrary =
  /^lib(cudart|cublas|cublasLt|cudnn|cufft|curand|cusolver|cusparse|nccl|nvJitLink|nvrtc|cupti)\.so\.\d+$/;

/** Which members of a wheel the binding needs: the two libraries, the C headers, and CUDA's libraries. */
export const neededFromWheel = (member: string): boolean => {
  const header = [
    'tensorflow/include/tensorflow/c/',
    'tensorflow/include/tensorflow/core/platform/ctstring',
    'tensorflow/include/tsl/platform/ctstring',
    'tensorflow/include/xla/tsl/c/',
  ].some((prefix) => member.startsWith(prefix));
  return (
    header ||
    /^tensorflow\/libtensorflow_(cc|framework)\.so/.test(member) ||
    /^nvidia\/[^/]+\/lib\/[^/]+\.so/.test(member)
  );
};

const linkArguments = (directory: string, cuda: readonly string[]): readonly string[] => {
  const lib = join(directory, 'lib');
  const packages = join(directory, 'node_modules');
  const sources = join(packages, '@tensorflow', 'tfjs-node');
  const cudaDirectories = [...new Set(cuda.map(dirname))];
  const searched = [join(lib, 'tensorflow'), ...cudaDirectories];
  const include = [join(lib, 'tensorflow', 'include'), join(packages, 'node-api-headers', 'include'), sources];
  return [
    ...['-std=c++17', '-O2', '-fPIC', '-shared', '-w'],
    ...include.flatMap((path) => ['-I', path]),
    join(sources, 'binding', 'tfjs_backend.cc'),
    join(sources, 'binding', 'tfjs_binding.cc'),
    ...['-o', join(directory, bindingName)],
    ...searched.flatMap((path) => ['-L', path, `-Wl,-rpath,$ORIGIN/${relative(directory, path)}`]),
    ...['-Wl,--no-as-needed', '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
    ...cuda.map((path) => `-l:${basename(path)}`),
  ];
};

/**
 * Compiles and links tfjs-node's own binding sources against the libraries that lie below the same directory.
 *
 * @param compiler - the C++ compiler.
 * @param directory - holds `lib/` (from wheels) and `node_modules/` (tfjs-node, node-api-headers).
 * @returns path of the binding.
 * @errors `CommandFailed` with the compiler's messages.
 */
export const linkBinding = (compiler: Tool, directory: string): NativeTask<string> => {
  return pipe(
    onFiles(directory, () => filesBelow(join(directory, 'lib'), (name) => cudaLibrary.test(name))),
    TE.flatMap((cuda) => runTool(compiler, linkArguments(directory, cuda))),
    TE.map(() => join(directory, bindingName)),
  );
};

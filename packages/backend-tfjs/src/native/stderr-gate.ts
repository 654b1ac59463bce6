import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { onFiles, runTool, type Tool, writeText } from '@torsor/install';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { NativeTask } from './error.js';

const addonName = 'stderr_gate.node';

// libtensorflow's libraries write to standard error while they are loaded, before any setting of theirs is read
const addonSource = `#include <fcntl.h>
#include <node_api.h>
#include <unistd.h>
static int saved = -1;
static napi_value close_gate(napi_env, napi_callback_info) {
  int null_file = open("/dev/null", O_WRONLY);
  if (null_file < 0) return nullptr;
  saved = dup(2);
  if (saved >= 0) dup2(null_file, 2);
  close(null_file);
  return nullptr;
}
static napi_value open_gate(napi_env, napi_callback_info) {
  if (saved < 0) return nullptr;
  dup2(saved, 2);
  close(saved);
  saved = -1;
  return nullptr;
}
static napi_value init(napi_env env, napi_value exports) {
  napi_value function;
  napi_create_function(env, "close", NAPI_AUTO_LENGTH, close_gate, nullptr, &function);
  napi_set_named_property(env, exports, "close", function);
  napi_create_function(env, "open", NAPI_AUTO_LENGTH, open_gate, nullptr, &function);
  napi_set_named_property(env, exports, "open", function);
  return exports;
}
NAPI_MODULE(stderr_gate, init)
`;

/**
 * Compiles the addon that mutes standard error while libtensorflow is loaded.
 *
 * @param compiler - the C++ compiler.
 * @param directory - the binding's directory; holds `node_modules/node-api-headers`.
 * @errors `CommandFailed`, `FileSystem`.
 */
export const buildStderrGate = (compiler: Tool, directory: string): NativeTask<unknown> => {
  const source = join(directory, 'stderr_gate.cc');
  const include = join(directory, 'node_modules', 'node-api-headers', 'include');
  const flags = ['-std=c++17', '-O2', '-fPIC', '-shared', '-I', include];
  return pipe(
    onFiles(source, () => writeText(source, addonSource)),
    TE.flatMap(() => runTool(compiler, [...flags, source, '-o', join(directory, addonName)])),
  );
};

type Gate = {
  readonly close: () => void;
  readonly open: () => void;
};

/**
 * Runs `work` with standard error muted, where the addon was built; what `work` throws is thrown.
 *
 * @param directory - the binding's directory.
 * @param work - loads the library.
 */
export const withStderrClosed = <A>(directory: string, work: () => A): A => {
  const path = join(directory, addonName);
  if (!existsSync(path)) return work();
  const gate: Gate = createRequire(path)(path);
  gate.close();
  try {
    return work();
  } finally {
    gate.open();
  }
};

// How much memory saving and restoring a state take beside the state itself; Linux only, which counts a process's peak:
//   npx tsx --conditions=@torsor/source packages/checkpoint/bench/save-memory.ts [gigabytes]
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CheckpointError, TensorSource } from '../src/index.js';
import { fetchedTensor, readTensor, saveCheckpoint, showCheckpointError, withCheckpoint } from '../src/index.js';

const run = async <A>(effect: TE.TaskEither<CheckpointError, A>): Promise<A> => {
  const result = await effect();
  if (E.isLeft(result)) throw new Error(showCheckpointError(result.left));
  return result.right;
};

const kilobytes = (field: 'VmHWM' | 'VmRSS'): number =>
  Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);

const shape = [8192, 8192];
const leafBytes = 4 * 8192 * 8192;
const leaves = Math.ceil((Number(process.argv[2] ?? 5.4) * 1e9) / leafBytes);
const state = Array.from({ length: leaves }, (_, i) => new Float32Array(leafBytes / 4).fill(i + 1));
const held = kilobytes('VmRSS');
const root = mkdtempSync(join(tmpdir(), 'torsor-save-memory-'));
const tensors = state.map((leaf, i) =>
  // A copy, as one from a device would be.
  fetchedTensor(
    { name: `leaf${i}`, dtype: 'F32', shape },
    TE.fromIO(() => leaf.slice()),
  ),
);
const manifest = {
  ...{ createdBy: 'bench', step: 1, config: {}, normalisation: { mode: 'none', statistics: {} } },
  ...{ dataset: { id: 'none', splitHash: '-' }, position: { epoch: 0, offset: 0 }, key: [0, 0] as const },
};

/** Reads every leaf into its place, as a copy to a device would, and lets it go. */
const restore = (source: TensorSource): TE.TaskEither<CheckpointError, unknown> =>
  pipe(
    [...source.tensors.keys()],
    TE.traverseSeqArray((name) =>
      pipe(
        readTensor(source, name),
        TE.tapIO(({ elements }) => () => {
          const leaf = state[Number(name.slice('leaf'.length))];
          if (elements instanceof Float32Array) leaf?.set(elements);
        }),
      ),
    ),
  );

const gigabytes = (kilo: number): number => (kilo * 1024) / 1e9;

try {
  const files = { 'params.safetensors': { tensors, metadata: {} } };
  const path = await run(saveCheckpoint<never>(root, { manifest, files }));
  const saved = kilobytes('VmHWM');
  await run(withCheckpoint(path)(({ sources }) => TE.traverseSeqArray(restore)([...sources.values()])));
  const restored = kilobytes('VmHWM');
  console.log(
    JSON.stringify({
      stateGB: (leaves * leafBytes) / 1e9,
      leafGB: leafBytes / 1e9,
      heldGB: gigabytes(held),
      aboveWhenSavedGB: gigabytes(saved - held),
      aboveWhenRestoredGB: gigabytes(restored - held),
    }),
  );
} finally {
  rmSync(root, { recursive: true, force: true });
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import type { Skipped } from '../bench.js';
import { type Child, runChild } from './child.js';
import { type Report, readReport } from './report.js';
import { roundCount, xlaMissing } from './setting.js';
import { type Amount, ourChild, type Peer, peerChild, peerIn } from './sides.js';
import { type FlowName, sizesOf } from './sizes.js';
import type { TrainTask } from './task.js';

/** One turn of each side, minutes apart at most: a machine's speed drifts. */
export type Round = {
  readonly ours: Report;
  /** Again with the executables of the turn before; nothing is timed after its first step. */
  readonly warm: Report;
  readonly peer: Report;
};

/** All rounds of a configuration. */
export type Rounds = {
  readonly rounds: readonly Round[];
  /** openpi's first step with JAX's persistent cache filled, seconds. */
  readonly peerWarmFirstStep: number;
};

/** Steps with images take a second or more: fewer give as steady a median. */
const timed = (config: FlowName): Amount =>
  sizesOf(config).policy.cameras.length > 0 ? { steps: 12, samples: 15 } : { steps: 30, samples: 30 };
const none: Amount = { steps: 1, samples: 1 };

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const shown = ({ firstStep, step, sample, trainingMemory }: Report): string =>
  `first step ${firstStep.toFixed(2)} s, step ${((step ?? Number.NaN) * 1000).toFixed(1)} ms, sample ${((sample ?? Number.NaN) * 1000).toFixed(2)} ms, ${trainingMemory?.toFixed(0)} MB`;

/** The report of a process; it ends the bench where there is none. */
export const reportOf = async (label: string, child: Child): Promise<Report> => {
  const report = E.flatMap(readReport)(await runChild(child));
  if (E.isLeft(report)) throw new Error(`${label}: ${report.left}`);
  say(`${label}: ${shown(report.right)}`);
  return report.right;
};

const inTemporary = async <A>(work: (directory: string) => Promise<A>): Promise<A> => {
  const directory = await mkdtemp(join(tmpdir(), 'torsor-bench-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

const roundOf = (
  label: string,
  config: FlowName,
  peer: Exclude<Peer, Skipped>,
  { steps, samples }: Amount,
): Promise<Round> =>
  inTemporary(async (compileCache) => {
    const task: TrainTask = { kind: 'train', config, backend: 'xla', compileCache, steps, samples };
    const ours = await reportOf(`${label} ours`, ourChild(task));
    const warm = await reportOf(`${label} ours, warm`, ourChild({ ...task, steps: 0, samples: 0 }));
    const theirs = await reportOf(`${label} openpi`, peerChild(peer, config, { steps, samples }, null));
    if (theirs.params !== ours.params) {
      throw new Error(`${config}: ours has ${ours.params} parameters, openpi ${theirs.params}: not the same model`);
    }
    return { ours, warm, peer: theirs };
  });

const peerWarm = (config: FlowName, peer: Exclude<Peer, Skipped>): Promise<number> =>
  inTemporary(async (cache) => {
    await reportOf(`${config} openpi, filling its cache`, peerChild(peer, config, none, cache));
    return (await reportOf(`${config} openpi, warm`, peerChild(peer, config, none, cache))).firstStep;
  });

/** The peer, where both sides can run. */
export const readyPeer = async (): Promise<Exclude<Peer, Skipped> | Skipped> => {
  const peer = peerIn(process.env);
  return 'skipped' in peer ? peer : ((await xlaMissing()) ?? peer);
};

/** Both sides of a configuration in turn, each in a process of its own. */
const compare = async (config: FlowName): Promise<Rounds | Skipped> => {
  const peer = await readyPeer();
  if ('skipped' in peer) return peer;
  const count = roundCount();
  const rounds: Round[] = [];
  for (let i = 1; i <= count; i++) rounds.push(await roundOf(`${config} ${i}/${count}`, config, peer, timed(config)));
  return { rounds, peerWarmFirstStep: await peerWarm(config, peer) };
};

const compared = new Map<FlowName, Promise<Rounds | Skipped>>();

/** `compare`, once for all the benches of a run. */
export const roundsOf = (config: FlowName): Promise<Rounds | Skipped> => {
  const known = compared.get(config) ?? compare(config);
  compared.set(config, known);
  return known;
};

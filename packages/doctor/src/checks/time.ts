import type { Episode } from '@torsor/data';
import type { Check, Subject } from '../check.js';
import type { Finding } from '../finding.js';
import { quantile, thinned } from '../thinned.js';
import { counted, distinctNumbers, excluding, listed, shownNumber, shownShare } from '../words.js';

/** A step of so many usual ones is a gap: cameras lose one frame now and then, which makes a step of two. */
const gapSteps = 3;

/** Of the declared rate: cameras of 29.97 frames a second are declared as 30 (0.1 %), the next lower rate in use is 25 (17 %). */
const rateTolerance = 0.05;

/** A step between two frames, in seconds. */
type Step = { readonly episode: number; readonly frame: number; readonly seconds: number };

type Kind = { count: number; worst: Step | null; readonly episodes: Set<number> };

const emptyKind = (): Kind => ({ count: 0, worst: null, episodes: new Set() });

const note = (kind: Kind, step: Step, isWorse: (than: Step) => boolean): void => {
  kind.count += 1;
  kind.episodes.add(step.episode);
  if (kind.worst === null || isWorse(kind.worst)) kind.worst = step;
};

const stepsOf = ({ timestamp }: Episode): Float32Array => {
  const steps = new Float32Array(Math.max(0, timestamp.length - 1));
  for (let i = 0; i < steps.length; i++) steps[i] = (timestamp[i + 1] ?? 0) - (timestamp[i] ?? 0);
  return steps;
};

const gapFinding = ({ count, worst, episodes }: Kind, fps: number): readonly Finding[] => {
  if (worst === null) return [];
  const all = distinctNumbers(episodes);
  const { episode, frame, seconds } = worst;
  return [
    {
      _tag: 'TimeGap',
      severity: 'warning',
      where: { episode, frame },
      numbers: { seconds, expectedSeconds: 1 / fps, gaps: count, episodes: all.length },
      episodes: all,
      message: `${shownNumber(seconds)} s pass to the next frame, where fps = ${shownNumber(fps)} says ${shownNumber(1 / fps)} s; windows of actions end there where more than five frames are missing. ${count === 1 ? 'It is the only gap' : `There are ${count} gaps in ${counted(all.length, 'episode')} (${listed(all)}); this is the longest`}.`,
      remedy: `${excluding(all)}, or split ${all.length === 1 ? 'the episode' : 'the episodes'} there`,
    },
  ];
};

const restartFinding = ({ count, worst, episodes }: Kind): readonly Finding[] => {
  if (worst === null) return [];
  const all = distinctNumbers(episodes);
  const { episode, frame, seconds } = worst;
  const moved = seconds < 0 ? `goes back by ${shownNumber(-seconds)} s` : 'stands still';
  return [
    {
      _tag: 'TimeRestart',
      severity: 'warning',
      where: { episode, frame },
      numbers: { seconds, restarts: count, episodes: all.length },
      episodes: all,
      message: `time ${moved} to the next frame: frames of several recordings, or in another order. ${count === 1 ? 'It is the only such step' : `There are ${count} such steps in ${counted(all.length, 'episode')} (${listed(all)})`}.`,
      remedy: `${excluding(all)}, or write the timestamps again`,
    },
  ];
};

const rateFinding = (fps: number, median: number): readonly Finding[] => {
  if (!(median > 0) || Math.abs(median * fps - 1) <= rateTolerance) return [];
  return [
    {
      _tag: 'WrongFps',
      severity: 'warning',
      where: { file: 'meta/info.json' },
      numbers: { fps, medianStepSeconds: median, measuredFps: 1 / median, off: median * fps - 1 },
      message: `fps is ${shownNumber(fps)}, but half of the steps take ${shownNumber(median)} s or more, which is ${shownNumber(1 / median)} frames a second: ${shownShare(Math.abs(median * fps - 1))} ${median * fps > 1 ? 'longer' : 'shorter'} than fps says. The report tells the seconds of a chunk by fps.`,
      remedy: `fps of meta/info.json: ${shownNumber(1 / median)}, or write the timestamps again`,
    },
  ];
};

/** Gaps, restarts and the rate of time, from the timestamps of the rows. */
export const time: Check = {
  name: 'time',
  looksAt: 'steps of the timestamps against fps',
  begin: ({ fps }: Subject) => {
    const [gaps, restarts, all] = [emptyKind(), emptyKind(), thinned(1)];
    return {
      add: (episode) => {
        const steps = stepsOf(episode);
        all.add(steps);
        // What is usual in the episode, so that a wrong fps is said once and not at every frame.
        const usual = Math.max(1 / fps, quantile(steps.toSorted(), 0.5) || 0);
        for (let frame = 0; frame < steps.length; frame++) {
          const seconds = steps[frame] ?? 0;
          const step = { episode: episode.index, frame, seconds };
          if (seconds > gapSteps * usual) note(gaps, step, (than) => seconds > than.seconds);
          else if (seconds <= 0) note(restarts, step, (than) => seconds < than.seconds);
        }
      },
      findings: () => [
        ...gapFinding(gaps, fps),
        ...restartFinding(restarts),
        ...rateFinding(fps, quantile(all.sorted(0), 0.5)),
      ],
    };
  },
};

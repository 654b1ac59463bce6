import type { Episode } from '@torsor/data';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { counted, excluding, listed, shownShare } from '../words.js';

/** Shifts that are tried, in frames: a third of a second at 30 frames a second, more than a controller lags. */
const shifts = 10;

/** Share of the frames in motion from which actions are taken to be states. */
const sameShare = 0.9;

/** Frames in motion that a dimension needs before anything is said of it. */
const fewest = 20;

/** Of a value: what float32 loses on the way through float64, or in a change of units and back. */
const rounding = 1e-6;

const isSame = (a: number, b: number): boolean => Math.abs(a - b) <= rounding * Math.max(Math.abs(a), Math.abs(b));

/** Whether the actions of an episode are all equal. */
const isStill = ({ action, length }: Episode): boolean => {
  const width = action.length / length;
  for (let i = width; i < action.length; i++) if (action[i] !== action[i - width]) return false;
  return true;
};

const stillFinding = (still: readonly number[], moving: number): readonly Finding[] => {
  if (still.length === 0) return [];
  const isAll = moving === 0;
  return [
    {
      _tag: 'ActionsNeverMove',
      severity: isAll ? 'error' : 'warning',
      where: { feature: 'action', ...(isAll ? {} : { episode: still[0] ?? 0 }) },
      numbers: { episodes: still.length, moving },
      episodes: still,
      message: isAll
        ? 'no action ever changes within an episode: a policy learns to do nothing.'
        : `the actions never change. ${still.length === 1 ? 'It is the only such episode' : `There are ${still.length} such episodes (${listed(still)})`}.`,
      remedy: isAll ? 'data.columns.action names the feature that moves' : excluding(still),
    },
  ];
};

/** Counts of frames where the robot moves, and of those where an action equals the state some frames later. */
const matches = (width: number) => {
  const moving = new Int32Array(width);
  const same = new Int32Array(width * (shifts + 1));
  /** Counts the shifts at which the state of a dimension has a value, from one place of it on. */
  const count = (value: number, state: Float32Array, at: number, dim: number): void => {
    moving[dim] = (moving[dim] ?? 0) + 1;
    for (let k = 0; k <= shifts; k++) {
      const cell = dim * (shifts + 1) + k;
      if (isSame(value, state[at + k * width] ?? 0)) same[cell] = (same[cell] ?? 0) + 1;
    }
  };
  return {
    add: ({ state, action, length }: Episode): void => {
      const end = Math.max(0, length - shifts) * width;
      for (let at = 0, dim = 0; at < end; at++, dim = at % width) {
        // A robot that rests has equal states everywhere, which says nothing of any shift.
        if (state[at] !== state[at + width]) count(action[at] ?? 0, state, at, dim);
      }
    },
    /** The shift with which most frames of a dimension agree, and their share; `null` where it hardly moves. */
    best: (dim: number): { readonly shift: number; readonly share: number } | null => {
      const all = moving[dim] ?? 0;
      if (all < fewest) return null;
      const counts = same.subarray(dim * (shifts + 1), (dim + 1) * (shifts + 1));
      const most = counts.reduce((a, b) => Math.max(a, b), 0);
      return { shift: counts.indexOf(most), share: most / all };
    },
  };
};

type Match = { readonly name: string; readonly shift: number; readonly share: number };

const copyFinding = (found: readonly Match[], shift: number, width: number): readonly Finding[] => {
  const same = found.filter((match) => match.shift === shift);
  if (same.length === 0) return [];
  const names = same.map(({ name }) => name);
  const share = Math.min(...same.map((match) => match.share));
  const which = same.length === width ? 'every dimension' : `${same.length} of ${width} dimensions (${listed(names)})`;
  const what = shift === 0 ? 'the state of the same frame' : `the state ${counted(shift, 'frame')} later`;
  return [
    {
      _tag: 'ActionsAreStates',
      severity: shift === 0 ? 'warning' : 'note',
      where: { feature: 'action' },
      numbers: { shift, share, dimensions: same.length, ofDimensions: width },
      dimensions: names,
      message: `the action is ${what} ${share === 1 ? 'in all frames' : `in ${shownShare(share)} or more of the frames`} in motion, in ${which}.${shift === 0 ? ' A policy that repeats its state has the first action of every chunk right.' : ''}`,
      remedy: shift === 0 ? 'data.columns.action names the commanded positions, if they were recorded' : null,
    },
  ];
};

/** Actions that never move, and actions that are the state, at once or some frames later. */
export const actions: Check = {
  name: 'actions',
  looksAt: 'whether actions move, and whether they are states',
  begin: ({ stateNames, actionNames }) => {
    const width = actionNames.length;
    const compared = stateNames.length === width ? matches(width) : null;
    const still: number[] = [];
    let moving = 0;
    return {
      add: (episode) => {
        if (!isStill(episode)) moving += 1;
        else if (episode.length > 1) still.push(episode.index);
        compared?.add(episode);
      },
      findings: () => {
        const found = actionNames.flatMap((name, dim): readonly Match[] => {
          const best = compared?.best(dim) ?? null;
          return best === null || best.share < sameShare ? [] : [{ name, ...best }];
        });
        const shiftsFound = [...new Set(found.map(({ shift }) => shift))].toSorted((a, b) => a - b);
        return [...stillFinding(still, moving), ...shiftsFound.flatMap((shift) => copyFinding(found, shift, width))];
      },
    };
  },
};

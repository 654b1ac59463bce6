import type { Episode, Gap } from './dataset.js';

/** Frames that may be missing between two without a gap: what a robot does meanwhile is still one motion. */
const missing = 5;

/**
 * The gaps of an episode: steps back, and steps of more than six frames. A frame takes the middle one of the steps where that is
 * longer than `1 / fps`: a dataset that declares a wrong rate has no gap at every frame.
 *
 * @param timestamp - seconds of its frames.
 * @param fps - frames per second.
 */
export const gapsIn = (timestamp: Float32Array, fps: number): readonly Gap[] => {
  const steps = Float32Array.from(
    { length: Math.max(0, timestamp.length - 1) },
    (_, i) => (timestamp[i + 1] ?? 0) - (timestamp[i] ?? 0),
  );
  const usual = Math.max(1 / fps, steps.toSorted()[steps.length >> 1] ?? 0);
  const gaps: Gap[] = [];
  for (const [i, seconds] of steps.entries()) {
    if (seconds < 0 || seconds > (missing + 1 + 1e-3) * usual) gaps.push({ frame: i + 1, seconds });
  }
  return gaps;
};

/** The frame at which what goes on from a frame ends: the next gap, or the end of the episode. */
export const endAfter = ({ gaps, length }: Pick<Episode, 'gaps' | 'length'>, frame: number): number =>
  gaps.find((gap) => gap.frame > frame)?.frame ?? length;

/**
 * The parts of an episode between its gaps, each an episode of the same number.
 *
 * @param widths - dimensions of state and action.
 * @law one after another they are the episode; none has a gap.
 */
export const partsOf = (
  episode: Episode,
  { sd, ad }: { readonly sd: number; readonly ad: number },
): readonly Pick<Episode, 'length' | 'state' | 'action'>[] => {
  const starts = [0, ...episode.gaps.map(({ frame }) => frame)];
  return starts.map((start, i) => {
    const end = starts[i + 1] ?? episode.length;
    return {
      length: end - start,
      state: episode.state.subarray(start * sd, end * sd),
      action: episode.action.subarray(start * ad, end * ad),
    };
  });
};

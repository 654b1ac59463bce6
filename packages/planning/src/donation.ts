import { type Program, sameType } from '@torsor/tensor';

/**
 * The inputs whose buffers an output of the same path and type can take: the state of an update.
 *
 * @returns from positions of inputs to positions of outputs.
 */
export const donationByPath = ({ inputs, outputs }: Program): ReadonlyMap<number, number> => {
  const pairs = inputs.map(({ path, type }, i) => {
    const j = outputs.findIndex((output) => output.path === path && sameType(output.type, type));
    return [i, j] as const;
  });
  return new Map(pairs.filter(([, j]) => j >= 0));
};

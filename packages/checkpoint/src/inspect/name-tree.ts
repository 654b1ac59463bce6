import type { InspectedTensor } from './inspection.js';

/** A part of a model: tensors below a common beginning of their names. */
export type NameNode = {
  readonly label: string;
  readonly elements: number;
  readonly bytes: number;
  /** The tensor of this very name. */
  readonly tensor: InspectedTensor | undefined;
  readonly children: readonly NameNode[];
};

const separatorOf = (tensors: readonly InspectedTensor[]): string =>
  tensors.some(({ name }) => name.includes('/')) ? '/' : '.';

type Placed = readonly [keys: readonly string[], tensor: InspectedTensor];

const node = (label: string, placed: readonly Placed[], separator: string): NameNode => {
  const groups = new Map<string, Placed[]>();
  for (const [[key, ...rest], tensor] of placed) {
    if (key === undefined) continue;
    const group = groups.get(key) ?? [];
    group.push([rest, tensor]);
    groups.set(key, group);
  }
  const children = [...groups].map(([key, group]) => node(key, group, separator));
  const tensor = placed.find(([keys]) => keys.length === 0)?.[1];
  const [only, ...others] = children;
  // A part with a single part inside is one line.
  if (label !== '' && tensor === undefined && only !== undefined && others.length === 0)
    return { ...only, label: `${label}${separator}${only.label}` };
  const sum = (of: (t: InspectedTensor) => number): number => placed.reduce((total, [, t]) => total + of(t), 0);
  return { label, elements: sum((t) => t.elements), bytes: sum((t) => t.bytes), tensor, children };
};

/** Tensors as a tree of the parts of their names, which `/` divides, or `.` where no name has a `/`. */
export const nameTree = (tensors: readonly InspectedTensor[]): NameNode => {
  const separator = separatorOf(tensors);
  return node(
    '',
    tensors.map((tensor) => [tensor.name.split(separator), tensor]),
    separator,
  );
};

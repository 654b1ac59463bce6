/** What a comparison is of; a table has a row for each. */
export type FidelityKind =
  | 'exact'
  | 'forward'
  | 'loss'
  | 'gradients'
  | 'samples'
  | 'tokens'
  | 'training'
  | 'transforms';

/** One array compared with openpi's. */
export type Fidelity = {
  /** The golden group, such as `gqa/kv2`. */
  readonly group: string;
  readonly kind: FidelityKind;
  readonly array: string;
  readonly backend: string;
  /** How far it is from openpi's, relative to openpi's largest number or norm unless the bound is absolute. */
  readonly error: number;
  /** What is allowed, in the units of the error. */
  readonly bound: number;
};

/** Comparisons of one kind, in one group, on one backend: how many, and the one closest to its bound or beyond it. */
export type Row = {
  readonly worst: Fidelity;
  readonly count: number;
};

/** How much of its bound a comparison uses; beyond everything when it is no number. */
const used = ({ error, bound }: Fidelity): number => {
  if (Number.isNaN(error)) return Number.POSITIVE_INFINITY;
  return error === 0 ? 0 : error / bound;
};

/** The worst comparison of all that share a key, by their keys in order. */
export const worstBy = (
  entries: readonly Fidelity[],
  keyOf: (entry: Fidelity) => readonly string[],
): readonly Row[] => {
  const rows = new Map<string, Row>();
  for (const entry of entries) {
    const key = keyOf(entry).join('\u0000');
    const row = rows.get(key);
    const worst = row === undefined || used(entry) > used(row.worst) ? entry : row.worst;
    rows.set(key, { worst, count: (row?.count ?? 0) + 1 });
  }
  return [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
};

const short = (x: number): string => (x === 0 ? '0' : x.toExponential(1));

/** The worst comparison of every group on every backend, for a terminal. */
export const terminalTable = (entries: readonly Fidelity[]): string => {
  const rows = worstBy(entries, ({ group, backend }) => [group, backend]).map(({ worst, count }) =>
    [
      worst.group.padEnd(24),
      worst.backend.padEnd(14),
      String(count).padStart(6),
      short(worst.error).padStart(9),
      short(worst.bound).padStart(9),
      ` ${worst.array}`,
    ].join(' '),
  );
  const head = `${'group'.padEnd(24)} ${'backend'.padEnd(14)} arrays     error     bound  worst array`;
  return ['', "Worst relative error against openpi's numbers", '', head, ...rows, ''].join('\n');
};

/** The worst comparison of every kind in every group on every backend, in Markdown. */
export const markdownTable = (entries: readonly Fidelity[]): string =>
  [
    '| group | compared | backend | arrays | worst error | bound | worst array |',
    '| --- | --- | --- | ---: | ---: | ---: | --- |',
    ...worstBy(entries, ({ group, kind, backend }) => [group, kind, backend]).map(({ worst, count }) =>
      [
        '',
        worst.group,
        worst.kind,
        worst.backend,
        String(count),
        short(worst.error),
        short(worst.bound),
        `\`${worst.array}\``,
        '',
      ]
        .join(' | ')
        .trim(),
    ),
  ].join('\n');

import type { ActionErrors } from './action-errors.js';

/** One way of predicting actions, and how far off it was. */
export type ScoredMethod = {
  readonly name: string;
  readonly errors: ActionErrors;
  /** A baseline is what the policy has to beat. */
  readonly baseline: boolean;
};

/** A named action dimension and its unit in the dataset. */
export type Joint = {
  readonly name: string;
  readonly unit: string;
};

/** The unit that all joints have; `null` where they have several, or there are none. */
export const commonUnit = (joints: readonly Joint[]): string | null => {
  const units = new Set(joints.map((joint) => joint.unit));
  return units.size === 1 ? (joints[0]?.unit ?? null) : null;
};

const digits = (value: number): string => (Number.isFinite(value) ? value.toPrecision(3) : String(value));

const aligned = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
};

/**
 * The table printed at the end of a run: mean absolute error of every joint in the dataset's units, one column per method,
 * and the overall errors below. An asterisk marks the best method of a row.
 */
export const errorTable = (joints: readonly Joint[], methods: readonly ScoredMethod[]): string => {
  const line = (label: string, unit: string, value: (errors: ActionErrors) => number): readonly string[] => {
    const values = methods.map(({ errors }) => value(errors));
    const best = Math.min(...values);
    return [label, unit, ...values.map((x) => `${digits(x)}${x === best && methods.length > 1 ? '*' : ' '}`)];
  };
  const overall = commonUnit(joints) ?? 'mixed';
  const header = ['MAE per joint', 'unit', ...methods.map((method) => `${method.name} `)];
  const body = joints.map(({ name, unit }) => line(name, unit, (errors) => errors.maePerJoint[name] ?? Number.NaN));
  const totals = [
    line('all: MAE', overall, (errors) => errors.mae),
    line('all: RMSE', overall, (errors) => errors.rmse),
  ];
  const [head = '', ...rest] = aligned([header, ...body, ...totals]);
  const rule = '-'.repeat(Math.max(head.length, ...rest.map((row) => row.length)));
  return [head, rule, ...rest.slice(0, joints.length), rule, ...rest.slice(joints.length)].join('\n');
};

import type { Metric, MetricMoment } from './declaration.js';

const moments: { readonly [M in MetricMoment]: string } = {
  log: 'every `logInterval` updates, and the last',
  eval: 'every `evalInterval` updates, and the last',
  save: 'when a checkpoint is on disk',
};

const cellsOf = ({ name, unit, when, meaning, families, from }: Metric): readonly string[] => [
  `\`${name}\``,
  unit === 'dataset' ? "the dataset's" : unit,
  moments[when],
  families === null ? 'all' : families.join(', '),
  from === null ? '–' : from.reads.join(', '),
  meaning,
];

/** A table in Markdown of metrics as they are declared: name, unit, moment, families, what is read of a step, meaning. */
export const metricTable = (metrics: readonly Metric[]): string => {
  const head = ['name', 'unit', 'when', 'families', 'reads', 'meaning'];
  const rows = [head, ...metrics.map(cellsOf)];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [line(head), rule, ...rows.slice(1).map(line)].join('\n');
};

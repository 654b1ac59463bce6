import * as Plot from '@observablehq/plot';
import { commonUnit, type Joint, type ScoredMethod } from '../table.js';
import { renderWideChart } from './chart.js';
import type { ReportData } from './data.js';
import { escapeHtml, figure, legend, shortNumber } from './html.js';
import { methodColors } from './theme.js';

type Bar = {
  readonly joint: string;
  readonly mae: number;
  readonly method: string;
};

const bars = (joints: readonly Joint[], method: ScoredMethod): readonly Bar[] =>
  joints.map(({ name }) => ({ joint: name, mae: method.errors.maePerJoint[name] ?? Number.NaN, method: method.name }));

const describe = ({ method, joint, mae }: Bar): string => `${joint}, ${method}: ${mae}`;

/** Bars for the first method, and a stroke across each for every other. */
const jointChart = (unit: string, joints: readonly Joint[], methods: readonly ScoredMethod[]): string => {
  const colors = methodColors(methods);
  const longest = Math.max(...joints.map(({ name }) => name.length));
  return renderWideChart(`mean absolute error per joint, ${unit}`, {
    height: 60 + 24 * joints.length,
    marginBottom: 40,
    marginLeft: Math.min(320, 24 + 6.4 * longest),
    marginRight: 24,
    x: { label: `mean absolute error (${unit})`, labelArrow: 'none', grid: true, nice: true, zero: true },
    y: { label: null, domain: joints.map(({ name }) => name), padding: 0.25 },
    marks: [
      ...methods.map((method, i) => {
        const data = bars(joints, method);
        const stroke = colors[i] ?? 'currentColor';
        return i === 0
          ? Plot.barX(data, { x: 'mae', y: 'joint', fill: stroke, title: describe, insetTop: 2, insetBottom: 2 })
          : Plot.tickX(data, { x: 'mae', y: 'joint', stroke, strokeWidth: 3, title: describe });
      }),
      Plot.ruleX([0]),
    ],
  });
};

const horizonChart = ({ methods, secondsPerStep }: ReportData): string => {
  const colors = methodColors(methods);
  return renderWideChart('mean absolute error over the horizon', {
    height: 280,
    marginBottom: 40,
    marginLeft: 58,
    x: { label: secondsPerStep === undefined ? 'horizon step' : 'seconds ahead', labelArrow: 'none' },
    y: { label: 'mean absolute error, all joints', labelArrow: 'none', grid: true, zero: true, tickFormat: '~g' },
    marks: methods.map(({ errors }, i) =>
      Plot.line(
        errors.maePerHorizonStep.map((mae, h) => ({ at: h * (secondsPerStep ?? 1), mae })),
        { x: 'at', y: 'mae', stroke: colors[i] ?? 'currentColor', strokeWidth: methods[i]?.baseline ? 1.6 : 2.4 },
      ),
    ),
  });
};

const errorRow = (label: string, unit: string, values: readonly number[], total: boolean): string => {
  const best = Math.min(...values);
  const cells = values.map((x) => `<td class="number${x === best ? ' best' : ''}">${shortNumber(x)}</td>`).join('');
  return `<tr${total ? ' class="total"' : ''}><td>${escapeHtml(label)}</td><td>${escapeHtml(unit)}</td>${cells}</tr>`;
};

const table = ({ joints, methods }: ReportData): string => {
  const heads = methods.map(({ name }) => `<th class="number">${escapeHtml(name)}</th>`).join('');
  const rows = joints.map(({ name, unit }) =>
    errorRow(
      name,
      unit,
      methods.map(({ errors }) => errors.maePerJoint[name] ?? Number.NaN),
      false,
    ),
  );
  const overall = commonUnit(joints) ?? 'mixed';
  const totals = [
    errorRow(
      'all joints, MAE',
      overall,
      methods.map(({ errors }) => errors.mae),
      true,
    ),
    errorRow(
      'all joints, RMSE',
      overall,
      methods.map(({ errors }) => errors.rmse),
      false,
    ),
  ];
  return `<div class="scroll"><table><thead><tr><th>joint</th><th>unit</th>${heads}</tr></thead><tbody>${[...rows, ...totals].join('')}</tbody></table></div>`;
};

/** Errors per joint against the baselines, over the horizon, and as a table. */
export const errorsSection = (data: ReportData): string => {
  const { joints, methods } = data;
  const [first] = methods;
  if (first === undefined || joints.length === 0) return '<p>No actions were scored.</p>';
  const colors = methodColors(methods);
  const entries = legend(methods.map(({ name }, i) => ({ name, color: colors[i] ?? 'currentColor' })));
  const units = [...new Set(joints.map(({ unit }) => unit))];
  const { countedSteps, paddedSteps } = first.errors;
  const perUnit = units.map((unit) =>
    figure(
      `Mean absolute error per joint (${unit})`,
      entries +
        jointChart(
          unit,
          joints.filter((joint) => joint.unit === unit),
          methods,
        ),
      `Bar: ${first.name}. Strokes: the others. Less is better; a stroke beyond the bar's end is a method that the policy beats.`,
    ),
  );
  const horizon = figure(
    'Error over the horizon',
    entries + horizonChart(data),
    `${countedSteps} recorded steps were scored; ${paddedSteps} beyond the end of their episode were not.`,
  );
  return [...perUnit, horizon, figure('Table', table(data), 'Bold: least error of the row.')].join('');
};

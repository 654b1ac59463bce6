import * as Plot from '@observablehq/plot';
import { type Chart, type Curve, type Metric, type MetricLine, metricNamed } from '@torsor/metrics';
import { renderChart } from './chart.js';
import { escapeHtml, figure, type LegendEntry, legend } from './html.js';
import { color } from './theme.js';

type Drawn = Metric & { readonly curve: Curve };

type Point = {
  readonly step: number;
  readonly value: number;
};

type DrawnCurve = LegendEntry & {
  readonly points: readonly Point[];
  /** Values that are NaN or infinite and have no place in a chart. */
  readonly hidden: number;
};

/** The curves of a metric: one for each name in the lines that its declaration stands for. */
const curvesOf = (lines: readonly MetricLine[], declared: Drawn): readonly Omit<DrawnCurve, 'color'>[] => {
  const names = new Set(lines.flatMap(({ step: _, ...values }) => Object.keys(values)));
  return [...names]
    .filter((name) => metricNamed([declared], name) !== undefined)
    .map((name) => {
      const values = lines.flatMap(({ step, [name]: value }) => (value === undefined ? [] : [{ step, value }]));
      const points = values.filter(({ value }) => Number.isFinite(value));
      const label = name === declared.name ? declared.curve.label : name;
      return { name: label, points, hidden: values.length - points.length };
    });
};

const behind = ['muted', 'extra'] as const;
const before = ['policy', 'baseline', 'second', 'other'] as const;

const hasHeldOut = (drawn: readonly Drawn[]): boolean => drawn.some(({ when }) => when === 'eval');

/** Where held-out values are drawn they stand before those of training. */
const colored = (lines: readonly MetricLine[], drawn: readonly Drawn[]): readonly DrawnCurve[] => {
  const heldOut = hasHeldOut(drawn);
  const ground = (quiet: boolean): readonly DrawnCurve[] => {
    const colors = quiet ? behind : before;
    return drawn
      .filter(({ when }) => (heldOut && when !== 'eval') === quiet)
      .flatMap((declared) => curvesOf(lines, declared))
      .map((curve, i) => ({ ...curve, color: color(colors[i % colors.length] ?? 'policy') }));
  };
  return [...ground(true), ...ground(false)];
};

const chart = (title: string, unit: string, curves: readonly DrawnCurve[], type: 'linear' | 'log'): string => {
  const visible = (point: Point): boolean => type === 'linear' || point.value > 0;
  return renderChart(title, {
    width: 500,
    height: 280,
    marginLeft: 58,
    marginBottom: 40,
    x: { label: 'step', labelArrow: 'none', nice: true, ticks: 6 },
    y: { label: unit, labelArrow: 'none', grid: true, type, ticks: 6, tickFormat: type === 'log' ? '.0e' : '~g' },
    marks: curves.flatMap(({ points, color: stroke, name }) => {
      const shown = points.filter(visible);
      return [
        Plot.line(shown, { x: 'step', y: 'value', stroke, strokeWidth: 1.8, strokeLinejoin: 'round' }),
        // Few points are measurements and shown as such; many would hide the line.
        shown.length <= 40
          ? Plot.dot(shown, {
              x: 'step',
              y: 'value',
              r: 2.4,
              fill: stroke,
              title: ({ step, value }: Point) => `${name}, step ${step}: ${value}`,
            })
          : null,
      ];
    }),
  });
};

const missing = (curves: readonly DrawnCurve[]): string => {
  const notes = curves.filter((curve) => curve.hidden > 0).map(({ name, hidden }) => `${name}: ${hidden}`);
  return notes.length === 0 ? '' : `Values that are NaN or infinite and not drawn: ${notes.join(', ')}.`;
};

const curveFigure = ({ title, axis }: Chart, id: string, curves: readonly DrawnCurve[]): string => {
  if (curves.length === 0) return '';
  const option = (type: 'linear' | 'log', checked: string): string =>
    `<input type="radio" name="${id}" id="${id}-${type}" class="to-${type}"${checked}><label for="${id}-${type}">${type}</label>`;
  const body = `<div class="scale">${option('linear', ' checked')}${option('log', '')}${legend(curves)}
<div class="linear">${chart(title, axis, curves, 'linear')}</div>
<div class="log">${chart(`${title}, log scale`, axis, curves, 'log')}</div></div>`;
  return figure(title, body, missing(curves));
};

const isDrawn = (declared: Metric): declared is Drawn => declared.curve !== null;

/** Metrics by the title of their chart: those with held-out ones first, then in the order of the declarations. */
const byChart = (declared: readonly Metric[]): readonly (readonly Drawn[])[] => {
  const drawn = declared.filter(isDrawn);
  const titles = new Set(drawn.map(({ curve }) => curve.chart.title));
  const charts = [...titles].map((title) => drawn.filter(({ curve }) => curve.chart.title === title));
  return [...charts.filter(hasHeldOut), ...charts.filter((chart) => !hasHeldOut(chart))];
};

/** The curves of a run over its steps: the charts that the metrics declare. */
export const curvesSection = (lines: readonly MetricLine[], declared: readonly Metric[]): string => {
  const figures = byChart(declared)
    .flatMap((drawn, i) =>
      drawn.slice(0, 1).map(({ curve }) => curveFigure(curve.chart, `scale-${i}`, colored(lines, drawn))),
    )
    .filter((text) => text !== '');
  return figures.length === 0
    ? `<p>${escapeHtml('No metrics were logged.')}</p>`
    : `<div class="grid">${figures.join('')}</div>`;
};

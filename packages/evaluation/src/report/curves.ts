import * as Plot from '@observablehq/plot';
import type { MetricLine, MetricName } from '@torsor/metrics';
import { renderChart } from './chart.js';
import { escapeHtml, figure, type LegendEntry, legend } from './html.js';
import { color } from './theme.js';

type Curve = LegendEntry & {
  readonly metric: MetricName;
};

type Point = {
  readonly step: number;
  readonly value: number;
};

type DrawnCurve = LegendEntry & {
  readonly points: readonly Point[];
  /** Values that are NaN or infinite and have no place in a chart. */
  readonly hidden: number;
};

const drawn = (lines: readonly MetricLine[], curves: readonly Curve[]): readonly DrawnCurve[] =>
  curves
    .map(({ metric, ...entry }) => {
      const values = lines.flatMap((line) => {
        const value = line[metric];
        return value === undefined ? [] : [{ step: line.step, value }];
      });
      const points = values.filter((point) => Number.isFinite(point.value));
      return { ...entry, points, hidden: values.length - points.length };
    })
    .filter((curve) => curve.points.length + curve.hidden > 0);

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

const curveFigure = (title: string, unit: string, lines: readonly MetricLine[], wanted: readonly Curve[]): string => {
  const curves = drawn(lines, wanted);
  if (curves.length === 0) return '';
  const id = `scale-${title.replace(/\W+/g, '-').toLowerCase()}`;
  const option = (type: 'linear' | 'log', checked: string): string =>
    `<input type="radio" name="${id}" id="${id}-${type}" class="to-${type}"${checked}><label for="${id}-${type}">${type}</label>`;
  const body = `<div class="scale">${option('linear', ' checked')}${option('log', '')}${legend(curves)}
<div class="linear">${chart(title, unit, curves, 'linear')}</div>
<div class="log">${chart(`${title}, log scale`, unit, curves, 'log')}</div></div>`;
  return figure(title, body, missing(curves));
};

/** The curves of a run over its steps: losses, held-out action errors and tokens, norms, learning rate, speed. */
export const curvesSection = (lines: readonly MetricLine[]): string => {
  const figures = [
    curveFigure('Loss', 'loss (normalized units)', lines, [
      { metric: 'loss', name: 'training', color: color('muted') },
      { metric: 'loss_real_dims', name: 'training, real dimensions', color: color('extra') },
      { metric: 'eval/loss', name: 'held out', color: color('policy') },
      { metric: 'eval/loss_ema', name: 'held out, EMA', color: color('baseline') },
    ]),
    curveFigure('Action error on held-out episodes', "error (the dataset's units)", lines, [
      { metric: 'eval/action_mae', name: 'MAE', color: color('policy') },
      { metric: 'eval/action_rmse', name: 'RMSE', color: color('second') },
    ]),
    curveFigure('Action tokens on held-out episodes', 'share', lines, [
      { metric: 'eval/token_accuracy', name: 'most likely token is the recorded one', color: color('policy') },
      { metric: 'eval/decode_failure_rate', name: 'decoded chunks that are no actions', color: color('baseline') },
    ]),
    curveFigure('Learning rate', 'learning rate', lines, [
      { metric: 'learning_rate', name: 'learning rate', color: color('policy') },
    ]),
    curveFigure('Gradient norm before clipping', 'global L2 norm', lines, [
      { metric: 'grad_norm', name: 'gradient norm', color: color('policy') },
    ]),
    curveFigure('Parameter norm', 'global L2 norm', lines, [
      { metric: 'param_norm', name: 'parameter norm', color: color('policy') },
    ]),
    curveFigure('Time per step', 'seconds', lines, [
      { metric: 'time_per_step', name: 'whole step', color: color('policy') },
      { metric: 'data_time', name: 'waiting for data', color: color('baseline') },
    ]),
  ].filter((text) => text !== '');
  return figures.length === 0
    ? `<p>${escapeHtml('No metrics were logged.')}</p>`
    : `<div class="grid">${figures.join('')}</div>`;
};

import * as Plot from '@observablehq/plot';
import { mean, reduce } from '@torsor/metrics';
import * as O from 'fp-ts/lib/Option.js';
import type { Joint } from '../table.js';
import { renderChart } from './chart.js';
import type { ChunkWindow, ReportData } from './data.js';
import { escapeHtml, figure, legend } from './html.js';
import { color } from './theme.js';

const mostJoints = 8;

type Moment = {
  readonly at: number;
  readonly recorded: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
};

/** One joint over the window; steps beyond the end of the episode are left out. */
const moments = (window: ChunkWindow, joint: number, ad: number, seconds: number): readonly Moment[] =>
  Array.from({ length: window.isPad.length }, (_, h) => h)
    .filter((h) => window.isPad[h] === 0)
    .map((h) => {
      const values = window.samples.map((sample) => sample[h * ad + joint] ?? Number.NaN);
      return {
        at: h * seconds,
        recorded: window.recorded[h * ad + joint] ?? Number.NaN,
        mean: O.getOrElse(() => Number.NaN)(reduce(mean, values)),
        low: Math.min(...values),
        high: Math.max(...values),
      };
    });

const travel = (points: readonly Moment[]): number =>
  points.reduce((sum, point, i) => sum + Math.abs(point.recorded - (points[i - 1]?.recorded ?? point.recorded)), 0);

const jointFigure = ({ name, unit }: Joint, points: readonly Moment[], timed: boolean): string =>
  figure(
    name,
    renderChart(`${name}: recorded and sampled`, {
      width: 250,
      height: 154,
      marginLeft: 44,
      marginRight: 8,
      marginTop: 18,
      marginBottom: 34,
      x: { label: timed ? 's' : 'step', labelArrow: 'none', ticks: 4 },
      y: { label: unit, labelArrow: 'none', grid: true, ticks: 4, tickFormat: '~g' },
      marks: [
        Plot.areaY(points, { x: 'at', y1: 'low', y2: 'high', fill: color('policy'), fillOpacity: 0.22 }),
        Plot.lineY(points, { x: 'at', y: 'mean', stroke: color('policy'), strokeWidth: 1.8 }),
        Plot.lineY(points, {
          x: 'at',
          y: 'recorded',
          stroke: color('recorded'),
          strokeWidth: 1.6,
          strokeDasharray: '4 3',
        }),
      ],
    }),
  );

const windowFigure = (window: ChunkWindow, { joints, secondsPerStep }: ReportData): string => {
  const byTravel = joints
    .map((joint, j) => ({ joint, j, points: moments(window, j, joints.length, secondsPerStep ?? 1) }))
    .map((entry) => ({ ...entry, travel: travel(entry.points) }))
    .sort((a, b) => b.travel - a.travel || a.j - b.j)
    .slice(0, mostJoints)
    .sort((a, b) => a.j - b.j);
  const charts = byTravel.map(({ joint, points }) => jointFigure(joint, points, secondsPerStep !== undefined));
  const padded = Array.from(window.isPad).filter((pad) => pad !== 0).length;
  const note = padded === 0 ? '' : ` (${padded} steps beyond the end of the episode are not drawn)`;
  return `<h3>${escapeHtml(window.title + note)}</h3><div class="small">${charts.join('')}</div>`;
};

/** Recorded chunks beside sampled ones, one small chart per joint with its own scale. */
export const windowsSection = (data: ReportData): string => {
  const { windows, joints } = data;
  const samples = windows[0]?.samples.length ?? 0;
  if (samples === 0) return '';
  const shown =
    joints.length > mostJoints ? `The ${mostJoints} of ${joints.length} joints that move most in each window. ` : '';
  const note = `${shown}The band spans the least and the largest of ${samples} samples. Every chart has its own vertical scale.`;
  const entries = legend([
    { name: 'recorded', color: color('recorded') },
    { name: `mean of ${samples} samples`, color: color('policy') },
    { name: 'range of the samples', color: `color-mix(in srgb, ${color('policy')} 30%, transparent)` },
  ]);
  return `<p class="muted">${escapeHtml(note)}</p>${entries}${windows.map((window) => windowFigure(window, data)).join('')}`;
};

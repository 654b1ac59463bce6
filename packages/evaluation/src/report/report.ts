import { type MetricName, metrics } from '@torsor/metrics';
import { commonUnit } from '../table.js';
import { curvesSection } from './curves.js';
import type { ReportData } from './data.js';
import { errorsSection } from './errors.js';
import { escapeHtml, section, shortNumber } from './html.js';
import { styleSheet } from './theme.js';
import { windowsSection } from './windows.js';

const card = (value: string, label: string): string =>
  `<div class="card"><b>${escapeHtml(value)}</b><span>${escapeHtml(label)}</span></div>`;

const latest = ({ lines }: ReportData, metric: MetricName): number | undefined =>
  lines.findLast((line) => line[metric] !== undefined)?.[metric];

const lossCards = (data: ReportData): readonly string[] =>
  (
    [
      ['eval/loss', 'held-out loss'],
      ['eval/loss_ema', 'held-out loss, EMA'],
    ] as const
  ).flatMap(([metric, label]) => {
    const value = latest(data, metric);
    return value === undefined ? [] : [card(shortNumber(value), label)];
  });

const errorCards = ({ methods, joints, comparable = true }: ReportData): readonly string[] => {
  const common = commonUnit(joints);
  const unit = common === null ? '' : ` ${common}`;
  const [policy] = methods;
  if (policy === undefined) return [];
  const against = methods
    .filter((method) => comparable && method.baseline)
    .map(({ name, errors }) => {
      const change = (policy.errors.mae / errors.mae - 1) * 100;
      const sign = change < 0 ? '−' : '+';
      return card(`${sign}${Math.abs(change).toFixed(1)} %`, `against: ${name} (${shortNumber(errors.mae)}${unit})`);
    });
  return [card(`${shortNumber(policy.errors.mae)}${unit}`, `action MAE, ${policy.name}`), ...against];
};

const notices = ({ notices: all = [] }: ReportData): string =>
  all.map((notice) => `<p class="notice">${escapeHtml(notice)}</p>\n`).join('');

const facts = (data: ReportData): string =>
  data.facts.length === 0
    ? ''
    : `<div class="scroll"><table class="facts"><tbody>${data.facts
        .map(([label, value]) => `<tr><th>${escapeHtml(label)}</th><td>${escapeHtml(value)}</td></tr>`)
        .join('')}</tbody></table></div>`;

/**
 * The report of a run as one HTML file: headline numbers, errors per joint against baselines, recorded against sampled chunks,
 * curves and run facts. Charts are inline SVG; there is no script and nothing is fetched. Light, dark and on paper.
 *
 * @law every text of the data is escaped: no name of a joint or of a dataset becomes markup.
 */
export const reportHtml = (data: ReportData): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(data.title)}</title>
<style>${styleSheet}</style>
</head>
<body><main>
<h1>${escapeHtml(data.title)}</h1>
${notices(data)}<div class="cards">${[...errorCards(data), ...lossCards(data)].join('')}</div>
${section('How far off, joint by joint', errorsSection(data))}
${section('Recorded and sampled chunks', windowsSection(data))}
${section('Training', curvesSection(data.lines, data.metrics ?? metrics))}
${section('The run', facts(data))}
</main></body>
</html>
`;

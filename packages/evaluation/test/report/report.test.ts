import { type Metric, type MetricLine, metric, metrics } from '@torsor/metrics';
import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { actionErrors, type ReportData, reportHtml } from '../../src/index.js';
import { right } from '../chunks.js';

const nasty = `<script>alert("x")</script>&'`;
const names = ['hip', nasty];
const recorded = {
  n: 2,
  horizon: 3,
  names,
  actions: Array.from({ length: 12 }, (_, i) => i / 10),
  isPad: [0, 0, 0, 0, 0, 1],
};

const method = (name: string, baseline: boolean, offset: number) => ({
  name,
  baseline,
  errors: right(
    actionErrors(
      recorded,
      recorded.actions.map((x) => x + offset),
    ),
  ),
});

const lines: readonly MetricLine[] = [
  { step: 10, loss: 1, learning_rate: 1e-4, grad_norm: 2 },
  { step: 20, loss: Number.NaN, learning_rate: 2e-4, grad_norm: 1 },
  { step: 20, 'eval/loss': 0.5, 'eval/loss_ema': 0.4 },
];

const data: ReportData = {
  title: nasty,
  facts: [['dataset', nasty]],
  lines,
  joints: [
    { name: 'hip', unit: 'rad' },
    { name: nasty, unit: 'm' },
  ],
  methods: [method('mean of 8', false, 0.1), method('hold', true, 0.4)],
  windows: [
    {
      title: nasty,
      recorded: [1, 2, 3, 4, 5, 6],
      isPad: [0, 0, 1],
      samples: [
        [1, 2, 3, 4, 5, 6],
        [2, 3, 4, 5, 6, 7],
      ],
    },
  ],
  secondsPerStep: 0.05,
};

const html = reportHtml(data);
const { document } = parseHTML(html);

describe('reportHtml', () => {
  it('has no script, fetches nothing, and lets no text become markup', () => {
    expect(document.querySelectorAll('script, link, iframe, img, [src], [href^="http"]')).toHaveLength(0);
    expect(html).not.toContain('<script');
    expect(html).not.toMatch(/url\(|@import/);
  });

  it('names every chart for who cannot see it', () => {
    const charts = [...document.querySelectorAll('svg')];
    // 2 units, horizon, 2 joints of a window, and 3 curves in two scales.
    expect(charts).toHaveLength(2 + 1 + 2 + 3 * 2);
    expect(charts.every((chart) => (chart.closest('[role=img]')?.getAttribute('aria-label') ?? '') !== '')).toBe(true);
  });

  it('shows the errors that were computed, and the gain over a baseline', () => {
    const cells = [...document.querySelectorAll('td')].map((cell) => cell.textContent);
    expect(cells).toContain('0.1');
    expect(cells).toContain('0.4');
    expect(document.querySelector('.cards')?.textContent).toContain('−75.0 %');
    expect(document.body.textContent).toContain('5 recorded steps were scored; 1 beyond the end');
  });

  it('says what it does not draw', () => {
    expect(document.body.textContent).toContain('Values that are NaN or infinite and not drawn: training: 1.');
    expect(document.body.textContent).toContain('1 steps beyond the end of the episode are not drawn');
  });

  it('draws only numbers', () => {
    expect(html).not.toMatch(/="[^"]*NaN/);
  });

  it('is the same for the same data', () => {
    expect(reportHtml(data)).toBe(html);
  });

  it('shows notices first, and no gain over a baseline where the errors are not comparable', () => {
    const told = parseHTML(reportHtml({ ...data, notices: [nasty], comparable: false })).document;
    expect(told.querySelector('h1')?.nextElementSibling?.textContent).toBe(nasty);
    expect(told.querySelector('.cards')?.textContent).not.toContain('against');
    expect(document.querySelectorAll('.notice')).toHaveLength(0);
  });

  it('draws the charts of the metrics, held-out ones first, each with its axis', () => {
    const titles = [...document.querySelectorAll('.grid figure h3')].map((title) => title.textContent);
    expect(titles).toEqual(['Loss', 'Gradient norm before clipping', 'Learning rate']);
    expect(document.querySelector('.grid svg')?.textContent).toContain('loss (normalized units)');
  });

  it('sets held-out curves before those of training, which stand in front where they are alone', () => {
    const colors = [...document.querySelectorAll('.grid figure:first-child .legend li')].map((entry) => [
      entry.textContent,
      entry.querySelector('span')?.getAttribute('style'),
    ]);
    expect(colors).toEqual([
      ['training', 'background:var(--muted)'],
      ['held out', 'background:var(--policy)'],
      ['held out, EMA', 'background:var(--baseline)'],
    ]);
    const alone = document.querySelector('.grid figure:nth-child(2) .legend span');
    expect(alone?.getAttribute('style')).toBe('background:var(--policy)');
  });

  it("draws a consumer's own metrics, those of a chart together, each name of a placeholder, and none twice", () => {
    const grip = { chart: { title: 'Grip', axis: 'force (N)' }, label: 'mean force' };
    const declared = { unit: 'N', when: 'eval', meaning: 'force' } as const;
    const own = [
      metric({ name: 'noise', unit: '1', when: 'log', meaning: 'largest noise' }),
      metric({ ...declared, name: 'grip', curve: grip }),
      metric({ ...declared, name: 'grip/<finger>', curve: grip }),
      metric({ ...declared, name: 'never measured' }),
      metric({ ...declared, name: 'not drawn', curve: null }),
    ];
    const measured = [
      { step: 1, loss: 1, noise: 3, grip: 2, 'grip/thumb': 1, 'grip/index': 3, 'not drawn': 1 },
      { step: 2, noise: 4, grip: 3 },
    ];
    const drawn = (of: readonly Metric[]): readonly (readonly string[])[] =>
      [
        ...parseHTML(reportHtml({ ...data, lines: measured, metrics: of })).document.querySelectorAll('.grid figure'),
      ].map((chart) => [...chart.querySelectorAll('h3, .legend li')].map((text) => text.textContent ?? ''));
    expect(drawn(own)).toEqual([
      ['Grip', 'mean force', 'grip/thumb', 'grip/index'],
      ['noise', 'noise'],
    ]);
    expect(drawn([...metrics, ...own]).map(([title]) => title)).toEqual(['Loss', 'Grip', 'noise']);
  });

  it('is readable without metrics, methods or windows', () => {
    const bare = reportHtml({ ...data, lines: [], methods: [], windows: [], facts: [] });
    expect(bare).toContain('No metrics were logged.');
    expect(bare).toContain('No actions were scored.');
  });
});

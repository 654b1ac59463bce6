import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { escapeHtml } from './html.js';

// Observable Plot builds DOM nodes; this document has no window behind it and nothing is ever drawn on a screen.
const { document } = parseHTML('<!doctype html><html><body></body></html>');

const style = { fontFamily: 'system-ui, sans-serif', fontSize: '11px', overflow: 'visible' };

/**
 * A chart as SVG text with a label for readers who cannot see it. Colours may be CSS variables, so that one chart serves light
 * and dark. The label is not left to the serializer, which does not escape `<` in attributes.
 */
export const renderChart = (label: string, options: Plot.PlotOptions): string => {
  const svg = Plot.plot({ document, style, ...options }).outerHTML;
  return `<div role="img" aria-label="${escapeHtml(label)}">${svg}</div>`;
};

/** A chart over the whole width of the page, which scrolls where the page is narrower than its text can bear. */
export const renderWideChart = (label: string, options: Plot.PlotOptions): string =>
  `<div class="scroll">${renderChart(label, { width: 980, ...options })}</div>`;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it may stand in HTML, inside an element or a quoted attribute. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => entities[c] ?? c);

/** One entry of a legend: a swatch in a CSS colour and a name. */
export type LegendEntry = {
  readonly name: string;
  readonly color: string;
};

export const legend = (entries: readonly LegendEntry[]): string =>
  `<ul class="legend">${entries
    .map(({ name, color }) => `<li><span style="background:${color}"></span>${escapeHtml(name)}</li>`)
    .join('')}</ul>`;

export const figure = (title: string, body: string, caption = ''): string =>
  `<figure><h3>${escapeHtml(title)}</h3>${body}${caption && `<figcaption>${escapeHtml(caption)}</figcaption>`}</figure>`;

export const section = (title: string, body: string): string =>
  body && `<section><h2>${escapeHtml(title)}</h2>${body}</section>`;

/** Three significant digits, without exponents where the number is easily read without. */
export const shortNumber = (value: number): string => {
  if (!Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  return magnitude !== 0 && (magnitude < 1e-3 || magnitude >= 1e6)
    ? value.toExponential(2)
    : String(Number(value.toPrecision(3)));
};

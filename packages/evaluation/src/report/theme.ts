// Okabe & Ito's palette, told apart with any colour vision; a lighter set on dark ground.
const lightColors = {
  page: '#ffffff',
  panel: '#f6f7f9',
  ink: '#1c2430',
  muted: '#5b6675',
  line: '#d9dee5',
  recorded: '#1c2430',
  policy: '#0072b2',
  second: '#56b4e9',
  baseline: '#d55e00',
  other: '#009e73',
  extra: '#cc79a7',
};

const darkColors: typeof lightColors = {
  page: '#12161c',
  panel: '#1a2029',
  ink: '#e8ecf1',
  muted: '#9aa6b5',
  line: '#2f3844',
  recorded: '#f2f4f7',
  policy: '#4ea8de',
  second: '#9ad1f5',
  baseline: '#ff8a3d',
  other: '#2fc79a',
  extra: '#e5a3c7',
};

const variables = (colors: typeof lightColors): string =>
  Object.entries(colors)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';');

/** A colour of the theme as a CSS value, for marks of a chart. */
export const color = (name: keyof typeof lightColors): string => `var(--${name})`;

const methodColorNames = ['policy', 'second', 'extra'] as const;
const baselineColors = ['baseline', 'other'] as const;

/** A colour for each method: blues for the policy's, warm and green for baselines. */
export const methodColors = (methods: readonly { readonly baseline: boolean }[]): readonly string[] =>
  methods.map(({ baseline }, i) => {
    const palette = baseline ? baselineColors : methodColorNames;
    const rank = methods.slice(0, i).filter((other) => other.baseline === baseline).length;
    return color(palette[rank % palette.length] ?? 'policy');
  });

/** The style sheet of the report: light or dark as the reader's system, and light on paper. */
export const styleSheet = `
:root{color-scheme:light dark;${variables(lightColors)}}
@media screen and (prefers-color-scheme:dark){:root{${variables(darkColors)}}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1080px;margin:0 auto;padding:32px 20px 64px}
h1{font-size:26px;line-height:1.25;margin:0 0 4px}
h2{font-size:19px;margin:44px 0 12px;padding-top:14px;border-top:1px solid var(--line)}
h3{font-size:14px;font-weight:600;margin:0 0 6px}
p{margin:6px 0 12px;max-width:75ch}
.muted,figcaption{color:var(--muted);font-size:13px}
.notice{border-left:4px solid var(--baseline);background:var(--panel);padding:10px 14px;margin:14px 0}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:12px;margin:20px 0}
.card{background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:12px 14px}
.card b{display:block;font-size:23px;line-height:1.3;font-variant-numeric:tabular-nums}
.card span{color:var(--muted);font-size:13px}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr));gap:20px}
.small{display:grid;grid-template-columns:repeat(auto-fill,minmax(230px,1fr));gap:8px 14px}
.small h3{font-size:12px;margin:0;overflow-wrap:anywhere}
figure{margin:0 0 8px;min-width:0;break-inside:avoid}
svg{max-width:100%;height:auto;color:var(--ink);background:none!important;font-variant-numeric:tabular-nums}
.legend{display:flex;flex-wrap:wrap;gap:2px 18px;list-style:none;margin:0 0 8px;padding:0;font-size:13px}
.legend span{display:inline-block;width:14px;height:4px;border-radius:2px;margin-right:7px;vertical-align:middle}
table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto}
th,td{text-align:left;padding:4px 16px 4px 0;border-bottom:1px solid var(--line);vertical-align:top}
td.number,th.number{text-align:right}
td.best{font-weight:700}
tr.total td{border-top:2px solid var(--line)}
.facts td{overflow-wrap:anywhere}
.number{white-space:nowrap}
.scroll svg{min-width:680px}
.scale input{position:absolute;opacity:0}
.scale label{display:inline-block;font-size:12px;padding:2px 10px;margin:0 4px 8px 0;border:1px solid var(--line);border-radius:99px;cursor:pointer}
.scale input:checked+label{background:var(--panel);border-color:var(--muted);font-weight:600}
.scale input:focus-visible+label{outline:2px solid var(--policy)}
.scale .linear,.scale .log{display:none}
.scale input.to-linear:checked~.linear,.scale input.to-log:checked~.log{display:block}
@media print{main{max-width:none;padding:0}.scale input+label{display:none}h2{break-after:avoid}}
`;

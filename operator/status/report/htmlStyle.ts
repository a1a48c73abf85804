/**
 * The style of the report. The colours of verdicts are those of Okabe and Ito, which people who cannot see red or green can distinguish
 * (https://jfly.uni-koeln.de/color/), mixed with the background so that text on them has a contrast of 4.5 at least.
 */
export const HTML_STYLE = `
:root {
  color-scheme: light dark;
  --text: light-dark(#1b1f24, #e6e8eb);
  --quiet: light-dark(#4d5661, #aab2bd);
  --line: light-dark(#c9d0d8, #3a424c);
  --page: light-dark(#ffffff, #14181d);
  --panel: light-dark(#f4f6f8, #1c2229);
  --passed: light-dark(#d3ece4, #0b4a3a);
  --failed: light-dark(#fbdcc4, #7a3300);
  --inconclusive: light-dark(#fbf3bd, #564f00);
  --pending: light-dark(#dbe9f5, #16405e);
  --focus: light-dark(#0072b2, #7cc6f2);
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 100rem; padding: 1rem;
  background: var(--page); color: var(--text);
  font: 100%/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
p { margin: .25rem 0; }
.quiet { color: var(--quiet); }
a { color: inherit; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 1px; }
ul.counts, ul.legend, ul.history, ul.missing { display: flex; flex-wrap: wrap; gap: .25rem .75rem; list-style: none; margin: .5rem 0; padding: 0; }
ul.counts li, .mark { border: 1px solid var(--line); border-radius: .25rem; padding: 0 .5rem; white-space: nowrap; }
ul.missing li { white-space: normal; }
.paper { display: none; }
.passed { background: var(--passed); }
.failed { background: var(--failed); }
.inconclusive { background: var(--inconclusive); }
.pending { background: var(--pending); }
.matrix { overflow: auto; max-height: 90vh; max-width: 100%; border: 1px solid var(--line); }
table { border-collapse: separate; border-spacing: 0; width: max-content; }
th { font-weight: normal; text-align: left; background: var(--panel); }
thead th { position: sticky; top: 0; z-index: 1; vertical-align: bottom; border-bottom: 1px solid var(--line); }
thead th span { writing-mode: vertical-rl; rotate: 180deg; max-height: 14rem; overflow: hidden; padding: .25rem 0; }
tbody th { position: sticky; left: 0; min-width: 7.5rem; max-width: min(18rem, 45vw); padding: 0 .5rem; border-right: 1px solid var(--line); }
thead th:first-child { left: 0; z-index: 2; padding: 0 .5rem; border-right: 1px solid var(--line); }
td { min-width: 2.75rem; height: 2rem; padding: 0; text-align: center; border: 1px solid var(--page); }
td a { display: block; padding: .25rem; text-decoration: none; white-space: nowrap; }
details { border: 1px solid var(--line); border-radius: .25rem; margin: .25rem 0; content-visibility: auto; contain-intrinsic-size: auto 2rem; }
summary { padding: .25rem .5rem; cursor: pointer; }
details > div { padding: .5rem; background: var(--panel); scroll-margin-top: 4rem; }
details > div:target { outline: 3px solid var(--focus); }
pre { margin: 0; white-space: pre-wrap; font-size: .875rem; }
body:has(#only-open:checked) details.passed:not(:has(:target)) { display: none; }
@media print {
  body { max-width: none; padding: 0; }
  .matrix { max-height: none; overflow: visible; border: 0; }
  table { width: auto; }
  .matrix.wide { display: none; }
  .paper { display: block; }
  td { min-width: 0; }
  td a { white-space: normal; padding: 0; }
  tbody th { min-width: 6rem; max-width: 12rem; }
  thead th, tbody th { position: static; }
  details { content-visibility: visible; break-inside: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; }
  body:not(:has(#only-open:checked)) label { display: none; }
  * { print-color-adjust: exact; }
}
`;

// The inspector's style, as a constructed sheet: no style element, which a Content Security Policy may forbid.
const CSS = `
:host { display: block; color-scheme: light dark; font: 14px/1.45 system-ui, sans-serif;
  color: light-dark(#1b212c, #e5e9f0); background: light-dark(#fff, #1a1e26);
  border: 1px solid light-dark(#d9dde4, #333a47); border-radius: 10px; padding: 12px 16px;
  container-type: inline-size; }
:host([hidden]) { display: none; }
header { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 4px 16px; }
header p { margin: 0; font-weight: 600; }
.left, dt, time { color: light-dark(#566072, #a2adbf); font-weight: 400; }
h2 { font-size: 13px; margin: 12px 0 4px; }
svg { width: 100%; height: 46px; background: light-dark(#f3f4f7, #14171d); border-radius: 4px; }
rect.held { fill: #b98416; } rect.refresh { fill: #8b6ad9; } rect.failed { fill: #d2404f; }
.legend { display: flex; gap: 14px; margin: 4px 0 0; font-size: 12px; }
.legend span::before { content: ""; display: inline-block; width: 10px; height: 10px; margin-right: 5px;
  border-radius: 2px; }
.legend .held::before { background: #b98416; } .legend .refresh::before { background: #8b6ad9; }
.legend .failed::before { background: #d2404f; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 2px 12px; margin: 0;
  font-family: ui-monospace, monospace; font-size: 12.5px; }
dd { margin: 0; overflow-wrap: anywhere; }
ol, .log { max-height: 180px; margin: 0; padding: 0; overflow: auto; list-style: none; font-size: 12.5px; }
ol:empty::before, .log:empty::before { content: "nothing yet"; color: light-dark(#566072, #a2adbf); }
li { display: flex; flex-wrap: wrap; gap: 0 10px; padding: 1px 0; }
li[data-type="failed"] b, li[data-type="expired"] b, [data-status="401"] summary,
[data-status="failed"] summary { color: light-dark(#b02a37, #ff8f98); }
li span, summary { overflow-wrap: anywhere; }
time, pre, summary { font-family: ui-monospace, monospace; font-size: 12px; }
pre { margin: 2px 0 8px 16px; white-space: pre-wrap; overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid light-dark(#3455b5, #8aa4f5); outline-offset: 1px; }
`;

/** @type {CSSStyleSheet | undefined} */
let made;

export function sheet() {
  if (!made) {
    made = new CSSStyleSheet();
    made.replaceSync(CSS);
  }
  return made;
}

/** The page's looks, in the charts' colours; on paper always light. */
export const PAGE_STYLE = `
:root { color-scheme: light; --background: #ffffff; --text: #1c2229; --muted: #56606b; --line: #d5dae0; --panel: #f6f7f9; --link: #0b62a8; --good: #1b7a3d; --bad: #b3261e; --warning: #8a5a00; }
:root[data-theme="dark"] { color-scheme: dark; --background: #14181d; --text: #e9edf1; --muted: #a3adb8; --line: #3a434d; --panel: #1b2127; --link: #7fbef0; --good: #6fcf8f; --bad: #ff8a80; --warning: #f0c060; }
@media (prefers-color-scheme: dark) {
  :root[data-theme="auto"] { color-scheme: dark; --background: #14181d; --text: #e9edf1; --muted: #a3adb8; --line: #3a434d; --panel: #1b2127; --link: #7fbef0; --good: #6fcf8f; --bad: #ff8a80; --warning: #f0c060; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1040px; padding: 24px 20px 48px; background: var(--background); color: var(--text); font: 16px/1.5 Inter, system-ui, sans-serif; }
h1 { margin: 0 0 8px; font-size: 28px; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 40px 0 12px; font-size: 21px; }
h3 { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
a { color: var(--link); }
nav a { margin-right: 16px; }
dl { display: flex; flex-wrap: wrap; gap: 4px 24px; margin: 0 0 12px; font-size: 14px; }
dl div { display: flex; gap: 6px; min-width: 0; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
pre { margin: 0; padding: 16px; overflow: auto; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; font: 13px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
#scenario pre { max-height: 70vh; }
.good { color: var(--good); font-weight: 700; }
.bad { color: var(--bad); font-weight: 700; }
.warning { color: var(--warning); font-weight: 700; }
figure { margin: 0 0 28px; padding: 16px; border: 1px solid var(--line); border-radius: 6px; }
.chart { min-height: 120px; }
.chart svg { display: block; max-width: 100%; height: auto; overflow: visible; }
figcaption { margin-top: 8px; padding: 0 18px; overflow-wrap: anywhere; }
footer { margin-top: 40px; color: var(--muted); font-size: 14px; }
#tooltip { position: fixed; z-index: 1; max-width: 420px; padding: 8px 10px; pointer-events: none; background: var(--background); color: var(--text); border: 1px solid var(--line); border-radius: 6px; box-shadow: 0 3px 12px rgb(0 0 0 / 25%); font-size: 13px; line-height: 1.4; }
#tooltip table { border-collapse: collapse; }
#tooltip th { padding: 0 10px 0 0; font-weight: 400; text-align: left; vertical-align: top; color: var(--muted); }
#tooltip td { padding: 0; text-align: right; }
@media screen and (max-width: 760px) {
  .chart { overflow-x: auto; }
  .chart svg { width: 720px; max-width: none; }
  figcaption { padding: 0; }
}
@media print {
  :root, :root[data-theme] { color-scheme: light; --background: #ffffff; --text: #1c2229; --muted: #56606b; --line: #d5dae0; --panel: #ffffff; --link: #1c2229; --good: #1b7a3d; --bad: #b3261e; --warning: #8a5a00; }
  body { max-width: none; padding: 0; }
  nav, #tooltip { display: none; }
  pre, #scenario pre { max-height: none; white-space: pre-wrap; font-size: 10px; }
  figure, figcaption { break-inside: avoid; }
}
`;

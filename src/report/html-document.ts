import { sha256 } from '@noble/hashes/sha2.js';
import { darkColours, type ThemeName } from './charts/theme.ts';
import type { VegaSpec } from './draw.ts';
import { packed } from './html-rows.ts';
import { PAGE_SCRIPT } from './html-script.ts';
import { PAGE_STYLE } from './html-style.ts';
import type { Summary } from './summary.ts';

export interface HtmlDocument {
  readonly title: string;
  /** A paragraph under the title. */
  readonly lead: string | null;
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** What must not be overlooked. */
  readonly note: string | null;
  readonly sections: readonly { readonly id: string; readonly title: string; readonly html: string }[];
  readonly tool: Summary['tool'];
  readonly libraries: PageLibraries;
  /** `auto`: what the reader prefers. */
  readonly theme: ThemeName | 'auto';
}

/** Scripts that go into the page, as classic ones. */
export interface PageLibraries {
  /** Defines `vega`. */
  readonly vega: string;
  /** Defines `vegaInterpreter`, which evaluates expressions without `eval`. */
  readonly interpreter: string;
  /** Of both, to stand in the page with them. */
  readonly licence: string;
}

/** A chart as the page holds it. */
export interface PageFigure {
  readonly name: string;
  /** In words, for those who don't see the picture. */
  readonly description: string;
  /** The sentence under it. */
  readonly caption: string;
  /** In light colours; the page has the dark ones too. */
  readonly vega: VegaSpec;
}

/** A page that asks the network for nothing, opens from a file, and draws the figures in its sections. */
export function htmlDocument({ title, lead, facts, note, sections, tool, libraries, theme }: HtmlDocument): string {
  const scripts = [`/*\n${libraries.licence.trim()}\n*/\n${libraries.vega}`, libraries.interpreter, PAGE_SCRIPT].map(
    scriptText,
  );
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.map((text) => `'sha256-${base64(sha256(new TextEncoder().encode(text)))}'`).join(' ')}`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const madeBy = escapeHtml(`${tool.name} ${tool.version}`);
  return `<!doctype html>
<html lang="en" data-theme="${theme}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="${madeBy}">
<meta name="color-scheme" content="${theme === 'auto' ? 'light dark' : theme}">
<title>${escapeHtml(title)} – shardclock</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
${lead === null ? '' : `<p>${escapeHtml(lead)}</p>\n`}<dl>
${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`).join('\n')}
</dl>
${note === null ? '' : `<p role="note"><strong>${escapeHtml(note)}</strong></p>\n`}<nav aria-label="On this page">${sections.map((one) => `<a href="#${one.id}">${one.title}</a>`).join(' ')}</nav>
</header>
<main>
${sections.map(section).join('\n')}
</main>
<footer><p>Made by ${madeBy}, a simulator of AWS Lambda reading Amazon Kinesis.</p></footer>
<script type="application/json" id="dark-colours">${jsonText(darkColours())}</script>
${scripts.map((text) => `<script>${text}</script>`).join('\n')}
</body>
</html>
`;
}

function section({ id, title, html }: HtmlDocument['sections'][number]): string {
  return `<section id="${id}" aria-labelledby="${id}-heading">
<h2 id="${id}-heading">${title}</h2>
${html}
</section>`;
}

/** Figures, and what those see of them who let no script run. */
export function figures(all: readonly PageFigure[], titleOf: (name: string) => string): string {
  return `<noscript><p>The charts are drawn by a script in this page; what each shows stands beside it in words.</p></noscript>
${all.map((one) => figure(one, titleOf(one.name))).join('\n')}`;
}

function figure({ name, description, caption, vega }: PageFigure, title: string): string {
  return `<figure id="chart-${name}">
<h3>${escapeHtml(title)}</h3>
<div class="chart" role="img" tabindex="0" aria-label="${escapeHtml(description)}"><noscript>${escapeHtml(description)}</noscript></div>
${caption === '' ? '' : `<figcaption>${escapeHtml(caption)}</figcaption>\n`}<script type="application/json">${jsonText(packed(vega))}</script>
</figure>`;
}

/** A text as it stands. */
export function preformatted(text: string): string {
  return `<pre tabindex="0">${escapeHtml(text.trimEnd())}</pre>`;
}

/** A text as the terminal prints it: the signs that it colours are coloured here, too; what they mean is in their words. */
export function terminalText(text: string): string {
  return preformatted(text)
    .replaceAll(/(^|>) {2}✓/gm, '$1  <span class="good">✓</span>')
    .replaceAll(/(^|>) {2}✗/gm, '$1  <span class="bad">✗</span>')
    .replaceAll(/(^|>)!/gm, '$1<span class="warning">!</span>');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** JSON that cannot end the element that holds it. */
function jsonText(value: object): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/** A script that cannot end its element, with the line ends that a browser hashes. */
function scriptText(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(/<\/(script)/gi, '<\\/$1')
    .replaceAll('<!--', '<\\!--');
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

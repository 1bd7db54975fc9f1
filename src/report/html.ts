import { sha256 } from '@noble/hashes/sha2.js';
import { CHART_NAMES, type ChartName } from './charts/chart-names.ts';
import type { ChartOptions } from './charts/chart-options.ts';
import { chart } from './charts/charts.ts';
import { darkColours, type ThemeName } from './charts/theme.ts';
import { compileChart, type VegaSpec } from './draw.ts';
import { packed } from './html-rows.ts';
import { PAGE_SCRIPT } from './html-script.ts';
import { PAGE_STYLE } from './html-style.ts';
import type { Summary } from './summary.ts';
import { capital, clock } from './words.ts';

/** A chart as the page holds it. */
export interface PageChart {
  readonly name: ChartName;
  /** In words, for those who don't see the picture. */
  readonly description: string;
  /** The sentence under it. */
  readonly caption: string;
  /** In light colours; the page has the dark ones too. */
  readonly vega: VegaSpec;
}

export interface PageInput {
  readonly charts: readonly PageChart[];
  /** The summary as the terminal prints it, without colours. */
  readonly summaryText: string;
  /** The scenario as YAML; by default the resolved one as JSON. */
  readonly scenarioText?: string | undefined;
  readonly libraries: PageLibraries;
  /** Default auto: what the reader prefers. */
  readonly theme?: ThemeName | 'auto' | undefined;
}

/** Scripts that go into the page, as classic ones. */
interface PageLibraries {
  /** Defines `vega`. */
  readonly vega: string;
  /** Defines `vegaInterpreter`, which evaluates expressions without `eval`. */
  readonly interpreter: string;
  /** Of both, to stand in the page with them. */
  readonly licence: string;
}

/** All charts, compiled for a page: they answer a pointer, and their sentences stand beside them instead of in them. */
export async function pageCharts(
  summary: Summary,
  options: Omit<ChartOptions, 'caption' | 'theme' | 'interactive'> = {},
  captionOf: (name: ChartName) => string = () => '',
): Promise<PageChart[]> {
  const charts: PageChart[] = [];
  for (const name of CHART_NAMES) {
    const spec = chart(name, summary, { ...options, theme: 'light', interactive: true });
    charts.push({
      name,
      description: String(spec.description),
      caption: captionOf(name),
      vega: await compileChart(spec),
    });
  }
  return charts;
}

/**
 * One page that holds everything: summary, charts, scenario and what draws them. It asks the network for nothing, opens
 * from a file, and is the same for the same input.
 */
export function htmlPage(summary: Summary, input: PageInput): string {
  const { scenario, measured } = summary;
  const theme = input.theme ?? 'auto';
  const scripts = [
    `/*\n${input.libraries.licence.trim()}\n*/\n${input.libraries.vega}`,
    input.libraries.interpreter,
    PAGE_SCRIPT,
  ].map(scriptText);
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.map((text) => `'sha256-${base64(sha256(new TextEncoder().encode(text)))}'`).join(' ')}`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const facts = [
    ['Seed', scenario.seed],
    ['Measured', `${clock(measured.fromSeconds)} – ${clock(measured.toSeconds)} of the run`],
    ['Starts at', scenario.start],
    ['Digest', summary.digest],
  ] as const;
  const scenarioText = input.scenarioText ?? JSON.stringify(scenario.resolved, null, 2);
  return `<!doctype html>
<html lang="en" data-theme="${theme}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="${escapeHtml(`${summary.tool.name} ${summary.tool.version}`)}">
<meta name="color-scheme" content="${theme === 'auto' ? 'light dark' : theme}">
<title>${escapeHtml(scenario.name)} – shardclock</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header>
<h1>${escapeHtml(scenario.name)}</h1>
${scenario.description === null ? '' : `<p>${escapeHtml(scenario.description)}</p>\n`}<dl>
${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`).join('\n')}
</dl>
${summary.partial ? '<p role="note"><strong>The run was interrupted: this is a part of it.</strong></p>\n' : ''}<nav aria-label="On this page"><a href="#summary">Summary</a> <a href="#charts">Charts</a> <a href="#scenario">Scenario</a></nav>
</header>
<main>
<section id="summary" aria-labelledby="summary-heading">
<h2 id="summary-heading">Summary</h2>
<pre tabindex="0">${marked(escapeHtml(input.summaryText.trimEnd()))}</pre>
</section>
<section id="charts" aria-labelledby="charts-heading">
<h2 id="charts-heading">Charts</h2>
<noscript><p>The charts are drawn by a script in this page; what each shows stands beside it in words.</p></noscript>
${input.charts.map(figure).join('\n')}
</section>
<section id="scenario" aria-labelledby="scenario-heading">
<h2 id="scenario-heading">Scenario</h2>
<pre tabindex="0">${escapeHtml(scenarioText.trimEnd())}</pre>
</section>
</main>
<footer><p>Made by ${escapeHtml(`${summary.tool.name} ${summary.tool.version}`)}, a simulator of AWS Lambda reading Amazon Kinesis.</p></footer>
<script type="application/json" id="dark-colours">${jsonText(darkColours())}</script>
${scripts.map((text) => `<script>${text}</script>`).join('\n')}
</body>
</html>
`;
}

/** The signs that a terminal colours too; what they mean is in their words. */
function marked(text: string): string {
  return text
    .replaceAll(/^ {2}✓/gm, '  <span class="good">✓</span>')
    .replaceAll(/^ {2}✗/gm, '  <span class="bad">✗</span>')
    .replaceAll(/^!/gm, '<span class="warning">!</span>');
}

function figure(one: PageChart): string {
  return `<figure id="chart-${one.name}">
<h3>${escapeHtml(headline(one.name))}</h3>
<div class="chart" role="img" aria-label="${escapeHtml(one.description)}"><noscript>${escapeHtml(one.description)}</noscript></div>
${one.caption === '' ? '' : `<figcaption>${escapeHtml(one.caption)}</figcaption>\n`}<script type="application/json">${jsonText(packed(one.vega))}</script>
</figure>`;
}

/** For those who go from heading to heading; to all others the chart shows its title. */
function headline(name: ChartName): string {
  return capital(name.replaceAll('-', ' '));
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

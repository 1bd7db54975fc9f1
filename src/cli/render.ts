import type { ChartName, Overlay, Replications, Summary, TestSuite } from '../index.ts';
import {
  beyondEnd,
  chart,
  drawSvg,
  htmlPage,
  junitOf,
  junitXml,
  overlaySentences,
  pageCharts,
  replicationsCsv,
  replicationsJson,
  sentence,
  seriesCsv,
  summaryJson,
  summaryMarkdown,
  summaryText,
} from '../index.ts';
import { writeWhole } from './files.ts';
import type { Output, OutputForm } from './outputs.ts';
import type { Terminal } from './terminal.ts';

/** How charts are drawn, in pictures and pages alike. */
export interface DrawingOptions {
  readonly title?: string | undefined;
  readonly fromSeconds?: number | undefined;
  readonly toSeconds?: number | undefined;
  readonly theme?: 'light' | 'dark' | undefined;
  /** Drawn over the charts of traffic and age, and spoken of under them. */
  readonly overlay?: Overlay | undefined;
}

/** Writes what was asked for; the trace is written by the run itself. */
export async function writeOutputs(
  outputs: readonly Output[],
  summary: Summary,
  drawing: DrawingOptions,
): Promise<void> {
  for (const { form, file, chart: name } of outputs) {
    if (form !== 'ndjson') writeWhole(file, await rendered(form, name, { summary, drawing }));
  }
}

/** Says where a part of the run was to be drawn that it does not have. */
export function tellBeyondEnd(summary: Pick<Summary, 'measured'>, drawing: DrawingOptions, terminal: Terminal): void {
  const beyond = beyondEnd(summary, drawing);
  if (beyond !== null) terminal.complain(`shardclock: --from and --to: ${beyond}`);
}

/** Writes what holds several results. */
export function writeShared(outputs: readonly Output[], suites: readonly TestSuite[]): void {
  for (const { file } of outputs) writeWhole(file, junitOf(suites));
}

/** Writes what holds all replications of a scenario. */
export function writeTables(outputs: readonly Output[], replications: Replications): void {
  for (const { form, file } of outputs) {
    writeWhole(file, form === 'csv' ? replicationsCsv(replications) : replicationsJson(replications));
  }
}

async function rendered(
  form: Exclude<OutputForm, 'ndjson'>,
  name: ChartName,
  { summary, drawing }: { readonly summary: Summary; readonly drawing: DrawingOptions },
): Promise<string | Uint8Array> {
  switch (form) {
    case 'json':
      return summaryJson(summary);
    case 'csv':
      return seriesCsv(summary);
    case 'md':
      return summaryMarkdown(summary);
    case 'xml':
      return junitXml(summary);
    case 'svg':
      return picture(name, summary, drawing);
    case 'png': {
      const { renderPng } = await import('./png.ts');
      return renderPng(await picture(name, summary, drawing));
    }
    case 'html':
      return page(summary, drawing);
  }
}

function picture(name: ChartName, summary: Summary, drawing: DrawingOptions): Promise<string> {
  return drawSvg(chart(name, summary, { ...drawing, caption: captionOf(name, summary, drawing) }));
}

/** What a chart shows; and of real values over it, how far apart they are. */
function captionOf(name: ChartName, summary: Summary, { overlay, fromSeconds, toSeconds }: DrawingOptions): string {
  const drawn = (metric: string) =>
    (name === 'iterator-age' && /Age/.test(metric)) || (name === 'throughput' && metric === 'IncomingRecords');
  const metrics = overlay?.metrics.filter(({ metric }) => drawn(metric)) ?? [];
  const real = overlay === undefined ? [] : overlaySentences(summary, { ...overlay, metrics });
  return [sentence(summary, name, { fromSeconds, toSeconds }), ...real].join(' ');
}

async function page(summary: Summary, drawing: DrawingOptions): Promise<string> {
  const { theme, ...rest } = drawing;
  const { htmlLibraries } = await import('./html-libraries.ts');
  return htmlPage(summary, {
    charts: await pageCharts(summary, rest, (name) => captionOf(name, summary, drawing)),
    summaryText: summaryText(summary, { width: 100, color: false }),
    libraries: htmlLibraries(),
    theme,
  });
}

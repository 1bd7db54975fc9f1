import { CHART_NAMES, type ChartName } from './charts/chart-names.ts';
import type { ChartOptions } from './charts/chart-options.ts';
import { chart } from './charts/charts.ts';
import { noteBeside } from './charts/over-time.ts';
import type { ThemeName } from './charts/theme.ts';
import { compileChart } from './draw.ts';
import {
  figures,
  htmlDocument,
  type PageFigure,
  type PageLibraries,
  preformatted,
  terminalText,
} from './html-document.ts';
import type { Summary } from './summary.ts';
import { capital, clock } from './words.ts';

/** A chart as the page holds it. */
export interface PageChart extends PageFigure {
  readonly name: ChartName;
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
      caption: [captionOf(name), noteBeside(spec)].filter((part) => part !== '').join(' '),
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
  const scenarioText = input.scenarioText ?? JSON.stringify(scenario.resolved, null, 2);
  return htmlDocument({
    title: scenario.name,
    lead: scenario.description,
    facts: [
      ['Seed', scenario.seed],
      ['Measured', `${clock(measured.fromSeconds)} – ${clock(measured.toSeconds)} of the run`],
      ['Starts at', scenario.start],
      ['Digest', summary.digest],
    ],
    note: summary.partial ? 'The run was interrupted: this is a part of it.' : null,
    sections: [
      { id: 'summary', title: 'Summary', html: terminalText(input.summaryText) },
      {
        id: 'charts',
        title: 'Charts',
        html: figures(input.charts, headline),
      },
      { id: 'scenario', title: 'Scenario', html: preformatted(scenarioText) },
    ],
    tool: summary.tool,
    libraries: input.libraries,
    theme: input.theme ?? 'auto',
  });
}

/** For those who go from heading to heading; to all others the chart shows its title. */
function headline(name: string): string {
  return capital(name.replaceAll('-', ' '));
}

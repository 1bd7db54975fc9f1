import type { ChartOptions } from '../../report/charts/chart-options.ts';
import type { ThemeName } from '../../report/charts/theme.ts';
import { compileChart } from '../../report/draw.ts';
import { figures, htmlDocument, type PageLibraries, terminalText } from '../../report/html-document.ts';
import type { Comparison } from './comparison.ts';
import { comparisonChart } from './comparison-chart.ts';
import { partialWords, sideWords } from './comparison-tables.ts';
import { comparisonText } from './comparison-text.ts';

export interface ComparisonPageOptions extends Omit<ChartOptions, 'caption' | 'theme' | 'interactive' | 'overlay'> {
  readonly libraries: PageLibraries;
  /** Default auto: what the reader prefers. */
  readonly theme?: ThemeName | 'auto' | undefined;
}

/** One page that holds the comparison and its chart, and asks the network for nothing. */
export async function comparisonPage(comparison: Comparison, options: ComparisonPageOptions): Promise<string> {
  const { libraries, theme = 'auto', ...rest } = options;
  const { keyLine, a, b } = comparison;
  // What the chart shows in words stands in the text; its caption would be the page's first line again.
  const spec = comparisonChart(comparison, { ...rest, caption: '', theme: 'light', interactive: true });
  const chart = {
    name: 'iterator-age',
    description: String(spec.description),
    caption: '',
    vega: await compileChart(spec),
  };
  return htmlDocument({
    title: a.name === b.name ? `${a.name}, compared` : `${a.name} and ${b.name}`,
    lead: keyLine,
    facts: sideWords(comparison).flatMap((text) => {
      const side = /^([AB]) {2}(.*)$/.exec(text);
      return side === null ? [] : [[side[1]!, side[2]!] as const];
    }),
    note: partialWords(comparison)[0] ?? null,
    sections: [
      { id: 'comparison', title: 'Comparison', html: terminalText(comparisonText(comparison, { width: 100 })) },
      { id: 'charts', title: 'Chart', html: figures([chart], () => 'Iterator age') },
    ],
    tool: comparison.tool,
    libraries,
    theme,
  });
}

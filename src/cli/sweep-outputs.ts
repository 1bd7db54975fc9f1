import { existsSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { FigureName, Sweep, SweepChartName } from '../index.ts';
import {
  drawSvg,
  readFigureName,
  SWEEP_CHART_NAMES,
  sweepChart,
  sweepChartNames,
  sweepCsv,
  sweepJson,
  sweepMarkdown,
  sweepText,
} from '../index.ts';
import { usageError } from './exit.ts';
import { writeWhole } from './files.ts';
import { checkFiles, isFolder } from './outputs.ts';
import type { Terminal } from './terminal.ts';

/** How a sweep is told, written and drawn. */
export interface SweepTelling {
  /** As typed after -o. */
  readonly out: readonly string[];
  readonly json: boolean;
  /** As typed. */
  readonly figure: readonly string[];
  readonly chart: SweepChartName | undefined;
  readonly title: string | undefined;
  readonly theme: 'light' | 'dark' | undefined;
}

const FORMS = { '.json': 'json', '.csv': 'csv', '.md': 'md', '.svg': 'svg', '.png': 'png' } as const;

interface SweepOutput {
  readonly form: (typeof FORMS)[keyof typeof FORMS];
  readonly file: string;
  readonly inFolder: boolean;
  /** Which one a picture holds. */
  readonly chart: SweepChartName;
}

/** Writes and tells a sweep as it was asked for. What cannot be is refused before any work. */
export class SweepReport {
  readonly #telling: SweepTelling;
  readonly #outputs: readonly SweepOutput[];
  readonly #figures: readonly FigureName[];

  /**
   * @param axes how many settings are varied
   * @param reads full paths of the files that it is made of
   * @throws Failure where something that was asked for cannot be
   */
  constructor(telling: SweepTelling, axes: number, reads: readonly string[]) {
    this.#telling = telling;
    this.#figures = telling.figure.map(figureName);
    const { chart } = telling;
    const possible = sweepChartNames(axes);
    if (chart !== undefined && !possible.includes(chart))
      throw usageError(
        `--chart ${chart} is not drawn of ${axes} varied ${axes === 1 ? 'setting' : 'settings'}; expected ${possible.join(' or ')}`,
      );
    const drawn = chart ?? possible[0]!;
    this.#outputs = [...new Set(telling.out)]
      .filter((name) => name !== '-')
      .flatMap((name) => (isFolder(name) ? everything(name, possible) : [single(name, drawn)]));
    const pictures = this.#outputs.filter(({ form }) => form === 'svg' || form === 'png');
    if (chart !== undefined && !pictures.some(({ inFolder }) => !inFolder))
      throw usageError('--chart says what an .svg or .png holds, and none is written', `Add: -o ${chart}.svg`);
    if ((telling.title ?? telling.theme) !== undefined && pictures.length === 0)
      throw usageError('--title and --theme are for charts, and none is written', 'Add: -o sweep.svg');
    checkFiles(this.#outputs, reads);
  }

  get figures(): readonly FigureName[] {
    return this.#figures;
  }

  async tell(sweep: Sweep, terminal: Terminal): Promise<void> {
    for (const output of this.#outputs) writeWhole(output.file, await this.#rendered(output, sweep));
    if (this.#telling.json) terminal.print(JSON.stringify(sweep));
    else if (this.#telling.out.includes('-')) terminal.print(sweepJson(sweep));
    else if (!terminal.quiet) {
      const { width, color } = terminal;
      terminal.print(sweepText(sweep, { width, color, figures: this.#figures }));
    }
  }

  async #rendered({ form, chart }: SweepOutput, sweep: Sweep): Promise<string | Uint8Array> {
    switch (form) {
      case 'json':
        return sweepJson(sweep);
      case 'csv':
        return sweepCsv(sweep);
      case 'md':
        return sweepMarkdown(sweep, this.#figures);
      case 'svg':
        return this.#picture(chart, sweep);
      case 'png': {
        const { renderPng } = await import('./png.ts');
        return renderPng(await this.#picture(chart, sweep));
      }
    }
  }

  #picture(name: SweepChartName, sweep: Sweep): Promise<string> {
    const { title, theme } = this.#telling;
    return drawSvg(sweepChart(name, sweep, { title, theme, figure: this.#figures[0] }));
  }
}

function figureName(text: string): FigureName {
  const name = readFigureName(text);
  if (typeof name === 'string') throw usageError(`--figure: ${name}`);
  return name;
}

function everything(folder: string, charts: readonly SweepChartName[]): SweepOutput[] {
  const inFolder = (form: SweepOutput['form'], name: string, chart: SweepChartName = 'line'): SweepOutput => ({
    ...{ form, chart },
    file: join(folder, name),
    inFolder: true,
  });
  return [
    inFolder('json', 'sweep.json'),
    inFolder('csv', 'sweep.csv'),
    inFolder('md', 'sweep.md'),
    ...SWEEP_CHART_NAMES.filter((name) => charts.includes(name)).map((name) =>
      inFolder('svg', join('charts', `${name}.svg`), name),
    ),
  ];
}

function single(name: string, chart: SweepChartName): SweepOutput {
  const extension = extname(name).toLowerCase();
  if (Object.hasOwn(FORMS, extension))
    return { form: FORMS[extension as keyof typeof FORMS], file: name, inFolder: false, chart };
  const isThere = existsSync(name) && statSync(name).isDirectory();
  throw usageError(
    isThere
      ? `${name} is a folder`
      : `${name}: a sweep is not written as ${extension === '' ? 'a file without extension' : extension}`,
    `Expected one of ${Object.keys(FORMS).join(' ')}; a name that ends in / is a folder for everything${isThere ? `: ${name}/` : ''}.`,
  );
}

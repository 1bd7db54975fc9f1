import { existsSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Comparison } from '../index.ts';
import {
  comparisonChart,
  comparisonJson,
  comparisonMarkdown,
  comparisonPage,
  comparisonText,
  conditionWords,
  drawSvg,
} from '../index.ts';
import { usageError } from './exit.ts';
import { writeWhole } from './files.ts';
import { checkFiles, isFolder } from './outputs.ts';
import type { DrawingOptions } from './render.ts';
import type { Terminal } from './terminal.ts';

/** How a comparison is told, written and drawn. */
export interface ComparisonTelling {
  /** As typed after -o. */
  readonly out: readonly string[];
  readonly json: boolean;
  readonly drawing: DrawingOptions;
}

const FORMS = { '.json': 'json', '.md': 'md', '.html': 'html', '.svg': 'svg', '.png': 'png' } as const;

interface ComparisonOutput {
  readonly form: (typeof FORMS)[keyof typeof FORMS];
  readonly file: string;
  readonly inFolder: boolean;
}

/** Writes and tells a comparison as it was asked for. */
export class ComparisonReport {
  readonly #telling: ComparisonTelling;
  readonly #outputs: readonly ComparisonOutput[];

  /** @throws Failure where something that was asked for cannot be */
  constructor(telling: ComparisonTelling) {
    this.#telling = telling;
    this.#outputs = [...new Set(telling.out)]
      .filter((name) => name !== '-')
      .flatMap((name) => (isFolder(name) ? everything(name) : [single(name)]));
    const isDrawn = this.#outputs.some(({ form }) => form === 'svg' || form === 'png' || form === 'html');
    if (Object.values(telling.drawing).some((value) => value !== undefined) && !isDrawn)
      throw usageError('--title, --from, --to and --theme are for charts, and none is written', 'Add: -o compared.svg');
  }

  /**
   * @param reads full paths of the files that it is made of
   * @throws Failure where a file could not be written, or is one of those
   */
  check(reads: readonly string[]): void {
    checkFiles(this.#outputs, reads);
  }

  async tell(comparison: Comparison, terminal: Terminal): Promise<void> {
    for (const { form, file } of this.#outputs) writeWhole(file, await this.#rendered(form, comparison));
    const { json, out, drawing } = this.#telling;
    if (drawing.fromSeconds !== undefined || drawing.toSeconds !== undefined) {
      const { tellBeyondEnd } = await import('./render.ts');
      tellBeyondEnd(comparison.iteratorAge, drawing, terminal);
    }
    const { width, color, quiet } = terminal;
    if (json) terminal.print(JSON.stringify(comparison));
    else if (out.includes('-')) terminal.print(comparisonJson(comparison));
    else if (!quiet) {
      terminal.print(comparisonText(comparison, { width, color }));
      return;
    }
    // The text says it; where there is none, it is said beside the result.
    for (const condition of comparison.conditions.filter(({ holds }) => holds)) {
      const say = [`shardclock: ${conditionWords(condition)}`, ...condition.because.map((text) => `  ${text}`)].join(
        '\n',
      );
      if (condition.kind === 'fail') terminal.complain(say);
      else terminal.note(say);
    }
  }

  async #rendered(form: ComparisonOutput['form'], comparison: Comparison): Promise<string | Uint8Array> {
    switch (form) {
      case 'json':
        return comparisonJson(comparison);
      case 'md':
        return comparisonMarkdown(comparison);
      case 'svg':
        return drawSvg(comparisonChart(comparison, this.#telling.drawing));
      case 'png': {
        const { renderPng } = await import('./png.ts');
        return renderPng(await drawSvg(comparisonChart(comparison, this.#telling.drawing)));
      }
      case 'html': {
        const { htmlLibraries } = await import('./html-libraries.ts');
        return comparisonPage(comparison, { ...this.#telling.drawing, libraries: htmlLibraries() });
      }
    }
  }
}

/** All there is to say. */
function everything(folder: string): ComparisonOutput[] {
  const inFolder = (form: ComparisonOutput['form'], name: string) => ({
    form,
    file: join(folder, name),
    inFolder: true,
  });
  return [
    inFolder('json', 'comparison.json'),
    inFolder('md', 'comparison.md'),
    inFolder('html', 'comparison.html'),
    inFolder('svg', join('charts', 'iterator-age.svg')),
  ];
}

function single(name: string): ComparisonOutput {
  const extension = extname(name).toLowerCase();
  if (Object.hasOwn(FORMS, extension)) {
    return { form: FORMS[extension as keyof typeof FORMS], file: name, inFolder: false };
  }
  const isThere = existsSync(name) && statSync(name).isDirectory();
  throw usageError(
    isThere
      ? `${name} is a folder`
      : `${name}: a comparison is not written as ${extension === '' ? 'a file without extension' : extension}`,
    `Expected one of ${Object.keys(FORMS).join(' ')}; a name that ends in / is a folder for everything${isThere ? `: ${name}/` : ''}.`,
  );
}

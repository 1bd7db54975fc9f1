import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, extname, join, resolve, sep } from 'node:path';
import type { ChartName } from '../index.ts';
import { CHART_NAMES } from '../index.ts';
import { usageError } from './exit.ts';
import { checkWritable } from './files.ts';
import { STANDARD_INPUT } from './scenario-files.ts';

const FORMS = {
  '.json': 'json',
  '.csv': 'csv',
  '.ndjson': 'ndjson',
  '.html': 'html',
  '.svg': 'svg',
  '.png': 'png',
  '.md': 'md',
  '.xml': 'xml',
} as const;

export type OutputForm = (typeof FORMS)[keyof typeof FORMS];

export interface Output {
  readonly form: OutputForm;
  readonly file: string;
  /** Which one a picture holds. */
  readonly chart: ChartName;
  /** Whether it is a part of a folder, which is made if need be. */
  readonly inFolder: boolean;
}

export interface OutputRequest {
  /** As typed after -o. */
  readonly out: readonly string[];
  /** For each, a result is made: scenarios or saved results, as typed. */
  readonly inputs: readonly string[];
  readonly chart: ChartName | undefined;
  /** How charts are to be drawn, by name; undefined where nothing was said. */
  readonly drawing: object;
  /** Whether there is a run to trace. */
  readonly hasTrace: boolean;
}

/** The files to write for each input, in the order of the inputs. */
export function planOutputs(request: OutputRequest): readonly (readonly Output[])[] {
  const { inputs, hasTrace } = request;
  const files = [...new Set(request.out)].filter((name) => name !== '-');
  const single = files.find((name) => !isFolder(name));
  if (inputs.length > 1 && (single !== undefined || request.out.includes('-')))
    throw usageError(
      `${inputs.length} inputs cannot share ${single === undefined ? 'standard output' : single}`,
      single === undefined
        ? 'With --json each result is one line of standard output.'
        : 'Name a folder, for example: -o results/',
    );
  const subfolders = inputs.length > 1 ? distinctNames(inputs) : [''];
  const chart = request.chart ?? 'iterator-age';
  const plans = subfolders.map((subfolder) =>
    files.flatMap((name) => {
      if (!isFolder(name)) return [{ form: formOf(name, hasTrace), file: name, chart, inFolder: false }];
      return everything(join(name, subfolder), hasTrace);
    }),
  );
  refuseUnused(request, plans.flat());
  return plans;
}

/** What has no effect is not meant: it is a mistake in the command line. */
function refuseUnused({ chart, drawing }: OutputRequest, outputs: readonly Output[]): void {
  const isPicture = ({ form }: Output) => form === 'svg' || form === 'png';
  if (chart !== undefined && !outputs.some((output) => isPicture(output) && !output.inFolder))
    throw usageError('--chart says what an .svg or .png holds, and none is written', `Add: -o ${chart}.svg`);
  const hasDrawing = Object.values(drawing).some((value) => value !== undefined);
  if (hasDrawing && !outputs.some((output) => isPicture(output) || output.form === 'html'))
    throw usageError('--title, --from, --to and --theme are for charts, and none is written', 'Add: -o report.html');
}

/**
 * Finds out what can be known before the work is done.
 *
 * @throws Failure where a file could not be written, or is one of those that were read
 */
export function checkOutputs(plans: readonly (readonly Output[])[], reads: readonly string[]): void {
  const sources = new Set(reads.map(realPath));
  for (const { file, inFolder } of plans.flat()) {
    if (sources.has(realPath(file)))
      throw usageError(`${file} would be overwritten by what is made of it`, 'Choose another name after -o.');
    checkWritable(file, { makeFolders: inFolder });
  }
}

function everything(folder: string, hasTrace: boolean): Output[] {
  const part = (form: OutputForm, name: string, chart: ChartName = 'iterator-age'): Output => ({
    form,
    file: join(folder, name),
    chart,
    inFolder: true,
  });
  return [
    part('json', 'result.json'),
    part('csv', 'series.csv'),
    ...(hasTrace ? [part('ndjson', 'trace.ndjson')] : []),
    part('html', 'report.html'),
    part('md', 'summary.md'),
    part('xml', 'junit.xml'),
    ...CHART_NAMES.map((name) => part('svg', join('charts', `${name}.svg`), name)),
  ];
}

function isFolder(name: string): boolean {
  return name.endsWith('/') || name.endsWith(sep);
}

function formOf(name: string, hasTrace: boolean): OutputForm {
  const extension = extname(name).toLowerCase();
  if (!Object.hasOwn(FORMS, extension)) {
    const isThere = existsSync(name) && statSync(name).isDirectory();
    throw usageError(
      isThere ? `${name} is a folder` : `${name}: ${extension === '' ? 'no extension' : `unknown form ${extension}`}`,
      `The extension says what is written: ${Object.keys(FORMS).join(' ')}; a name that ends in / is a folder for everything${isThere ? `: ${name}/` : ''}.`,
    );
  }
  const form = FORMS[extension as keyof typeof FORMS];
  if (form === 'ndjson' && !hasTrace)
    throw usageError(
      `${name}: a saved result holds no trace`,
      'The trace is written while a scenario runs: shardclock run SCENARIO -o trace.ndjson',
    );
  return form;
}

/** Folder names after the inputs' file names: peak, peak-2 for a second file of that name. */
function distinctNames(inputs: readonly string[]): string[] {
  const taken = new Set<string>();
  return inputs.map((input) => {
    const base = input === STANDARD_INPUT ? 'stdin' : basename(input, extname(input)) || 'scenario';
    let name = base;
    for (let count = 2; taken.has(name.toLowerCase()); count++) name = `${base}-${count}`;
    taken.add(name.toLowerCase());
    return name;
  });
}

function realPath(file: string): string {
  return existsSync(file) ? realpathSync(file) : resolve(file);
}

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
  /** How many results each input gives. */
  readonly replications: number;
  readonly chart: ChartName | undefined;
  /** How charts are to be drawn, by name; undefined where nothing was said. */
  readonly drawing: object;
  /** Whether there is a run to trace. */
  readonly hasTrace: boolean;
}

/** The files to write. */
export interface OutputPlan {
  /** For each result: those of the first input, then those of the second. */
  readonly each: readonly (readonly Output[])[];
  /** For each input, one for all its replications: a table of them. */
  readonly tables: readonly (readonly Output[])[];
  /** One for several inputs together: JUnit reports have a place for many suites. */
  readonly ofAll: readonly Output[];
}

export function planOutputs(request: OutputRequest): OutputPlan {
  const { inputs, replications, hasTrace } = request;
  const files = [...new Set(request.out)].filter((name) => name !== '-');
  refuseShared(request, files);
  const chart = request.chart ?? 'iterator-age';
  const single = (name: string): Output => ({ form: formOf(name, hasTrace), file: name, chart, inFolder: false });
  const folders = files.filter(isFolder);
  const others = files.filter((name) => !isFolder(name)).map(single);
  const junit = folders.map((folder) => inFolder(folder, 'xml', 'junit.xml'));
  const ofInput = inputs.length > 1 ? distinctNames(inputs) : [''];
  const below = (name: string) => folders.map((folder) => join(folder, name));
  const plan: OutputPlan =
    replications > 1
      ? {
          each: ofInput.flatMap((name) =>
            replicationNames(replications).map((part) =>
              below(join(name, part)).flatMap((folder) => everything(folder, hasTrace)),
            ),
          ),
          tables: ofInput.map((name) => [...others, ...below(name).flatMap(tablesIn)]),
          ofAll: junit,
        }
      : inputs.length > 1
        ? {
            each: ofInput.map((name) => below(name).flatMap((folder) => everything(folder, hasTrace))),
            tables: [],
            ofAll: junit,
          }
        : {
            each: [
              [...files.flatMap((name) => (isFolder(name) ? everything(name, hasTrace) : [single(name)])), ...junit],
            ],
            tables: [],
            ofAll: [],
          };
  refuseUnused(request, plan.each.flat());
  return plan;
}

/** A file that has room for one result only. */
function refuseShared({ inputs, replications, out }: OutputRequest, files: readonly string[]): void {
  if (inputs.length === 1 && replications === 1) return;
  const isTable = (name: string) => inputs.length === 1 && extname(name).toLowerCase() === '.csv';
  const unshared = files.find((name) => !isFolder(name) && !isTable(name));
  if (unshared === undefined && !out.includes('-')) return;
  throw usageError(
    `${inputs.length > 1 ? `${inputs.length} inputs` : `${replications} replications`} cannot share ${unshared ?? 'standard output'}`,
    unshared === undefined
      ? 'With --json each result is one line of standard output.'
      : `Name a folder, for example: -o results/${inputs.length > 1 ? '' : '; or a table of them: -o replications.csv'}`,
  );
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
export function checkOutputs(plan: OutputPlan, reads: readonly string[]): void {
  checkFiles([...plan.each.flat(), ...plan.tables.flat(), ...plan.ofAll], reads);
}

/** The same for any files that are to be written. */
export function checkFiles(files: readonly Pick<Output, 'file' | 'inFolder'>[], reads: readonly string[]): void {
  const sources = new Set(reads.map(realPath));
  for (const { file, inFolder } of files) {
    if (sources.has(realPath(file)))
      throw usageError(`${file} would be overwritten by what is made of it`, 'Choose another name after -o.');
    checkWritable(file, { makeFolders: inFolder });
  }
}

/** All there is to say of one input. */
function everything(folder: string, hasTrace: boolean): Output[] {
  return [
    inFolder(folder, 'json', 'result.json'),
    inFolder(folder, 'csv', 'series.csv'),
    ...(hasTrace ? [inFolder(folder, 'ndjson', 'trace.ndjson')] : []),
    inFolder(folder, 'html', 'report.html'),
    inFolder(folder, 'md', 'summary.md'),
    ...CHART_NAMES.map((name) => inFolder(folder, 'svg', join('charts', `${name}.svg`), name)),
  ];
}

/** All there is to say of replications together. */
function tablesIn(folder: string): Output[] {
  return [inFolder(folder, 'json', 'replications.json'), inFolder(folder, 'csv', 'replications.csv')];
}

/** replication-01 to replication-20: folders in the order of the replications. */
function replicationNames(count: number): string[] {
  const digits = String(count).length;
  return Array.from({ length: count }, (_, index) => `replication-${String(index + 1).padStart(digits, '0')}`);
}

function inFolder(folder: string, form: OutputForm, name: string, chart: ChartName = 'iterator-age'): Output {
  return { form, file: join(folder, name), chart, inFolder: true };
}

export function isFolder(name: string): boolean {
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
  const taken = new Set(['junit.xml']);
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

import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { ParseResult, ShardMetric, Summary } from '../index.ts';
import { formatIssue, parseScenario, SHARD_METRICS } from '../index.ts';
import type { ExitStatus } from './exit.ts';
import { EXIT, Failure } from './exit.ts';
import { readBytes, readNamedFile } from './files.ts';
import { checkHandlers, handlerFiles, handlersOf } from './handlers.ts';
import { Interruption } from './interruption.ts';
import { readResult } from './result-files.ts';
import { shownName } from './scenario-files.ts';
import { Simulation } from './simulation.ts';
import type { Terminal } from './terminal.ts';

export interface VerifyOptions {
  readonly result: string;
  /** Folder that the scenario's file names are relative to; by default the current one. */
  readonly base: string;
  /** Milliseconds of real time; undefined: the default. */
  readonly handlerTimeout: number | undefined;
  readonly debug: boolean;
}

/** `shardclock verify`: runs again what a result records, and compares. */
export async function verify(options: VerifyOptions, terminal: Terminal): Promise<ExitStatus> {
  const interruption = new Interruption();
  const { base, debug } = options;
  const shown = shownName(options.result);
  if (!statSync(base, { throwIfNoEntry: false })?.isDirectory())
    throw new Failure(EXIT.file, `--base ${base}: there is no such folder`);
  const saved = await readResult(options.result);
  if (saved.partial)
    throw new Failure(
      EXIT.input,
      `${shown} is the partial result of an interrupted run, which no other run repeats`,
      'Run the scenario to its end and verify that result.',
    );
  const changed = changedFiles(saved, base);
  if (changed.length > 0) {
    for (const file of changed) terminal.print(`differs: ${file} is not the file that the result was made with`);
    return EXIT.differs;
  }
  const parsed = scenarioOf(saved, { base, shown }, terminal);
  if (parsed === null) return EXIT.input;
  const { scenario } = parsed;
  const handlers = handlersOf(parsed, base);

  const simulation = new Simulation(options.handlerTimeout);
  const progress = terminal.progress(shown);
  let again: Summary;
  try {
    const checked = await checkHandlers(handlers, simulation, terminal);
    if (checked !== EXIT.done) return checked;
    interruption.guard(() => simulation.stop());
    const request = {
      scenario,
      handlers: handlerFiles(handlers),
      percentiles: extraPercentiles(saved),
      shardMetrics: keptMetrics(saved),
      cost: { prices: saved.cost?.priceList, freeTier: saved.cost?.freeTier },
      debug,
      spans: true,
      traceFiles: [],
    };
    progress.follow(() => ({ share: simulation.share, done: '' }));
    again = await simulation.run(request);
  } finally {
    progress.end();
    await simulation.close();
  }
  const signal = interruption.status();
  if (signal !== null && again.partial) {
    terminal.complain('shardclock: interrupted; nothing was compared');
    return signal;
  }
  return compared(saved, again, terminal);
}

function compared(saved: Summary, again: Summary, terminal: Terminal): ExitStatus {
  const versions =
    saved.tool.version === again.tool.version
      ? ''
      : `\nThe result was made by version ${saved.tool.version}, this is ${again.tool.version}.`;
  // A result of before there were costs is compared without.
  const figures = differences(saved, saved.cost === undefined ? { ...again, cost: undefined } : again);
  const unpriced = saved.cost === undefined ? '\nThe result holds no cost: it is older than that figure.' : '';
  if (saved.digest !== again.digest) {
    terminal.print(
      [
        `differs: the run took another course${versions}`,
        `  digest in the result  ${saved.digest}`,
        `  digest of this run    ${again.digest}`,
        ...listed(figures.filter((figure) => !figure.startsWith('digest:'))),
      ].join('\n'),
    );
    return EXIT.differs;
  }
  // Another version may report more, or otherwise, of the same course of events.
  if (figures.length > 0 && versions === '') {
    terminal.print(
      [`differs: the digests are equal, but the result does not hold what the run gives`, ...listed(figures)].join(
        '\n',
      ),
    );
    return EXIT.differs;
  }
  if (!terminal.quiet) terminal.print(`same: ${again.digest}${versions}${unpriced}`);
  return EXIT.done;
}

/** Names of files whose content is not what the result records. */
function changedFiles(saved: Summary, base: string): string[] {
  return Object.entries(saved.scenario.files)
    .filter(([name, sha256]) => {
      try {
        return (
          createHash('sha256')
            .update(readBytes(inFolder(base, name)))
            .digest('hex') !== sha256
        );
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        throw new Failure(
          error.status,
          error.message,
          'File names are relative to --base DIR, by default this folder.',
        );
      }
    })
    .map(([name]) => inFolder(base, name));
}

function inFolder(base: string, name: string): string {
  return isAbsolute(name) ? name : join(base, name);
}

function scenarioOf(
  saved: Summary,
  { base, shown }: { readonly base: string; readonly shown: string },
  terminal: Terminal,
): (ParseResult & { readonly ok: true }) | null {
  const answer = parseScenario(JSON.stringify(saved.scenario.resolved, null, 2), {
    readFile: (name) => readNamedFile(inFolder(base, name)),
    file: `${shown}#scenario.resolved`,
  });
  if (answer.ok) return answer;
  for (const issue of answer.issues) terminal.complain(formatIssue(issue));
  return null;
}

/** What --percentiles added to every distribution of the saved result. */
function extraPercentiles(saved: Summary): number[] {
  const spread = Object.values(saved.mappings)[0]?.iteratorAgeMs ?? {};
  return Object.keys(spread)
    .filter((key) => /^p[\d.]+$/.test(key))
    .map((key) => Number(key.slice(1)));
}

/** What --metrics added to the series of the saved result. */
function keptMetrics({ series }: Summary): ShardMetric[] {
  const kept = series.metrics.filter(({ Dimensions }) => Dimensions.ShardId !== undefined);
  return SHARD_METRICS.filter((name) => kept.some(({ MetricName }) => MetricName === name));
}

const DIFFERENCES_TOLD = 20;

function listed(figures: readonly string[]): string[] {
  const told = figures.slice(0, DIFFERENCES_TOLD).map((figure) => `  ${figure}`);
  return figures.length > told.length ? [...told, `  and ${figures.length - told.length} more`] : told;
}

/** `path: saved → again` for each plain value that is not the same; the version of the tool is not compared. */
function differences(saved: unknown, again: unknown, path = ''): string[] {
  if (path === 'tool.version') return [];
  if (isContainer(saved) && isContainer(again)) {
    const keys = new Set([...Object.keys(saved), ...Object.keys(again)]);
    return [...keys].flatMap((key) => differences(saved[key], again[key], path === '' ? key : `${path}.${key}`));
  }
  return saved === again ? [] : [`${path}: ${shortly(saved)} → ${shortly(again)}`];
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function shortly(value: unknown): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

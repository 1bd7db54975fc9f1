import type { ChartName, ShardMetric } from '../index.ts';
import { CHART_NAMES, didYouMean, durationOf, isChartName, SHARD_METRICS } from '../index.ts';
import { usageError } from './exit.ts';
import type { DrawingOptions } from './render.ts';

/** The command line as yargs understands it: what was typed by name, twice or more as a list. */
export type Words = Readonly<Record<string, unknown>>;

/** Stands for a dash that begins no option, and which yargs loses; no argument can hold this character. */
const DASH = '\u0000dash';

/** Words for yargs: a lone dash is one, and behind `--` every word is a name, whatever it begins with. */
export function shieldDashes(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  const [options, names] = end < 0 ? [argv, []] : [argv.slice(0, end), argv.slice(end + 1)];
  return [...options.map((word) => (word === '-' ? DASH : word)), ...names.map((name) => name.replace(/^-/, DASH))];
}

export function restoreDash(text: string): string {
  return text.replaceAll(DASH, '-');
}

export function list(words: Words, name: string): string[] {
  const value = words[name];
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map((item) => restoreDash(String(item)));
}

export function single(words: Words, name: string): string | undefined {
  const values = list(words, name);
  if (values.length > 1) throw usageError(`--${name} is given ${values.length} times; expected one`);
  return values[0];
}

/** What names a file or a folder, by a word of its own and behind an option. */
const FILES = ['scenario', 'result', 'a', 'b', 'file'];
const FILE_OPTIONS = ['out', 'base', 'prices', 'overlay', 'cache'];

/** A shell gives an empty word for a variable that holds nothing; no file has that name. */
export function refuseEmptyNames(words: Words): void {
  const [verb] = list(words, '_');
  const isEmpty = (name: string) => list(words, name).includes('');
  if ((verb === 'merge' ? ['part'] : FILES).some(isEmpty))
    throw usageError(`${verb}: expected a file, got an empty name`);
  const option = FILE_OPTIONS.find(isEmpty);
  if (option !== undefined) throw usageError(`--${option}: expected a file or a folder, got an empty name`);
}

export function flag(words: Words, name: string): boolean {
  return list(words, name).at(-1) === 'true';
}

/** Text; what a file would read as a number is that number only where it is written as the number is. */
export function seed(words: Words): string | undefined {
  const text = single(words, 'seed');
  if (text === undefined) return undefined;
  if (text === '') throw usageError('--seed: expected a number or text, got nothing');
  const number = String(Number(text));
  if (Number.isSafeInteger(Number(text)) && number !== text)
    throw usageError(
      `--seed: '${text}' is text here, and the number ${number} in a file; expected ${number}, or other text`,
    );
  return text;
}

export function choice<const T extends string>(words: Words, name: string, choices: readonly T[]): T | undefined {
  const value = single(words, name);
  if (value === undefined) return undefined;
  const chosen = choices.find((one) => one === value);
  if (chosen === undefined) throw usageError(`--${name}: expected ${alternatives(choices)}, got '${value}'`);
  return chosen;
}

export function percentiles(words: Words): number[] {
  const values = list(words, 'percentiles').flatMap((value) => value.split(','));
  return [...new Set(values.map(percentile))].sort((a, b) => a - b);
}

function percentile(text: string): number {
  const value = /^\s*p?(\d+(\.\d+)?)\s*$/.exec(text)?.[1];
  if (value === undefined || Number(value) <= 0 || Number(value) >= 100)
    throw usageError(`--percentiles: expected numbers between 0 and 100, such as 95,99.9, got '${text}'`);
  return Number(value);
}

/** AWS's names, or ALL of them, as EnableEnhancedMonitoring takes them; in AWS's order. */
export function shardMetrics(words: Words): ShardMetric[] {
  const named = list(words, 'metrics').flatMap((value) => value.split(',').map((name) => name.trim()));
  const unknown = named.find((name) => name !== 'ALL' && !SHARD_METRICS.some((metric) => metric === name));
  if (unknown !== undefined) {
    throw usageError(
      `--metrics: expected ALL, or some of ${SHARD_METRICS.join(', ')}, got '${unknown}'${didYouMean(unknown, SHARD_METRICS)}`,
    );
  }
  return SHARD_METRICS.filter((metric) => named.includes('ALL') || named.includes(metric));
}

export function wholeNumber(words: Words, name: string, most: number): number | undefined {
  const text = single(words, name);
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > most)
    throw usageError(`--${name}: expected a whole number from 1 to ${most.toLocaleString('en')}, got '${text}'`);
  return value;
}

/** One of several parts, as i/n. */
export function part(words: Words): { readonly number: number; readonly of: number } | undefined {
  const text = single(words, 'part');
  if (text === undefined) return undefined;
  const match = /^(\d{1,6})\/(\d{1,6})$/.exec(text);
  const [number, of] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
  if (number < 1 || number > of) throw usageError(`--part: expected i/n, from 1/n to n/n, got '${text}'`);
  return { number, of };
}

/** So many times: 2x, 1.5x. */
export function multiple(words: Words, name: string): number | undefined {
  const text = single(words, name);
  if (text === undefined) return undefined;
  const value = Number(/^(\d{1,4}(?:\.\d{1,6})?)x$/.exec(text)?.[1] ?? 0);
  if (value <= 0 || value > 1_000)
    throw usageError(`--${name}: expected so many times, such as 2x or 1.5x, got '${text}'`);
  return value;
}

/** 0.3 for 30%. */
export function percentage(words: Words, name: string): number | undefined {
  const text = single(words, name);
  if (text === undefined) return undefined;
  const value = /^(\d{1,4}(?:\.\d{1,6})?)%$/.exec(text)?.[1];
  if (value === undefined) throw usageError(`--${name}: expected a percentage, such as 30%, got '${text}'`);
  return Number(`${value}e-2`);
}

/** A length of virtual time as it was typed. */
function time(words: Words, name: string): string | undefined {
  const text = single(words, name);
  if (text !== undefined && durationOf(text) === null)
    throw usageError(`--${name}: expected a time with its unit, such as 90s, 10m or 2h, got '${text}'`);
  return text;
}

/** A length of time, which is not 0. */
export function lengthOfTime(words: Words, name: string): string | undefined {
  const text = time(words, name);
  if (text !== undefined && durationOf(text) === 0) throw usageError(`--${name}: expected a time above 0s`);
  return text;
}

/** A length of real time, in milliseconds. */
export function realTime(words: Words, name: string): number | undefined {
  const text = lengthOfTime(words, name);
  return text === undefined ? undefined : durationOf(text)! / 1_000;
}

export interface Drawing {
  readonly chart: ChartName | undefined;
  readonly drawing: DrawingOptions;
}

export function drawing(words: Words): Drawing {
  const chart = single(words, 'chart');
  if (chart !== undefined && !isChartName(chart))
    throw usageError(
      `--chart: there is no chart '${chart}'${didYouMean(chart, CHART_NAMES)}`,
      `The charts: ${CHART_NAMES.join(', ')}`,
    );
  const seconds = (name: string): number | undefined => {
    const text = time(words, name);
    return text === undefined ? undefined : (durationOf(text) ?? 0) / 1e6;
  };
  const fromSeconds = seconds('from');
  const toSeconds = seconds('to');
  if (toSeconds !== undefined && toSeconds <= (fromSeconds ?? 0))
    throw usageError('--to: expected a time after --from');
  const theme = choice(words, 'theme', ['light', 'dark']);
  return { chart, drawing: { title: single(words, 'title'), fromSeconds, toSeconds, theme } };
}

function alternatives(choices: readonly string[]): string {
  return `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;
}

import { didYouMean } from '../../scenario/issue.ts';
import {
  RANGES,
  SEARCHED_SETTINGS,
  type Searched,
  type SearchedName,
  type SettingValue,
  STREAM_MODES,
  upTo,
} from './searched.ts';

/** Something that was asked for and cannot be done: the message is for whoever asked. */
export class PlanInputError extends Error {
  override readonly name = 'PlanInputError';
}

/**
 * Narrows what is searched: `PATH=4..64`, `PATH=4..64:4`, `PATH=1,2,4` or `PATH=8`, which is looked at and nothing else. A
 * path may be its end: `ShardCount=4..64` is of all streams.
 *
 * @throws PlanInputError
 */
export function narrowed(searched: readonly Searched[], within: readonly string[]): Searched[] {
  const result = [...searched];
  for (const text of within) {
    const [, name = '', range = ''] = /^\s*([^=]+?)\s*=\s*(.*?)\s*$/.exec(text) ?? [];
    if (range === '') throw new PlanInputError(`--within ${text}: expected PATH=4..64, PATH=1,2,4 or PATH=8`);
    const hits = result.flatMap(({ path }, index) => (answers(path.join('.'), name) ? [index] : []));
    if (hits.length === 0) {
      const known = [...new Set(searched.flatMap(({ path }) => [path.join('.'), path[2]]))];
      const near = didYouMean(name, known);
      throw new PlanInputError(
        `--within ${text}: ${SEARCHED_SETTINGS.some((one) => answers(name, one)) ? 'this is not searched here' : 'no setting that is searched'}${near === '' ? `; expected one of ${known.filter((one) => !one.includes('.')).join(', ')}, or its whole path` : near}`,
      );
    }
    for (const index of hits) {
      if (result[index]!.isNarrowed)
        throw new PlanInputError(
          `--within ${text}: ${result[index]!.path.join('.')} is narrowed twice; name all its values at once`,
        );
      const one = result[index]!;
      result[index] = { ...one, ...valuesOf(one, range, text), isNarrowed: true };
    }
  }
  return result;
}

function answers(path: string, name: string): boolean {
  return path === name || path.endsWith(`.${name}`);
}

function valuesOf(one: Searched, range: string, text: string): Pick<Searched, 'values' | 'isBisected'> {
  const name: SearchedName = one.path[2];
  if (name === 'StreamMode') {
    const modes = range.split(',').map((mode) => mode.trim());
    const wrong = modes.find((mode) => !STREAM_MODES.some((known) => known === mode));
    if (wrong !== undefined)
      throw new PlanInputError(`--within ${text}: expected PROVISIONED or ON_DEMAND, got '${wrong}'`);
    return { values: STREAM_MODES.filter((mode) => modes.includes(mode)), isBisected: false };
  }
  const [least, most] = RANGES[name];
  const span = /^(\d+)\.\.(\d+)(?::(\d+))?$/.exec(range);
  const numbers =
    span === null
      ? range.split(',').map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : Number.NaN))
      : span.slice(1, 3).map(Number);
  const isRight = numbers.every((value) => value >= least && value <= most);
  const isInOrder = span === null || (numbers[0]! <= numbers[1]! && span[3] !== '0');
  if (!isRight || !isInOrder) {
    throw new PlanInputError(
      `--within ${text}: expected whole numbers from ${least.toLocaleString('en')} to ${most.toLocaleString('en')}, as in ${name}=${least}..${Math.min(most, 64)}, got '${range}'`,
    );
  }
  if (span === null) return { values: [...new Set(numbers)].sort((a, b) => a - b), isBisected: false };
  const [low, high] = numbers as [number, number];
  if (span[3] !== undefined) return { values: upTo([low, high], Number(span[3])), isBisected: one.isBisected };
  if (one.isBisected) return { values: upTo([low, high]), isBisected: true };
  const steps = one.values.filter(
    (value): value is number => typeof value === 'number' && value >= low && value <= high,
  );
  return {
    values: [...new Set<SettingValue & number>([low, ...steps, high])].sort((a, b) => a - b),
    isBisected: false,
  };
}

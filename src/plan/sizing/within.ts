import { STREAM_MODES } from '../../scenario/cloudformation.ts';
import { pathText } from '../../scenario/document.ts';
import type { Issue } from '../../scenario/issue.ts';
import { didYouMean } from '../../scenario/issue.ts';
import { issuesOf } from '../../scenario/overrides.ts';
import { PlanInputError } from './plan-input-error.ts';
import { RANGES, SEARCHED_SETTINGS, type Searched, type SearchedName, type SettingValue, upTo } from './searched.ts';

const WITHIN = '--within';

/**
 * Narrows what is searched: `PATH=4..64`, `PATH=4..64:4`, `PATH=1,2,4` or `PATH=8`, which is looked at and nothing else. A
 * path may be its end: `ShardCount=4..64` is of all streams.
 *
 * @throws PlanInputError with everything that is wrong
 */
export function narrowed(searched: readonly Searched[], within: readonly string[]): Searched[] {
  const result = [...searched];
  const issues: Issue[] = [];
  for (const text of within) {
    const issueAt = issuesOf(text, WITHIN);
    const [, before = '', name = '', between = '', range = ''] = /^(\s*)([^=]+?)(\s*=\s*)(.*?)\s*$/.exec(text) ?? [];
    if (range === '') {
      issues.push(issueAt(1, 'expected PATH=4..64, PATH=1,2,4 or PATH=8'));
      continue;
    }
    const hits = result.flatMap(({ path }, index) => (answers(path, name) ? [index] : []));
    const twice = hits.find((index) => result[index]!.isNarrowed);
    if (hits.length === 0) issues.push(issueAt(before.length + 1, unknownSetting(name, searched)));
    if (twice !== undefined) {
      const path = pathText(result[twice]!.path);
      issues.push(issueAt(before.length + 1, `${path} is narrowed twice; name all its values at once`));
    }
    for (const index of hits) {
      const one = result[index]!;
      const values = valuesOf(one, range);
      if (typeof values !== 'string') result[index] = { ...one, ...values, isNarrowed: true };
      else {
        issues.push(issueAt(before.length + name.length + between.length + 1, values));
        break;
      }
    }
  }
  if (issues.length > 0) throw PlanInputError.ofIssues(issues);
  return result;
}

function unknownSetting(name: string, searched: readonly Searched[]): string {
  const ends = [...new Set(searched.map(({ path }) => path[2]))];
  const known = [...new Set(searched.map(({ path }) => pathText(path))), ...ends];
  const isOther = SEARCHED_SETTINGS.some((one) => name === one || name.endsWith(`.${one}`));
  const expected = `; expected one of ${ends.join(', ')}, or its whole path`;
  return `${isOther ? 'this is not searched here' : 'no setting that is searched'}${didYouMean(name, known) || expected}`;
}

/** A whole path, names with dots in ["…"] or as they are, or its end. */
function answers(path: Searched['path'], name: string): boolean {
  return [path.join('.'), pathText(path)].some((whole) => whole === name || whole.endsWith(`.${name}`));
}

/** Or what is wrong with them. */
function valuesOf(one: Searched, range: string): Pick<Searched, 'values' | 'isBisected'> | string {
  const name: SearchedName = one.path[2];
  if (name === 'StreamMode') {
    const modes = range.split(',').map((mode) => mode.trim());
    const wrong = modes.find((mode) => !STREAM_MODES.some((known) => known === mode));
    if (wrong !== undefined)
      return `expected PROVISIONED or ON_DEMAND, got '${wrong}'${didYouMean(wrong, STREAM_MODES)}`;
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
    const isBackward = isRight && span !== null && numbers[0]! > numbers[1]!;
    const expected = isBackward
      ? 'expected a range that rises'
      : `expected whole numbers from ${least.toLocaleString('en')} to ${most.toLocaleString('en')}`;
    return `${expected}, as in ${name}=${least}..${Math.min(most, 64)}, got '${range}'`;
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

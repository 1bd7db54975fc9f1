import { ANY_NAME, settingMeanings } from '../scenario/settings.ts';
import { readArn } from './arn.ts';
import { firstUnknown, plain } from './intrinsics.ts';
import { isNamedAfter, sameName } from './same-thing.ts';
import type { Tree } from './tree.ts';

export type Section = 'streams' | 'functions' | 'mappings';

/** What holds where a file says nothing: AWS's default; undefined where there is none. */
export function standardOf(section: Section, key: string): unknown {
  standards ??= new Map(
    settingMeanings()
      .filter(({ path }) => path.length === 3 && path[1] === ANY_NAME)
      .map(({ path, standard }) => [`${path[0]}.${path[2]}`, standard]),
  );
  return standards.get(`${section}.${key}`) ?? undefined;
}

let standards: ReadonlyMap<string, unknown> | undefined;

const FLAGS = new Set(['Enabled', 'BisectBatchOnFunctionError']);
const TEXTS = new Set(['StartingPosition', 'StreamMode', 'Pattern', 'Destination', 'FunctionResponseTypes']);

/** A value as the scenario writes it: templates have numbers and flags as texts, too. Undefined: not known. */
export function settingValue(key: string, tree: Tree): unknown {
  return firstUnknown(tree) === null ? readable(key, plain(tree)) : undefined;
}

function readable(key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => readable(key, item));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([inner, part]) => [inner, readable(inner, part)]));
  if (typeof value !== 'string' || TEXTS.has(key)) return value;
  if (FLAGS.has(key)) {
    const isTrue = /^(true|yes|on)$/i.test(value);
    return isTrue || /^(false|no|off)$/i.test(value) ? isTrue : value;
  }
  return /^-?\d{1,15}(\.\d+)?$/.test(value.trim()) ? Number(value) : value;
}

/** Whether two files say the same of a setting. */
export function saySame(key: string, one: unknown, other: unknown): boolean {
  if (key === 'FilterCriteria') return sorted(filtersIn(one)) === sorted(filtersIn(other));
  if (key !== 'DestinationConfig') return sorted(one) === sorted(other);
  const [a, b] = [destinationIn(one), destinationIn(other)];
  return sameName(a, b) || isNamedAfter(b, a) || isNamedAfter(a, b);
}

function filtersIn(criteria: unknown): unknown {
  return ((criteria ?? {}) as { Filters?: unknown }).Filters ?? [];
}

function destinationIn(config: unknown): string {
  const { OnFailure } = (config ?? {}) as { OnFailure?: { Destination?: unknown } };
  const text = String(OnFailure?.Destination ?? '');
  const arn = readArn(text);
  return arn?.kind === 'other' ? arn.name || text.split(':').at(-1)! : text;
}

/** In one order of the keys, patterns as the data they are. */
function sorted(value: unknown): string {
  return (
    JSON.stringify(value, (key, part: unknown) => {
      if (key === 'Pattern' && typeof part === 'string') {
        try {
          return JSON.parse(part) as unknown;
        } catch {
          return part;
        }
      }
      if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
      return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
    }) ?? ''
  );
}

import { z } from 'zod';
import { METRICS } from '../../scenario/metrics.ts';
import type { JsonValue } from '../../scenario/scenario.ts';
import { ANY_NAME, type SettingMeaning, settingMeanings } from '../../scenario/settings.ts';
import { resultSchema } from '../result-schema.ts';
import { alternatives } from '../words.ts';
import { LABEL_MEANINGS, LABELS_OF_NAMES, withoutStatistic } from './labels.ts';
import { AGE_MEANINGS, DISCARD_MEANINGS, OUTCOME_MEANINGS, STALL_MEANINGS } from './meanings.ts';

/** What a name stands for: often one thing, sometimes several (`throttle` stalls a lane, and ages a record). */
export interface NameMeaning {
  readonly name: string;
  readonly things: readonly NamedThing[];
}

export interface NamedThing {
  readonly kind: 'setting' | 'metric' | 'figure' | 'stall cause' | 'part of the age' | 'discard' | 'outcome' | 'label';
  /** Where it stands: 'mappings.NAME.BatchSize' in a scenario, 'mappings.NAME.backlogAgeMs' in a result. */
  readonly places: readonly string[];
  readonly isAws: boolean;
  readonly description: string;
  /** Of a setting: its default, null without one, and what it may be, empty where that is anything. */
  readonly standard: JsonValue;
  readonly isRequired: boolean;
  readonly expected: string;
  /** The letters of the rules that govern it: 'P3'. */
  readonly rules: readonly string[];
  /** A line of a scenario in YAML; null where there is none. */
  readonly example: string | null;
}

/** Null where nothing has this name. Of a setting the end of its path will do: `pacing`, `polling.pacing`. */
export function explainName(name: string): NameMeaning | null {
  const things = [...named(name), ...labelled(name)];
  return things.length === 0 ? null : { name, things: joined(things) };
}

function named(name: string): NamedThing[] {
  const own = all().filter(({ names }) => names.some((one) => answers(one, name)));
  if (own.length > 0) return own.map(({ thing }) => thing);
  const { metric, statistic } = withoutStatistic(name);
  if (metric === name || !METRICS.has(metric)) return [];
  return [...named(metric), ...(statistic === null ? [] : labelled(statistic))];
}

/** What a summary calls by these words, in capitals or not; a limit may follow them: 'bytes read, of 2 MB/s'. */
function labelled(text: string): NamedThing[] {
  const plain = text
    .replace(/, of .*$/, '')
    .trim()
    .replaceAll(/\s+/g, ' ')
    .toLowerCase();
  const isIt = (label: string) => label.toLowerCase() === plain;
  const names = LABELS_OF_NAMES.filter(([label]) => isIt(label)).map(([, name]) => name);
  const meanings = LABEL_MEANINGS.filter(([labels]) => labels.some(isIt));
  return [
    ...names.filter((name) => name !== text).flatMap((name) => named(name)),
    ...meanings.map(
      ([, description]): NamedThing => ({ ...PLAIN, kind: 'label', description, rules: lettersIn(description) }),
    ),
  ];
}

/** Every name that `explainName` knows, the short form of each, and the words that summaries print. */
export function explainableNames(): string[] {
  const labels = [...LABELS_OF_NAMES.map(([label]) => label), ...LABEL_MEANINGS.flatMap(([words]) => words)];
  return [...new Set([...all().map(({ names }) => names[0]!.at(-1)!), ...labels])];
}

interface Candidate {
  /** Ways to name it, each as the steps of a path. */
  readonly names: readonly (readonly string[])[];
  readonly thing: NamedThing;
}

let known: readonly Candidate[] | null = null;

function all(): readonly Candidate[] {
  known ??= [...settings(), ...metrics(), ...causes(), ...figures()];
  return known;
}

/** A path is named by its end; NAME by anything, or not at all. */
function answers(path: readonly string[], name: string): boolean {
  if (path.length === 1) return path[0] === name;
  const steps = name.replaceAll(/\[\d*\]/g, '').split('.');
  const plain = path.filter((step) => step !== ANY_NAME);
  const isEnd = (whole: readonly string[]) =>
    steps.length <= whole.length &&
    steps.every((step, index) => {
      const own = whole[whole.length - steps.length + index]!;
      return own === step || (own === ANY_NAME && index > 0 && index < steps.length - 1);
    });
  return isEnd(plain) || isEnd(path);
}

/** The same setting at several places is told once. */
function joined(things: readonly NamedThing[]): NamedThing[] {
  const groups = new Map<string, NamedThing>();
  for (const thing of things) {
    const key = [thing.kind, thing.description, thing.expected, JSON.stringify(thing.standard)].join('\n');
    const before = groups.get(key);
    groups.set(key, before === undefined ? thing : { ...before, places: [...before.places, ...thing.places] });
  }
  return [...groups.values()];
}

function settings(): Candidate[] {
  const meanings = settingMeanings();
  return meanings.map((meaning) => {
    const steps = meaning.path.filter((step) => typeof step === 'string');
    const thing: NamedThing = {
      ...PLAIN,
      kind: 'setting',
      places: [placeOf(meaning)],
      isAws: meaning.isAws,
      description: meaning.description,
      standard: meaning.standard,
      isRequired: meaning.isRequired,
      expected: meaning.expected,
      rules: rulesOf(meaning, meanings),
      example: meaning.example,
    };
    return { names: [steps], thing };
  });
}

const PLAIN = { places: [], isAws: false, standard: null, isRequired: false, expected: '', rules: [], example: null };

function placeOf({ path }: SettingMeaning): string {
  return path
    .map((step) => (typeof step === 'number' ? '[]' : `.${step}`))
    .join('')
    .slice(1);
}

/** Its own, or those of what it is a part of. */
function rulesOf({ path, description }: SettingMeaning, meanings: readonly SettingMeaning[]): readonly string[] {
  const own = lettersIn(description);
  if (own.length > 0 || path.length < 2) return own;
  const outer = path.slice(0, -1);
  const parent = meanings.find(
    (one) => one.path.length === outer.length && one.path.every((step, i) => step === outer[i]),
  );
  return parent === undefined ? [] : rulesOf(parent, meanings);
}

/** 'P1' and 'P3' of 'When lanes ask for records (P1, P3).' */
function lettersIn(description: string): string[] {
  return [...description.matchAll(/\(([A-Z]\d+a?(?:, [A-Z]\d+a?)*)\)/g)].flatMap((match) => match[1]!.split(', '));
}

function metrics(): Candidate[] {
  return [...METRICS].map(([name, { description, unit, selectors }]) => ({
    names: [[name]],
    thing: {
      ...PLAIN,
      kind: 'metric',
      isAws: /^[A-Z]/.test(name),
      description: `${description} ${METRIC_WORDS[unit].kind}${selectors.length === 0 ? '' : `; a threshold may narrow it to a ${alternatives(selectors)}`}.`,
      rules: lettersIn(description),
      example: `thresholds: { ${/[^\w]/.test(name) ? `'${name}'` : name}: ['${name.startsWith('records.') ? 'count == 0' : METRIC_WORDS[unit].example}'] }`,
    },
  }));
}

const METRIC_WORDS = {
  Milliseconds: { kind: 'A time', example: 'max < 60s' },
  Bytes: { kind: 'Bytes', example: 'sum < 1GB' },
  Count: { kind: 'A number', example: 'max < 100' },
  Money: { kind: 'Money, one figure for the run', example: 'max < 300' },
} as const;

function causes(): Candidate[] {
  const of = (kind: NamedThing['kind'], meanings: Readonly<Record<string, string>>, isAws = false): Candidate[] =>
    Object.entries(meanings).map(([name, description]) => ({
      names: [[name]],
      thing: { ...PLAIN, kind, isAws, description, rules: lettersIn(description) },
    }));
  return [
    ...of('stall cause', STALL_MEANINGS),
    ...of('part of the age', AGE_MEANINGS),
    ...of('discard', DISCARD_MEANINGS),
    ...of('outcome', OUTCOME_MEANINGS),
  ];
}

/** Figures of a result, as far as its schema says what they are. */
function figures(): Candidate[] {
  return described(resultSchema, []).map(({ path, description }) => ({
    names: [path],
    thing: {
      ...PLAIN,
      kind: 'figure',
      places: [path.join('.')],
      description,
      rules: lettersIn(description),
    },
  }));
}

function described(
  schema: z.core.$ZodType,
  path: readonly string[],
): { path: readonly string[]; description: string }[] {
  if (schema instanceof z.ZodReadonly || schema instanceof z.ZodNullable || schema instanceof z.ZodOptional)
    return described(schema.def.innerType, path);
  if (schema instanceof z.ZodRecord) return described(schema.def.valueType, [...path, ANY_NAME]);
  if (schema instanceof z.ZodArray) return described(schema.def.element, path);
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.def.shape).flatMap(([key, value]) => {
    const description = z.globalRegistry.get(value)?.description;
    const place = [...path, key];
    const inner = described(value, place);
    return description === undefined || lettersIn(description).length === 0
      ? inner
      : [{ path: place, description }, ...inner];
  });
}

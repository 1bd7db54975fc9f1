import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { Path } from './document.ts';
import type { JsonValue } from './scenario.ts';
import { scenarioSchema } from './schema.ts';
import { wholeExample } from './setting-examples.ts';

/** A key of a scenario file, as its schema describes it. */
export interface SettingMeaning {
  /** 'NAME' stands for any name, a number for any place in a list: ['mappings', 'NAME', 'BatchSize']. */
  readonly path: readonly (string | number)[];
  readonly description: string;
  /** Null where it has none. */
  readonly standard: JsonValue;
  readonly isRequired: boolean;
  /** What it may be: 'a whole number from 1 to 10,000'; empty where it may be anything. */
  readonly expected: string;
  /** Of AWS's own settings, which keep AWS's names. */
  readonly isAws: boolean;
  /** One line of YAML. */
  readonly example: string;
}

/** Stands for any name of a stream, a function, a mapping or a producer. */
export const ANY_NAME = 'NAME';

/** Every key that a scenario may have, in the order of the schema; what a key itself may hold comes after it. */
export function settingMeanings(): SettingMeaning[] {
  return under(scenarioSchema, []);
}

type Schema = z.core.$ZodType;

/** A schema without what only says that a value may be left out. */
interface Bare {
  readonly schema: Schema;
  readonly standard: JsonValue;
  readonly isRequired: boolean;
  readonly description: string | null;
  readonly examples: readonly JsonValue[];
}

function bare(wrapped: Schema): Bare {
  let schema = wrapped;
  let standard: JsonValue = null;
  let isRequired = true;
  let description: string | null = null;
  let examples: readonly JsonValue[] = [];
  for (;;) {
    const meta = z.globalRegistry.get(schema);
    description ??= meta?.description ?? null;
    if (examples.length === 0) examples = (meta?.examples as readonly JsonValue[] | undefined) ?? [];
    if (schema instanceof z.ZodDefault) {
      isRequired = false;
      standard = schema.def.defaultValue as JsonValue;
      schema = schema.def.innerType;
    } else if (schema instanceof z.ZodOptional) {
      isRequired = false;
      schema = schema.def.innerType;
    } else return { schema, standard, isRequired, description, examples };
  }
}

function under(schema: Schema, path: readonly (string | number)[]): SettingMeaning[] {
  if (schema instanceof z.ZodObject) {
    return Object.entries(schema.def.shape).flatMap(([key, value]) => {
      const inner = bare(value);
      const place = [...path, key];
      const own = inner.description === null ? [] : [meaning(inner, inner.description, place)];
      // A call on the timeline takes the settings of the mapping itself, which stand at their own place.
      const isOfCall = path[0] === 'timeline' && (key === 'mapping' || key === 'set');
      return isOfCall ? own : [...own, ...under(inner.schema, place)];
    });
  }
  if (schema instanceof z.ZodRecord) return under(bare(schema.def.valueType).schema, [...path, ANY_NAME]);
  if (schema instanceof z.ZodArray) return under(bare(schema.def.element).schema, [...path, 0]);
  if (schema instanceof z.ZodUnion) return schema.def.options.flatMap((option) => under(bare(option).schema, path));
  return [];
}

function meaning(
  { schema, standard, isRequired, examples }: Bare,
  description: string,
  path: readonly (string | number)[],
): SettingMeaning {
  const expected = expectedOf(schema);
  const whole = wholeExample(path);
  return {
    path,
    description,
    standard,
    isRequired,
    expected,
    isAws: /^[A-Z]/.test(String(path.at(-1))),
    example:
      whole === null
        ? exampleLine(path, examples[0] ?? exampleOf({ schema, standard, expected }))
        : exampleLine(whole.path, whole.value),
  };
}

/** What the schema says of a value that is nothing it could be. */
function expectedOf(schema: Schema): string {
  const message = z.safeParse(schema, Symbol('no value')).error?.issues[0]?.message ?? '';
  return message.startsWith('expected ') ? message.slice('expected '.length) : '';
}

/** A value that is legal: the default, if it says something, or what the message gives as an example. */
function exampleOf({
  schema,
  standard,
  expected,
}: {
  readonly schema: Schema;
  readonly standard: JsonValue;
  readonly expected: string;
}): JsonValue {
  if (typeof standard === 'boolean') return !standard;
  if (schema instanceof z.ZodEnum && standard !== null)
    return (schema.options.find((option) => option !== standard) ?? standard) as JsonValue;
  const isEmpty = typeof standard === 'object' && (standard === null || Object.keys(standard).length === 0);
  if (!isEmpty) return standard;
  if (schema instanceof z.ZodEnum) return schema.options[0] as JsonValue;
  const flow = /such as ([[{].*[\]}])$/.exec(expected)?.[1];
  if (flow !== undefined) return parse(flow) as JsonValue;
  const text = /such as (?:'([^']+)'|([^,]+?))(?:,| or |$)/.exec(expected);
  if (text !== null) return text[1] ?? text[2]!;
  if (schema instanceof z.ZodObject) {
    const parts = Object.entries(schema.def.shape).filter(([, part]) => bare(part).isRequired);
    return Object.fromEntries(parts.map(([key, part]) => [key, exampleIn(part)]));
  }
  if (schema instanceof z.ZodRecord) return { [ANY_NAME]: exampleIn(schema.def.valueType) };
  if (schema instanceof z.ZodArray) return [exampleIn(schema.def.element)];
  if (schema instanceof z.ZodUnion) return exampleIn(schema.def.options[0]!);
  if (schema instanceof z.ZodNumber) return Math.max(1, schema.minValue ?? 1);
  return schema instanceof z.ZodLiteral ? ([...schema.values][0] as JsonValue) : ANY_NAME;
}

function exampleIn(part: Schema): JsonValue {
  const { schema, standard, examples } = bare(part);
  return examples[0] ?? exampleOf({ schema, standard, expected: expectedOf(schema) });
}

/** 'mappings: { NAME: { BatchSize: 100 } }'. */
function exampleLine(path: Path, value: JsonValue): string {
  const [first, ...rest] = path;
  const inner = rest.reduceRight<JsonValue>(
    (held, step) => (typeof step === 'number' ? [held] : { [step]: held }),
    value,
  );
  return `${first}: ${stringify(inner, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd()}`;
}

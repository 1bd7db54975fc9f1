import { z } from 'zod';
import {
  BYTE_RATE_PATTERN,
  byteRateOf,
  DURATION_PATTERN,
  durationOf,
  PERCENT_PATTERN,
  RATE_PATTERN,
  rateOf,
  SIZE_PATTERN,
  shareOf,
  sizeOf,
} from './quantity.ts';

/*
 * What the keys of a scenario file hold, each kind with an error that says what is expected.
 */

function quantity(pattern: RegExp, read: (text: string) => number | null, expected: string, most: string) {
  return z
    .string({ error: expected })
    .regex(pattern, { error: expected, abort: true })
    .refine((text) => read(text) !== null, { error: `expected at most ${most}` });
}

const EXPECTED_DURATION = 'expected a duration with its unit, such as 250ms, 10s, 5m, 2h or 7d';
export const EXPECTED_SIZE = 'expected a size with its unit, such as 512B, 2KB or 1MB';
export const duration = () => quantity(DURATION_PATTERN, durationOf, EXPECTED_DURATION, '36500d');
export const size = () => quantity(SIZE_PATTERN, sizeOf, EXPECTED_SIZE, '1024GB');
export const rate = () =>
  quantity(RATE_PATTERN, rateOf, 'expected a rate with its unit, such as 400/s or 24000/m', '1000000000/s');
export const byteRate = () =>
  quantity(BYTE_RATE_PATTERN, byteRateOf, 'expected bytes a second, such as 200KB/s', '1024GB/s');
export const percent = () =>
  quantity(PERCENT_PATTERN, shareOf, 'expected a percentage from 0% to 100%, such as 1%', '100%');
export const text = (expected: string, pattern: RegExp) =>
  z.string({ error: expected }).regex(pattern, { error: expected });
export const time = () => text('expected a time in ISO 8601, such as 2026-01-05T09:00:00Z', /^\d{4}-\d{2}-\d{2}/);
export const name = (what: string) => z.string({ error: `expected the name of ${what}` });
export const flag = () => z.boolean({ error: 'expected true or false' });
export const partitionKey = () => text('expected a partition key, 1 to 256 characters, as text', /^[\s\S]{1,256}$/u);
export const positive = () =>
  z.number({ error: 'expected a number above 0' }).positive({ error: 'expected a number above 0' });

export function whole(min: number, max: number) {
  const expected = `expected a whole number from ${grouped(min)} to ${grouped(max)}`;
  return z.int({ error: expected }).min(min, { error: expected }).max(max, { error: expected });
}

export function number(min: number, max: number) {
  const expected = `expected a number from ${min} to ${grouped(max)}`;
  return z.number({ error: expected }).min(min, { error: expected }).max(max, { error: expected });
}

export function oneOf<const T extends readonly [string, ...string[]]>(...values: T) {
  return z.enum(values, { error: `expected ${alternatives(values)}` });
}

function alternatives(values: readonly string[]): string {
  return values.length === 1 ? values[0]! : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}

export function object<T extends z.core.$ZodLooseShape>(what: string, shape: T) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? undefined : `expected ${what}`),
  });
}

const NAME = /^[^\s{}]{1,128}$/; // a threshold's selector ends at a brace

export function mapOf<T extends z.ZodType>(what: string, value: T) {
  const error = 'expected a name of 1 to 128 characters, without blanks or braces';
  return z.record(z.string().regex(NAME, { error }), value, { error: `expected a map of ${what} by name` });
}

function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A plain value or a map with exactly one law; that it is exactly one is checked with the references. */
export function distribution(value: () => z.ZodType, expected: string) {
  const error = `${expected}, or a map with one of uniform, exponential, lognormal, weibull, empirical`;
  return z.union([value(), object(error.slice('expected '.length), laws(value))], { error });
}

export const durations = () => distribution(duration, EXPECTED_DURATION);

export function laws(value: () => z.ZodType) {
  return {
    uniform: object('{ min, max }', {
      min: value().meta({ description: 'The least.' }),
      max: value().meta({ description: 'The most.' }),
    })
      .optional()
      .meta({ description: 'Every value from min to max as likely.' }),
    exponential: object('{ mean }', { mean: value().meta({ description: 'The mean.' }) })
      .optional()
      .meta({ description: 'Exponential with this mean.' }),
    lognormal: object('{ median, p99 }', {
      median: value().meta({ description: 'Half of the values are below it.' }),
      p99: value().meta({ description: '99 % of the values are below it.' }),
    })
      .optional()
      .meta({ description: 'Lognormal through these two quantiles.' }),
    weibull: object('{ shape, scale }', {
      shape: positive().meta({ description: 'Below 1 the tail is heavier than an exponential one.' }),
      scale: value().meta({ description: '63 % of the values are below it.' }),
    })
      .optional()
      .meta({ description: "Weibull's law." }),
    empirical: name('a file with one value a line')
      .optional()
      .meta({ description: 'A file with one value a line, each as likely; without a unit milliseconds or bytes.' }),
  };
}

export function onOff(description: string) {
  return z
    .union([oneOf('on', 'off'), z.boolean()], { error: 'expected on or off' })
    .default('on')
    .meta({ description });
}

export function hashKey(which: 'first' | 'last') {
  return text('expected a whole number of up to 39 digits, in quotes', /^\d{1,39}$/).meta({
    description: `The ${which} hash key of the shard, as decimal digits.`,
    examples: ['0'],
  });
}

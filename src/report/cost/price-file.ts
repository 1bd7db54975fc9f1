import type { z } from 'zod';
import { SourceDocument } from '../../scenario/document.ts';
import { number, object, text } from '../../scenario/field.ts';
import { formProblems } from '../../scenario/form.ts';
import type { Issue } from '../../scenario/issue.ts';
import type { Prices } from './prices.ts';

export type PricesResult =
  | { readonly ok: true; readonly prices: Prices }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/**
 * Reads prices in JSON or YAML, complete as the ones of us-east-1 are, or says everything that is wrong with them. It
 * never throws.
 *
 * @param file what messages call the text
 */
export function readPrices(content: string, file = 'prices'): PricesResult {
  const document = new SourceDocument(file, content);
  const { value } = document;
  if (value === null || value === undefined) {
    const empty = document.issues.length > 0 ? [] : [document.issue([], 'is empty; expected prices')];
    return { ok: false, issues: [...document.issues, ...empty] };
  }
  const problems = formProblems(value, prices).map(({ path, message, atKey }) =>
    atKey ? document.keyIssue(path, message) : document.issue(path, message),
  );
  const issues = [...document.issues, ...problems].sort((a, b) => a.line - b.line || a.column - b.column);
  return issues.length > 0 ? { ok: false, issues } : { ok: true, prices: prices.parse(value) };
}

const price = () => number(0, 1_000_000);

const durationPrices = object('a map of prices', {
  GBSecond: price(),
  provisionedConcurrencyGBSecond: price(),
  provisionedDurationGBSecond: price(),
});

const prices: z.ZodType<Prices> = object('a map of prices', {
  region: text('expected the name of a region, such as us-east-1', /^[a-z0-9-]{1,32}$/),
  date: text("expected the day of the prices in quotes, such as '2026-11-28'", /^\d{4}-\d{2}-\d{2}$/),
  currency: text('expected three capital letters, such as USD', /^[A-Z]{3}$/),
  kinesis: object('a map of prices', {
    shardHour: price(),
    millionPutPayloadUnits: price(),
    extendedRetentionShardHour: price(),
    fanOutConsumerShardHour: price(),
    fanOutGB: price(),
    longTermRetentionGBMonth: price(),
    onDemandStreamHour: price(),
    onDemandGBIn: price(),
    onDemandGBOut: price(),
    onDemandFanOutGB: price(),
    onDemandExtendedRetentionGBMonth: price(),
  }),
  lambda: object('a map of prices', {
    millionRequests: price(),
    x86_64: durationPrices,
    arm64: durationPrices,
    freeTier: object('{ requests, GBSeconds }', {
      requests: number(0, 1_000_000_000_000),
      GBSeconds: number(0, 1_000_000_000_000),
    }),
  }),
});

import type { Architecture } from '../../scenario/scenario.ts';
import type { ByItem } from './items.ts';
import type { Prices } from './prices.ts';

/** What is billed, in the units of the items. */
export interface Billed {
  readonly kinesis: Pick<ByItem, KinesisItem>;
  readonly functions: readonly BilledFunction[];
}

type KinesisItem = Exclude<keyof ByItem, LambdaItem>;
type LambdaItem =
  | 'lambdaRequests'
  | 'lambdaGBSeconds'
  | 'provisionedConcurrencyGBSeconds'
  | 'provisionedDurationGBSeconds';

export interface BilledFunction extends Pick<ByItem, LambdaItem> {
  readonly architecture: Architecture;
}

const MILLION = 1_000_000;

/** The amount of each item, in the items' own units. */
export function usageOf({ kinesis, functions }: Billed): ByItem {
  return {
    ...kinesis,
    lambdaRequests: total(functions, ({ lambdaRequests }) => lambdaRequests),
    lambdaGBSeconds: total(functions, ({ lambdaGBSeconds }) => lambdaGBSeconds),
    provisionedConcurrencyGBSeconds: total(functions, (one) => one.provisionedConcurrencyGBSeconds),
    provisionedDurationGBSeconds: total(functions, (one) => one.provisionedDurationGBSeconds),
  };
}

/**
 * What each item costs (C2, C2a), in the currency of the prices.
 *
 * @param freeMonths months of the free tier to leave out; 0: none. It is not for functions with provisioned concurrency,
 *   and its GB-seconds go to all others alike (choice)
 */
export function chargesOf(
  { kinesis, functions }: Billed,
  { kinesis: each, lambda }: Prices,
  freeMonths: number,
): ByItem {
  const eligible = functions.filter((one) => one.provisionedConcurrencyGBSeconds === 0);
  const requests = total(functions, (one) => one.lambdaRequests);
  const freeRequests = Math.min(
    total(eligible, (one) => one.lambdaRequests),
    freeMonths * lambda.freeTier.requests,
  );
  const seconds = total(eligible, (one) => one.lambdaGBSeconds);
  const freeShare = seconds === 0 ? 0 : Math.min(1, (freeMonths * lambda.freeTier.GBSeconds) / seconds);
  return {
    shardHours: kinesis.shardHours * each.shardHour,
    putPayloadUnits: (kinesis.putPayloadUnits * each.millionPutPayloadUnits) / MILLION,
    extendedRetentionShardHours: kinesis.extendedRetentionShardHours * each.extendedRetentionShardHour,
    fanOutConsumerShardHours: kinesis.fanOutConsumerShardHours * each.fanOutConsumerShardHour,
    fanOutGB: kinesis.fanOutGB * each.fanOutGB,
    longTermRetentionGBMonths: kinesis.longTermRetentionGBMonths * each.longTermRetentionGBMonth,
    onDemandStreamHours: kinesis.onDemandStreamHours * each.onDemandStreamHour,
    onDemandGBIn: kinesis.onDemandGBIn * each.onDemandGBIn,
    onDemandGBOut: kinesis.onDemandGBOut * each.onDemandGBOut,
    onDemandFanOutGB: kinesis.onDemandFanOutGB * each.onDemandFanOutGB,
    onDemandExtendedRetentionGBMonths:
      kinesis.onDemandExtendedRetentionGBMonths * each.onDemandExtendedRetentionGBMonth,
    lambdaRequests: ((requests - freeRequests) * lambda.millionRequests) / MILLION,
    lambdaGBSeconds: total(functions, (one) => {
      const charge = one.lambdaGBSeconds * lambda[one.architecture].GBSecond;
      return eligible.includes(one) ? charge * (1 - freeShare) : charge;
    }),
    provisionedConcurrencyGBSeconds: total(
      functions,
      (one) => one.provisionedConcurrencyGBSeconds * lambda[one.architecture].provisionedConcurrencyGBSecond,
    ),
    provisionedDurationGBSeconds: total(
      functions,
      (one) => one.provisionedDurationGBSeconds * lambda[one.architecture].provisionedDurationGBSecond,
    ),
  };
}

function total<T>(items: readonly T[], pick: (item: T) => number): number {
  return items.reduce((sum, item) => sum + pick(item), 0);
}

import type { Architecture } from '../../scenario/scenario.ts';
import usEast1 from './us-east-1.json' with { type: 'json' };

/**
 * What AWS charges in a region (C1), as `--prices FILE` reads it. 1 GB is 1,024³ B, a month 730 h. Sources:
 * https://aws.amazon.com/kinesis/data-streams/pricing/ and https://aws.amazon.com/lambda/pricing/
 */
export interface Prices {
  readonly region: string;
  /** The day of the prices, as YYYY-MM-DD. */
  readonly date: string;
  /** Of every price, in ISO 4217: 'USD'. */
  readonly currency: string;
  readonly kinesis: {
    readonly shardHour: number;
    readonly millionPutPayloadUnits: number;
    /** Beyond 24 hours, up to 7 days. */
    readonly extendedRetentionShardHour: number;
    readonly fanOutConsumerShardHour: number;
    readonly fanOutGB: number;
    /** Beyond 7 days, of both kinds of streams. */
    readonly longTermRetentionGBMonth: number;
    readonly onDemandStreamHour: number;
    readonly onDemandGBIn: number;
    readonly onDemandGBOut: number;
    readonly onDemandFanOutGB: number;
    /** Beyond 24 hours, up to 7 days. */
    readonly onDemandExtendedRetentionGBMonth: number;
  };
  readonly lambda: {
    readonly millionRequests: number;
    /** What a month has free, for those who ask for it. */
    readonly freeTier: { readonly requests: number; readonly GBSeconds: number };
  } & Readonly<Record<Architecture, DurationPrices>>;
}

interface DurationPrices {
  readonly GBSecond: number;
  /** Of what is provisioned, used or not. */
  readonly provisionedConcurrencyGBSecond: number;
  /** Of invocations in it, in place of GBSecond. */
  readonly provisionedDurationGBSecond: number;
}

/** Those that hold unless others are given. */
export const US_EAST_1: Prices = usEast1;

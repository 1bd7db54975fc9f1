/** What is billed (C2), in the order of the result. */
export const COST_ITEMS = {
  shardHours: {
    words: 'shards',
    unit: 'shard-hours',
    description: 'Hours of the open shards of provisioned streams (C2).',
  },
  putPayloadUnits: {
    words: 'PUT payload units',
    unit: 'units',
    description:
      'Records put to provisioned streams, each as the units of 25 KB that its data fills, at least one; refused puts are free (C2).',
  },
  extendedRetentionShardHours: {
    words: 'extended retention',
    unit: 'shard-hours',
    description: 'Hours of the open shards of provisioned streams that keep records for more than 24 hours (C2, K5).',
  },
  fanOutConsumerShardHours: {
    words: 'fan-out consumers',
    unit: 'consumer-shard-hours',
    description:
      'Hours of the open shards of provisioned streams, for each consumer with enhanced fan-out, whether a mapping reads as it or not (C2, K8).',
  },
  fanOutGB: {
    words: 'fan-out data',
    unit: 'GB',
    description: 'Data of provisioned streams that was delivered by enhanced fan-out, in GB (C2, K8).',
  },
  longTermRetentionGBMonths: {
    words: 'long-term retention',
    unit: 'GB-months',
    description:
      'Data that was put, for the time beyond 7 days for which it will be kept, in GB-months: what is put pays for its whole stay (C2, K5).',
  },
  onDemandStreamHours: {
    words: 'on-demand streams',
    unit: 'stream-hours',
    description: 'Hours of on-demand streams (C2, K7).',
  },
  onDemandGBIn: {
    words: 'on-demand data in',
    unit: 'GB',
    description: 'Data put to on-demand streams, each record rounded up to 1 KB, in GB (C2, K7).',
  },
  onDemandGBOut: {
    words: 'on-demand data out',
    unit: 'GB',
    description:
      'Data of on-demand streams that the GetRecords calls of the mappings brought, each record rounded up to 1 KB, in GB (C2, P7).',
  },
  onDemandFanOutGB: {
    words: 'on-demand fan-out data',
    unit: 'GB',
    description:
      'Data of on-demand streams that was delivered by enhanced fan-out, each record rounded up to 1 KB, in GB (C2, K8).',
  },
  onDemandExtendedRetentionGBMonths: {
    words: 'on-demand extended retention',
    unit: 'GB-months',
    description:
      'Data put to on-demand streams, for the time beyond 24 hours and up to 7 days for which it will be kept, in GB-months: what is put pays for its whole stay (C2, K5).',
  },
  lambdaRequests: {
    words: 'Lambda requests',
    unit: 'requests',
    description: 'Invocations, failed ones included, throttled ones not (C2a).',
  },
  lambdaGBSeconds: {
    words: 'Lambda duration',
    unit: 'GB-seconds',
    description:
      'MemorySize times the whole milliseconds of each invocation, its cold start (INIT) included, outside of provisioned environments (C2a).',
  },
  provisionedConcurrencyGBSeconds: {
    words: 'provisioned concurrency',
    unit: 'GB-seconds',
    description: 'MemorySize times the provisioned environments, over all the time, used or not (C2a, L4).',
  },
  provisionedDurationGBSeconds: {
    words: 'Lambda duration in provisioned environments',
    unit: 'GB-seconds',
    description: 'MemorySize times the whole milliseconds of each invocation in a provisioned environment (C2a, L4).',
  },
} as const;

export type CostItem = keyof typeof COST_ITEMS;

export const COST_ITEM_NAMES = Object.keys(COST_ITEMS) as readonly CostItem[];

/** One figure for each item. */
export type ByItem = Readonly<Record<CostItem, number>>;

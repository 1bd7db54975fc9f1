import fc from 'fast-check';
import { AGE_CAUSES } from '../../src/recording/causes.ts';
import { COST_ITEM_NAMES } from '../../src/report/cost/items.ts';
import type {
  AgeBreakdown,
  Load,
  MappingSummary,
  RecordBalance,
  Spread,
  StallSummary,
  Summary,
  ThresholdResult,
} from '../../src/report/summary.ts';
import { aCost, aFunction, aMapping, aShard, aStream, aSummary, byItem, noSpread } from './summary.ts';

/** Whatever a name or a text of a scenario may hold: long, in any script, with controls. */
export const anyName = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'grapheme', maxLength: 100 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('__proto__', 'a'.repeat(200), '注文'.repeat(30), '\u001b[2J', 'a|b', '<b>&"\'', 'a\r\nb'),
);

const shardId = fc.nat(999).map((shard) => `shardId-${String(shard).padStart(12, '0')}`);
const count = fc.oneof(fc.nat(3), fc.nat(1_000_000_000));
const amount = fc.double({ min: 0, max: 1e12, noNaN: true });
const time = fc.double({ min: 0, max: 1e9, noNaN: true });
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });

const spread: fc.Arbitrary<Spread> = fc.oneof(
  fc.constant(noSpread()),
  fc.record({
    count: count.map((one) => one + 1),
    mean: amount,
    min: amount,
    p50: amount,
    p90: amount,
    p99: amount,
    max: amount,
  }),
);

const load: fc.Arbitrary<Load> = fc.record({
  limit: fc.integer({ min: 1, max: 1e9 }),
  unit: fc.constantFrom('records/s', 'B/s', 'calls/s', 'slots', 'B', 'share'),
  median: fc.double({ min: 0, max: 2, noNaN: true }),
  worst: fc.double({ min: 0, max: 20, noNaN: true }),
  worstShardId: orNull(shardId),
  peak: fc.double({ min: 0, max: 20, noNaN: true }),
  peakAtSeconds: orNull(time),
});

const balance: fc.Arbitrary<RecordBalance> = fc.record({
  arrived: count,
  succeeded: count,
  filtered: count,
  discarded: fc.record({ RetryAttemptsExhausted: count, RecordAgeExceeded: count, PayloadTooLarge: count }),
  expired: count,
  pending: count,
  duplicates: count,
  silentlyLost: count,
});

const stall: fc.Arbitrary<StallSummary> = fc.record({
  shardId,
  lane: fc.nat(9),
  startSeconds: time,
  endSeconds: orNull(time),
  cause: fc.constantFrom('functionError', 'throttle', 'readLimit', 'disabled', 'parent'),
  startSequenceNumber: fc.constant(null),
  endSequenceNumber: fc.constant(null),
  recordsHeld: count,
  recordsLost: count,
});

const breakdown = fc
  .tuple(...AGE_CAUSES.map(() => fc.oneof(fc.constant(0), time)))
  .map((means) => Object.fromEntries(AGE_CAUSES.map((cause, index) => [cause, means[index]])) as AgeBreakdown);

const mapping: fc.Arbitrary<MappingSummary> = fc
  .record({
    stream: anyName,
    function: anyName,
    state: fc.constantFrom('Enabled', 'Disabled'),
    lastProcessingResult: fc.constantFrom('OK', 'PROBLEM: Function call failed'),
    records: balance,
    backlog: fc.record({ mean: amount, max: count, end: count }),
    invocations: count,
    batchSize: spread,
    iteratorAgeMs: spread,
    durationMs: spread,
    timeInSystemMs: spread,
    backlogAgeMs: spread,
    recoveryMs: spread,
    ageBreakdownMs: breakdown,
    utilization: fc.record({ slots: load, laneBusy: load, payload: load, bindsFirst: fc.constant(null) }),
    trend: fc.record({
      verdict: fc.constantFrom('rising', 'steady', 'recovering', null),
      slope: orNull(fc.double({ min: -1e6, max: 1e6, noNaN: true })),
      lossBeginsInSeconds: orNull(time),
    }),
    stallsTotal: fc.record({ count, seconds: time, longestSeconds: time, recordsLost: count }),
    stalls: fc.array(stall, { maxLength: 8 }),
    shards: fc.dictionary(shardId, fc.record({ iteratorAgeMs: spread }).map(aShard), { maxKeys: 3 }),
  })
  .map(aMapping);

const threshold: fc.Arbitrary<ThresholdResult> = fc.record({
  metric: fc.oneof(
    fc.constantFrom('IteratorAge', 'records.lost'),
    anyName.map((name) => `IteratorAge{mapping:${name}}`),
  ),
  expression: fc.constantFrom('max < 60s', 'p99 < 5s', 'count == 0', 'avg != 1MB', 'p(99.9) < 3'),
  ok: fc.boolean(),
  value: orNull(amount),
  unit: fc.constantFrom('s', 'count', 'bytes', 'USD'),
  worst: orNull(fc.record({ mapping: orNull(anyName), shardId: orNull(shardId), atSeconds: orNull(time) })),
});

const stream = fc
  .record({
    recordsOffered: count,
    recordsPut: count,
    bytesPut: count,
    writeThrottled: count,
    lostAtWrite: count,
    utilization: fc.record({
      writeRecords: orNull(load),
      writeBytes: orNull(load),
      readCalls: orNull(load),
      readBytes: orNull(load),
      bindsFirst: fc.constant(null),
    }),
  })
  .map(aStream);

const target = fc
  .record({
    invocations: count,
    errors: count,
    throttles: count,
    coldStarts: count,
    concurrency: fc.record({ mean: amount, max: count, limit: count }),
  })
  .map(aFunction);

const cost = fc
  .record({
    currency: fc.constantFrom('USD', 'CNY'),
    freeTier: fc.boolean(),
    perMonth: amount,
    items: fc.dictionary(fc.constantFrom(...COST_ITEM_NAMES), amount).map(byItem),
    usage: fc.dictionary(fc.constantFrom(...COST_ITEM_NAMES), amount).map(byItem),
  })
  .map(aCost);

/** Summaries of any shape, as a saved result may hold; their figures need not agree with each other. */
export const anySummary: fc.Arbitrary<Summary> = fc
  .record({
    name: anyName,
    seed: anyName,
    fromSeconds: orNull(time),
    toSeconds: time,
    partial: fc.boolean(),
    thresholds: fc.array(threshold, { maxLength: 5 }),
    streams: fc.dictionary(anyName, stream, { maxKeys: 20 }),
    mappings: fc.dictionary(anyName, mapping, { maxKeys: 8 }),
    functions: fc.dictionary(anyName, target, { maxKeys: 20 }),
    cost: fc.option(cost, { nil: undefined }),
    warnings: fc.array(anyName, { maxLength: 15 }),
  })
  .map(({ name, seed, fromSeconds, toSeconds, ...rest }) => {
    const { scenario } = aSummary();
    return aSummary({
      ...rest,
      scenario: { ...scenario, name, seed },
      measured: { fromSeconds: fromSeconds ?? 0, toSeconds },
    });
  });

import { describe, expect, it } from 'vitest';
import type { Billed } from '../../../src/report/cost/bill.ts';
import { chargesOf } from '../../../src/report/cost/bill.ts';
import { COST_ITEM_NAMES, type CostItem } from '../../../src/report/cost/items.ts';
import { US_EAST_1 } from '../../../src/report/cost/prices.ts';
import { summarise } from '../../../src/report/summarise.ts';
import type { Handler } from '../../../src/sim/lambda/handler.ts';
import { recordsEvery, run, type ScenarioPart } from '../../support/scenario.ts';

const costOf = (scenario: ScenarioPart) => run(scenario).summary.cost!;

/** What is not 0, in cents. */
function inCents(items: Readonly<Record<CostItem, number>>): Record<string, string> {
  return Object.fromEntries(
    COST_ITEM_NAMES.filter((name) => items[name] > 0).map((name) => [name, items[name].toFixed(2)]),
  );
}

/** What is not 0. */
function used(usage: Readonly<Record<CostItem, number>>): Record<string, number> {
  return Object.fromEntries(COST_ITEM_NAMES.filter((name) => usage[name] > 0).map((name) => [name, usage[name]]));
}

describe('figures that AWS has published', () => {
  it('10 records/s of 10 KB, 2 shards, 10 fan-out consumers: $273.85 a month (C1, C2)', () => {
    const consumers = Array.from({ length: 10 }, (_, i) => `c${i}`);
    const { items } = costOf({
      duration: '2m',
      warmup: '1m',
      streams: { s: { ShardCount: 2, consumers } },
      producers: { p: { rate: '10/s', arrivals: 'even', bytes: '10KB' } },
      mappings: {
        m: { stream: undefined, consumer: 's/c0', MaximumBatchingWindowInSeconds: 10 },
        ...Object.fromEntries(
          consumers.slice(1).map((name) => {
            const settings = { StartingPosition: 'TRIM_HORIZON', MaximumBatchingWindowInSeconds: 10 };
            return [name, { consumer: `s/${name}`, function: 'f', ...settings }];
          }),
        ),
      },
    });
    const { lambdaRequests, lambdaGBSeconds, ...kinesis } = items;
    expect(inCents({ ...kinesis, lambdaRequests: 0, lambdaGBSeconds: 0 })).toEqual({
      fanOutConsumerShardHours: '219.00',
      fanOutGB: '32.58',
      shardHours: '21.90',
      putPayloadUnits: '0.37',
    });
    expect(Object.values(kinesis).reduce((sum, one) => sum + one, 0)).toBeCloseTo(273.85, 2);
  });

  it('records of 5 KB, 45 KB and 1,000 KB: 1, 2 and 40 PUT payload units (C2)', () => {
    const unitsOf = (bytes: string) =>
      costOf({ producers: { p: { records: [{ at: '1s', bytes }] } } }).run.usage.putPayloadUnits;
    expect(['5KB', '45KB', '1000KB'].map(unitsOf)).toEqual([1, 2, 40]);
  });

  it('3 M invocations of 1 s at 512 MB, free tier: $18.74 a month (C2a)', () => {
    const billed = { ...NOTHING, functions: [aFunction({ lambdaRequests: 3e6, lambdaGBSeconds: 1.5e6 })] };
    const { lambda } = US_EAST_1;
    const then = { ...lambda, x86_64: { ...lambda.x86_64, GBSecond: 0.00001667 } };
    const items = chargesOf(billed, { ...US_EAST_1, lambda: then }, 1);
    expect(items.lambdaRequests).toBeCloseTo(0.4, 12);
    expect(items.lambdaGBSeconds).toBeCloseTo(18.337, 12);
    expect((items.lambdaRequests + items.lambdaGBSeconds).toFixed(2)).toBe('18.74');
  });
});

const NOTHING: Billed = {
  kinesis: {
    shardHours: 0,
    putPayloadUnits: 0,
    extendedRetentionShardHours: 0,
    fanOutConsumerShardHours: 0,
    fanOutGB: 0,
    longTermRetentionGBMonths: 0,
    onDemandStreamHours: 0,
    onDemandGBIn: 0,
    onDemandGBOut: 0,
    onDemandFanOutGB: 0,
    onDemandExtendedRetentionGBMonths: 0,
  },
  functions: [],
};

function aFunction(change: Partial<Billed['functions'][number]>): Billed['functions'][number] {
  return {
    architecture: 'x86_64',
    lambdaRequests: 0,
    lambdaGBSeconds: 0,
    provisionedConcurrencyGBSeconds: 0,
    provisionedDurationGBSeconds: 0,
    ...change,
  };
}

it('a month is 730 h that go on like the measured time, and the items add up to it (C1)', () => {
  const cost = costOf({
    duration: '30s',
    warmup: '10s',
    producers: { p: { records: recordsEvery(1_000_000, 500_000, 30) } },
  });
  const months = 20 / (730 * 3_600);
  for (const name of COST_ITEM_NAMES) {
    expect(cost.run.usage[name], name).toBeCloseTo(cost.usage[name] * months, 9);
    expect(cost.run.items[name], name).toBeCloseTo(cost.items[name] * months, 12);
  }
  expect(cost.perMonth).toBeCloseTo(
    COST_ITEM_NAMES.reduce((sum, name) => sum + cost.items[name], 0),
    12,
  );
  expect(cost.run.usage).toMatchObject({ putPayloadUnits: 20, lambdaRequests: 20 });
  expect(cost).toMatchObject({ currency: 'USD', prices: `us-east-1 ${US_EAST_1.date}`, freeTier: false });
});

describe('of a provisioned stream', () => {
  it('each record counts as the units that its own data fills, its key not included (C2)', () => {
    const records = [0, 1, 25_600, 25_601, 51_200, 51_201].map((bytes, i) => ({ at: `${i + 1}s`, bytes: `${bytes}B` }));
    const { usage } = costOf({
      warmup: '3s',
      producers: { p: { records, keys: { list: ['k'.repeat(200)] } } },
    }).run;
    expect(usage.putPayloadUnits).toBe(1 + 2 + 2 + 3); // without those of the warm-up
    const early = costOf({ producers: { p: { records: records.slice(0, 2) } } }).run.usage;
    expect(early.putPayloadUnits).toBe(2);
  });

  it('open shards cost, closed ones do not (C2, K6)', () => {
    const { usage } = costOf({
      duration: '36s',
      streams: { s: { ShardCount: 1, consumers: ['nobody-reads-as'] } },
      producers: { p: { records: [] } },
      timeline: [
        { at: '9s', split: 's', shard: 0 },
        { at: '27s', merge: 's', shards: [1, 2] },
      ],
    }).run;
    expect(used(usage)).toEqual({ shardHours: 0.015, fanOutConsumerShardHours: 0.015 });
  });

  it('retention beyond 24 h costs shard-hours, beyond 7 days what will be kept so long too (C2, K5)', () => {
    const kept = (RetentionPeriodHours: number) => {
      const {
        shardHours: _s,
        putPayloadUnits: _p,
        lambdaRequests: _r,
        lambdaGBSeconds: _l,
        ...rest
      } = costOf({
        duration: '18s',
        streams: { s: { ShardCount: 2, RetentionPeriodHours } },
        producers: { p: { records: ['1s', '9s'].map((at) => ({ at, bytes: '1000KB' })) } },
      }).run.usage;
      return Object.fromEntries(Object.entries(rest).filter(([, amount]) => amount > 0));
    };
    expect(kept(24)).toEqual({});
    expect(kept(25)).toEqual({ extendedRetentionShardHours: 0.01 });
    expect(kept(168)).toEqual({ extendedRetentionShardHours: 0.01 });
    const gigabytes = (2 * 1_024_000) / 1_024 ** 3;
    expect(kept(168 + 365)).toEqual({
      extendedRetentionShardHours: 0.01,
      longTermRetentionGBMonths: expect.closeTo(gigabytes / 2, 12),
    });
  });

  it('what its other readers do costs nothing', () => {
    const scenario = { producers: { p: { rate: '5/s' } } };
    const read = { ...scenario, streams: { s: { otherReaders: [{ calls: '2/s', bytes: '1MB/s' }] } } };
    expect(costOf(read)).toEqual(costOf(scenario));
  });
});

describe('of an on-demand stream', () => {
  const records = ['1B', '1KB', '1025B', '10KB'].map((bytes, i) => ({ at: `${i + 1}s`, bytes }));
  const kilobytes = (count: number) => count / 1_024 ** 2;

  it('hours, and records in and out rounded up to 1 KB (C2, K7)', () => {
    const {
      lambdaRequests: _r,
      lambdaGBSeconds: _l,
      ...rest
    } = used(
      costOf({
        streams: { s: { ShardCount: undefined, StreamMode: 'ON_DEMAND' } },
        producers: { p: { records } },
      }).run.usage,
    );
    expect(rest).toEqual({
      onDemandStreamHours: 10 / 3_600,
      onDemandGBIn: kilobytes(1 + 1 + 2 + 10),
      onDemandGBOut: kilobytes(1 + 1 + 2 + 10),
    });
  });

  it('records of one size alike, each reader paying for its own; fan-out by its GB alone (C2, K8)', () => {
    const { usage } = costOf({
      streams: {
        s: { ShardCount: undefined, StreamMode: 'ON_DEMAND', consumers: ['c', 'idle'], RetentionPeriodHours: 24 + 73 },
      },
      producers: { p: { records: recordsEvery(500_000, 100_000, 10), bytes: '1500B' } },
      functions: { g: { duration: '10ms' }, h: { duration: '10ms' } },
      mappings: {
        n: { stream: 's', function: 'g', StartingPosition: 'TRIM_HORIZON' },
        o: { consumer: 's/c', function: 'h', StartingPosition: 'TRIM_HORIZON' },
      },
    }).run;
    expect(usage).toMatchObject({
      shardHours: 0,
      putPayloadUnits: 0,
      extendedRetentionShardHours: 0,
      fanOutConsumerShardHours: 0,
      fanOutGB: 0,
      onDemandGBIn: kilobytes(20),
      onDemandGBOut: kilobytes(40),
      onDemandFanOutGB: kilobytes(20),
      onDemandExtendedRetentionGBMonths: expect.closeTo(kilobytes(20) / 10, 15),
    });
  });
});

it.each(['PROVISIONED', 'ON_DEMAND'])(
  'of a %s stream what the functions were given is what was billed (C2)',
  (mode) => {
    const given = { units: 0, kilobytes: 0 };
    const handler: Handler = ({ Records }) => {
      for (const { kinesis } of Records) {
        const bytes = Buffer.from(kinesis.data, 'base64').length;
        given.units += Math.max(1, Math.ceil(bytes / 25_600));
        given.kilobytes += Math.max(1, Math.ceil(bytes / 1_024));
      }
    };
    const scenario = {
      duration: '20s',
      drain: '1m',
      streams: { s: { ShardCount: 3, StreamMode: mode } },
      producers: {
        p: { rate: '15/s', bytes: { uniform: { min: '1B', max: '60KB' } } },
        q: { stream: 's', rate: '15/s', bytes: '1KB' },
      },
    };
    const { m, summary } = run(scenario, {}, { f: handler });
    const { usage } = summary.cost!.run;
    expect(m.records).toMatchObject({ pending: 0, duplicates: 0 });
    expect(m.records.succeeded).toBeGreaterThan(400);
    const inGigabytes = given.kilobytes / 1_024 ** 2;
    expect(usage).toMatchObject(
      mode === 'PROVISIONED'
        ? { putPayloadUnits: given.units, onDemandGBIn: 0, onDemandGBOut: 0 }
        : { putPayloadUnits: 0, onDemandGBIn: inGigabytes, onDemandGBOut: inGigabytes },
    );
  },
);

describe('of a function', () => {
  const seconds = (part: ScenarioPart, more: ScenarioPart = {}) =>
    costOf({ functions: { f: { MemorySize: 1_024, ...part } }, ...more }).run.usage;

  it('whole milliseconds of INIT and handler together, of failures and timeouts too (C2a)', () => {
    const records = [{ at: '500ms' }];
    const producers = { p: { records } };
    expect(seconds({ duration: '100200us', coldStart: '150300us' }, { producers }).lambdaGBSeconds).toBe(0.251);
    expect(seconds({ duration: '100ms', coldStart: '0ms' }, { producers }).lambdaGBSeconds).toBe(0.1);
    const mappings = { m: { MaximumRetryAttempts: 1, retryBackoff: 'none' } };
    const failing = seconds({ duration: '100200us', faults: [{ probability: '100%' }] }, { producers, mappings });
    expect(failing).toMatchObject({ lambdaRequests: 2, lambdaGBSeconds: 0.202 });
    const late = seconds({ duration: '2s', Timeout: 1 }, { producers, mappings });
    expect(late).toMatchObject({ lambdaRequests: 2, lambdaGBSeconds: 2 });
  });

  it('an invocation belongs to its start, and costs nothing while it is throttled or still runs (D5, C2a)', () => {
    const usage = seconds(
      { duration: '2s' },
      { warmup: '4s', producers: { p: { records: [{ at: '1500ms' }, { at: '4500ms' }, { at: '8500ms' }] } } },
    );
    expect(usage).toMatchObject({ lambdaRequests: 1, lambdaGBSeconds: 2 });
    const throttled = seconds(
      { duration: '2s', ReservedConcurrentExecutions: 0 },
      { producers: { p: { records: [{ at: '1s' }] } } },
    );
    expect(throttled).toMatchObject({ lambdaRequests: 0, lambdaGBSeconds: 0 });
  });

  it('on arm64 a GB-second costs less (C2a)', () => {
    const price = (Architectures: string[]) => {
      const { items, usage } = costOf({
        functions: { f: { Architectures } },
        producers: { p: { records: [{ at: '1s' }] } },
      });
      return items.lambdaGBSeconds / usage.lambdaGBSeconds;
    };
    expect(price(['arm64'])).toBeCloseTo(0.0000133334, 15);
    expect(price(['x86_64'])).toBeCloseTo(0.0000166667, 15);
  });

  it('what is provisioned costs all the time, and its invocations by their own price (C2a, L4)', () => {
    const { items, usage } = costOf({
      streams: { s: { ShardCount: 2 } },
      functions: {
        f: {
          MemorySize: 512,
          duration: '500ms',
          ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 1 },
        },
      },
      producers: {
        p: { records: [0, 1].map((shard) => ({ at: '500ms', shard })) },
      },
    });
    const months = 10 / (730 * 3_600);
    expect(usage.provisionedConcurrencyGBSeconds * months).toBeCloseTo(5, 9);
    expect(usage.provisionedDurationGBSeconds * months).toBeCloseTo(0.25, 9);
    expect(usage.lambdaGBSeconds * months).toBeCloseTo(0.25, 9); // spilled over
    expect(items.provisionedConcurrencyGBSeconds * months).toBeCloseTo(5 * 0.0000041667, 12);
    expect(items.provisionedDurationGBSeconds * months).toBeCloseTo(0.25 * 0.0000097222, 12);
  });
});

describe('the free tier', () => {
  const functions = [
    aFunction({ lambdaRequests: 4e6, lambdaGBSeconds: 300_000 }),
    aFunction({ architecture: 'arm64', lambdaRequests: 1e6, lambdaGBSeconds: 500_000 }),
    aFunction({ lambdaRequests: 2e6, lambdaGBSeconds: 100_000, provisionedConcurrencyGBSeconds: 1 }),
  ];

  it('goes to all functions without provisioned concurrency alike (C2a)', () => {
    const items = chargesOf({ ...NOTHING, functions }, US_EAST_1, 1);
    expect(items.lambdaRequests).toBeCloseTo(6 * 0.2, 12);
    const half = (300_000 * 0.0000166667 + 500_000 * 0.0000133334) / 2;
    expect(items.lambdaGBSeconds).toBeCloseTo(half + 100_000 * 0.0000166667, 9);
  });

  it('is never more than what is used', () => {
    const little = [aFunction({ lambdaRequests: 10, lambdaGBSeconds: 1 })];
    const items = chargesOf({ ...NOTHING, functions: [...little, functions[2]!] }, US_EAST_1, 1);
    expect(items.lambdaRequests).toBeCloseTo(0.4, 12);
    expect(items.lambdaGBSeconds).toBeCloseTo(100_000 * 0.0000166667, 12);
  });

  it('is left out where it is asked for, of the run its share of a month', () => {
    const { recording } = run({
      functions: { f: { MemorySize: 10_240, duration: '900ms' } },
      producers: { p: { records: recordsEvery(1_000_000, 0, 10) } },
    });
    const [full, free] = [false, true].map((freeTier) => summarise(recording, { freeTier }).cost);
    expect(full!.items.lambdaGBSeconds - free!.items.lambdaGBSeconds).toBeCloseTo(400_000 * 0.0000166667, 9);
    const months = 10 / (730 * 3_600);
    expect(free!.run.total).toBeCloseTo(free!.perMonth * months, 12);
    expect(free!.items.lambdaRequests).toBeLessThan(full!.items.lambdaRequests);
  });
});

describe('other prices', () => {
  const prices = { ...US_EAST_1, region: 'eu-central-1', date: '2020-01-01', currency: 'EUR' };
  const dear = { ...prices, kinesis: { ...prices.kinesis, shardHour: 1 } };
  const { recording } = run({
    account: { region: 'eu-central-1' },
    producers: { p: { records: [] } },
    thresholds: { 'cost.month': ['max < 730', 'avg <= 730', 'end > 10'] },
  });

  it('are those of the cost, of its threshold, and in the result (C1)', () => {
    const { cost, thresholds, warnings } = summarise(recording, { prices: dear });
    expect(cost).toMatchObject({ currency: 'EUR', prices: 'eu-central-1 2020-01-01', priceList: dear });
    expect(cost.perMonth).toBeCloseTo(730, 9);
    expect(thresholds.map(({ ok, unit }) => [ok, unit])).toEqual([
      [cost.perMonth < 730, 'EUR'],
      [cost.perMonth <= 730, 'EUR'],
      [true, 'EUR'],
    ]);
    expect(warnings.filter((warning) => /prices/.test(warning))).toEqual([]);
  });

  it('are called for where those of us-east-1 are of another region', () => {
    const { warnings } = summarise(recording);
    expect(warnings.join()).toContain('by prices of us-east-1, but the account is in eu-central-1');
  });
});

it('reading what is older than 7 days is not in the cost, and a warning says so', () => {
  const { warnings } = run({
    duration: '8d',
    period: '1d',
    polling: { period: '1h' },
    streams: { s: { RetentionPeriodHours: 240 } },
    functions: { f: { faults: [{ from: '0s', to: '170h' }] } },
    mappings: { m: { retryBackoff: { initial: '30m', maximum: '30m' } } },
    producers: { p: { records: [{ at: '1s' }] } },
  }).summary;
  expect(warnings.join()).toContain('Mapping m processed records that were older than 7 days');
});

it('nothing measured costs nothing, and meets no threshold', () => {
  const { recording } = run(
    {
      ...{ duration: '10m', warmup: '9m', polling: { period: '50ms' } },
      ...{ producers: { p: { rate: '1/s' } }, thresholds: { 'cost.month': ['max >= 0'] } },
    },
    {},
    {},
    { signal: { aborted: true } },
  );
  const { cost, thresholds } = summarise(recording);
  expect(recording.partial).toBe(true);
  expect(cost.perMonth).toBe(0);
  expect(thresholds[0]).toMatchObject({ ok: false, value: null });
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeOutputs } from '../../src/cli/render.ts';
import { mappingUuid } from '../../src/recording/identifiers.ts';
import { CHART_NAMES } from '../../src/report/charts/chart-names.ts';
import { sentence } from '../../src/report/sentence.ts';
import type { JsonObject } from '../../src/scenario/scenario.ts';
import {
  aBalance,
  aBreakdown,
  aFunction,
  aMapping,
  aShard,
  aSpread,
  aStall,
  aStalledMapping,
  aStream,
  aSummary,
  noSpread,
} from '../support/summary.ts';
import { anySummary } from '../support/summary-arbitraries.ts';

const DAY = 86_400;

const blocked = aStalledMapping([aStall({ startSeconds: 1_200, endSeconds: 1_200 + DAY + 180, recordsLost: 81_412 })], {
  iteratorAgeMs: aSpread({ max: 86_580_000 }),
  worstIteratorAge: { mapping: 'orders-to-enrich', shardId: 'shardId-000000000000', atSeconds: 87_780 },
});

const silent = aMapping({
  records: aBalance({ arrived: 0, succeeded: 0 }),
  throughput: { recordsInPerSecond: 0, recordsOutPerSecond: 0, bytesOutPerSecond: 0 },
  backlog: { mean: 0, max: 0, end: 0 },
  batchSize: noSpread(),
  iteratorAgeMs: noSpread(),
  timeInSystemMs: noSpread(),
  backlogAgeMs: noSpread(),
});
const nothing = aSummary({
  mappings: { m: silent },
  functions: { enrich: aFunction({ invocations: 0, concurrency: { mean: 0, max: 0, limit: 10 } }) },
});

describe('iterator-age', () => {
  const say = (mapping = aMapping()) =>
    sentence(aSummary({ mappings: { 'orders-to-enrich': mapping } }), 'iterator-age');

  test('a blocked shard is told with how long, and what expired', () => {
    expect(say(blocked)).toBe(
      'IteratorAge rose to 24 h 3 m (shard 0, at 24 h 23 m): shard 0 was stopped by failures for 24 h 3 m; 81,412 records expired.',
    );
  });

  test('a healthy run is told by its oldest batch', () => {
    expect(say()).toBe('No batch was older than 1.2 s when its invocation ended (shard 1, at 3 m 1 s).');
  });

  test('a stall elsewhere, or too short, is not passed off as the reason', () => {
    const place = { mapping: 'orders-to-enrich', shardId: 'shardId-000000000001', atSeconds: 590 };
    const late = (change: Parameters<typeof aStall>[0]) =>
      aStalledMapping([aStall(change)], { iteratorAgeMs: aSpread({ max: 388_000 }), worstIteratorAge: place });
    const here = { shardId: 'shardId-000000000001', startSeconds: 100 };
    expect(say(late({ ...here, endSeconds: 400 }))).toBe(
      'IteratorAge rose to 6 m 28 s (shard 1, at 9 m 50 s): shard 1 was stopped by failures for 5 m; no record was lost.',
    );
    const plain = 'No batch was older than 6 m 28 s when its invocation ended (shard 1, at 9 m 50 s).';
    expect(say(late({ ...here, endSeconds: 160 }))).toBe(plain);
    expect(say(late({ ...here, shardId: 'shardId-000000000000', endSeconds: 400 }))).toBe(plain);
  });

  test('a rise is told as going on only where it does', () => {
    const place = { mapping: 'orders-to-enrich', shardId: 'shardId-000000000001', atSeconds: 590 };
    const told = (lossBeginsInSeconds: number | null) =>
      say(
        aMapping({
          iteratorAgeMs: aSpread({ max: 388_000 }),
          worstIteratorAge: place,
          trend: { verdict: 'rising', slope: 600, lossBeginsInSeconds },
        }),
      );
    const rose = 'IteratorAge rose to 6 m 28 s (shard 1, at 9 m 50 s)';
    expect(told(10)).toBe(`${rose} and was still rising at the end.`);
    expect(told(null)).toBe(`${rose}.`);
    expect(told(0)).toBe(`${rose}.`);
  });

  test('what was lost at write is lost too', () => {
    const streams = { orders: aStream({ lostAtWrite: 294_627 }) };
    expect(sentence(aSummary({ streams }), 'iterator-age')).toContain('; 294,627 records were lost at write.');
    const stalled = { 'orders-to-enrich': aStalledMapping([aStall()]) };
    expect(sentence(aSummary({ streams, mappings: stalled }), 'timeline')).not.toContain('no record was lost');
  });

  test('several mappings are told apart', () => {
    const place = { mapping: 'orders', shardId: 'shardId-000000000000', atSeconds: 87_780 };
    const summary = aSummary({ mappings: { calm: aMapping(), orders: { ...blocked, worstIteratorAge: place } } });
    expect(sentence(summary, 'iterator-age')).toContain('shard 0 of orders was stopped by failures for 24 h 3 m');
  });

  test('a lane that never finishes an invocation does not pass as young', () => {
    expect(say(aMapping({ iteratorAgeMs: noSpread(), backlogAgeMs: aSpread({ max: 3_600_000 }) }))).toBe(
      'No invocation ended, so IteratorAge has no samples, though records waited for up to 1 h.',
    );
    expect(say(aMapping({ backlogAgeMs: aSpread({ max: 3_600_000 }) }))).toContain(
      '; the oldest waiting record was 1 h old.',
    );
  });

  test('where the stall that may be the reason is not listed, all of them are told', () => {
    const mapping = aStalledMapping([aStall()], { iteratorAgeMs: aSpread({ max: 125_000 }) });
    const total = { ...mapping.stallsTotal, count: 1_500, longestSeconds: 124.75 };
    expect(say({ ...mapping, stallsTotal: total })).toBe(
      'IteratorAge rose to 2 m 5 s (shard 1, at 3 m 1 s); lanes were held up 1,500 times, for up to 2 m 5 s; no record was lost.',
    );
  });

  test('a record that waited clearly longer than what is told is told too, whatever else is', () => {
    const waited = (milliseconds: number, change: Partial<Parameters<typeof aMapping>[0]> = {}) => {
      const shard = aShard();
      const series = { ...shard.series!, backlogAgeMs: [0, milliseconds] };
      return {
        iteratorAgeMs: aSpread({ max: 388_000 }),
        worstIteratorAge: { mapping: 'orders-to-enrich', shardId: 'shardId-000000000001', atSeconds: 590 },
        backlogAgeMs: aSpread({ max: milliseconds }),
        shards: { 'shardId-000000000001': shard, 'shardId-000000000010': { ...shard, series } },
        ...change,
      };
    };
    const rising = { trend: { verdict: 'rising', slope: 600, lossBeginsInSeconds: 10 } } as const;
    const stalls = [aStall({ shardId: 'shardId-000000000001', startSeconds: 100, endSeconds: 400 })];
    const old = '; the oldest waiting record was 7 m 30 s old (shard 10)';
    const rose = 'IteratorAge rose to 6 m 28 s (shard 1, at 9 m 50 s)';
    expect(say(aStalledMapping(stalls, waited(450_000)))).toBe(
      `${rose}: shard 1 was stopped by failures for 5 m${old}; no record was lost.`,
    );
    expect(say(aMapping(waited(450_000, rising)))).toBe(`${rose} and was still rising at the end${old}.`);
    expect(say(aMapping(waited(450_000)))).toContain(`${old}.`);
    // A tenth longer than the age, or than the stall.
    expect(say(aMapping(waited(420_000)))).not.toContain('waiting');
    const open = [aStall({ shardId: 'shardId-000000000001', startSeconds: 150, endSeconds: null })];
    expect(say(aStalledMapping(open, waited(450_000)))).not.toContain('waiting');
    // Less than a second.
    expect(say(aMapping(waited(1_900, { iteratorAgeMs: aSpread({ max: 1_000 }) })))).not.toContain('waiting');
  });
});

describe('timeline', () => {
  const say = (...stalls: Parameters<typeof aStalledMapping>[0][number][]) =>
    sentence(aSummary({ mappings: { 'orders-to-enrich': aStalledMapping(stalls) } }), 'timeline');

  test('a blocked shard is told with how long, and what expired', () => {
    expect(sentence(aSummary({ mappings: { 'orders-to-enrich': blocked } }), 'timeline')).toBe(
      '1 of 2 lanes was held up: shard 0 was stopped by failures for 24 h 3 m; 81,412 records expired.',
    );
  });

  test('of several stalls the longest is told', () => {
    const throttled = aStall({ shardId: 'shardId-000000000001', cause: 'throttle', startSeconds: 0, endSeconds: 240 });
    expect(say(aStall(), throttled)).toBe(
      'Both lanes were held up: at the longest, shard 1 was throttled for 4 m; no record was lost.',
    );
  });

  test('of a shard with several lanes the lane is named', () => {
    const lanes = [0, 1].map((lane) => ({
      mapping: 'orders-to-enrich',
      shardId: 'shardId-000000000000',
      lane,
      spans: [],
    }));
    const mappings = { 'orders-to-enrich': aStalledMapping([aStall({ lane: 1 })]) };
    expect(sentence(aSummary({ mappings, timeline: { marks: [], lanes } }), 'timeline')).toBe(
      '1 of 2 lanes was held up: lane 1 of shard 0 was stopped by failures for 1 m; no record was lost.',
    );
  });

  test('a stall that is still open lasts to the end', () => {
    expect(say(aStall({ cause: 'disabled', startSeconds: 400, endSeconds: null }))).toContain(
      'shard 0 was disabled for the last 3 m 20 s;',
    );
  });

  test('where there are more stalls than are listed, so many lanes at least were held up', () => {
    const mapping = aStalledMapping([aStall()]);
    const cut = { ...mapping, stallsTotal: { ...mapping.stallsTotal, count: 2 } };
    expect(sentence(aSummary({ mappings: { m: cut } }), 'timeline')).toMatch(/^At least 1 of 2 lanes was held up: /);
    const both = { ...cut, stalls: [aStall(), aStall({ shardId: 'shardId-000000000001' })] };
    const summary = aSummary({ mappings: { m: { ...both, stallsTotal: { ...cut.stallsTotal, count: 3 } } } });
    expect(sentence(summary, 'timeline')).toMatch(/^Both lanes were held up: /);
  });

  test('no stall is said with the limit above which there would be one', () => {
    expect(sentence(aSummary(), 'timeline')).toBe('No lane was stalled for longer than 10s.');
  });
});

describe('the other charts', () => {
  test('throughput tells what came in, what went out and what did not', () => {
    expect(sentence(aSummary(), 'throughput')).toBe('On average 2 records arrived and 2 were processed each second.');
    const losing = aSummary({
      mappings: {
        m: aMapping({
          records: aBalance({
            succeeded: 1_190,
            expired: 1,
            discarded: { RetryAttemptsExhausted: 3, RecordAgeExceeded: 1, PayloadTooLarge: 0 },
            pending: 5,
          }),
        }),
      },
      streams: { orders: aStream({ lostAtWrite: 1 }) },
    });
    expect(sentence(losing, 'throughput')).toBe(
      'On average 2 records arrived and 2 were processed each second; 1 record expired, 4 were discarded and 1 was lost at write; 5 records were pending at the end.',
    );
  });

  test('the backlog is told by its highest, its end and the recovery', () => {
    expect(sentence(aSummary(), 'backlog')).toBe('At most 6 records waited at once, none at the end.');
    const mapping = aMapping({
      backlog: { mean: 10, max: 81_412, end: 12 },
      recoveryMs: aSpread({ count: 1, max: 192_000 }),
    });
    expect(sentence(aSummary({ mappings: { m: mapping } }), 'backlog')).toBe(
      'At most 81,412 records waited at once, 12 at the end; it was caught up 3 m 12 s after the fault at the latest.',
    );
  });

  test('a backlog that the run ends with is not told as caught up, though it was so after a fault before', () => {
    const told = (change: Parameters<typeof aMapping>[0]) =>
      sentence(aSummary({ mappings: { m: aMapping({ caughtUpAtSeconds: null, ...change }) } }), 'backlog');
    const backlog = { mean: 10, max: 30_318, end: 30_318 };
    const behind = 'At most 30,318 records waited at once, 30,318 at the end; it was still behind then.';
    expect(told({ backlog, recoveryMs: aSpread({ count: 1, max: 12_569 }) })).toBe(behind);
    expect(told({ backlog })).toBe(behind);
    expect(told({ backlog: { ...backlog, end: 0 } })).toBe('At most 30,318 records waited at once, none at the end.');
  });

  test('concurrency is told of the function nearest to its limit', () => {
    const functions = {
      enrich: aFunction(),
      archive: aFunction({ throttles: 312, concurrency: { mean: 3.25, max: 4, limit: 4 } }),
    };
    expect(sentence(aSummary({ functions }), 'concurrency')).toBe(
      'archive used at most 4 of its 4 slots, 3.25 on average; 312 attempts were throttled.',
    );
  });

  test('invocations are told by those that failed', () => {
    const say = (change: Parameters<typeof aFunction>[0]) =>
      sentence(aSummary({ functions: { enrich: aFunction(change) } }), 'invocations');
    expect(say({})).toBe('None of 1,000 invocations failed.');
    expect(say({ invocations: 1 })).toBe('The only invocation succeeded.');
    expect(say({ errors: 12, throttles: 1 })).toBe(
      '12 of 1,000 invocations failed (1.2 %); 1 more attempt was throttled.',
    );
    expect(say({ invocations: 0, throttles: 7 })).toBe('No invocation began; 7 attempts were throttled.');
  });

  test('items that responses name as failed are told beside the errors, among which they do not count', () => {
    const say = (configuration: JsonObject, errors: number, invocations = 1_000) => {
      const summary = aSummary({
        mappings: { m: aMapping({ configuration, errors, invocations }) },
        functions: { enrich: aFunction({ errors, invocations }) },
      });
      const failed = {
        Namespace: 'AWS/Lambda',
        MetricName: 'FailedInvokeEventCount',
        Dimensions: { EventSourceMappingUUID: mappingUuid('m') },
        Unit: 'Count',
        Statistics: { Sum: [0, 40, 2, 0, 0, 0, 0, 0, 0, 0] },
      } as const;
      return sentence({ ...summary, series: { ...summary.series, metrics: [failed] } }, 'invocations');
    };
    const read = { FunctionResponseTypes: ['ReportBatchItemFailures'] };
    const left = 'left 42 records to be tried again or discarded.';
    expect(say(read, 0)).toBe(`None of 1,000 invocations ended in an error, but failed items in responses ${left}`);
    expect(say(read, 0, 1)).toBe(`The only invocation did not end in an error, but failed items in responses ${left}`);
    expect(say(read, 10)).toBe(`10 of 1,000 invocations failed (1 %); errors and failed items ${left}`);
    expect(say({ FunctionResponseTypes: [] }, 10)).toBe('10 of 1,000 invocations failed (1 %).');
  });

  test('the age is told by where most of it came from, weighted by the records', () => {
    expect(sentence(aSummary(), 'age-breakdown')).toBe(
      'A record spent 620 ms in the system on average, 81 % of it waiting for a poll and 19 % being processed.',
    );
    const retried = aMapping({ ageBreakdownMs: aBreakdown({ retry: 9_990, tick: 10 }) });
    expect(sentence(aSummary({ mappings: { m: retried } }), 'age-breakdown')).toBe(
      'A record spent 10 s in the system on average, 99.9 % of it in retries.',
    );
  });

  test('batch sizes are told by mean, largest and how many were full', () => {
    expect(sentence(aSummary({ mappings: { m: aMapping({ fullBatches: 1 }) } }), 'batch-size')).toBe(
      'An invocation was handed 1.2 records on average and 4 at most; 1 of 1,000 batches was full.',
    );
  });
});

test('where a part of the run is drawn, the sentence says that it tells of all', () => {
  const summary = aSummary();
  const all = 'At most 6 records waited at once, none at the end.';
  expect(sentence(summary, 'backlog', { fromSeconds: 60 })).toBe(`In the whole run: ${all}`);
  expect(sentence(summary, 'backlog', { toSeconds: 599 })).toBe(`In the whole run: ${all}`);
  expect(sentence(summary, 'backlog', { fromSeconds: 0, toSeconds: 900 })).toBe(all);
  // All is drawn then.
  expect(sentence(summary, 'backlog', { fromSeconds: 600 })).toBe(all);
  expect(sentence(summary, 'batch-size', { fromSeconds: 60 })).toBe(sentence(summary, 'batch-size'));
  const warm = aSummary({ measured: { fromSeconds: 60, toSeconds: 600 } });
  expect(sentence(warm, 'backlog', { fromSeconds: 0 })).toBe(`In all that is measured: ${all}`);
  expect(sentence(warm, 'backlog', { fromSeconds: 60 })).toBe(all);
});

test('a picture of a part of the run says so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shardclock-caption-'));
  try {
    const output = { form: 'svg', file: join(folder, 'a.svg'), chart: 'backlog', inFolder: false } as const;
    await writeOutputs([output], aSummary(), { fromSeconds: 60 });
    expect(readFileSync(output.file, 'utf8')).toContain('In the whole run: At most 6 records');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a run in which nothing happens is told as such', () => {
  expect(Object.fromEntries(CHART_NAMES.map((name) => [name, sentence(nothing, name)]))).toEqual({
    'iterator-age': 'No record arrived.',
    throughput: 'No record arrived.',
    backlog: 'No record had to wait.',
    concurrency: 'enrich used at most 0 of its 10 slots, 0 on average; nothing was throttled.',
    invocations: 'Nothing was invoked.',
    timeline: 'No lane was stalled for longer than 10s.',
    'age-breakdown': 'No record was processed.',
    'batch-size': 'No batch was processed.',
  });
});

test('a summary without mappings, functions and lanes has a sentence for every chart', () => {
  const empty = aSummary({ mappings: {}, functions: {}, streams: {}, timeline: { marks: [], lanes: [] } });
  for (const name of CHART_NAMES) expect(sentence(empty, name)).toMatch(/^[A-Z].*\.$/);
});

test('every chart of any summary has one sentence without holes in it', () => {
  fc.assert(
    fc.property(anySummary, fc.constantFrom(...CHART_NAMES), (summary, name) => {
      fc.pre(
        !/NaN|undefined|Infinity|null\b/.test(
          Object.keys(summary.mappings).join() + Object.keys(summary.functions).join(),
        ),
      );
      const said = sentence(summary, name);
      expect(said).not.toMatch(/NaN|undefined|Infinity|\bnull\b/);
      expect(said.endsWith('.')).toBe(true);
    }),
  );
});

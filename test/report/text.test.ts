import fc from 'fast-check';
import { expect, test } from 'vitest';
import { summaryText } from '../../src/report/text.ts';
import { textColumns } from '../../src/report/text-layout.ts';
import {
  aBalance,
  aBreakdown,
  aFunction,
  aLoad,
  aMapping,
  aSpread,
  aStall,
  aStalledMapping,
  aStream,
  aSummary,
  aThreshold,
  noSpread,
} from '../support/summary.ts';
import { anySummary } from '../support/summary-arbitraries.ts';

test('the summary of a healthy run fits one screen and says what there is', () => {
  const text = summaryText(aSummary({ thresholds: [aThreshold()] }), {
    command: 'shardclock run steady.yaml --seed 42',
  });
  expect(text).toBe(`A quiet day
10 m simulated, seed 42

Thresholds: met
  ✓ IteratorAge max < 60s  1.2 s  shard 1, at 3 m

What binds first: read calls of orders, 20 % (shard 0)
                        worst           median  peak
  orders
    read calls, of 5/s   20 %  shard 0    20 %  20 %  at 2 m
  orders-to-enrich
    lane busy            11 %  shard 0    10 %  15 %  at 2 m

orders-to-enrich: orders → enrich
                     p50     p90     p99     max
  IteratorAge     610 ms  850 ms  880 ms   1.2 s
  time in system  615 ms  1.02 s  1.11 s  1.31 s
  batch size           1       2       3       4
  duration        120 ms  120 ms  120 ms  120 ms
  records  1,200 arrived, all succeeded
  rate     2 records/s in, 2 out on average
  backlog  at most 6 records, 0 at the end

No lane was stalled for longer than 10s.

Where the age came from: 620 ms in the system on average
  waiting for a poll  ████████████████  81 %  500 ms
  processing          ████              19 %  120 ms

Trend of IteratorAge: steady.

Streams
  orders  1,200 records put (1.17 MB), all that were offered

Functions
  enrich  1,000 invocations, 2 cold starts; concurrency 0.2 on average, at most
          2 of 1,000

Cost: $23.84 a month at this load, $0.01 for the run
  by us-east-1 prices of 2026-11-28: $21.90 shards, $1.06 Lambda duration, $0.88
    Lambda requests

Digest  v1:0123456789abcdef0123456789abcdef
Repeat  shardclock run steady.yaml --seed 42
`);
});

test('no line of any summary is wider than its width, whatever the names and figures', () => {
  fc.assert(
    fc.property(anySummary, fc.constantFrom(40, 72, 80, 120), (summary, width) => {
      for (const line of summaryText(summary, { width, command: 'shardclock run a.yaml' }).split('\n')) {
        expect(textColumns(line)).toBeLessThanOrEqual(width);
      }
    }),
    { numRuns: 300 },
  );
});

test('nothing from a scenario can steer the terminal', () => {
  fc.assert(
    fc.property(anySummary, (summary) => {
      expect(summaryText(summary)).not.toMatch(/[^\n\P{Cc}]|\p{Cs}|[\u202a-\u202e\u2066-\u2069]/u);
    }),
  );
});

test('no figure is undefined, infinite or not a number', () => {
  fc.assert(
    fc.property(
      anySummary.map((summary) => ({ ...summary, warnings: [] })),
      (summary) => {
        const names = JSON.stringify(summary);
        fc.pre(!/NaN|undefined|Infinity|\[object/.test(names));
        expect(summaryText(summary)).not.toMatch(/NaN|undefined|Infinity|\[object/);
      },
    ),
  );
});

test('colour only adds to the text', () => {
  fc.assert(
    fc.property(anySummary, (summary) => {
      const coloured = summaryText(summary, { color: true });
      expect(
        coloured
          .split('\u001b[')
          .map((part, index) => (index === 0 ? part : part.replace(/^\d+m/, '')))
          .join(''),
      ).toBe(summaryText(summary));
    }),
  );
  const judged = aSummary({ thresholds: [aThreshold(), aThreshold({ ok: false })] });
  expect(summaryText(judged, { color: true })).toContain('\u001b[32m✓\u001b[0m');
  expect(summaryText(judged, { color: true })).toContain('\u001b[31m✗\u001b[0m');
});

test('the same summary gives the same text', () => {
  fc.assert(
    fc.property(anySummary, (summary) => {
      expect(summaryText(structuredClone(summary))).toBe(summaryText(summary));
    }),
    { numRuns: 20 },
  );
});

test('thresholds that are not met are counted, marked and placed', () => {
  const lines = textOf({
    thresholds: [
      aThreshold({ ok: false, value: 86_580 }),
      aThreshold({ metric: 'Throttles', expression: 'sum == 0', value: 0, unit: 'count', worst: null }),
      aThreshold({ metric: 'recovery', expression: 'max < 5m', ok: false, value: null, worst: null }),
    ],
  });
  expect(lines).toContain('Thresholds: 2 of 3 not met');
  expect(lines).toContain('  ✗ IteratorAge max < 60s    24 h 3 m  shard 1, at 3 m');
  expect(lines).toContain('  ✓ Throttles sum == 0              0');
  expect(lines).toContain('  ✗ recovery max < 5m      no samples');
});

test.each([
  ['max < 60s', 60.02, 's', '1 m 0.02 s'],
  ['max < 60s', 60, 's', '1 m'],
  ['max < 60s', 75.123, 's', '1 m 15 s'],
  ['avg < 0.5', 0.50001, 'count', '0.50001'],
  ['count == 0', 81_412, 'count', '81,412'],
  ['max <= 1MB', 1_048_577, 'bytes', '1048577'],
] as const)('for %s a measured %d %s is said as %s', (expression, value, unit, words) => {
  const [judged] = textOf({ thresholds: [aThreshold({ expression, value, unit, ok: false, worst: null })] }).filter(
    (line) => line.includes('✗'),
  );
  expect(judged!.endsWith(`  ${words}`)).toBe(true);
});

test('a place that does not fit beside its threshold stands below it', () => {
  const metric = 'IteratorAge{mapping:orders-to-enrichment-of-customer-data}';
  const lines = textOf({ thresholds: [aThreshold({ metric })] });
  const at = lines.indexOf('  ✓ IteratorAge{mapping:orders-to-enrichment-of-customer-data} max < 60s  1.2 s');
  expect(lines[at + 1]).toBe('    at worst: shard 1, at 3 m');
});

test('without thresholds a short line says so', () => {
  expect(textOf({})).toContain('No thresholds set.');
});

test('what binds first is the fullest limit of all', () => {
  const binding = aMapping({
    utilization: {
      ...aMapping().utilization,
      laneBusy: aLoad({ worst: 0.97, median: 0.4, peak: 1, peakAtSeconds: 4_800 }),
    },
  });
  const lines = textOf({ mappings: { m: binding } });
  expect(lines).toContain('What binds first: lane busy of m, 97 % (shard 0)');
  expect(lines).toContain('    lane busy            97 %  shard 0    40 %  100 %  at 1 h 20 m');
});

test('a mapping without samples has no table of dashes', () => {
  const idle = aMapping({
    records: aBalance({ arrived: 0, succeeded: 0 }),
    invocations: 0,
    backlog: { mean: 0, max: 0, end: 0 },
    ...{ batchSize: noSpread(), iteratorAgeMs: noSpread(), durationMs: noSpread(), timeInSystemMs: noSpread() },
  });
  const lines = textOf({ mappings: { m: idle } });
  const at = lines.indexOf('m: orders → enrich');
  expect(lines.slice(at, at + 4)).toEqual([
    'm: orders → enrich',
    '  no invocation ended',
    '  records  none arrived',
    '',
  ]);
});

test('the record balance has only the terms that are not zero', () => {
  const records = aBalance({
    arrived: 1_200,
    succeeded: 1_000,
    expired: 150,
    pending: 50,
    duplicates: 3,
  });
  const lines = textOf({ mappings: { m: aMapping({ records }) } });
  expect(lines).toContain('  records  1,200 arrived = 1,000 succeeded + 150 expired + 50 pending at the end');
  expect(lines).toContain('           3 delivered again after they had been processed');
});

test('further percentiles are columns, those that do not fit beside stand in a second table', () => {
  const more = { 'p99.9': 900, 'p99.99': 950, p5: 100, p10: 150, p25: 300 } as const;
  const lines = textOf({ mappings: { m: aMapping({ iteratorAgeMs: aSpread({ ...more, max: 999 }) }) } });
  const headers = lines.filter((line) => /^ +p\d/.test(line)).map((line) => line.trim().split(/\s+/));
  expect(headers.flat()).toEqual(['p5', 'p10', 'p25', 'p50', 'p90', 'p99', 'p99.9', 'p99.99', 'max']);
});

test('what was lost in stalls is told apart from all that was lost', () => {
  const lost = (recordsLost: number, RecordAgeExceeded: number) => {
    const { records } = aMapping();
    const discarded = { ...records.discarded, RecordAgeExceeded };
    const m = aStalledMapping([aStall({ startSeconds: 0, endSeconds: 20, recordsLost })], {
      records: { ...records, discarded },
    });
    return textOf({ mappings: { m } }).find((line) => line.startsWith('1 stall, '));
  };
  expect(lost(0, 0)).toBe('1 stall, 20 s, no records lost');
  expect(lost(200, 200)).toBe('1 stall, 20 s, 200 records lost');
  expect(lost(200, 5_000)).toBe('1 stall, 20 s, 200 of the 5,000 lost records in it');
});

test('the longest five stalls are listed, with all of them in the title', () => {
  const stalls = Array.from({ length: 7 }, (_, index) =>
    aStall({ startSeconds: 60 * index, endSeconds: 60 * index + 20 + index, recordsLost: index === 6 ? 1 : 0 }),
  );
  const lines = textOf({ mappings: { m: aStalledMapping(stalls) } });
  const at = lines.indexOf('7 stalls, together 2 m 41 s, 1 record lost');
  expect(lines.slice(at + 1, at + 9)).toEqual([
    '           stalled for  from  because             held up  lost',
    '  shard 0         26 s   6 m  invocations failed       60     1',
    '  shard 0         25 s   5 m  invocations failed       60     –',
    '  shard 0         24 s   4 m  invocations failed       60     –',
    '  shard 0         23 s   3 m  invocations failed       60     –',
    '  shard 0         22 s   2 m  invocations failed       60     –',
    '  … and 2 shorter ones',
    '',
  ]);
});

test.each([
  [{ caughtUpAtSeconds: null }, 'at most 900 records, 12 at the end, still behind'],
  [{ caughtUpAtSeconds: 1.5 }, 'at most 900 records, 12 at the end'],
  [{ caughtUpAtSeconds: 400 }, 'at most 900 records, 12 at the end, caught up at 6 m 40 s'],
  // Now and then a lane is behind for a moment, so near the end nothing follows from it.
  [{ caughtUpAtSeconds: aSummary({}).measured.toSeconds - 1 }, 'at most 900 records, 12 at the end'],
  [
    { caughtUpAtSeconds: 400, recoveryMs: aSpread({ count: 1, max: 192_000 }) },
    'at most 900 records, 12 at the end, caught up 3 m 12 s after the fault',
  ],
])('the backlog is told with when it was caught up: %j', (change, words) => {
  const mapping = aMapping({ backlog: { mean: 1, max: 900, end: 12 }, ...change });
  expect(summaryText(aSummary({ mappings: { m: mapping } }), { width: 120 })).toContain(`  backlog  ${words}\n`);
});

test('waiting behind batches that failed or were throttled is not passed off as a slow function', () => {
  const note = '(behind other batches: their retries and throttles count there)';
  const waiting = { ageBreakdownMs: aBreakdown({ queue: 500, processing: 120 }) };
  const noted = (change: object) =>
    textOf({ mappings: { m: aMapping({ ...waiting, ...change }) } }).some((line) => line.includes(note));
  expect([noted({}), noted({ errors: 3 }), noted({ throttles: 3 })]).toEqual([false, true, true]);
  expect(noted({ errors: 3, ageBreakdownMs: aBreakdown({ processing: 620 }) })).toBe(false);
});

test('a place that is worst of a sum is where most of it came together', () => {
  const threshold = aThreshold({ metric: 'Throttles', expression: 'sum == 0', value: 7, unit: 'count', ok: false });
  const worst = { mapping: null, shardId: null, atSeconds: 120 };
  expect(textOf({ thresholds: [{ ...threshold, worst }] })).toContain('  ✗ Throttles sum == 0  7  most at 2 m');
});

test('causes of age below half a percent are told together', () => {
  const mapping = aMapping({
    timeInSystemMs: aSpread({ mean: 1_000 }),
    ageBreakdownMs: aBreakdown({ tick: 996, processing: 3, coldStart: 1 }),
  });
  expect(textOf({ mappings: { m: mapping } }).find((line) => line.includes('all else'))).toMatch(/ 0\.4 % +4 ms$/);
});

const RISING = 'rising, by 12 ms a minute in the second half of the run;';

test.each([
  ['steady', 0, null, 'steady.'],
  [
    'rising',
    0.2,
    138_240,
    'rising, by 12 ms a minute in the second half of the run; at that pace records begin to expire 38 h 24 m after its end.',
  ],
  ['rising', 0.2, 0, `${RISING} records expire already.`],
  ['rising', 0.2, null, 'rising over the second half of the run, by 12 ms a minute, but not at its end.'],
  ['recovering', -1_000, null, 'recovering, it fell by 1 m a minute in the second half of the run.'],
  [null, null, null, 'unknown, fewer than five minutes with samples.'],
] as const)('the trend %s is told in words', (verdict, slope, lossBeginsInSeconds, words) => {
  const text = summaryText(
    aSummary({ mappings: { m: aMapping({ trend: { verdict, slope, lossBeginsInSeconds } }) } }),
    { width: 140 },
  );
  expect(text).toContain(`Trend of IteratorAge: ${words}\n`);
});

test('what a rise leads to is told with the setting that discards', () => {
  const told = (lossBeginsInSeconds: number) => {
    const trend = {
      verdict: 'rising',
      slope: 0.2,
      lossBeginsInSeconds,
      lossBy: 'MaximumRecordAgeInSeconds',
    } as const;
    return summaryText(aSummary({ mappings: { m: aMapping({ trend }) } }), { width: 200 });
  };
  expect(told(3_600)).toContain(
    `${RISING} at that pace records begin to be discarded (MaximumRecordAgeInSeconds) 1 h after its end.\n`,
  );
  expect(told(0)).toContain(`${RISING} records are discarded already (MaximumRecordAgeInSeconds).\n`);
});

test('a fall within one polling period is told as steady (M5)', () => {
  // The last half of ten minutes: 5 ms a second are 1.5 s, 3 ms 0.9 s.
  const told = (slope: number, polling: { period?: string } = {}) => {
    const summary = aSummary({
      mappings: { m: aMapping({ trend: { verdict: 'recovering', slope, lossBeginsInSeconds: null } }) },
    });
    const resolved = { ...summary.scenario.resolved, polling };
    const text = summaryText({ ...summary, scenario: { ...summary.scenario, resolved } }, { width: 140 });
    return /Trend of IteratorAge: (\w+)/.exec(text)![1];
  };
  expect(told(-5)).toBe('recovering');
  expect(told(-3)).toBe('steady');
  expect(told(-3, { period: '500ms' })).toBe('recovering');
});

test('losses at write and throttled puts are told with the stream', () => {
  const orders = aStream({ recordsOffered: 1_300, lostAtWrite: 100, writeThrottled: 1 });
  expect(textOf({ streams: { orders } }).join(' ')).toContain(
    'orders  1,300 records offered, 1,200 put (1.17 MB), 100 lost at write, 1 put           throttled',
  );
});

test('records between two tries when the run ends are told, so that the sum is right', () => {
  const orders = aStream({ recordsOffered: 1_307, lostAtWrite: 100, writeThrottled: 121 });
  expect(textOf({ streams: { orders } }).join(' ')).toMatch(
    /100 lost at write, 7 still +to be put, 121 puts throttled/,
  );
});

test('of 200 mappings the worst are told, the others counted', () => {
  const mappings = Object.fromEntries(
    Array.from({ length: 200 }, (_, index) => [
      `orders-to-${index}`,
      index === 137 ? aStalledMapping([aStall({ recordsLost: 9 })]) : aMapping(),
    ]),
  );
  const lines = textOf({ mappings });
  const at = lines.indexOf('200 mappings');
  expect(lines[at + 2]).toMatch(/^ {2}orders-to-137 .* 9 +–$/);
  expect(lines).toContain('  … and 188 more');
  expect(lines).toContain('orders-to-137: orders → enrich');
  expect(lines).toContain('  all mappings: steady');
  expect(lines.length).toBeLessThan(115);
});

test('of many functions those with errors are told', () => {
  const functions = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [`f${index}`, aFunction({ errors: index === 33 ? 1 : 0 })]),
  );
  const lines = textOf({ functions });
  expect(lines.some((line) => line.startsWith('  f33  1,000 invocations, 1 error,'))).toBe(true);
  expect(lines).toContain('  … and 28 more');
});

test('a part of a run says that it is one, and a warm-up that it is not counted', () => {
  const lines = textOf({ partial: true, measured: { fromSeconds: 600, toSeconds: 7_200 } });
  expect(lines[1]).toBe('2 h simulated, the first 10 m not counted, seed 42');
  expect(lines[2]).toBe('! Interrupted: this is a part of the run.');
});

test('a long command is broken as a shell joins it again, and never inside quotes', () => {
  const command = `shardclock run a.yaml --set 'mappings["orders to enrich"].BatchSize=500' --set x=1 -o ${'long/'.repeat(20)}`;
  const text = summaryText(aSummary(), { command });
  const repeated = text.slice(text.indexOf('\nRepeat  ') + 9).trimEnd();
  expect(repeated.split('\n').length).toBeGreaterThan(2);
  expect(repeated.replaceAll(/ \\\n +/g, ' ')).toBe(command);
});

function textOf(change: Parameters<typeof aSummary>[0]): string[] {
  return summaryText(aSummary(change)).split('\n');
}

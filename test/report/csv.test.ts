import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seriesCsv } from '../../src/report/csv.ts';
import type { MetricSeries } from '../../src/report/summary.ts';
import { aSummary } from '../support/summary.ts';
import { anyName } from '../support/summary-arbitraries.ts';

test('a row a period, with its start and a column for each statistic', () => {
  const lines = seriesCsv(aSummary()).split('\r\n');
  expect(lines.slice(0, 5)).toEqual([
    'time,seconds,AWS/Lambda Invocations{FunctionName=enrich} Sum (Count),shardclock IteratorAge{Mapping=orders-to-enrich} Maximum (Milliseconds),shardclock IteratorAge{Mapping=orders-to-enrich} p99 (Milliseconds),shardclock cost.month (USD)',
    '2026-01-05T09:00:00Z,0,100,900,880,',
    '2026-01-05T09:01:00Z,60,100,850,880,',
    '2026-01-05T09:02:00Z,120,100,,880,',
    '2026-01-05T09:03:00Z,180,100,1200,880,',
  ]);
  expect(lines.at(-2)).toBe('2026-01-05T09:09:00Z,540,100,900,880,23.84');
  expect(lines).toHaveLength(12);
  expect(lines.at(-1)).toBe('');
});

test('a run over midnight and new year has the right dates, periods below a second too', () => {
  const series = { ...aSummary().series, start: '2027-12-31T23:59:59Z', periodSeconds: 0.5 };
  const times = (parse(seriesCsv(aSummary({ series }))) as string[][]).slice(1).map(([time]) => time);
  expect(times.slice(0, 3)).toEqual(['2027-12-31T23:59:59Z', '2027-12-31T23:59:59.500Z', '2028-01-01T00:00:00Z']);
});

test('any names and values come back from a CSV parser as they were', () => {
  const value = fc.option(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((one) => one + 0),
    { nil: null },
  );
  const metric: fc.Arbitrary<MetricSeries> = fc.record({
    Namespace: fc.constant('shardclock'),
    MetricName: anyName,
    Dimensions: anyName.map((Mapping) => ({ Mapping })),
    Unit: fc.constant('Count'),
    Statistics: fc.array(value, { minLength: 3, maxLength: 3 }).map((Sum) => ({ Sum })),
  });
  fc.assert(
    fc.property(fc.array(metric, { minLength: 1, maxLength: 5 }), (metrics) => {
      const text = seriesCsv(aSummary({ series: { ...aSummary().series, metrics }, cost: undefined }));
      const [header, ...rows] = parse(text, { record_delimiter: '\r\n' }) as string[][];
      expect(header!.slice(2)).toEqual(
        metrics.map(
          ({ MetricName, Dimensions: { Mapping } }) => `shardclock ${MetricName}{Mapping=${Mapping}} Sum (Count)`,
        ),
      );
      expect(rows.map((row) => row.slice(2))).toEqual(
        [0, 1, 2].map((period) => metrics.map(({ Statistics }) => String(Statistics.Sum![period] ?? ''))),
      );
    }),
  );
});

test('without metrics there is a header alone', () => {
  expect(seriesCsv(aSummary({ series: { ...aSummary().series, metrics: [] } }))).toBe('time,seconds\r\n');
});

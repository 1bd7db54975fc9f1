import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatIssue } from '../../src/scenario/issue.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { withProducer } from './reading.ts';

/** The folder with the published traces; without it these tests are skipped. */
const folder = process.env.SHARDCLOCK_DATA ?? '';
const MINUTE = 60_000_000;

function read(producer: string, change: (text: string) => string = (text) => text) {
  return parseScenario(withProducer(producer).replace('duration: 1h', 'duration: 400d'), {
    file: 'f.yaml',
    readFile: (name) => new TextEncoder().encode(change(readFileSync(join(folder, name), 'utf8'))),
  });
}

function countsOf(producer: string, change?: (text: string) => string) {
  const result = read(producer, change);
  if (!result.ok) throw new Error(result.issues.map(formatIssue).join('\n'));
  const { source } = result.scenario.producers[0]!;
  if (source.kind !== 'counts') throw new Error(`not counts but ${source.kind}`);
  return { ...source, rows: source.counts.length, total: source.counts.reduce((sum, count) => sum + count, 0) };
}

const csv = (file: string, period: string) =>
  `trace: { file: ${file}, time: timestamp, value: value, period: ${period} }`;

describe.skipIf(folder === '')('the published traces (skipped: SHARDCLOCK_DATA names no folder)', () => {
  it.each([
    ['traces/nab/elb_request_count_8c0756.csv', '5m', 4_032, 249_327, 656],
    ['traces/nab/Twitter_volume_AMZN.csv', '5m', 15_831, 843_768, 1_673],
    ['traces/nab/nyc_taxi.csv', '30m', 10_320, 156_219_716, 39_197],
  ])('%s has every record', (file, period, rows, total, most) => {
    const counts = countsOf(csv(file, period));
    expect(counts).toMatchObject({ rows, total });
    expect(Math.max(...counts.counts)).toBe(most);
    expect(counts.starts[0]).toBe(0);
  });

  it('the load balancer’s has gaps, and spans two weeks', () => {
    const { starts, period, rows } = countsOf('trace: { file: traces/nab/elb_request_count_8c0756.csv }');
    expect(period).toBe(5 * MINUTE);
    expect(starts.at(-1)! / period).toBeGreaterThan(rows - 1);
  });

  it('Azure’s has every arrival, from the whole second of the first', () => {
    const result = read(
      'arrivalTimes: { file: traces/azure/AzureLLMInferenceTrace_code.csv, time: TIMESTAMP, bytes: ContextTokens }',
    );
    if (!result.ok) throw new Error(result.issues.map(formatIssue).join('\n'));
    const { source } = result.scenario.producers[0]!;
    if (source.kind !== 'listed') throw new Error(`not listed but ${source.kind}`);
    const { times, bytes } = source.records;
    expect(times).toHaveLength(8_819);
    expect(bytes).toHaveLength(8_819);
    // From 18:17:03.9799600 to 19:14:19.9280160.
    expect([times[0], times.at(-1)]).toEqual([979_960, 3_436_928_016]);
    expect(times.every((time, i) => i === 0 || time >= times[i - 1]!)).toBe(true);
  });

  it('CloudWatch’s of a stream has every record of its seven half hours', () => {
    const file = 'kinesis-metrics/kines_get-metric-data_3h_30min.json';
    const expected = [297_200, 265_471, 255_861, 250_698, 241_889, 305_792, 189_147];
    expect(countsOf(`trace: { file: ${file}, metric: IncomingRecords }`)).toMatchObject({
      period: 30 * MINUTE,
      counts: expected,
      total: 1_806_058,
    });
    expect(countsOf(`trace: { file: ${file}, metric: ir }`).counts).toEqual(expected);
  });

  it('CloudWatch’s of a machine’s load is refused, and in order once it is a count', () => {
    const file = 'cli/aws-cli-json/cloudwatch-get-metric-statistics.json';
    const refused = read(`trace: { file: ${file}, metric: CPUUtilization }`);
    const errors = refused.ok ? [] : refused.issues.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ message }) => message)).toEqual([
      'CPUUtilization (Maximum, in Percent) does not count records; expected a Sum, in Count',
    ]);
    const { starts, total, counts } = countsOf(`trace: { file: ${file}, metric: IncomingRecords }`, (text) =>
      text.replace('CPUUtilization', 'IncomingRecords').replaceAll('Maximum', 'Sum').replaceAll('Percent', 'Count'),
    );
    expect(starts.every((start, i) => (i === 0 ? start === 0 : start > starts[i - 1]!))).toBe(true);
    expect(total).toBe(counts.reduce((sum, count) => sum + count, 0));
  });
});

import { describe, expect, it } from 'vitest';
import { METRICS } from '../../src/scenario/metrics.ts';
import { messages, SMALL, valid } from './reading.ts';

const threshold = (metric: string, expression: string) =>
  valid(`${SMALL}thresholds: { '${metric}': ['${expression}'] }\n`).thresholds[0]!;

describe('a threshold', () => {
  it('is a statistic, a comparison and a value in the unit of its metric', () => {
    expect(threshold('IteratorAge', 'max < 60s')).toEqual({
      expression: 'max < 60s',
      metric: 'IteratorAge',
      name: 'IteratorAge',
      selector: null,
      statistic: { kind: 'max' },
      operator: '<',
      value: 60_000,
      unit: 'Milliseconds',
    });
  });

  it.each([
    ['Throttles', 'sum == 0', { kind: 'sum' }, '==', 0, 'Count'],
    ['records.lost', 'count==0', { kind: 'count' }, '==', 0, 'Count'],
    ['IteratorAge', 'p99 <= 1.5s', { kind: 'percentile', p: 99 }, '<=', 1_500, 'Milliseconds'],
    ['IteratorAge', 'p(99.9) < 5s', { kind: 'percentile', p: 99.9 }, '<', 5_000, 'Milliseconds'],
    ['IteratorAge', 'count >= 1', { kind: 'count' }, '>=', 1, 'Count'],
    ['IncomingBytes', 'max < 1MB', { kind: 'max' }, '<', 1_048_576, 'Bytes'],
    ['backlog', 'end != 5', { kind: 'end' }, '!=', 5, 'Count'],
    ['recovery', 'max > 0s', { kind: 'max' }, '>', 0, 'Milliseconds'],
    ['cost.month', 'max <= 273.85', { kind: 'max' }, '<=', 273.85, 'Money'],
  ])('on %s may be %s', (metric, expression, statistic, operator, value, unit) => {
    expect(threshold(metric, expression)).toMatchObject({ statistic, operator, value, unit });
  });

  it('is of one mapping, function or stream by its selector', () => {
    expect(threshold('IteratorAge{mapping:m}', 'max < 60s')).toMatchObject({
      metric: 'IteratorAge{mapping:m}',
      name: 'IteratorAge',
      selector: { by: 'mapping', value: 'm' },
    });
    expect(threshold('Errors{ function: enrich }', 'sum < 5').selector).toEqual({ by: 'function', value: 'enrich' });
    expect(threshold('IncomingRecords{stream:orders}', 'sum > 0').selector).toEqual({ by: 'stream', value: 'orders' });
  });

  it('can name every metric of the table', () => {
    for (const [metric, { unit }] of METRICS) {
      const value = { Milliseconds: '1s', Bytes: '1KB', Count: '1', Money: '1' }[unit];
      expect(threshold(metric, `max < ${value}`).unit).toBe(unit);
    }
  });

  it.each([
    ['backlogAge', 'end < 60s'],
    ['caughtUp', 'end < 60s'],
    ['backlog', 'end < 60'],
    ['records.pending', 'end == 0'],
    ['GetRecords.IteratorAgeMilliseconds', 'end < 1s'],
  ])('on %s can be %s, which it has at the end of the run', (metric, expression) => {
    expect(threshold(metric, expression).statistic).toEqual({ kind: 'end' });
  });

  it.each([
    ['IteratorAge', 'max < 60', 'f.yaml:15:31: error: thresholds.IteratorAge[0]: expected a duration'],
    ['IteratorAge', 'mxa < 60s', "f.yaml:15:31: error: thresholds.IteratorAge[0]: unknown statistic 'mxa'; expected"],
    ['IteratorAge', 'max is 60s', 'f.yaml:15:31: error: thresholds.IteratorAge[0]: expected a statistic, a comparison'],
    ['Throttles', 'sum == 1s', 'f.yaml:15:29: error: thresholds.Throttles[0]: expected a plain number'],
    ['IncomingBytes', 'max < 5', 'f.yaml:15:33: error: thresholds.IncomingBytes[0]: expected a size such as 1MB'],
    [
      'IteratorAg',
      'max < 60s',
      "f.yaml:15:15: error: thresholds.IteratorAg: unknown metric 'IteratorAg'; did you mean",
    ],
    [
      'IteratorAge',
      'end < 60s',
      'f.yaml:15:31: error: thresholds.IteratorAge[0]: IteratorAge has samples, none of them at the end; expected one of avg, min, max, sum, count, p50, p90, p99, p(99.9)',
    ],
    ['Duration{function:enrich}', 'end < 1s', 'Duration has samples, none of them at the end'],
    ['timeInSystem', 'end < 1s', 'timeInSystem has samples'],
    ['waitingTime', 'end < 1s', 'waitingTime has samples'],
    ['recovery', 'end < 1s', 'recovery has samples'],
    ['cost.month', 'count < 4', 'f.yaml:15:30: error: thresholds["cost.month"][0]: money is not counted'],
    ['cost.month', 'max < 4s', 'f.yaml:15:30: error: thresholds["cost.month"][0]: expected a plain number'],
    ['cost.month{stream:orders}', 'max < 4', "cost.month cannot be narrowed by stream; expected 'cost.month' alone"],
    ['Throttles{stream:orders}', 'sum == 0', 'f.yaml:15:15: error: thresholds.Throttles{stream:orders}: Throttles'],
    ['Errors{mapping:mm}', 'sum == 0', "f.yaml:15:15: error: thresholds.Errors{mapping:mm}: unknown mapping 'mm'"],
    ['IteratorAge{m}', 'max < 60s', 'f.yaml:15:15: error: thresholds.IteratorAge{m}: not a metric; expected a name'],
  ])('on %s cannot be %s', (metric, expression, message) => {
    const found = messages(`${SMALL}thresholds: { '${metric}': ['${expression}'] }\n`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });
});

describe('a threshold on recovery', () => {
  /** What is said of it beside a fault of the function. */
  const said = (fault: string, { thresholds = "recovery: ['max < 10m']", more = '' } = {}) => {
    const file = SMALL.replace('duration: 100ms', `duration: 100ms, faults: [${fault}]`);
    return messages(`${file}thresholds: { ${thresholds} }\n${more}`);
  };
  const warning = [expect.stringContaining('warning: thresholds.recovery: no fault window (from, to) ends in')];

  it('is warned of where no fault window ends in the measured time, since nothing will meet it (M7, D5)', () => {
    const outage = '{ from: 10m, to: 20m }';
    expect(said(outage)).toEqual([]);
    expect(said('{ poison: { oneIn: 100 }, until: 20m }')).toEqual([]);
    expect(said('')).toEqual(warning);
    expect(said('{ probability: 1% }')).toEqual(warning);
    expect(said('{ from: 10m }')).toEqual(warning);
    expect(said('{ from: 10m, to: 1h }')).toEqual(warning);
    expect(said('{ from: 10m, to: 1h }', { more: 'drain: 10m\n' })).toEqual([]);
    expect(said(outage, { more: 'warmup: 30m\n' })).toEqual(warning);
  });

  it('may count samples where there are none', () => {
    expect(said('', { thresholds: "recovery: ['count == 0']" })).toEqual([]);
  });

  it('looks at the functions of the mappings that it names', () => {
    const other = '  other: { duration: 1ms, faults: [{ from: 10m, to: 20m }] }';
    const file = `${SMALL.replace('functions:', `functions:\n${other}`)}  n: { stream: orders, function: other, StartingPosition: LATEST }\n`;
    const warned = (metric: string) => messages(`${file}thresholds: { '${metric}': ['max < 10m'] }\n`).length;
    expect(warned('recovery')).toBe(0);
    expect(warned('recovery{mapping:n}')).toBe(0);
    expect(warned('recovery{mapping:m}')).toBe(1);
    expect(warned('recovery{function:enrich}')).toBe(1);
    expect(warned('recovery{stream:orders}')).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { messages, valid, withProducer } from './reading.ts';

const MINUTE = 60_000_000;

const sourceOf = (producer: string, files: Record<string, string>) =>
  valid(withProducer(producer), { files }).producers[0]!.source;
const saidOf = (producer: string, files: Record<string, string>) => messages(withProducer(producer), { files });

describe('a CSV file of counts', () => {
  const TRACE = 'trace: { file: t.csv, time: when, value: n }';

  it('begins at its earliest row, rows in any order, and a missing row is none', () => {
    const csv = 'n,when\n3,2026-01-05 09:10:00\n1,2026-01-05 09:00:00\n5,2026-01-05 09:25:00\n';
    expect(sourceOf(TRACE, { 't.csv': csv })).toEqual({
      kind: 'counts',
      period: 5 * MINUTE,
      starts: [0, 10 * MINUTE, 25 * MINUTE],
      counts: [1, 3, 5],
    });
    expect(sourceOf('trace: { file: t.csv, time: when, value: n, period: 10m }', { 't.csv': csv })).toMatchObject({
      period: 10 * MINUTE,
    });
  });

  it('of which no two rows are one period apart does not say for sure how long that is, which is a warning', () => {
    const csv = 'when,n\n0,1\n600,2\n1500,3\n';
    expect(saidOf(TRACE, { 't.csv': csv })).toEqual([
      'f.yaml:7:38: warning: producers.checkout.trace: no two rows of t.csv are 300 s apart, the longest period that all of them lie on; period: 300s, or another, says what a row stands for',
    ]);
    expect(saidOf('trace: { file: t.csv, time: when, value: n, period: 10m }', { 't.csv': csv })).toEqual([]);
    expect(saidOf(TRACE, { 't.csv': `${csv}1800,4\n` })).toEqual([]);
  });

  it('keeps rows of one time in the order of the file', () => {
    const csv = 'when,n\n60,1\n0,2\n60,3\n0,4\n';
    expect(sourceOf(TRACE, { 't.csv': csv })).toMatchObject({
      starts: [0, 0, MINUTE, MINUTE],
      counts: [2, 4, 1, 3],
    });
  });

  it('is scaled row by row, each rounded', () => {
    const csv = 'when,n\n0,1\n60,2\n120,3.4\n';
    expect(sourceOf('trace: { file: t.csv, time: when, value: n, scale: 1.5 }', { 't.csv': csv })).toMatchObject({
      counts: [2, 3, 5],
    });
  });

  it('may have quotes, blanks, empty lines, other columns, line ends and a byte order mark', () => {
    const csv = '\ufeff"note", when ,n\r\n"a, b",2026-01-05T09:00:00Z, 1\r\n\r\n,2026-01-05T10:01:00+01:00,2\r\n';
    expect(sourceOf(TRACE, { 't.csv': csv })).toMatchObject({ starts: [0, MINUTE], counts: [1, 2] });
  });

  it('is looked for under timestamp and value where its columns are not named', () => {
    expect(sourceOf('trace: { file: t.csv }', { 't.csv': 'value,timestamp\n7,0\n8,60\n' })).toMatchObject({
      counts: [7, 8],
    });
  });

  it('is not offered past the end of duration, with a warning; a row that straddles it stays', () => {
    const csv = 'when,n\n0,1\n3540,2\n3600,4\n7200,8\n';
    const trace = 'trace: { file: t.csv, time: when, value: n, period: 10m }';
    expect(sourceOf(trace, { 't.csv': csv })).toMatchObject({ starts: [0, 59 * MINUTE], counts: [1, 2] });
    expect(saidOf(trace, { 't.csv': csv })).toEqual([
      'f.yaml:7:38: warning: producers.checkout.trace: the last 540 s of row 2 (about 2 records) lie after the end of duration and are not offered',
      'f.yaml:7:38: warning: producers.checkout.trace: 2 of 4 rows (12 records) lie at or after the end of duration and are not offered',
    ]);
  });

  it.each([
    ['', ['t.csv:1:1: error: is empty; expected a header with when, n']],
    ['when,n\n', ['t.csv:1:1: error: no rows below the header']],
    [
      'whn,m,count\n0,1,1\n',
      [
        "t.csv:1:1: error: no column 'when'; the columns are whn, m, count; did you mean 'whn'?",
        "t.csv:1:1: error: no column 'n'; the columns are whn, m, count; did you mean 'm'?",
      ],
    ],
    [
      'when,n\n0,1\n\nsoon,2\n120,-3\n180,many\n240\n',
      [
        "t.csv:4:1: error: when: 'soon' is no time; expected one such as 2026-01-05T09:00:00Z",
        "t.csv:5:5: error: n: '-3' is no count of records; expected a number from 0 up",
        "t.csv:6:5: error: n: 'many' is no count of records; expected a number from 0 up",
        "t.csv:7:4: error: n: '' is no count of records; expected a number from 0 up",
      ],
    ],
    [
      'x,when,n\n"a, b",0,1\n"a, b",60,x\n',
      ["t.csv:3:11: error: n: 'x' is no count of records; expected a number from 0 up"],
    ],
    [
      'when,n\n0,1,000\n60,2\n120,3,\n180,x,4\n',
      [
        "t.csv:2:5: error: '000' has no column; expected at most 2 cells, as the header has, those with a comma in quotes",
        "t.csv:5:5: error: n: 'x' is no count of records; expected a number from 0 up",
        "t.csv:5:7: error: '4' has no column; expected at most 2 cells, as the header has, those with a comma in quotes",
      ],
    ],
    [
      'when,n,other,n,other\n0,1,2,3,4\n',
      ["t.csv:1:14: error: a second column 'n'; the columns are when, n, other, n, other; expected it once"],
    ],
    ['when,n\n0,Infinity\n', ["t.csv:2:3: error: n: 'Infinity' is no count of records; expected a number from 0 up"]],
    ['when,n\n0,1\n', ['t.csv:1:1: error: all rows have one time, so what they stand for must be given: period: 5m']],
  ])('%j is refused', (csv, expected) => {
    expect(saidOf(TRACE, { 't.csv': csv })).toEqual(expected);
  });

  it('with a quote left open is refused at a line', () => {
    expect(saidOf(TRACE, { 't.csv': 'when,n\n0,1\n60,"2\n' })[0]).toMatch(/^t\.csv:\d:1: error: Quote Not Closed/);
  });

  it('that is wrong throughout is reported in twenty lines and a number', () => {
    const csv = `when,n\n${'soon,1\n'.repeat(500)}`;
    const said = saidOf(TRACE, { 't.csv': csv });
    expect(said).toHaveLength(21);
    expect(said[20]).toBe('t.csv:21:1: error: and 480 more like these');
  });
});

describe('a CSV file of arrival times', () => {
  const ARRIVALS = 'arrivalTimes: { file: a.csv, time: at, key: who, bytes: size }';

  it('begins at the whole second of its earliest row', () => {
    const csv =
      'at,who,size\n2023-11-16 18:17:05.0319600,b,2KB\n2023-11-16 18:17:03.9799609,a,374\n2023-11-16 18:17:05.0319600,c,0\n';
    expect(sourceOf(ARRIVALS, { 'a.csv': csv })).toEqual({
      kind: 'listed',
      records: {
        times: [979_960, 2_031_960, 2_031_960],
        keys: ['a', 'b', 'c'],
        bytes: [374, 2_048, 0],
        shards: null,
        data: null,
      },
    });
    expect(sourceOf('arrivalTimes: { file: a.csv, time: at }', { 'a.csv': csv })).toMatchObject({
      records: { keys: null, bytes: null },
    });
  });

  it('is refused where a row is wrong, at that row', () => {
    expect(saidOf(ARRIVALS, { 'a.csv': 'at,who,size\n0,,5\n1,a,-1\n2,a,\nx,a,1\n' })).toEqual([
      "a.csv:2:3: error: who: '' is no partition key; expected 1 to 256 characters",
      "a.csv:3:5: error: size: '-1' is no size of a record; expected a number of bytes",
      "a.csv:4:5: error: size: '' is no size of a record; expected a number of bytes",
      "a.csv:5:1: error: at: 'x' is no time; expected one such as 2026-01-05T09:00:00Z",
    ]);
    expect(saidOf(`${ARRIVALS}, keys: { count: 5 }`, { 'a.csv': 'at,who,size\n0,a,5\n' })).toEqual([
      'f.yaml:7:101: error: producers.checkout.keys: a column of the file holds the keys; expected either keys or arrivalTimes.key',
    ]);
  });
});

describe('an answer of CloudWatch', () => {
  const TRACE = 'trace: { file: m.json, metric: IncomingRecords }';
  const data = (label: string, id = 'q') =>
    JSON.stringify(
      {
        MetricDataResults: [
          { Id: 'other', Label: 'IncomingBytes', Timestamps: ['2026-01-05T09:00:00Z'], Values: [5] },
          {
            Id: id,
            Label: label,
            Timestamps: ['2026-01-05T09:10:00+00:00', '2026-01-05T09:00:00Z', 1767604800],
            Values: [20, 10.4, 30],
          },
        ],
      },
      null,
      1,
    );
  const statistics = (Label: string, Unit: string, point: object) =>
    JSON.stringify({
      Label,
      Datapoints: [
        { Timestamp: '2026-01-05T09:05:00Z', ...point, Unit },
        { Timestamp: '2026-01-05T09:00:00Z', ...point, Unit },
      ],
    });

  it('of get-metric-data is read by its label or id, in any order, the period its least step', () => {
    expect(sourceOf(TRACE, { 'm.json': data('IncomingRecords') })).toEqual({
      kind: 'counts',
      period: 10 * MINUTE,
      starts: [0, 10 * MINUTE, 20 * MINUTE],
      counts: [10, 20, 30],
    });
    expect(sourceOf('trace: { file: m.json, metric: q }', { 'm.json': data('Orders in') })).toMatchObject({
      counts: [10, 20, 30],
    });
    expect(sourceOf('trace: { file: m.json }', { 'm.json': data('IncomingRecords') })).toMatchObject({
      kind: 'counts',
    });
  });

  it('of get-metric-statistics is read where it is a Sum of a count', () => {
    expect(sourceOf(TRACE, { 'm.json': statistics('IncomingRecords', 'Count', { Sum: 7, Average: 1 }) })).toEqual({
      kind: 'counts',
      period: 5 * MINUTE,
      starts: [0, 5 * MINUTE],
      counts: [7, 7],
    });
  });

  it.each([
    ['{', 'm.json:1:1: error: no JSON'],
    ['timestamp,value', 'm.json:1:1: error: no JSON'],
    [
      '[]',
      'm.json:1:1: error: no answer of get-metric-data or get-metric-statistics; expected MetricDataResults or Datapoints',
    ],
    [
      data('IncomingRecord'),
      "m.json:2:23: error: no metric 'IncomingRecords'; the metrics are IncomingBytes, IncomingRecord; did you mean 'IncomingRecord'?",
    ],
    [
      statistics('CPUUtilization', 'Percent', { Maximum: 5 }),
      'm.json:1:41: error: CPUUtilization (Maximum, in Percent) does not count records; expected a Sum, in Count',
    ],
    [
      statistics('IncomingRecords', 'Count', { Average: 5 }),
      'm.json:1:42: error: IncomingRecords (Average, in Count) does not count records; expected a Sum, in Count',
    ],
    [
      statistics('PutRecords.Records', 'Count', { Sum: 5 }),
      "m.json:1:10: error: no metric 'IncomingRecords'; the file holds PutRecords.Records (Sum, in Count)",
    ],
    [
      JSON.stringify({ Label: 'IncomingRecords', Datapoints: [] }),
      'm.json:1:41: error: no datapoints of IncomingRecords',
    ],
    [
      data('IncomingRecords').replace('10.4', '-1'),
      'm.json:23:5: error: expected a number of records from 0 up, got -1',
    ],
    [
      data('IncomingRecords').replace('1767604800', '"soon"'),
      'm.json:19:5: error: expected a time such as 2026-01-05T09:00:00Z, got soon',
    ],
    [
      data('IncomingRecords').replace('{', '{"NextToken": "abc",'),
      'm.json:1:15: error: NextToken: this is a part of the answer only; ask for the whole of it',
    ],
    [
      data('IncomingRecords').replace('"Id": "q"', '"Id": "q", "StatusCode": "PartialData"'),
      'm.json:14:29: error: PartialData: this is a part of the answer only; ask for the whole of it',
    ],
    [
      data('IncomingRecords').replace('IncomingBytes', 'IncomingRecords'),
      'm.json:13:3: error: a second series of IncomingRecords; expected one, or the Id of one as the metric',
    ],
  ])('%j is refused', (json, expected) => {
    expect(saidOf(TRACE, { 'm.json': json })).toEqual([expected]);
  });

  it('with two series of one label is read by the Id of one', () => {
    const twice = data('IncomingRecords').replace('IncomingBytes', 'IncomingRecords');
    expect(sourceOf('trace: { file: m.json, metric: q }', { 'm.json': twice })).toMatchObject({ counts: [10, 20, 30] });
  });

  it('of bytes, ages or refusals is refused', () => {
    expect(saidOf('trace: { file: m.json, metric: IncomingBytes }', { 'm.json': data('IncomingRecords') })).toEqual([
      'm.json:5:13: error: IncomingBytes does not count records; expected a metric such as IncomingRecords',
    ]);
    for (const label of [
      'GetRecords.IteratorAgeMilliseconds',
      'WriteProvisionedThroughputExceeded',
      'CPUUtilization',
    ]) {
      expect(saidOf(`trace: { file: m.json, metric: ${label} }`, { 'm.json': data(label) })[0]).toContain(
        'does not count',
      );
    }
  });
});

describe('a file of values', () => {
  const LAW = 'rate: 1/s, bytes: { empirical: v.txt }';

  it('has bytes without a unit, sorted', () => {
    expect(valid(withProducer(LAW), { files: { 'v.txt': '300\n1KB\n\n20' } }).producers[0]!.bytes).toEqual({
      kind: 'empirical',
      values: [20, 300, 1_024],
    });
  });

  it('is refused where it holds none, or something else', () => {
    expect(saidOf(LAW, { 'v.txt': 'bytes\n' })).toEqual(['v.txt:1:1: error: no values; expected one a line']);
    expect(saidOf(LAW, { 'v.txt': 'bytes\n5\nsix\n7\n' })).toEqual([
      "v.txt:3:1: error: 'six' is no value; expected a number",
    ]);
    expect(saidOf(LAW, { 'v.txt': '-5\n5\n' })).toEqual(["v.txt:1:1: error: '-5' is no value; expected a number"]);
  });

  it('is refused where a line holds a second value, which may be decimals behind a comma', () => {
    expect(saidOf(LAW, { 'v.txt': '5, 120\n7\n,8\n9,\n' })).toEqual([
      "v.txt:1:4: error: '120' is one too many; expected one value a line, decimals with a point",
      "v.txt:3:1: error: '' is no value; expected a number",
    ]);
    expect(saidOf(LAW, { 'v.txt': 'bytes\n5,120\n' })).toEqual([
      "v.txt:2:3: error: '120' is one too many; expected one value a line, decimals with a point",
    ]);
  });

  it('may have a header with several columns, the first of which is read, and says so', () => {
    const several = 'bytes,note\n5,a\n6\n';
    expect(valid(withProducer(LAW), { files: { 'v.txt': several } }).producers[0]!.bytes).toMatchObject({
      values: [5, 6],
    });
    expect(saidOf(LAW, { 'v.txt': several })).toEqual([
      'f.yaml:7:62: warning: producers.checkout.bytes.empirical: only the first column of v.txt is read: bytes, not note',
    ]);
    expect(saidOf(LAW, { 'v.txt': 'bytes,note\n5,a,b\n' })).toEqual([
      "v.txt:2:5: error: 'b' is one too many; expected 2 cells, as the header has",
    ]);
  });
});

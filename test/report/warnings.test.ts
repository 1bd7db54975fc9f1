import { describe, expect, it, test } from 'vitest';
import { run, type ScenarioPart } from '../support/scenario.ts';

const warnings = (scenario: ScenarioPart) => run({ duration: '60s', ...scenario }).summary.warnings;
const about = (text: string, scenario: ScenarioPart) => warnings(scenario).filter((warning) => warning.includes(text));
const mapping = (stream: string, target: string, more: ScenarioPart = {}) => ({
  stream,
  function: target,
  StartingPosition: 'TRIM_HORIZON',
  ...more,
});

describe('the concurrency of a pool', () => {
  /** Two functions without a reserved part and one with; 100 stay unreserved at least. */
  const shared = (shards: number, more: ScenarioPart = {}): ScenarioPart => ({
    account: { ConcurrentExecutions: 110 },
    streams: { s: { ShardCount: shards }, t: { ShardCount: 60 }, u: { ShardCount: 11 } },
    functions: {
      f: { duration: '100ms' },
      g: { duration: '100ms' },
      own: { duration: '100ms', ReservedConcurrentExecutions: 10 },
    },
    mappings: { n: mapping('t', 'g'), o: mapping('u', 'own') },
    producers: { p: { records: [] } },
    ...more,
  });

  it('is shared by all functions without a reserved part: one warning names them (M6, L1)', () => {
    expect(about('unreserved', shared(40))).toEqual([]);
    expect(about('unreserved', shared(41))).toEqual([
      'Functions f and g may run 100 at once together (all that the account has unreserved), but their mappings have 101 lanes, one for each shard: whenever more of them than that have records, the others are throttled.',
    ]);
  });

  it('is its own where a function has a reserved part (M6, L1)', () => {
    expect(about('ReservedConcurrentExecutions', shared(1))).toEqual([
      'Function own may run 10 at once (ReservedConcurrentExecutions), but its mapping has 11 lanes, one for each shard: whenever more of them than that have records, the others are throttled.',
    ]);
  });

  it('is wanted by the lanes of mappings that poll (M6, P9)', () => {
    const scenario = (n: ScenarioPart): ScenarioPart => ({
      streams: { s: { ShardCount: 2 }, t: { ShardCount: 4 } },
      functions: { f: { duration: '100ms', ReservedConcurrentExecutions: 2 } },
      mappings: { n: mapping('t', 'f', n) },
      producers: { p: { records: [] } },
    });
    expect(about('lanes', scenario({}))[0]).toContain('its mappings have 6 lanes');
    expect(about('lanes', scenario({ Enabled: false }))).toEqual([]);
  });

  it('that is less than what arrives keeps busy is said with the load, and the attempts throttled (M6)', () => {
    // Four shards of 25/s, full batches of 10 in 300 ms: 0.75 slots each.
    const scenario = (slots: number): ScenarioPart => ({
      streams: { s: { ShardCount: 4 } },
      functions: { f: { duration: '300ms', ReservedConcurrentExecutions: slots } },
      mappings: { m: { BatchSize: 10 } },
      producers: { p: { rate: '100/s' } },
    });
    const [warning] = about('slots busy', scenario(2));
    expect(warning).toMatch(
      /^Function f cannot keep up: what arrives keeps (2\.9\d|3(\.0\d)?) slots busy, and it may run 2 at once \(ReservedConcurrentExecutions\)\. [\d,]+ attempts were throttled\.$/,
    );
    expect(about('slots busy', scenario(4))).toEqual([]);
  });
});

test('a refusal is told in the unit that binds: records, or bytes with their keys (M6, K3)', () => {
  const refused = (p: ScenarioPart) =>
    about('refused', { duration: '30s', producers: { p: { arrivals: 'even', onThrottle: 'drop', ...p } } })[0];
  expect(refused({ rate: '12/s', bytes: '128KB' })).toContain('which was offered 1.5 MB/s (12 records/s) on average;');
  expect(refused({ rate: '1200/s', bytes: '10B' })).toContain('which was offered 1,200 records/s on average;');
  const keys = { list: ['k'.repeat(256)] };
  expect(refused({ rate: '950/s', bytes: '1000B', keys })).toMatch(
    /offered 1\.1\d* MB\/s \(950 records\/s\) on average;/,
  );
});

describe('of a mapping with a filter, only what it keeps fills batches (M6, P10)', () => {
  /** 900 records/s, of which a ninth are kept: full batches of 100 in 200 ms make 500. */
  const filtered = (duration: string): ScenarioPart => ({
    duration: '2m',
    functions: { f: { duration, ReservedConcurrentExecutions: 1 } },
    streams: { s: { ShardCount: 1 } },
    producers: { p: { rate: '900/s', arrivals: 'even', data: { template: { kind: '${pick:a,b,c,d,e,f,g,h,i}' } } } },
    mappings: { m: { FilterCriteria: { Filters: [{ Pattern: '{"data":{"kind":["a"]}}' }] } } },
  });

  it('so that one that keeps up with that is not warned of', () => {
    expect(about('cannot keep up', filtered('200ms'))).toEqual([]);
  });

  it('and one that does not is told what is kept', () => {
    expect(about('cannot keep up with', filtered('2s'))[0]).toMatch(
      /^Mapping m cannot keep up with shard 0: (9\d|1\d\d)(\.\d)? records\/s that its filter keeps arrive there, and full batches of 100 records that take 2 s make 50 records\/s\.$/,
    );
  });

  it('nor does it keep slots busy with the rest', () => {
    const shared = {
      ...filtered('200ms'),
      streams: { s: { ShardCount: 2 } },
      producers: { p: { rate: '1800/s', arrivals: 'even', data: { template: { kind: '${pick:a,b,c,d,e,f,g,h,i}' } } } },
    };
    expect(about('slots busy', shared)).toEqual([]);
    expect(about('2 lanes', shared)).toHaveLength(1);
  });
});

it('a pool that another function fills: who held its slots, and what would keep some (M6, L1)', () => {
  const [warning] = about('throttled', {
    account: { ConcurrentExecutions: 103 },
    duration: '3m',
    streams: { s: { ShardCount: 102 }, t: { ShardCount: 2 } },
    producers: { p: { rate: '300/s' }, q: { stream: 't', rate: '10/s' } },
    functions: {
      f: { Timeout: 60, duration: '100ms', faults: [{ from: '1m', to: '2m', slowdown: 600 }] },
      g: { duration: '100ms', ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 1 } },
    },
    mappings: { n: mapping('t', 'g') },
  });
  // Of the 102 slots that are not set aside g has none while f is slow, beside its provisioned environment.
  expect(warning).toMatch(
    /^Functions f and g may run 103 at once together .* have 104 lanes, .* attempts were throttled\. At 1 m f held 10[12](\.\d+)? of them; ReservedConcurrentExecutions of g would keep some from it\.$/,
  );
});

it('a function that could not grow as fast as it was asked to, with slots to spare (M6, L3)', () => {
  const scenario = (shards: number): ScenarioPart => ({
    duration: '3s',
    account: { ConcurrentExecutions: 2_000 },
    streams: { s: { ShardCount: shards } },
    producers: { p: { records: Array.from({ length: shards }, (_, shard) => ({ at: '500ms', shard })) } },
    mappings: { m: { throttleBackoff: 'queue' } },
  });
  expect(warnings(scenario(1_000))).toEqual([]);
  expect(warnings(scenario(1_002))).toEqual([
    'Function f could not grow as fast as it was asked to: 2 of its 2 throttles came while slots were free. It may start 1,000 new environments at once, and 100 a second after that.',
  ]);
});

it('a function that may not run at all is told so (M6, L1)', () => {
  const none = {
    functions: { f: { ReservedConcurrentExecutions: 0 } },
    producers: { p: { records: [{ at: '500ms' }] } },
  };
  expect(about('not run', none)).toEqual([
    expect.stringMatching(/^Function f may not run at all \(ReservedConcurrentExecutions is 0\): .* \d+ attempts were/),
  ]);
});

describe('the pace of a shard', () => {
  /** 20 % of the records spread over all shards, the rest on one. */
  const hot: ScenarioPart = {
    streams: { s: { ShardCount: 4 } },
    functions: { f: { duration: '1s' } },
    producers: { p: { rate: '200/s', keys: { hot: { key: 'customer-1', share: '80%' }, count: 5_000 } } },
  };

  it('is judged shard by shard: the hottest names itself, the others stay unnamed (M6)', () => {
    const { summary, recording } = run({ duration: '60s', ...hot });
    const puts = recording.streams[0]!.shards.map(({ total }) => total.records);
    const hottest = puts.indexOf(Math.max(...puts));
    const [warning, ...more] = summary.warnings.filter((one) => one.includes('cannot keep up'));
    expect(more).toEqual([]);
    expect(warning).toMatch(
      new RegExp(
        `^Mapping m cannot keep up with shard ${hottest}: 1[67]\\d records/s arrive there, and full batches of 100 records that take 1 s make 100 records/s\\.$`,
      ),
    );
  });

  it('is that of a lane where a shard has several (M6, P4)', () => {
    // 600 records a second in four lanes of 150: too many at a factor of 4, not at 10.
    const sliced = (ParallelizationFactor: number) =>
      about('cannot keep up', {
        functions: { f: { duration: '1s' } },
        mappings: { m: { ParallelizationFactor } },
        producers: { p: { rate: '600/s' } },
      });
    expect(sliced(4)[0]).toMatch(
      /^Mapping m cannot keep up with lane \d of shard 0, nor with any other: 1[4-6]\d records\/s arrive there/,
    );
    expect(sliced(10)).toEqual([]);
  });

  it('counts how many more shards are too fast (M6)', () => {
    expect(about('cannot keep up', { ...hot, producers: { p: { rate: '600/s' } } })[0]).toContain(
      ', nor with any other: ',
    );
  });

  it('is that of the batches as they were, where the payload ends them before BatchSize does (M6, P5)', () => {
    // 4.5 MB of data make 6 MB of JSON: four records of 1 MB, in place of a hundred.
    const large = (rate: string) =>
      about('cannot keep up', {
        streams: { s: { writeLimits: 'off', readLimits: 'off' } },
        functions: { f: { duration: '2s' } },
        producers: { p: { rate, bytes: '1MB', arrivals: 'even' } },
      });
    expect(large('1/s')).toEqual([]);
    expect(large('3/s')[0]).toContain(
      'full batches of 4 records (6 MB of payload; BatchSize is 100) that take 2 s make 2 ',
    );
  });

  it('does not count what failed: an outage is no slow function (M6)', () => {
    const scenario = {
      functions: { f: { duration: '100ms', faults: [{ from: '10s', to: '40s', after: '3s' }] } },
      producers: { p: { rate: '100/s' } },
    };
    expect(about('cannot keep up', scenario)).toEqual([]);
  });

  it('is measured against the arrivals of the measured time while producers run (M6, D5)', () => {
    const phases = [
      { duration: '30s', rate: '900/s' },
      { duration: '30s', rate: '20/s' },
    ];
    const scenario = { functions: { f: { duration: '250ms' } }, producers: { p: { phases } } };
    expect(about('cannot keep up', scenario)).toHaveLength(1);
    expect(about('cannot keep up', { ...scenario, warmup: '30s' })).toEqual([]);
  });
});

it('a factor with too few keys leaves lanes without a record (M6, P4)', () => {
  const keys = (count: number) =>
    about('partition keys', {
      mappings: { m: { ParallelizationFactor: 10 } },
      producers: { p: { rate: '20/s', keys: { count } } },
    });
  expect(keys(3)[0]).toMatch(
    /^Mapping m: [78] of 10 lanes never had a record: there are too few partition keys for a ParallelizationFactor of 10\.$/,
  );
  expect(keys(500)).toEqual([]);
});

it('failures that are reported and ignored are told with what is lost (M6, E5)', () => {
  const faults = [{ poison: { stream: 's', shard: 0, record: 0 }, fail: 'record' }];
  const reporting = (FunctionResponseTypes: string[]) =>
    about('silently', {
      functions: { f: { duration: '100ms', faults } },
      mappings: { m: { FunctionResponseTypes, MaximumRetryAttempts: 1 } },
      producers: { p: { records: [{ at: '500ms', count: 3 }] } },
    });
  expect(reporting([])).toEqual([
    'Mapping m: f reports single failures, but FunctionResponseTypes has no ReportBatchItemFailures: 1 record that failed counts as succeeded and is silently lost.',
  ]);
  expect(reporting(['ReportBatchItemFailures'])).toEqual([]);
});

describe('the calls to a shard', () => {
  const readers = (count: number, calls: string): ScenarioPart => ({
    polling: { phase: 'spread' },
    streams: { s: { otherReaders: [{ calls, bytes: '1KB/s' }] } },
    functions: Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, { duration: '100ms' }])),
    mappings: Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}`, mapping('s', `f${i}`)])),
    producers: { p: { rate: '5/s' } },
  });

  it('may be at most five a second, of all mappings and other readers together (M6, K4)', () => {
    expect(about('calls', readers(2, '2/s'))).toEqual([]);
    expect(about('calls', readers(3, '3/s'))).toEqual([
      expect.stringMatching(
        /^Stream s: 4 mappings and 1 other reader want at least 7 calls\/s of each shard; a shard answers 5 calls and gives 2 MB a second, to all its readers together\. \d+ % of the mappings' calls were refused\.$/,
      ),
    ]);
  });

  it('are those of mappings that poll at one time, for a tenth of it at least (M6, P9)', () => {
    const six = readers(6, '3/s');
    const mappings = six.mappings as Record<string, ScenarioPart>;
    const off = {
      ...mappings,
      ...Object.fromEntries([1, 2, 3, 4].map((i) => [`m${i}`, { ...mappings[`m${i}`], Enabled: false }])),
    };
    const enable = { at: '30s', enable: 'm1' };
    // With m, m0, m5 and the others' three calls there are six.
    expect(about('calls', { ...six, mappings: off })[0]).toContain('3 mappings and 1 other reader want at least 6');
    expect(about('calls', { ...six, mappings: off, timeline: [enable, { at: '40s', disable: 'm1' }] })[0]).toContain(
      '4 mappings and 1 other reader want at least 7',
    );
    expect(about('calls', { ...six, mappings: off, timeline: [enable, { at: '33s', disable: 'm1' }] })[0]).toContain(
      '3 mappings and 1 other reader want at least 6',
    );
    // One takes over from another.
    expect(about('calls', { ...six, mappings: off, timeline: [enable, { at: '30s', disable: 'm0' }] })[0]).toContain(
      '3 mappings and 1 other reader want at least 6',
    );
  });

  it('are not those of consumers with enhanced fan-out (M6, K8)', () => {
    const pushed = {
      streams: {
        s: { ShardCount: 1 },
        t: { ShardCount: 1, consumers: ['a', 'b'], otherReaders: [{ calls: '4/s', bytes: '1KB/s' }] },
      },
      functions: { g: { duration: '100ms' }, h: { duration: '100ms' } },
      mappings: {
        n: { consumer: 't/a', function: 'g', StartingPosition: 'TRIM_HORIZON' },
        o: { consumer: 't/b', function: 'h', StartingPosition: 'TRIM_HORIZON' },
      },
      producers: { p: { rate: '5/s' } },
    };
    expect(about('calls', pushed)).toEqual([]);
  });

  it('that were refused are counted, also where ticks alone would fit (M6, K4)', () => {
    // Every full batch is followed by a call at once.
    const scenario: ScenarioPart = {
      mappings: { m: { BatchSize: 10, fetchLimit: 'batchSize' } },
      producers: { p: { rate: '80/s' } },
    };
    const { m } = run({ duration: '60s', ...scenario });
    expect(m.polls.refused).toBeGreaterThan(0);
    const [warning] = about('reads (', scenario);
    expect(warning).toContain(`Stream s refused ${m.polls.refused} of ${m.polls.getRecordsCalls} reads (`);
  });
});

describe('what IteratorAge does not show', () => {
  const dead: ScenarioPart = {
    functions: { f: { duration: '100ms', ReservedConcurrentExecutions: 0 } },
    producers: { p: { records: [{ at: '500ms' }] } },
  };

  it('without an invocation it has no samples (M6)', () => {
    expect(about('backlogAge', dead)).toEqual([
      'Mapping m: records of shard 0 waited for up to 59.5 s, but IteratorAge has no samples, since no invocation ended. Watch backlogAge.',
    ]);
  });

  it('a lane that stands still for longer than any batch was old (M6)', () => {
    const scenario = { timeline: [{ at: '20s', disable: 'm' }], producers: { p: { rate: '10/s' } } };
    expect(about('backlogAge', scenario)[0]).toMatch(/but IteratorAge never showed more than 4\d\d ms: it has samples/);
  });

  it('a backlog that grows while the trend is steady (M5, M6)', () => {
    // Lanes that are throttled for minutes give no samples meanwhile, and those that run are young.
    const scenario = (slots: number): ScenarioPart => ({
      duration: '30m',
      streams: { s: { ShardCount: 16 } },
      functions: {
        f: { duration: { lognormal: { median: '150ms', p99: '600ms' } }, ReservedConcurrentExecutions: slots },
      },
      mappings: { m: { BatchSize: 10 } },
      producers: { p: { rate: '320/s' } },
    });
    const { summary, m } = run(scenario(5));
    const grows = summary.warnings.filter((warning) => warning.includes('its backlog grew by'));
    expect(m.trend.verdict).toBe('steady');
    expect(grows).toHaveLength(1);
    expect(about('backlog', scenario(16))).toEqual([]);
  });

  it('but not one that has been worked off by the end (M6)', () => {
    const scenario = (enabledAt: string): ScenarioPart => ({
      duration: '30m',
      streams: { s: { ShardCount: 2 } },
      producers: { p: { rate: '100/s' } },
      timeline: [
        { at: '5m', disable: 'm' },
        { at: enabledAt, enable: 'm' },
      ],
    });
    expect(about('its backlog grew', scenario('1799s'))).toHaveLength(1);
    expect(about('its backlog grew', scenario('28m'))).toEqual([]);
  });

  it('a trend that rises says it already (M5, M6)', () => {
    const scenario = { duration: '30m', functions: { f: { duration: '1s' } }, producers: { p: { rate: '150/s' } } };
    expect(about('its backlog grew', scenario)).toEqual([]);
  });
});

describe('a mapping that is behind at the end', () => {
  const behind = (more: ScenarioPart) =>
    about('pending', { functions: { f: { duration: '1s' } }, producers: { p: { rate: '400/s' } }, ...more });

  it('is told of drain, unless the run has drained already (M6)', () => {
    expect(behind({})[0]).toMatch(
      /^Mapping m was behind at the end: [\d,]+ records pending; with `drain` the run goes on/,
    );
    expect(behind({ drain: '10s' })[0]).toMatch(/records pending even after a drain of 10 s\.$/);
    expect(behind({ drain: '10m' })).toEqual([]);
  });
});

import { describe, expect, expectTypeOf, it } from 'vitest';
import '../../src/testing/vitest.ts';
import type { ScenarioPart } from '../support/scenario.ts';
import { runWithRecords } from '../support/scenario.ts';

const healthy = (more: ScenarioPart = {}) =>
  runWithRecords({ producers: { p: { rate: '20/s', keys: { count: 3 } } }, ...more });
const losing = () =>
  healthy({
    drain: '1m',
    functions: { f: { faults: [{ poison: { stream: 's', shard: 0, record: 7 } }] } },
    mappings: { m: { BatchSize: 2, MaximumRetryAttempts: 0 } },
  });

/** What a matcher says that does not hold. */
function complaint(assertion: () => void): string {
  try {
    assertion();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing';
}

describe('matchers of a run', () => {
  it('hold of a healthy one', () => {
    expect(healthy()).toKeepOrderPerPartitionKey();
    expect(healthy()).toDeliverAtLeastOnce();
    expect(healthy()).toLoseNothing();
    expect(healthy()).toStayWithin({ IteratorAge: '2s', timeInSystem: 2_000, waitingTime: '2s', backlog: 60 });
  });

  it("give nothing back, as vitest's own do, and a promise of it after resolves", () => {
    expectTypeOf(expect(healthy()).toLoseNothing).returns.toEqualTypeOf<void>();
    expectTypeOf(expect(healthy()).not.toStayWithin).returns.toEqualTypeOf<void>();
    expectTypeOf(expect(Promise.resolve(healthy())).resolves.toLoseNothing).returns.toEqualTypeOf<Promise<void>>();
  });

  it('stand within what is expected', () => {
    expect({ run: healthy(), seed: 1 }).toEqual({ run: expect.toLoseNothing(), seed: 1 });
    expect({ run: losing(), seed: 1 }).not.toEqual({ run: expect.toLoseNothing(), seed: 1 });
  });

  it('toLoseNothing names the reason and the records', () => {
    const lost = losing();
    const [first, last] = [6, 7];
    expect(complaint(() => expect(lost).toLoseNothing())).toBe(
      [
        'expected the run to lose nothing',
        'm: 2 RetryAttemptsExhausted',
        `records ${first} to ${last} of shardId-000000000000 at ${lost.trace.find(({ type }) => type === 'discard')!.t / 1e6} s: RetryAttemptsExhausted`,
      ].join('\n  '),
    );
    expect(lost).not.toLoseNothing();
  });

  it('toLoseNothing knows what a stream refused for good', () => {
    const full = runWithRecords({ producers: { p: { records: [{ at: '1s', count: 1_200 }], onThrottle: 'drop' } } });
    expect(complaint(() => expect(full).toLoseNothing())).toContain('s: 200 refused at every put');
  });

  it('toStayWithin names the mapping, the metric and the bound', () => {
    expect(complaint(() => expect(healthy()).toStayWithin({ IteratorAge: '50ms', backlog: 1 }))).toMatch(
      /^expected the run to stay within .*\n {2}m: IteratorAge of at most \d+(\.\d+)? ms, bound 50\n {2}m: backlog of at most \d+, bound 1$/,
    );
    expect(() => expect(healthy()).toStayWithin({ backlog: 'few' as never })).toThrow('got "few"');
    expect(() => expect(healthy()).toStayWithin({ lag: 1 } as never)).toThrow('unknown metric lag');
  });

  it('look at something, or say what is missing', () => {
    const { recording, trace } = healthy();
    expect(() => expect({ recording, trace: [] }).toKeepOrderPerPartitionKey()).toThrow('the trace lists no records');
    expect(() => expect({ recording, trace: [] }).toDeliverAtLeastOnce()).toThrow('the trace lists no records');
    for (const wrong of [recording, Promise.resolve(recording), null, { trace }]) {
      expect(() => expect(wrong).toLoseNothing()).toThrow('expected a run { recording, trace }');
      expect(() => expect(wrong).toStayWithin({ backlog: 60 })).toThrow('expected a run { recording, trace }');
    }
    expect(() => expect(healthy()).toStayWithin({ IteratorAge: Number.NaN })).toThrow(
      'IteratorAge: expected a duration',
    );
    expect(() => expect(healthy()).toStayWithin({ backlog: '5s' as never })).toThrow('expected a number of records');
    expect({ recording, trace: [] }).toStayWithin({ backlog: 60 });
  });

  it('toKeepOrderPerPartitionKey names the key and both records', () => {
    const { recording, trace } = healthy();
    const invocations = trace.filter(({ type }) => type === 'invocation');
    const turned = [...invocations.slice(1), invocations[0]!];
    expect(complaint(() => expect({ recording, trace: turned }).toKeepOrderPerPartitionKey())).toMatch(
      /m, partition key 'partitionKey-\d': record \d+ of shardId-000000000000 comes for the first time at \d+, after record \d+ \(O1\)\n.*\n/,
    );
  });

  it('toDeliverAtLeastOnce counts what was processed', () => {
    const { recording, trace } = healthy();
    expect(complaint(() => expect({ recording, trace: trace.slice(0, -5) }).toDeliverAtLeastOnce())).toMatch(
      /m: \d+ records count as succeeded, and \d+ were processed \(E10\)/,
    );
  });

  it('those that look at single records say where they are missing', () => {
    const { recording, trace } = healthy();
    const bare = trace.map((event) => (event.type === 'invocation' ? { ...event, records: undefined } : event));
    expect(() => expect({ recording, trace: bare as never }).toKeepOrderPerPartitionKey()).toThrow(
      'traceRecords: true',
    );
  });
});

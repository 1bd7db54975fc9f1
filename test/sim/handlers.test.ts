import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../../src/recording/trace.ts';
import { summarise } from '../../src/report/summarise.ts';
import type { Handlers } from '../../src/sim/handlers.ts';
import { HandlerError } from '../../src/sim/handlers.ts';
import type { KinesisEvent } from '../../src/sim/lambda/event.ts';
import type { Handler, HandlerContext } from '../../src/sim/lambda/handler.ts';
import { simulate, simulateSync } from '../../src/sim/simulate.ts';
import type { ScenarioPart } from '../support/scenario.ts';
import { eventsOf, parse, run, timeLine } from '../support/scenario.ts';

const REPORTS = { FunctionResponseTypes: ['ReportBatchItemFailures'] };

/** Four records that are there at the ask at 1 s, and the function's own handler. */
function handled(handler: Handlers[string], more: ScenarioPart & { mapping?: ScenarioPart; function?: ScenarioPart }) {
  const { mapping, function: settings, ...rest } = more;
  return run(
    {
      duration: '30s',
      producers: { p: { records: [{ at: '500ms', count: 4, key: 'a' }] } },
      functions: { f: { duration: '100ms', ...settings } },
      mappings: { m: { MaximumRetryAttempts: 1, ...mapping } },
      ...rest,
    },
    {},
    { f: handler },
  );
}

const outcomes = (of: ReturnType<typeof run>) => eventsOf(of, 'invocation').map(({ outcome }) => outcome);

function sequenceNumbers({ Records }: KinesisEvent): string[] {
  return Records.map(({ kinesis }) => kinesis.sequenceNumber);
}

function failing(...places: number[]): Handler {
  return (event) => ({
    batchItemFailures: places.map((place) => ({ itemIdentifier: sequenceNumbers(event)[place] ?? 'none' })),
  });
}

describe('what a handler answers decides the outcome (L7)', () => {
  it.each([
    ['nothing', undefined],
    ['an empty string', ''],
    ['an empty list', []],
    ['null', null],
    ['an empty object', {}],
    ['no failures', { batchItemFailures: [] }],
    ['null failures', { batchItemFailures: null }],
    ['text', 'done'],
    ['a number', 7],
  ])('%s: success (E6)', (_, response) => {
    for (const mapping of [REPORTS, {}]) {
      const result = handled(() => response, { mapping });
      expect(outcomes(result)).toEqual(['success']);
      expect(result.m.records).toMatchObject({ succeeded: 4, silentlyLost: 0 });
    }
  });

  it.each([
    ['an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }],
    ['a null identifier', { batchItemFailures: [{ itemIdentifier: null }] }],
    ['an identifier that is undefined', { batchItemFailures: [{ itemIdentifier: undefined }] }],
    ['a wrong key', { batchItemFailures: [{ foo: 'bar' }] }],
    ['an identifier that is not in the batch', { batchItemFailures: [{ itemIdentifier: '123' }] }],
    ['a set, which is no list in JSON', { batchItemFailures: new Set([1]) }],
  ])('%s fails the whole batch (E6)', (_, response) => {
    const result = handled(() => response, { mapping: REPORTS });
    expect(outcomes(result)).toEqual(['malformedResponse', 'malformedResponse']);
    expect(result.m.records).toMatchObject({ discarded: { RetryAttemptsExhausted: 4 }, duplicates: 0 });
    expect(result.m.errors).toBe(0);
  });

  it('what a handler throws is told, the first of it, and how often (L7, M6)', () => {
    let calls = 0;
    const handler: Handler = () => {
      if (++calls === 1) throw new TypeError('no such column\n  at line 5');
      throw 'later';
    };
    expect(handled(handler, {}).summary.warnings).toContain(
      'The handler of function f threw in 2 invocations, first at 1.1 s: TypeError: no such column',
    );
    // A fault fails before it: nobody has called it.
    const faults = [{ probability: '100%' }];
    const { warnings } = handled(handler, { function: { faults } }).summary;
    expect(warnings.filter((text) => text.includes('threw'))).toEqual([]);
  });

  it.each<[string, Handler]>([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    [
      'throws nothing at all',
      () => {
        throw undefined;
      },
    ],
    [
      'returns what cannot be written as JSON',
      () => {
        const itself: Record<string, unknown> = {};
        itself.itself = itself;
        return itself;
      },
    ],
  ])('a handler that %s is a function error: Unhandled, none of the batch processed (E8, E10)', (_, handler) => {
    const result = handled(handler, {
      mapping: { ...REPORTS, DestinationConfig: { OnFailure: { Destination: 'dlq' } } },
    });
    expect(outcomes(result)).toEqual(['functionError', 'functionError']);
    expect(result.m).toMatchObject({ errors: 2, records: { duplicates: 0 } });
    expect(result.m.destination).toMatchObject([{ responseContext: { functionError: 'Unhandled' } }]);
  });

  it('the lowest identifier is the checkpoint; what is not named after it is processed (E5, E10)', () => {
    const result = handled(failing(3, 1), { mapping: REPORTS });
    expect(timeLine(result).map(([start, , first, last]) => [start, first, last])).toEqual([
      [1_000_000, 0, 3],
      // Records 1 to 3 come again; of them the places 1 and 3 are named, the last of which is not in the batch.
      [1_100_000, 1, 3],
      [1_450_000, 1, 3],
    ]);
    expect(outcomes(result)).toEqual(['partialFailure', 'malformedResponse', 'malformedResponse']);
    expect(result.m.records).toMatchObject({ succeeded: 1, duplicates: 2, discarded: { RetryAttemptsExhausted: 3 } });
  });

  it('in a slice and behind a filter identifiers are those of the batch (P4, P10)', () => {
    const kept: number[] = [];
    const result = run(
      {
        duration: '60s',
        drain: '60s',
        producers: {
          p: { rate: '20/s', keys: { count: 20 }, data: { template: { kind: '${pick:a,b}', id: '${index}' } } },
        },
        mappings: {
          m: {
            ...REPORTS,
            ParallelizationFactor: 3,
            BisectBatchOnFunctionError: true,
            MaximumRetryAttempts: 0,
            FilterCriteria: { Filters: [{ Pattern: JSON.stringify({ data: { kind: ['a'] } }) }] },
          },
        },
      },
      {},
      {
        f: (event) => {
          const bad = event.Records.filter(({ kinesis }) => JSON.parse(atob(kinesis.data)).id % 10 === 0);
          if (bad.length === 0) kept.push(event.Records.length);
          return { batchItemFailures: bad.map(({ kinesis }) => ({ itemIdentifier: kinesis.sequenceNumber })) };
        },
      },
    );
    const { succeeded, discarded, arrived, filtered } = result.m.records;
    expect(succeeded + discarded.RetryAttemptsExhausted).toBe(arrived - filtered);
    // Only what the handler names is given up.
    expect(discarded.RetryAttemptsExhausted / (arrived - filtered)).toBeCloseTo(0.1, 1);
    expect(outcomes(result)).not.toContain('malformedResponse');
    expect(kept.length).toBeGreaterThan(10);
  });

  it('without the setting what it names is silently lost, each record once (E5)', () => {
    const result = handled(failing(1, 2, 1, 9), {});
    expect(outcomes(result)).toEqual(['success']);
    expect(result.m.records).toMatchObject({ succeeded: 4, silentlyLost: 2, duplicates: 0 });
  });

  it('a retry asks again', () => {
    let calls = 0;
    const result = handled(
      () => {
        if (calls++ === 0) throw new Error('once');
      },
      { mapping: { MaximumRetryAttempts: 5 } },
    );
    expect(outcomes(result)).toEqual(['functionError', 'success']);
    expect(calls).toBe(2);
  });
});

describe('what a handler is given', () => {
  it("the event, and AWS's own context (A4)", () => {
    const given: [KinesisEvent, HandlerContext][] = [];
    handled(
      (event, context) => {
        given.push([event, context]);
      },
      { start: '2026-01-05T09:00:00Z', function: { MemorySize: 512, coldStart: '300ms' } },
    );
    expect(given).toHaveLength(1);
    const [event, context] = given[0]!;
    expect(Object.keys(event)).toEqual(['Records']);
    expect(event.Records).toHaveLength(4);
    expect(event.Records[0]).toMatchObject({
      kinesis: { partitionKey: 'a', approximateArrivalTimestamp: Date.UTC(2026, 0, 5, 9, 0, 0, 500) / 1_000 },
      eventSourceARN: 'arn:aws:kinesis:us-east-1:123456789012:stream/s',
    });
    expect(context).toMatchObject({
      functionName: 'f',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:f',
      memoryLimitInMB: '512',
      awsRequestId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      logGroupName: '/aws/lambda/f',
      logStreamName: expect.stringMatching(/^2026\/01\/05\/\[\$LATEST\][0-9a-f]{32}$/),
      callbackWaitsForEmptyEventLoop: true,
      shardclock: {
        mapping: 'm',
        shardId: 'shardId-000000000000',
        lane: 0,
        // The cold start is over.
        now: Date.UTC(2026, 0, 5, 9, 0, 1, 300),
      },
    });
  });

  it('a log stream of its environment (A4, L4)', () => {
    const streams: string[] = [];
    handled((_, { logStreamName }) => streams.push(logStreamName), {
      streams: { s: { ShardCount: 2 } },
      function: { duration: '2s' },
      producers: { p: { records: [0, 1, 0].map((shard, i) => ({ at: `${500 + 1_000 * i}ms`, shard })) } },
    });
    // The second shard's invocation begins while the first one's runs; the third finds the environment of that warm.
    expect([streams[0] === streams[1], streams[0] === streams[2]]).toEqual([false, true]);
  });

  it('a request id that no other invocation has, and that is the same in the next run (D1)', () => {
    const ids = () => {
      const seen: string[] = [];
      handled((_, { awsRequestId }) => seen.push(awsRequestId), {
        mapping: { ParallelizationFactor: 3 },
        producers: { p: { rate: '20/s', keys: { count: 30 } } },
      });
      return seen;
    };
    const first = ids();
    expect(first.length).toBeGreaterThan(20);
    expect(new Set(first).size).toBe(first.length);
    expect(ids()).toEqual(first);
  });

  it('what it does to its event and context changes nothing of the run', () => {
    const careful = handled(failing(2), { mapping: REPORTS });
    const careless = handled(
      (event, context) => {
        const identifier = sequenceNumbers(event)[2] ?? 'none';
        const mutable = JSON.parse(JSON.stringify(event.Records)) as typeof event.Records;
        Object.assign(event.Records[0]!.kinesis, { sequenceNumber: '0', data: '', partitionKey: 'z' });
        (event.Records as unknown[]).length = 0;
        Object.assign(event, { Records: mutable.slice(1) });
        Object.assign(context, { getRemainingTimeInMillis: null, shardclock: null });
        return { batchItemFailures: [{ itemIdentifier: identifier }] };
      },
      { mapping: REPORTS },
    );
    expect(careless.summary).toEqual(careful.summary);
    expect(careless.trace).toEqual(careful.trace);
  });
});

describe('how long a handler takes (L5)', () => {
  const reporting = (duration: unknown, more: ScenarioPart = {}) =>
    handled((_, context) => context.shardclock.duration(duration as string), { function: more });

  it('as long as the scenario says, unless it reports something', () => {
    expect(timeLine(handled(() => undefined, {}))[0]).toEqual([1_000_000, 1_100_000, 0, 3]);
    expect(timeLine(reporting('250ms'))[0]).toEqual([1_000_000, 1_250_000, 0, 3]);
    expect(timeLine(reporting(40.5))[0]).toEqual([1_000_000, 1_040_500, 0, 3]);
    expect(timeLine(reporting(0))[0]).toEqual([1_000_000, 1_000_000, 0, 3]);
  });

  it('a slowdown multiplies what it reports (L6)', () => {
    expect(timeLine(reporting('250ms', { faults: [{ slowdown: 3 }] }))[0]).toEqual([1_000_000, 1_750_000, 0, 3]);
  });

  it('past the Timeout it is a timeout, whatever it answers', () => {
    const result = handled(
      (_, context) => {
        context.shardclock.duration('3001ms');
        return failing(1);
      },
      { mapping: REPORTS },
    );
    expect(outcomes(result)).toEqual(['timeout', 'timeout']);
    expect(timeLine(result)[0]).toEqual([1_000_000, 4_000_000, 0, 3]);
    expect(result.m.records.duplicates).toBe(0);
    expect(outcomes(reporting('3s'))).toEqual(['success']);
  });

  it('a handler that throws has taken what it reported', () => {
    const result = handled((_, context) => {
      context.shardclock.duration('700ms');
      throw new Error('no');
    }, {});
    expect(timeLine(result)[0]).toEqual([1_000_000, 1_700_000, 0, 3]);
  });

  it('the remaining time is what of the Timeout is not reported', () => {
    const seen: number[] = [];
    handled(
      (_, { getRemainingTimeInMillis, shardclock }) => {
        seen.push(getRemainingTimeInMillis());
        shardclock.duration('1s');
        seen.push(getRemainingTimeInMillis());
        shardclock.duration('1500ms');
        seen.push(getRemainingTimeInMillis());
      },
      { function: { coldStart: '1s', faults: [{ slowdown: 2 }] } },
    );
    expect(seen).toEqual([3_000, 1_000, 0]);
  });

  it.each([['120'], ['-1ms'], [-1], [Number.NaN], [Number.POSITIVE_INFINITY], [null], [{}]])(
    'reporting %o stops the run, even where the handler catches it',
    (duration) => {
      const handler: Handler = (_, context) => {
        try {
          context.shardclock.duration(duration as string);
        } catch {
          // As careless code does.
        }
      };
      expect(() => handled(handler, {})).toThrow(HandlerError);
      expect(() => handled(handler, {})).toThrow(/^function f: context\.shardclock\.duration: expected a duration/);
    },
  );
});

describe('faults come before the handler (L6)', () => {
  it('an outage fails the invocation without asking it', () => {
    let calls = 0;
    const result = handled(() => calls++, {
      function: { faults: [{ from: '0s', to: '1200ms', after: '50ms' }] },
      mapping: { MaximumRetryAttempts: 5 },
    });
    expect(timeLine(result).map(([start, end]) => [start, end])).toEqual([
      [1_000_000, 1_050_000],
      [1_300_000, 1_400_000],
    ]);
    expect(outcomes(result)).toEqual(['functionError', 'success']);
    expect(calls).toBe(1);
  });

  it('one whose response is lost runs, and its records come again as duplicates (L7, E10)', () => {
    const seen: string[] = [];
    const result = handled((event) => void seen.push(...sequenceNumbers(event)), {
      function: { faults: [{ invocations: 1, responseLost: true }] },
    });
    expect(outcomes(result)).toEqual(['functionError', 'success']);
    expect(seen.length).toBe(8);
    expect(new Set(seen).size).toBe(4);
    expect(result.m.records).toMatchObject({ succeeded: 4, duplicates: 4 });
  });

  it('one whose response is lost may take too long, as the fault or the handler says (L5)', () => {
    const lost = { invocations: 1, responseLost: true };
    const byFault = handled(() => null, { function: { Timeout: 2, faults: [{ ...lost, after: '5s' }] } });
    const byHandler = handled((_, { shardclock }) => shardclock.duration('5s'), {
      function: { Timeout: 2, faults: [lost] },
    });
    expect(outcomes(byFault)).toEqual(['timeout', 'success']);
    expect(outcomes(byHandler)).toEqual(['timeout', 'timeout']);
    expect(byFault.m.records.duplicates).toBe(4);
  });
});

describe('module state is per environment', () => {
  const counting = () => {
    const counts: number[][] = [];
    const makeHandler = (): Handler => {
      const own: number[] = [];
      counts.push(own);
      return () => own.push(own.length);
    };
    return { counts, handlers: { makeHandler } };
  };

  it('one environment goes on counting as long as it is warm, and starts afresh after a cold start (L4)', () => {
    const { counts, handlers } = counting();
    const result = handled(handlers, {
      function: { idleTimeout: '5s' },
      producers: { p: { records: ['500ms', '1500ms', '2500ms', '12s', '13s'].map((at) => ({ at })) } },
    });
    expect(counts).toEqual([
      [0, 1, 2],
      [0, 1],
    ]);
    expect(result.summary.functions.f!.coldStarts).toBe(2);
  });

  it('what runs at once runs in environments of its own, the last used being used first (L4)', () => {
    const { counts, handlers } = counting();
    const shard = (index: number, at: string) => ({ at, shard: index });
    const result = handled(handlers, {
      streams: { s: { ShardCount: 3 } },
      producers: {
        p: { records: [shard(0, '500ms'), shard(1, '500ms'), shard(2, '500ms'), shard(0, '5s'), shard(0, '7s')] },
      },
    });
    expect(result.m.invocations).toBe(5);
    expect(counts).toEqual([[0], [0], [0, 1, 2]]);
  });

  it('an error or a timeout leaves an environment as it is', () => {
    const { counts, handlers } = counting();
    handled(
      {
        makeHandler: () => {
          const count = handlers.makeHandler();
          return (event, context) => {
            if ((count(event, context) as number) === 1) context.shardclock.duration('9s');
            throw new Error('no');
          };
        },
      },
      { mapping: { MaximumRetryAttempts: 3 } },
    );
    expect(counts).toEqual([[0, 1, 2, 3]]);
  });

  it('a plain function is one handler for all of them', () => {
    let calls = 0;
    handled(() => calls++, { streams: { s: { ShardCount: 3 } }, producers: { p: { rate: '10/s' } } });
    expect(calls).toBeGreaterThan(20);
  });
});

describe('one loop for handlers of both kinds', () => {
  const busy = () =>
    parse({
      duration: '3m',
      drain: '2m',
      streams: { s: { ShardCount: 3 } },
      producers: { p: { rate: '40/s', keys: { count: 50 } } },
      functions: {
        f: {
          duration: { exponential: { mean: '200ms' } },
          ReservedConcurrentExecutions: 2,
          coldStart: '300ms',
          faults: [{ probability: '5%' }, { from: '1m', to: '70s', slowdown: 4 }],
        },
      },
      mappings: {
        m: { ...REPORTS, MaximumRetryAttempts: 2, BisectBatchOnFunctionError: true, throttleBackoff: 'queue' },
      },
    });
  const handler: Handler = (event, context) => {
    const numbers = sequenceNumbers(event);
    const digit = (number: string) => Number(number.slice(-20, -17));
    if (numbers.some((number) => digit(number) % 41 === 0)) throw new Error('no');
    if (numbers.length > 7) context.shardclock.duration(numbers.length * 30);
    return {
      batchItemFailures: numbers
        .filter((number) => digit(number) % 23 === 0)
        .map((itemIdentifier) => ({ itemIdentifier })),
    };
  };
  const traced = (trace: TraceEvent[], handlers: Handlers) => ({
    handlers,
    trace: (event: TraceEvent) => void trace.push(event),
  });

  it('a synchronous and an asynchronous one give the same bytes, twice (D1)', async () => {
    const traces: TraceEvent[][] = [[], [], [], [], []];
    const later: Handler = async (event, context) => {
      await new Promise((resolve) => setTimeout(resolve));
      return handler(event, context);
    };
    const recordings = [
      simulateSync(busy(), traced(traces[0]!, { f: handler })),
      simulateSync(busy(), traced(traces[1]!, { f: { makeHandler: () => handler } })),
      await simulate(busy(), traced(traces[2]!, { f: handler })),
      await simulate(busy(), traced(traces[3]!, { f: later })),
      await simulate(busy(), traced(traces[4]!, { f: { makeHandler: async () => later } })),
    ];
    const [first, ...others] = recordings.map((recording) => summarise(recording));
    for (const other of others) expect(other).toEqual(first);
    for (const trace of traces) expect(trace).toEqual(traces[0]);
    const outcomes = new Set(traces[0]!.map((event) => (event.type === 'invocation' ? event.outcome : event.type)));
    expect([...outcomes]).toEqual(expect.arrayContaining(['success', 'functionError', 'partialFailure', 'throttle']));
  });

  it('a handler that always succeeds is the run without one', () => {
    const plain = parse({ producers: { p: { rate: '40/s' } }, functions: { f: { faults: [{ probability: '20%' }] } } });
    expect(summarise(simulateSync(plain, { handlers: { f: () => undefined } }))).toEqual(
      summarise(simulateSync(plain)),
    );
  });

  it('a run that is aborted while handlers answer ends where it is', async () => {
    const controller = new AbortController();
    let calls = 0;
    const recording = await simulate(busy(), {
      signal: controller.signal,
      handlers: {
        f: async () => {
          await new Promise((resolve) => setTimeout(resolve));
          if (++calls === 20) controller.abort();
        },
      },
    });
    expect(recording.partial).toBe(true);
    expect(calls).toBe(20);
  });
});

describe('handlers that a run cannot go on with', () => {
  const scenario = () => parse({ producers: { p: { records: [{ at: '500ms', count: 2 }] } } });
  const withHandler = () =>
    parse({ producers: { p: { rate: '1/s' } }, functions: { f: { handler: './h.mjs' } } }, { './h.mjs': '' });
  const never = new Promise<Handler>(() => undefined);
  const withCallback = (_event: unknown, _context: unknown, callback: () => void) => callback();

  it.each<[string, () => unknown, RegExp]>([
    [
      'one that the scenario names and nobody gives',
      () => simulateSync(withHandler()),
      /^function f has a handler, \.\/h\.mjs; expected it as handlers\.f$/,
    ],
    [
      'one of a function that is not there',
      () => simulateSync(scenario(), { handlers: { ff: () => undefined } }),
      /^handlers\.ff: the scenario has no such function; did you mean 'f'\?$/,
    ],
    [
      'one that is no function',
      () => simulateSync(scenario(), { handlers: { f: 'f' as unknown as Handler } }),
      /^handlers\.f: expected a function/,
    ],
    [
      'one that is made and is no function',
      () => simulateSync(scenario(), { handlers: { f: { makeHandler: () => 5 as unknown as Handler } } }),
      /^handlers\.f: expected a function/,
    ],
    [
      'one that waits for a callback',
      () => simulateSync(scenario(), { handlers: { f: withCallback as Handler } }),
      /^handlers\.f: takes a callback, which is never called/,
    ],
    [
      'a promise where nothing can wait for it',
      () => simulateSync(scenario(), { handlers: { f: () => Promise.reject(new Error('lost')) } }),
      /^function f: the handler returns a promise, which simulateSync cannot wait for; expected simulate \(mapping m, shardId-000000000000, lane 0, sequence numbers \d{56} to \d{56}\)$/,
    ],
    [
      'one that is made later',
      () => simulateSync(scenario(), { handlers: { f: { makeHandler: () => never } } }),
      /^function f: makeHandler returns a promise, which simulateSync cannot wait for/,
    ],
  ])('%s', (_, act, message) => {
    expect(act).toThrow(HandlerError);
    expect(act).toThrow(message);
  });

  it('one that throws a HandlerError stops the run: it is never an outcome', async () => {
    const f: Handler = () => {
      throw new HandlerError('waited for too long');
    };
    expect(() => simulateSync(scenario(), { handlers: { f } })).toThrow('waited for too long');
    await expect(simulate(scenario(), { handlers: { f: async (...all) => f(...all) } })).rejects.toThrow(HandlerError);
  });
});

describe('in a tumbling window (P11, L7)', () => {
  const windowed = { mapping: { TumblingWindowInSeconds: 60, BatchSize: 3 }, duration: '2m' };

  it('a handler is given the window and the state it has returned, until the final invocation', () => {
    const seen: unknown[] = [];
    handled((event) => {
      const { Records, ...fields } = event as KinesisEvent & { state: { sum?: number } };
      seen.push([Records.length, fields]);
      return { state: { sum: (fields.state.sum ?? 0) + Records.length } };
    }, windowed);
    const fields = (sum: number | null, isFinal: boolean) => ({
      window: { start: '1970-01-01T00:00:00Z', end: '1970-01-01T00:01:00Z' },
      state: sum === null ? {} : { sum },
      shardId: 'shardId-000000000000',
      eventSourceARN: 'arn:aws:kinesis:us-east-1:123456789012:stream/s',
      isFinalInvokeForWindow: isFinal,
      isWindowTerminatedEarly: false,
    });
    expect(seen.slice(0, 2)).toEqual([
      [3, fields(null, false)],
      [1, fields(3, false)],
    ]);
  });

  it('a response without state is a failure', () => {
    const result = handled(() => ({ batchItemFailures: [] }), windowed);
    expect(outcomes(result)).toEqual([
      'malformedResponse',
      'malformedResponse',
      'malformedResponse',
      'malformedResponse',
    ]);
    expect(result.m.records.discarded.RetryAttemptsExhausted).toBe(4);
  });

  it('a state above 1 MB ends the window early, and the next invocation has a fresh one', () => {
    const finals: unknown[] = [];
    handled((event) => {
      const { Records, state, isFinalInvokeForWindow, isWindowTerminatedEarly } = event as KinesisEvent & {
        state: { text?: string };
        isFinalInvokeForWindow: boolean;
        isWindowTerminatedEarly: boolean;
      };
      finals.push([Records.length, state.text?.length ?? 0, isFinalInvokeForWindow, isWindowTerminatedEarly]);
      return { state: isFinalInvokeForWindow ? {} : { text: 'x'.repeat(1_048_576) } };
    }, windowed);
    expect(finals).toEqual([
      [3, 0, false, false],
      [0, 1_048_576, true, true],
      [1, 0, false, false],
      [0, 1_048_576, true, true],
    ]);
  });
});

describe("a handler that is typed as AWS's own types have it", () => {
  /** As @types/aws-lambda declares them. */
  interface AwsContext {
    callbackWaitsForEmptyEventLoop: boolean;
    functionName: string;
    functionVersion: string;
    invokedFunctionArn: string;
    memoryLimitInMB: string;
    awsRequestId: string;
    logGroupName: string;
    logStreamName: string;
    getRemainingTimeInMillis(): number;
    done(error?: Error, result?: unknown): void;
    fail(error: Error | string): void;
    succeed(messageOrObject: unknown): void;
    succeed(message: string, object: unknown): void;
  }
  interface AwsEvent {
    Records: { awsRegion: string; eventID: string; kinesis: { data: string; partitionKey: string } }[];
  }
  type AwsHandler = (
    event: AwsEvent,
    context: AwsContext,
    callback: (error?: Error | string | null, result?: string) => void,
  ) => undefined | Promise<undefined>;

  it('is taken', () => {
    const seen: string[] = [];
    const handler: AwsHandler = (event, context) => {
      context.callbackWaitsForEmptyEventLoop = false;
      event.Records.sort((a, b) => a.eventID.localeCompare(b.eventID));
      seen.push(context.functionName);
      return undefined;
    };
    expect(outcomes(handled(handler, {}))).toEqual(['success']);
    expect(seen).toEqual(['f']);
  });

  it.each(['done', 'fail', 'succeed'] as const)('must not end its invocation by context.%s', (name) => {
    const handler = (_: AwsEvent, context: AwsContext) => context[name](new Error('an end'));
    expect(() => handled(handler, {})).toThrow(
      new RegExp(`^function f: context.${name}: ends an invocation as a callback does, which is never called; .*shard`),
    );
  });
});

import { describe, expect, it } from 'vitest';
import type { Handler, HandlerMaker, KinesisEvent } from '../../src/index.ts';
import { simulate } from '../../src/index.ts';
import type { CheckHandlerOptions, Delivery, HandlerTools, HandlerUnderTest } from '../../src/testing/testing.ts';
import { CounterexampleError, checkHandler, scenarioOf } from '../../src/testing/testing.ts';

const REPORTS = ['ReportBatchItemFailures'];

const law = (rule: string, breaches: () => unknown) => Object.assign(breaches as () => string[], { rule });

/** Rows by partition key. */
class Table {
  readonly rows = new Map<string, { count: number; last: string }>();

  async get(key: string) {
    return this.rows.get(key) ?? { count: 0, last: '' };
  }

  async put(key: string, row: { count: number; last: string }) {
    this.rows.set(key, row);
  }
}

interface Effects {
  readonly table: Table;
  /** As the handler is given it. */
  readonly store: Table;
}

/** Counts the records of each key and keeps the last sequence number; whether each record counted once, in order. */
function counting(makeHandler: (effects: Effects) => HandlerUnderTest['handler']) {
  return ({ store: wrap }: HandlerTools): HandlerUnderTest => {
    const table = new Table();
    const handler = makeHandler({ table, store: wrap(table) });
    const check = (deliveries: readonly Delivery[]) => {
      for (const [key, numbers] of succeeded(deliveries)) {
        const sorted = [...numbers].sort();
        const row = table.rows.get(key) ?? { count: 0, last: 'none' };
        if (row.last !== sorted.at(-1))
          throw new Error(`key ${key} ends with record ${row.last}, not ${sorted.at(-1)}`);
        if (row.count !== sorted.length) throw new Error(`key ${key} counts ${row.count}, of ${sorted.length} records`);
      }
    };
    return { handler, check };
  };
}

/** Sequence numbers of what has been processed, by partition key. */
function succeeded(deliveries: readonly Delivery[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { acknowledged } of deliveries) {
    for (const { partitionKey, sequenceNumber } of acknowledged) {
      found.set(partitionKey, (found.get(partitionKey) ?? new Set()).add(sequenceNumber));
    }
  }
  return found;
}

const recordsOf = ({ Records }: KinesisEvent) => Records.map(({ kinesis }) => kinesis);

/** Skips what it has counted; one record after another. */
const careful =
  ({ store }: Effects): Handler =>
  async (event) => {
    for (const { partitionKey, sequenceNumber } of recordsOf(event)) {
      const { count, last } = await store.get(partitionKey);
      if (sequenceNumber > last) await store.put(partitionKey, { count: count + 1, last: sequenceNumber });
    }
  };

const forgetsThatRecordsComeAgain =
  ({ store }: Effects): Handler =>
  async (event) => {
    for (const { partitionKey, sequenceNumber } of recordsOf(event)) {
      const { count } = await store.get(partitionKey);
      await store.put(partitionKey, { count: count + 1, last: sequenceNumber });
    }
  };

const writesAllAtOnce =
  ({ store }: Effects): Handler =>
  async (event) => {
    await Promise.all(
      recordsOf(event).map(async ({ partitionKey, sequenceNumber }) => {
        const { count, last } = await store.get(partitionKey);
        if (sequenceNumber > last) await store.put(partitionKey, { count: count + 1, last: sequenceNumber });
      }),
    );
  };

const swallowsErrors = ({ store }: Effects): Handler => {
  const inner = careful({ store } as Effects) as (event: KinesisEvent) => Promise<void>;
  return async (event) => {
    await inner(event).catch(() => undefined);
  };
};

const keepsCountsInTheModule = ({ store }: Effects): HandlerUnderTest['handler'] => ({
  makeHandler: () => {
    const cache = new Map<string, { count: number; last: string }>();
    return async (event: KinesisEvent) => {
      for (const { partitionKey, sequenceNumber } of recordsOf(event)) {
        const { count, last } = cache.get(partitionKey) ?? { count: 0, last: '' };
        if (sequenceNumber <= last) continue;
        const row = { count: count + 1, last: sequenceNumber };
        await store.put(partitionKey, row);
        cache.set(partitionKey, row);
      }
    };
  },
});

async function failureOf(makeHandler: Parameters<typeof counting>[0], options: CheckHandlerOptions = {}) {
  const error = await checkHandler(counting(makeHandler), { seed: 7, ...options }).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(CounterexampleError);
  return error as CounterexampleError;
}

const sizes = ({ deliveries }: CounterexampleError) =>
  new Set(deliveries.flatMap(({ records }) => records.map((one) => one.sequenceNumber))).size;

describe('checkHandler', () => {
  it('passes a handler that counts each record once, in order', { timeout: 120_000 }, async () => {
    await checkHandler(counting(careful), { seed: 1, runs: 300 });
  });

  it.each([
    ['that forgets that records come again', forgetsThatRecordsComeAgain],
    ['that writes the records of a batch all at once', writesAllAtOnce],
    ['that swallows the errors of its store', swallowsErrors],
    ['that keeps its counts in the module', keepsCountsInTheModule],
  ])('finds a handler %s, and shrinks to few records', { timeout: 120_000 }, async (_, makeHandler) => {
    const failure = await failureOf(makeHandler);
    expect(sizes(failure)).toBeLessThanOrEqual(3);
    expect(failure.message).toMatch(/key [abcd] (counts|ends)/);
  });

  it('says what was delivered, how to see it again, and as which scenario', { timeout: 120_000 }, async () => {
    const failure = await failureOf(forgetsThatRecordsComeAgain);
    expect(failure.message).toContain(`{ seed: 7, path: '${failure.path}' }`);
    expect(failure.message).toMatch(/shard 0 lane 0 {2}attempt 1 {2}(functionError|timeout) {2,}[abcd]#0/);
    expect(failure.message).toContain(failure.scenario.trimEnd());
    const again = await failureOf(forgetsThatRecordsComeAgain, { path: failure.path });
    expect(again.deliveries).toEqual(failure.deliveries);
  });

  it('keeps the settings of a scenario that it is given', { timeout: 120_000 }, async () => {
    const seen: number[] = [];
    const scenario = `
shardclock: 1
name: mine
duration: 1m
streams: { orders: { ShardCount: 1 } }
producers: { p: { stream: orders, rate: 1/s } }
functions: { enrich: { duration: 5ms } }
mappings: { m: { stream: orders, function: enrich, StartingPosition: TRIM_HORIZON, BatchSize: 2 } }
`;
    const handler = ({ Records }: KinesisEvent) => void seen.push(Records.length);
    await checkHandler(() => ({ handler }), { scenario, runs: 30, seed: 3 });
    expect(Math.max(...seen)).toBe(2);
  });

  describe('with tumbling windows (P11)', () => {
    const scenario = {
      streams: { s: { ShardCount: 1 } },
      functions: { f: {} },
      mappings: { m: { stream: 's', function: 'f', TumblingWindowInSeconds: 5 } },
    };

    /** Counts by shard and window, each put when its window is over; whether they count what has been processed. */
    const counts = (makeAnswer: (put: (event: KinesisEvent, count: number) => void) => Handler) => () => {
      const totals = new Map<string, number>();
      const handler = makeAnswer(({ shardId, window }, count) => totals.set(`${shardId} ${window!.start}`, count));
      const check = (deliveries: readonly Delivery[]) =>
        [...totals.values()].reduce((sum, total) => sum + total, 0) ===
        [...succeeded(deliveries).values()].reduce((sum, { size }) => sum + size, 0);
      return { handler, check };
    };

    it('passes a handler that counts in the state it is given', { timeout: 120_000 }, async () => {
      const inTheState = (put: (event: KinesisEvent, count: number) => void) => (event: KinesisEvent) => {
        const count = Number((event.state as { count?: number }).count ?? 0) + event.Records.length;
        if (event.isFinalInvokeForWindow) put(event, count);
        return { state: { count } };
      };
      await checkHandler(counts(inTheState), { scenario, runs: 50, seed: 5 });
    });

    it('finds one that counts in its module, where a window is sent again', { timeout: 120_000 }, async () => {
      const inTheModule = (put: (event: KinesisEvent, count: number) => void) => {
        let count = 0;
        return (event: KinesisEvent) => {
          count += event.Records.length;
          if (event.isFinalInvokeForWindow) put(event, count);
          if (event.isFinalInvokeForWindow) count = 0;
          return { state: {} };
        };
      };
      const error = await checkHandler(counts(inTheModule), { scenario, seed: 5 }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(CounterexampleError);
      expect(sizes(error as CounterexampleError)).toBe(1);
    });
  });

  it('refuses a scenario with several mappings', async () => {
    await expect(checkHandler(() => ({ handler: () => null }), { scenario: { mappings: {} } })).rejects.toThrow(
      'expected a scenario with one mapping, got 0',
    );
  });

  const filtered = {
    shardclock: 1,
    name: 'orders',
    duration: '1m',
    account: { ConcurrentExecutions: 5_000 },
    streams: { orders: { ShardCount: 2 } },
    producers: { p: { stream: 'orders', rate: '1/s', data: { template: { kind: 'order' } } } },
    functions: { f: { duration: '1ms', ReservedConcurrentExecutions: 2_000 } },
    mappings: {
      m: {
        stream: 'orders',
        function: 'f',
        StartingPosition: 'LATEST',
        FilterCriteria: { Filters: [{ Pattern: '{"data":{"kind":["order"]}}' }] },
      },
    },
  };

  it.each([
    ['as a document', filtered],
    ['as text', JSON.stringify(filtered)],
  ])('keeps what the records hold, and the account: %s', async (_, scenario) => {
    const kinds = new Set<unknown>();
    const handler: Handler = ({ Records }) => {
      for (const { kinesis } of Records) kinds.add(JSON.parse(atob(kinesis.data)).kind);
    };
    await checkHandler(() => ({ handler }), { scenario, runs: 20, seed: 1 });
    expect([...kinds]).toEqual(['order']);
  });

  it('says at once why no scenario has such settings', async () => {
    const scenario = { ...filtered, mappings: { m: { ...filtered.mappings.m, BatchSzie: 5 } } };
    await expect(checkHandler(() => ({ handler: () => null }), { scenario })).rejects.toThrow(
      /mappings\.m\.BatchSzie: unknown key; did you mean 'BatchSize'\?/,
    );
    const without = { ...filtered, functions: {} };
    await expect(checkHandler(() => ({ handler: () => null }), { scenario: without })).rejects.toThrow(
      "expected a scenario with function 'f'",
    );
  });

  it('says where a text is no scenario', async () => {
    await expect(checkHandler(() => ({ handler: () => null }), { scenario: '' })).rejects.toThrow(
      /^scenario:1:1: error: is empty; expected a scenario$/,
    );
  });

  it.each([0, -1, Number.NaN, 1.5])('is not run %s times', async (runs) => {
    await expect(checkHandler(() => ({ handler: () => null }), { runs })).rejects.toThrow(
      `runs: expected a whole number from 1, got ${runs}`,
    );
  });

  it.each([
    ['a handler itself', async () => undefined],
    ['what makes a handler alone', () => () => null],
    ['a promise of one', async () => ({ handler: () => null })],
  ])('is not blamed on the handler where there is none: %s', async (_, make) => {
    await expect(checkHandler(make as never, { seed: 1 })).rejects.toThrow(/^makeHandler: expected a function/);
  });

  const withCallback = ((_event: unknown, _context: unknown, callback: () => void) => callback()) as Handler;

  it.each<[string, Handler | HandlerMaker, string]>([
    ['one that takes a callback', withCallback, 'takes a callback, which is never called'],
    ['one that is made and takes it', { makeHandler: () => withCallback }, 'takes a callback, which is never called'],
    ['the same, made later', { makeHandler: async () => withCallback }, 'takes a callback, which is never called'],
    ['what is made and is no handler', { makeHandler: () => null as never }, 'expected a function (event, context)'],
  ])('refuses %s, and finds no fault with it', async (_, handler, message) => {
    const refused = expect(checkHandler(() => ({ handler }), { seed: 1 })).rejects;
    await refused.toThrow(TypeError);
    await refused.toThrow(message);
    await refused.not.toThrow(CounterexampleError);
  });

  it.each<[string, unknown, Record<string, unknown>, string]>([
    ['no function', { handler: () => null }, {}, 'makeHandler: expected a function that returns'],
    ['a check that is none', () => ({ handler: () => null, check: true }), {}, 'check: expected a function'],
    ['laws that are no list', null, { laws: () => [] }, 'laws: expected a list'],
    ['a law without its rule', null, { laws: [() => []] }, 'laws: expected a list'],
    ['a law that answers later', null, { laws: [law('Late', async () => [])] }, "'Late' must answer with a list"],
    ['an unknown option', null, { numRuns: 5 }, "unknown option 'numRuns'; expected one of laws, scenario, runs"],
    ['a path without its seed', null, { path: '3:1' }, 'path: expected the seed'],
    ['no scenario', null, { scenario: null }, "scenario: expected a scenario file's text"],
    ['a scenario that has been read', null, { scenario: scenarioOf(filtered) }, "scenario: expected a scenario file's"],
  ])('refuses %s, and finds no fault with the handler', async (_, make, options, message) => {
    const refused = expect(checkHandler((make ?? (() => ({ handler: () => null }))) as never, options)).rejects;
    await refused.toThrow(TypeError);
    await refused.toThrow(message);
  });

  it.each([Number.NaN, 1.5])('takes no seed %s', async (seed) => {
    await expect(checkHandler(() => ({ handler: () => null }), { seed })).rejects.toThrow(RangeError);
  });

  it('says that it reads no files', async () => {
    const scenario = JSON.stringify({
      ...filtered,
      producers: { p: { stream: 'orders', trace: { file: 'counts.csv', time: 'time', value: 'count' } } },
    });
    await expect(checkHandler(() => ({ handler: () => null }), { scenario })).rejects.toThrow(
      /counts\.csv.*checkHandler reads no files and draws the traffic/,
    );
  });

  it('says that a handler threw whenever it was called, where nothing else was wrong', async () => {
    const handler = () => {
      throw new TypeError('partitonKey is no such thing');
    };
    await expect(checkHandler(() => ({ handler }), { seed: 1, runs: 5 })).rejects.toThrow(
      /^the handler threw each of the \d+ times that it was called, so nothing was checked; first TypeError: partitonKey/,
    );
  });

  it('finds identifiers that are of no record of the batch (E6)', { timeout: 120_000 }, async () => {
    const handler: Handler = ({ Records }) => ({ batchItemFailures: [{ itemIdentifier: Records[0]!.eventID }] });
    const scenario = { ...filtered, mappings: { m: { ...filtered.mappings.m, FunctionResponseTypes: REPORTS } } };
    await expect(checkHandler(() => ({ handler }), { scenario, seed: 1 })).rejects.toThrow(
      /a response is malformed, and its whole batch comes again \(E6\)/,
    );
  });

  it('passes a handler that counts each record once and reports what it could not (E5)', {
    timeout: 120_000,
  }, async () => {
    const reporting = ({ store }: Effects): Handler => {
      const count = careful({ store } as Effects);
      return async ({ Records, ...event }, context) => {
        for (const record of Records) {
          try {
            await count({ ...event, Records: [record] }, context);
          } catch {
            return { batchItemFailures: [{ itemIdentifier: record.kinesis.sequenceNumber }] };
          }
        }
        return undefined;
      };
    };
    const scenario = { ...filtered, mappings: { m: { ...filtered.mappings.m, FunctionResponseTypes: REPORTS } } };
    let partial = 0;
    const make = counting(reporting);
    await checkHandler(
      (tools) => {
        const { handler, check } = make(tools);
        const counted = (deliveries: readonly Delivery[]) => {
          partial += deliveries.filter(({ outcome, acknowledged }) => outcome !== 'success' && acknowledged[0]).length;
          return check!(deliveries);
        };
        return { handler, check: counted };
      },
      { scenario, seed: 1, runs: 300 },
    );
    expect(partial).toBeGreaterThan(0);
  });

  it('does not hear how long a handler says that it takes: durations are drawn', async () => {
    const handler: Handler = (_, { shardclock }) => shardclock.duration('1s');
    await checkHandler(() => ({ handler }), { seed: 1, runs: 10 });
  });

  it('the same again is the same, whatever was tried before (D1)', { timeout: 300_000 }, async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const first = await failureOf(writesAllAtOnce, { seed });
      const again = await failureOf(writesAllAtOnce, { seed, path: first.path });
      expect([again.scenario, again.deliveries]).toEqual([first.scenario, first.deliveries]);
      expect(again.message.split('Found at')[0]).toBe(first.message.split('Found at')[0]);
    }
  });

  it('says with which options it is the same again, and what the handler threw', { timeout: 120_000 }, async () => {
    const failure = await failureOf(forgetsThatRecordsComeAgain, { scenario: filtered, laws: [] });
    expect(failure.message).toMatch(/checkHandler\(makeHandler, \{ scenario, laws, seed: 7, path: '[\d:]+' \}\)/);
    const poison = (): Handler => () => {
      throw new Error('no such column');
    };
    const found = await failureOf(poison, { laws: [law('Nothing fails', () => ['it does'])] });
    expect(found.message).toMatch(/The handler threw:\n {2}Error: no such column/);
  });

  it('takes laws of the user’s own', async () => {
    const law = Object.assign(() => ['none at all'], { rule: 'There are no runs' });
    await expect(checkHandler(() => ({ handler: () => null }), { laws: [law], seed: 1 })).rejects.toThrow(
      'There are no runs: none at all',
    );
  });
});

describe('the store of a test', () => {
  const tried = async (use: (store: HandlerTools['store']) => unknown) => {
    const errors = new Set<string>();
    const make = ({ store }: HandlerTools) => {
      const handler = async () => {
        try {
          for (let i = 0; i < 20; i++) await use(store);
        } catch (error) {
          errors.add(String(error).replace(/\d+/, 'N'));
        }
      };
      return { handler };
    };
    await checkHandler(make, { seed: 1, runs: 20 });
    return [...errors];
  };

  it.each<[string, object, (store: never) => unknown, string]>([
    ['a frozen object', Object.freeze({ async put() {} }), (s: { put(): unknown }) => s.put(), 'put'],
    ['a function', async function send() {}, (send: () => unknown) => send(), 'send'],
    [
      'a part of an object',
      { user: { async create() {} } },
      (s: { user: { create(): unknown } }) => s.user.create(),
      'user.create',
    ],
  ])('may be %s: its calls fail now and then', async (_, whole, use, name) => {
    expect(await tried((store) => use(store(whole) as never))).toEqual([`Error: the store fails: ${name}, call N`]);
  });

  it('is of the same kind as what it stands for, and has the same data', async () => {
    const table = new Table();
    await tried((store) => {
      const stood = store(table);
      expect(stood).toBeInstanceOf(Table);
      expect(stood.rows).toBe(table.rows);
      expect(Object.keys(stood)).toEqual(['rows']);
    });
  });
});

describe('handlers that overlap (L7)', () => {
  const document = {
    shardclock: 1,
    name: 'two lanes',
    duration: '3s',
    drain: '1m',
    polling: { phase: 'aligned' },
    streams: { s: { ShardCount: 2 } },
    producers: { p: { stream: 's', records: [0, 1].map((shard) => ({ at: '500ms', shard })) } },
    functions: { f: { duration: '100ms' } },
    mappings: { m: { stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON' } },
  };

  it('begin with their invocations, and are waited for when these end', async () => {
    const story: string[] = [];
    const handler: Handler = async (_event, { shardclock }) => {
      story.push(`begin ${shardclock.shardId.at(-1)}`);
      await Promise.resolve();
      story.push(`end ${shardclock.shardId.at(-1)}`);
    };
    await simulate(scenarioOf(document), {
      handlers: { f: handler },
      overlap: async (answer) => {
        story.push('wait');
        await answer;
      },
    });
    expect(story.slice(0, 3)).toEqual(['begin 0', 'begin 1', 'wait']);
    expect(story.filter((one) => one.startsWith('end'))).toHaveLength(2);
  });

  it('make the run that they make one after another', async () => {
    const handler: Handler = async ({ Records }) => ({ batchItemFailures: Records.slice(1).map(() => null) });
    const one = await simulate(scenarioOf(document), { handlers: { f: handler } });
    const other = await simulate(scenarioOf(document), {
      handlers: { f: handler },
      overlap: async (answer) => void (await answer),
    });
    expect(other.digest).toBe(one.digest);
  });

  it('may not report how long they take', async () => {
    const handler: Handler = (_event, { shardclock }) => shardclock.duration('1s');
    await expect(
      simulate(scenarioOf(document), { handlers: { f: handler }, overlap: async (answer) => void (await answer) }),
    ).rejects.toThrow('handlers overlap in this run');
  });
});

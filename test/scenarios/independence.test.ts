import { describe, expect, test } from 'vitest';
import type { TraceEvent } from '../../src/recording/trace.ts';
import { simulateSync } from '../../src/sim/simulate.ts';
import { parse, type ScenarioPart } from '../support/scenario.ts';
import { scenarioText } from '../support/shipped-scenarios.ts';

/** Chance everywhere: arrivals, keys, sizes, durations, cold starts, faults, phases, jitter. */
const FIRST: ScenarioPart = {
  shardclock: 1,
  name: 'first',
  duration: '3m',
  streams: { orders: { ShardCount: 3 } },
  producers: {
    checkout: { stream: 'orders', rate: '60/s', keys: { count: 500 }, bytes: { uniform: { min: '100B', max: '3KB' } } },
  },
  functions: {
    enrich: {
      duration: { base: { lognormal: { median: '80ms', p99: '900ms' } }, perRecord: { exponential: { mean: '1ms' } } },
      coldStart: { uniform: { min: '100ms', max: '400ms' } },
      idleTimeout: '5s',
      faults: [{ probability: '10%' }, { poison: { oneIn: 900 }, until: '2m' }],
    },
  },
  mappings: {
    first: {
      stream: 'orders',
      function: 'enrich',
      StartingPosition: 'TRIM_HORIZON',
      MaximumRetryAttempts: 4,
      retryBackoff: { initial: '200ms', factor: 2, maximum: '10s', jitter: '20%' },
    },
  },
};

const SECOND_MAPPING = { stream: 'orders', function: 'archive', StartingPosition: 'TRIM_HORIZON' };
const ARCHIVE = { duration: '50ms', faults: [{ probability: '30%' }] };

const ADDITIONS: readonly (readonly [string, ScenarioPart])[] = [
  ['a function', added({ functions: { archive: ARCHIVE } })],
  ['a mapping and its function', added({ functions: { archive: ARCHIVE }, mappings: { second: SECOND_MAPPING } })],
  [
    'a mapping named before it',
    added({ functions: { archive: ARCHIVE }, mappings: { a: SECOND_MAPPING, ...mappingsOf(FIRST) } }, ['mappings']),
  ],
  [
    'another stream with its producer, function and mapping',
    added({
      streams: { clicks: { ShardCount: 2 } },
      producers: { site: { stream: 'clicks', rate: '100/s' } },
      functions: { archive: ARCHIVE },
      mappings: { second: { ...SECOND_MAPPING, stream: 'clicks' } },
    }),
  ],
  ['thresholds and another period', added({ period: '10s', thresholds: { IteratorAge: ['max < 1h'] } })],
];

describe('what is added leaves the trace of another mapping as it was (D2)', () => {
  const before = traceOfFirst(FIRST);

  test('which is one with retries, discards and poison', () => {
    expect(new Set(before.map(({ type }) => type))).toEqual(new Set(['state', 'poll', 'invocation', 'discard']));
  });

  test.each(ADDITIONS)('%s', (_, scenario) => {
    expect(traceOfFirst(scenario)).toEqual(before);
  });

  test('a fault of its own function, until the fault begins', () => {
    const begins = 100e6;
    const { enrich } = FIRST.functions as Record<string, ScenarioPart>;
    const faults = [...(enrich!.faults as object[]), { from: '100s', to: '2m' }];
    const after = traceOfFirst(added({ functions: { enrich: { ...enrich, faults } } }, ['functions']));
    const untilThen = (event: TraceEvent) => event.t < begins;
    expect(after.filter(untilThen)).toEqual(before.filter(untilThen));
    expect(after).not.toEqual(before);
  });

  test('in a shipped scenario too', () => {
    const text = scenarioText('outage').replace('duration: 2h', 'duration: 40m');
    const more = text
      .replace('functions:\n', 'functions:\n  audit: { duration: 20ms, faults: [{ probability: 5% }] }\n')
      .replace('mappings:\n', 'mappings:\n  audit: { stream: orders, function: audit, StartingPosition: LATEST }\n');
    expect(traceOf(more, 'orders-to-store')).toEqual(traceOf(text, 'orders-to-store'));
    expect(traceOf(more, 'audit').length).toBeGreaterThan(1_000);
  });
});

function traceOfFirst(scenario: ScenarioPart): TraceEvent[] {
  return traceOf(JSON.stringify(scenario), 'first');
}

function traceOf(text: string, mapping: string): TraceEvent[] {
  const trace: TraceEvent[] = [];
  simulateSync(parse(text), {
    trace: (event) => {
      if (event.mapping === mapping) trace.push(event);
    },
  });
  return trace;
}

/** FIRST with entries added to its maps; a map that is named is replaced as a whole. */
function added(part: ScenarioPart, replaced: readonly string[] = []): ScenarioPart {
  const result: Record<string, unknown> = { ...FIRST };
  for (const [key, value] of Object.entries(part)) {
    const before = FIRST[key];
    const isMap = typeof before === 'object' && typeof value === 'object' && !replaced.includes(key);
    result[key] = isMap ? { ...before, ...value } : value;
  }
  return result;
}

function mappingsOf(scenario: ScenarioPart): ScenarioPart {
  return scenario.mappings as ScenarioPart;
}

import { expect, it } from 'vitest';
import { HOUR } from '../../src/kernel/time.ts';
import { summarise } from '../../src/report/summarise.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { RunawayError, simulate, simulateSync } from '../../src/sim/simulate.ts';
import { parse } from '../support/scenario.ts';

const long = () => parse({ duration: '4h', producers: { p: { rate: '5/s' } } });

it('a run that pauses for others is the same run (D1)', async () => {
  expect(summarise(await simulate(long()))).toEqual(summarise(simulateSync(long())));
});

it('a signal that others abort ends the run where it is, marked partial', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort());
  const recording = await simulate(long(), { signal: controller.signal });
  expect(recording.partial).toBe(true);
  expect(recording.end).toBeGreaterThan(0);
  expect(recording.end).toBeLessThan(4 * HOUR);
});

it('with a signal that is aborted already nothing is run', async () => {
  const signal = AbortSignal.abort();
  const short = () => parse({ producers: { p: { rate: '10/s' } } });
  for (const recording of [await simulate(short(), { signal }), simulateSync(short(), { signal })]) {
    expect([recording.partial, recording.end]).toEqual([true, 0]);
    expect(summarise(recording).mappings.m!.invocations).toBe(0);
  }
});

it('a synchronous run looks at its signal and tells how far it is', () => {
  const seen: number[] = [];
  const signal = { aborted: false };
  const onProgress = (now: number) => {
    seen.push(now);
    signal.aborted = seen.length === 3;
  };
  const recording = simulateSync(long(), { signal, onProgress });
  expect(recording.partial).toBe(true);
  expect(seen).toHaveLength(3);
  expect(recording.end).toBe(seen[2]);
});

it('a million events at one instant stop the run, which names the lane (D6)', () => {
  const scenario = parse({
    functions: { f: { duration: { uniform: { min: '0ms', max: '0.4us' } }, faults: [{ from: '0s', to: '5s' }] } },
    mappings: { m: { retryBackoff: 'none' } },
    producers: { p: { records: [{ at: '500ms' }] } },
  });
  expect(() => simulateSync(scenario)).toThrow(
    expect.toSatisfy((error) => error instanceof RunawayError && error.message.includes('m shardId-000000000000')),
  );
});

it('a scenario that plainly asks for it is refused (D6)', () => {
  expect(() =>
    parse({
      functions: { f: { duration: '0ms', faults: [{ from: '0s' }] } },
      mappings: { m: { retryBackoff: 'none' } },
      producers: { p: { records: [{ at: '500ms' }] } },
    }),
  ).toThrow('retryBackoff');
});

it('what is no scenario, or no handlers, is said to be none', () => {
  const parsed = parseScenario('{}', { readFile: () => new Uint8Array() });
  for (const wrong of [null, parsed, { duration: '1m' }]) {
    expect(() => simulateSync(wrong as never)).toThrow(
      /^expected a scenario: the `scenario` of what parseScenario gives$/,
    );
  }
  for (const wrong of [() => null, new Map()]) {
    expect(() => simulateSync(long(), { handlers: wrong as never })).toThrow(
      /^handlers: expected an object with a handler/,
    );
  }
});

it('a shard-level metric that AWS does not have is said to be none', () => {
  expect(() => simulateSync(long(), { shardMetrics: ['IncomingRecord' as never] })).toThrow(
    /^shardMetrics: there is no IncomingRecord; expected some of IncomingBytes, /,
  );
});

it('what one run leaves behind is its own: whoever writes to it changes no later run', () => {
  const text = JSON.stringify({
    shardclock: 1,
    name: 'own',
    duration: '1m',
    streams: { s: { ShardCount: 1 } },
    functions: { f: { duration: '1ms' } },
    mappings: { m: { stream: 's', function: 'f', StartingPosition: 'LATEST' } },
  });
  const once = () => {
    const parsed = parseScenario(text, { readFile: () => new Uint8Array() });
    if (!parsed.ok) throw new Error('expected a scenario');
    return [parsed.scenario, summarise(simulateSync(parsed.scenario))];
  };
  expect(sharedBetween(once(), once())).toEqual([]);
});

/** Where two values hold the same object, which could be written to. */
function sharedBetween(a: unknown, b: unknown, path = ''): string[] {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return [];
  if (a === b) return Object.isFrozen(a) ? [] : [path];
  return Object.entries(a).flatMap(([key, value]) =>
    sharedBetween(value, (b as Record<string, unknown>)[key], `${path}.${key}`),
  );
}

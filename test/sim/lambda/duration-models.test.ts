import { describe, expect, it } from 'vitest';
import { summarise } from '../../../src/report/summarise.ts';
import { simulateSync } from '../../../src/sim/simulate.ts';
import { messages, withFunction } from '../../scenario/reading.ts';
import { eventsOf, parse, recordsEvery, run } from '../../support/scenario.ts';

/** How long the only invocation takes, in milliseconds. */
function takes(target: object, functions = {}): number {
  const result = run({
    producers: { p: { records: [{ at: '500ms' }] } },
    functions: { f: { duration: '100ms', coldStart: '40ms', ...target, ...functions } },
  });
  const { start, end } = eventsOf(result, 'invocation')[0]!;
  return (end - start) / 1_000 - 40;
}

describe('durationByMemory (L5a)', () => {
  const cpu = (at: number, cpuShare: string, more = {}) => ({ durationByMemory: { at, cpuShare, ...more } });

  it.each([
    ['the size it is stated at', { MemorySize: 512, ...cpu(512, '80%') }, 100],
    ['twice as much', { MemorySize: 1_024, ...cpu(512, '80%') }, 60],
    ['half as much', { MemorySize: 256, ...cpu(512, '80%') }, 180],
    ['all of it the processor, at an eighth', { MemorySize: 128, ...cpu(1_024, '100%') }, 800],
    ['past one processor nothing gets faster', { MemorySize: 3_538, ...cpu(1_769, '100%') }, 100],
    ['stated past one processor', { MemorySize: 1_769, ...cpu(3_538, '100%') }, 100],
    ['of two processors', { MemorySize: 3_538, ...cpu(1_769, '100%', { fullAt: 3_538 }) }, 50],
  ])('multiplies by the share of the processor: %s', (_, target, expected) => {
    expect(takes(target)).toBeCloseTo(expected, 3);
  });

  it('or by what was measured, 1 / MemorySize between two sizes; the cold start stays as it is', () => {
    const measured = [
      { MemorySize: 1_024, duration: '50ms' },
      { MemorySize: 256, duration: '150ms' },
      { MemorySize: 512, duration: '70ms' },
    ];
    const of = (MemorySize: number) => takes({ MemorySize, durationByMemory: { at: 512, measured } });
    expect(of(512)).toBe(100);
    expect(of(1_024)).toBeCloseTo((100 * 50) / 70, 2);
    expect(of(256)).toBeCloseTo((100 * 150) / 70, 2);
    // 1/384 lies two thirds of the way from 1/256 to 1/512.
    expect(of(384)).toBeCloseTo((100 * (150 - (2 / 3) * 80)) / 70, 2);
  });

  it('is checked, each problem at its place', () => {
    const place = '9:48: error: functions.enrich.durationByMemory';
    const said = (model: string, more = '') =>
      messages(withFunction(`{ duration: 100ms,${more} durationByMemory: ${model} }`));
    expect(said('{ at: 512 }')).toEqual([`f.yaml:${place}: expected exactly one of cpuShare and measured`]);
    expect(said('{ at: 512, cpuShare: 80%, measured: [] }')).toHaveLength(1);
    const [first, second] = ['{ MemorySize: 256, duration: 9ms }', '{ MemorySize: 512, duration: 5ms }'];
    expect(said(`{ at: 512, measured: [${first}, ${first}] }`).join('\n')).toMatch(
      /measured\[1\]\.MemorySize: 256 stands there already/,
    );
    expect(said(`{ at: 1024, fullAt: 512, measured: [${first}, ${second}] }`, ' MemorySize: 128,')).toEqual([
      'f.yaml:9:42: error: functions.enrich.MemorySize: expected one of the sizes measured or between them, 256 to 512, got 128',
      'f.yaml:9:71: error: functions.enrich.durationByMemory.at: expected one of the sizes measured or between them, 256 to 512, got 1024',
      'f.yaml:9:85: error: functions.enrich.durationByMemory.fullAt: what was measured shows it; leave fullAt out',
    ]);
  });
});

describe('durationByConcurrency (L5a)', () => {
  /** Four lanes that start one after another, at 1.0, 1.1, 1.2 and 1.3 s. */
  function four(saturatesAt: number, share = '100%', more = {}) {
    const result = run({
      streams: { s: { ShardCount: 4 } },
      polling: { period: '10s', phase: '1s' },
      producers: { p: { records: [0, 1, 2, 3].map((shard) => ({ at: '100ms', shard })) } },
      functions: { f: { duration: '1s', Timeout: 10, durationByConcurrency: { saturatesAt, share }, ...more } },
    });
    return eventsOf(result, 'invocation')
      .map(({ start, end }) => (end - start) / 1_000)
      .sort((a, b) => a - b);
  }

  it('slows down what starts while more run than it saturates at, each by those that run then', () => {
    expect(four(4)).toEqual([1_000, 1_000, 1_000, 1_000]);
    expect(four(2)).toEqual([1_000, 1_000, 1_500, 2_000]);
    expect(four(1, '50%')).toEqual([1_000, 1_500, 2_000, 2_500]);
  });

  it('counts those in provisioned environments, too, and no longer those that have ended', () => {
    const provisioned = { ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 2 } };
    expect(four(1, '100%', provisioned)).toEqual([1_000, 2_000, 3_000, 4_000]);
    const result = run({
      producers: { p: { records: recordsEvery(1_000_000, 500_000, 5) } },
      functions: { f: { duration: '300ms', durationByConcurrency: { saturatesAt: 1 } } },
    });
    expect(eventsOf(result, 'invocation').map(({ start, end }) => end - start)).toEqual(Array(5).fill(300_000));
  });

  it('changes no byte on the short path (D1)', () => {
    const scenario = parse({
      duration: '60s',
      streams: { s: { ShardCount: 6 } },
      polling: { phase: 'spread' },
      producers: { p: { rate: '300/s' } },
      functions: {
        f: {
          MemorySize: 256,
          duration: { base: { exponential: { mean: '200ms' } }, perRecord: '1ms' },
          durationByMemory: { at: 512, cpuShare: '50%' },
          durationByConcurrency: { saturatesAt: 2, share: '70%' },
          ReservedConcurrentExecutions: 5,
        },
      },
    });
    const bytes = (plain: boolean) => JSON.stringify(summarise(simulateSync(scenario, { plain })));
    expect(bytes(false)).toBe(bytes(true));
    expect(summarise(simulateSync(scenario)).mappings.m!.durationMs.mean).toBeGreaterThan(450);
  });
});

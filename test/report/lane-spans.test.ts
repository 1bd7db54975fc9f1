import { describe, expect, test } from 'vitest';
import { laneLives } from '../../src/report/charts/lives.ts';
import { run, type ScenarioPart } from '../support/scenario.ts';

const lanes = (scenario: ScenarioPart) => {
  const { summary } = run({ producers: { p: { rate: '5/s' } }, ...scenario });
  return { summary, lanes: summary.timeline.lanes };
};

describe('the lanes of a timeline', () => {
  const second = { stream: 's', function: 'g', StartingPosition: 'LATEST' };
  const functions = { f: { duration: '100ms' }, g: { duration: '100ms' } };

  test('are there while their mapping is (P8, P9)', () => {
    const { summary, lanes: shown } = lanes({
      duration: '60s',
      functions,
      timeline: [
        { at: '20s', create: 'n', mapping: second },
        { at: '40s', delete: 'm' },
      ],
    });
    const [m, n] = shown;
    expect(m).toMatchObject({ mapping: 'm', endedSeconds: 40 });
    expect(m!.spans.at(-1)!.toSeconds).toBe(40);
    expect(n).toMatchObject({ mapping: 'n', beganSeconds: 20 });
    expect(n!.spans[0]).toMatchObject({ state: 'idle', fromSeconds: 20 });
    expect(shown.map((lane) => laneLives(summary, lane, false))).toEqual([
      [{ from: 0, to: 40 }],
      [{ from: 20, to: 60 }],
    ]);
    // As where spans have been left out, and idle ones first.
    expect(shown.map((lane) => laneLives(summary, lane, true))).toEqual([
      [{ from: 0, to: 40 }],
      [{ from: 20, to: 60 }],
    ]);
  });

  test('that went before their mapping did are gone since then (P4, P9)', () => {
    const { lanes: shown } = lanes({
      duration: '60s',
      mappings: { m: { ParallelizationFactor: 2 } },
      timeline: [
        { at: '20s', update: 'm', set: { ParallelizationFactor: 1 } },
        { at: '40s', delete: 'm' },
      ],
    });
    expect(shown.map(({ endedSeconds }) => Math.floor(endedSeconds!))).toEqual([40, 20]);
  });

  test('of a mapping that is never created are not there at all (A1)', () => {
    const { summary, lanes: shown } = lanes({
      timeline: [{ at: '2s', create: 'n', mapping: { ...second, function: 'f' } }],
    });
    expect(shown[1]).toEqual({
      ...{ mapping: 'n', shardId: 'shardId-000000000000', lane: 0 },
      ...{ spans: [], endedSeconds: 0 },
    });
    expect(laneLives(summary, shown[1]!, false)).toEqual([]);
  });

  test('go with the ParallelizationFactor, also where spans have been left out (P4)', () => {
    const { summary, lanes: shown } = lanes({
      duration: '2h',
      producers: { p: { rate: '20/s' } },
      mappings: { m: { ParallelizationFactor: 2 } },
      timeline: [{ at: '1h', update: 'm', set: { ParallelizationFactor: 1 } }],
    });
    expect(shown.map(({ short }) => short !== undefined)).toEqual([true, true]);
    const [first, second] = shown.map((lane) => laneLives(summary, lane, true));
    expect(first).toEqual([{ from: 0, to: 7_200 }]);
    expect(second![0]!.to).toBeGreaterThanOrEqual(3_600);
    expect(second![0]!.to).toBeLessThan(3_602);
  });

  test('are as busy in all as they were, however long a drain is allowed', () => {
    const { lanes: shown } = lanes({
      ...{ duration: '1h', drain: '7d', functions: { f: { duration: '300ms' } } },
      producers: { p: { rate: '50/s', arrivals: 'even' } },
    });
    const { spans, short } = shown[0]!;
    expect(spans).toHaveLength(2_000);
    const { stretchSeconds, shares } = short!;
    expect(shares.running!.length).toBeGreaterThanOrEqual(112);
    const kept = spans.reduce((sum, { fromSeconds, toSeconds }) => sum + toSeconds - fromSeconds, 0);
    const left = shares.running!.reduce((sum, share) => sum + share * stretchSeconds, 0);
    expect((kept + left) / 3_600).toBeCloseTo(0.3, 2);
  });
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Chance } from '../../src/kernel/chance.ts';
import { LaneHistory } from '../../src/recording/lane-history.ts';
import type { ArrivalPart } from '../../src/recording/record-statistics.ts';
import { BatchTimes, RecordStatistics } from '../../src/recording/record-statistics.ts';
import { FoundTimes, SharedRoom } from '../../src/sim/kinesis/arrival-times.ts';
import { TimeFinder } from '../../src/sim/kinesis/time-finder.ts';
import { runs } from '../support/runs.ts';

const SECONDS = 200;
const SECOND = 1_000_000;

/** Batches that are cut at each second's `phase`, of all that has come since, or of so many records each. */
function statisticsOf(
  isSummedTogether: boolean,
  counts: readonly number[],
  phase: number,
  most: number,
): RecordStatistics {
  const finder = new TimeFinder(new Chance('statistics'));
  const seconds = counts.map((count, second) => {
    const times = new FoundTimes(finder, { second, ordinal: 0, from: 0, to: SECOND, count }, new SharedRoom());
    return { second, count, times, uniform: true, from: 0, to: SECOND, isSummedTogether };
  });
  const statistics = new RecordStatistics(1, 0);
  const history = new LaneHistory();
  const times = new BatchTimes(0);
  let waiting: ArrivalPart[] = [];
  for (const second of seconds.slice(0, -1)) {
    const cutAt = second.second * SECOND + phase;
    const seen = second.times.before(phase);
    if (seen > 0) waiting.push({ second, from: 0, to: seen, joinedAt: cutAt });
    while (waiting.length > 0) {
      const parts: ArrivalPart[] = [];
      for (let left = most; left > 0 && waiting.length > 0; ) {
        const part = waiting.shift()!;
        const to = Math.min(part.to, part.from + left);
        parts.push({ ...part, to, joinedAt: cutAt });
        if (to < part.to) waiting.unshift({ ...part, from: to });
        left -= to - part.from;
      }
      Object.assign(times, { cutAt, processing: 40_000, settledAt: cutAt + 40_000 });
      statistics.waited(parts, cutAt);
      statistics.succeeded(parts, times, history, 0);
    }
    waiting = seen < second.count ? [{ second, from: seen, to: second.count, joinedAt: cutAt }] : [];
  }
  return statistics;
}

it('records summed as if those of a second lay evenly have the same extremes, and means within 0.1 % (M7)', () => {
  const count = fc.integer({ min: 10, max: 400 });
  fc.assert(
    fc.property(
      count,
      fc.integer({ min: 100_000, max: 900_000 }),
      fc.constantFrom(7, 100, 10_000),
      (n, phase, most) => {
        const counts = Array.from({ length: SECONDS }, (_, second) => n + (second % 5));
        const [exact, together] = [false, true].map((isSummed) => statisticsOf(isSummed, counts, phase, most));
        for (const name of ['waitingTime', 'timeInSystem'] as const) {
          const [one, other] = [exact![name], together![name]];
          expect([other.count, other.min, other.max]).toEqual([one.count, one.min, one.max]);
          // Of so few records, far fewer than are summed so, chance makes a difference too.
          const error = 0.001 + 3 / Math.sqrt(SECONDS * n);
          expect(Math.abs(other.mean! / one.mean! - 1)).toBeLessThan(error);
          for (const p of [25, 50, 75, 90]) {
            const distance = Math.abs(other.quantile(p)! / one.quantile(p)! - 1);
            expect(distance).toBeLessThan(0.01 + 3 / Math.sqrt(SECONDS * n));
          }
        }
        const causes = (statistics: RecordStatistics) => statistics.breakdown.reduce((sum, time) => sum + time, 0);
        expect(causes(together!) / together!.timeInSystem.sum).toBeCloseTo(1, 9);
      },
    ),
    { numRuns: runs(60) },
  );
});

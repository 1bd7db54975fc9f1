import { expect, it } from 'vitest';
import { ACTIVITY, LaneHistory } from '../../src/recording/lane-history.ts';

it('however long a history is, what was long in it is not blurred (M4)', () => {
  const history = new LaneHistory();
  history.turn(0, ACTIVITY.notPolling);
  for (let i = 0; i < 10_000; i++) {
    history.turn(60_000_000 + 300 * i, ACTIVITY.running);
    history.turn(60_000_000 + 300 * i + 100 + (i % 100), ACTIVITY.idle);
  }
  expect(history.timesAt(60_000_000)).toEqual({ queue: 0, readLimit: 0, notPolling: 60_000_000 });
  expect(history.timesAt(30_000_000).notPolling).toBe(30_000_000);
  const busy = 10_000 * (100 + 49.5);
  expect(history.timesAt(70_000_000)).toEqual({ queue: busy, readLimit: 0, notPolling: 60_000_000 });
  expect(Math.abs(history.timesAt(61_500_000).queue - busy / 2)).toBeLessThan(0.002 * busy);
});

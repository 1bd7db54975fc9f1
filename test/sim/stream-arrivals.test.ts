import { expect, it } from 'vitest';
import { Chance } from '../../src/kernel/chance.ts';
import { SECOND } from '../../src/kernel/time.ts';
import { Stream } from '../../src/sim/kinesis/stream.ts';
import { StreamArrivals } from '../../src/sim/stream-arrivals.ts';
import { parse } from '../support/scenario.ts';

function streamOf(duration: string, rate: string, arrivals = 'poisson', timeline: readonly object[] = []): Stream {
  const { streams, producers, ...scenario } = parse({
    duration,
    streams: { s: { ShardCount: 7, writeLimits: false } },
    producers: { p: { stream: 's', rate, arrivals } },
    functions: { f: { duration: '1ms' } },
    mappings: { m: { stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON' } },
    timeline,
  });
  return new Stream(streams[0]!, producers, { duration: scenario.duration, chance: new Chance('1') });
}

it('of a large stream what has come is known to a few standard deviations, and at whole seconds exactly (M7)', () => {
  const [about, exact] = [streamOf('3000s', '5000/s'), streamOf('3000s', '5000/s')];
  const evenly = new StreamArrivals(about.shards, false);
  for (let at = 0; at < 40 * SECOND; at += 123_457) {
    const count = exact.shards.reduce((sum, { arrivals }) => sum + arrivals.by(at), 0);
    expect(Math.abs(evenly.by(at) - count), String(at)).toBeLessThan(6 * Math.sqrt(5_000 / 4));
  }
  for (let second = 41; second < 80; second++) {
    const count = exact.shards.reduce((sum, { arrivals }) => sum + arrivals.by(second * SECOND - 1), 0);
    expect(evenly.by(second * SECOND - 1)).toBe(count);
  }
});

it.each([
  ['of a small stream', '40s', '500/s', 'poisson', false, 10_007],
  ['of a small one whose records come evenly', '40s', '503/s', 'even', false, 10_007],
  ['of a small one that is seldom asked about', '40s', '500/s', 'poisson', false, 300_007],
  ['of a large one that is to be counted exactly', '3000s', '5000/s', 'poisson', true, 50_021],
])('%s what has come is known exactly', (_, duration, rate, arrivals, isExact, step) => {
  const [about, exact] = [streamOf(duration, rate, arrivals), streamOf(duration, rate, arrivals)];
  const whole = new StreamArrivals(about.shards, isExact);
  const count = (at: number) => exact.shards.reduce((sum, { arrivals }) => sum + arrivals.by(at), 0);
  for (let at = 0; at < 41 * SECOND; at += step) {
    expect(whole.by(at), String(at)).toBe(count(at));
    const later = Math.floor(at / SECOND) * SECOND + 999_999; // a look ahead, and back again
    if (at % 3 === 0) expect(whole.by(later), String(later)).toBe(count(later));
  }
});

it.each([
  ['a small stream', '60s', '500/s', 10_007],
  ['a small one that is seldom asked about', '60s', '500/s', 300_007],
  ['a large one', '3000s', '5000/s', 50_021],
])(
  'whether more than so many of %s have come is as it is counted, whatever was asked before',
  (_, duration, rate, step) => {
    const [asked, counted] = [streamOf(duration, rate), streamOf(duration, rate)];
    const whole = new StreamArrivals(asked.shards, false);
    const alone = new StreamArrivals(counted.shards, false);
    const chance = new Chance('asks');
    let answers = 0;
    for (let at = 0, n = 0; at < 61 * SECOND; at += step, n++) {
      const end = (Math.floor(at / SECOND) + 1) * SECOND - 1;
      // About now, about later in the second, sooner than that, and now again, as looks at the backlog are.
      const later = at + Math.floor(chance.unit(3 * n) * (end - at));
      const sooner = at + Math.floor(chance.unit(3 * n + 1) * (later - at));
      for (const instant of n % 5 === 0 ? [at, end, later] : [at, later, sooner, at, end]) {
        const count = alone.by(instant);
        const off = Math.floor(chance.unit(3 * n + 2) * 9) - 4;
        expect(whole.areMoreBy(instant, count + off), `${instant}: ${count} and ${off}`).toBe(off < 0);
        answers++;
        if (n % 7 === 0) expect(whole.by(instant), String(instant)).toBe(count);
      }
    }
    expect(answers).toBeGreaterThan(500);
  },
);

it('what has come of a stream whose shards come and go is known exactly, between seconds and within them (K6)', () => {
  const timeline = [
    { at: '7300ms', split: 's', shard: 2 },
    { at: '15s', reshard: 's', ShardCount: 11 },
    { at: '31999999us', merge: 's', shards: [9, 10] },
  ];
  for (const step of [10_007, 300_007]) {
    const [about, exact] = [
      streamOf('40s', '500/s', 'poisson', timeline),
      streamOf('40s', '500/s', 'poisson', timeline),
    ];
    const whole = new StreamArrivals(about.shards, true);
    for (let at = 0; at < 41 * SECOND; at += step) {
      const count = exact.shards.reduce((sum, { arrivals }) => sum + arrivals.by(at), 0);
      expect(whole.areMoreBy(at, count - 1), String(at)).toBe(true);
      expect(whole.areMoreBy(at, count), String(at)).toBe(false);
      expect(whole.by(at), String(at)).toBe(count);
    }
  }
});

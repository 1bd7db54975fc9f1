import { describe, expect, it } from 'vitest';
import { Chance } from '../../../src/kernel/chance.ts';
import type { ArrivalSource, Scenario } from '../../../src/scenario/scenario.ts';
import { ShardCursor } from '../../../src/sim/kinesis/shard.ts';
import { Stream } from '../../../src/sim/kinesis/stream.ts';
import type { ScenarioPart } from '../../support/scenario.ts';
import { parse, run, seriesOf } from '../../support/scenario.ts';

interface Arrival {
  readonly at: number;
  readonly bytes: number;
  readonly key: string;
}

/** Every record that each shard of stream `s` accepts. */
function arrivalsOf(part: ScenarioPart | Scenario): Arrival[][] {
  const scenario = 'source' in part ? (part as Scenario) : parse(part as ScenarioPart);
  const producers = scenario.producers.filter(({ stream }) => stream === 's');
  const chance = new Chance(scenario.seed);
  const { shards } = new Stream(scenario.streams.find(({ name }) => name === 's')!, producers, {
    duration: scenario.duration,
    chance,
  });
  return shards.map(({ log, arrivals }) => {
    const total = arrivals.by(scenario.duration + 1_000_000);
    const cursor = new ShardCursor(log);
    const list: Arrival[] = [];
    while (cursor.index < total) {
      const { second, position } = cursor;
      const bytes = typeof second.bytes === 'number' ? second.bytes : second.bytes[position]!;
      list.push({ at: cursor.arrival, bytes, key: log.keyOf(second, position) });
      cursor.moveTo(cursor.index + 1);
    }
    return list;
  });
}

const unlimited = (ShardCount: number) => ({ s: { ShardCount, writeLimits: 'off' } });
const perSecond = (arrivals: readonly Arrival[], seconds: number) => {
  const counts = new Array<number>(seconds).fill(0);
  for (const { at } of arrivals) counts[Math.floor(at / 1_000_000)]! += 1;
  return counts;
};

describe('even arrivals', () => {
  const times = (producer: ScenarioPart, duration = '10s') =>
    arrivalsOf({
      duration,
      streams: unlimited(1),
      producers: { p: { arrivals: 'even', ...producer } },
    })[0]!.map(({ at }) => at);

  it('record i comes where the cumulative rate is i + 0.5, rounded down to a microsecond (D3)', () => {
    expect(times({ rate: '4/s' }, '2s')).toEqual([
      125_000, 375_000, 625_000, 875_000, 1_125_000, 1_375_000, 1_625_000, 1_875_000,
    ]);
    // (i + 0.5) · 1,000,000 / 3 = 166,666.67, 500,000, 833,333.3, …
    expect(times({ rate: '3/s' }, '2s')).toEqual([166_666, 500_000, 833_333, 1_166_666, 1_500_000, 1_833_333]);
    // 0.3/s: 0.5 / 0.3 = 1.666667 s, 1.5 / 0.3 = 5 s, 2.5 / 0.3 = 8.333333 s.
    expect(times({ rate: '0.3/s' })).toEqual([1_666_666, 5_000_000, 8_333_333]);
  });

  it('across phases: the fraction that is left is carried on (D3)', () => {
    // 1 s at 1.5/s and 2 s at 2/s: the cumulative rate is 0.5 at 1/3 s, 1.5 at 1 s, 2.5 at 1.5 s, 3.5, 4.5 at 2, 2.5 s.
    expect(
      times({
        phases: [
          { duration: '1s', rate: '1.5/s' },
          { duration: '2s', rate: '2/s' },
        ],
      }),
    ).toEqual([333_333, 1_000_000, 1_500_000, 2_000_000, 2_500_000]);
  });

  it('along a ramp the cumulative rate is quadratic (D3)', () => {
    // From 0 to 10/s in 10 s it is t²/2: record i comes at √(2 i + 1) s.
    expect(times({ phases: [{ duration: '10s', rate: '0/s', rampTo: '10/s' }] })).toEqual(
      Array.from({ length: 50 }, (_, i) => Math.floor(Math.sqrt(2 * i + 1) * 1e6)),
    );
  });

  it('nothing comes after the last phase (D3)', () => {
    expect(times({ phases: [{ duration: '2s', rate: '1/s' }] }, '100s')).toEqual([500_000, 1_500_000]);
  });

  it('a whole number of records a second gives just as many in each (D3)', () => {
    const arrivals = arrivalsOf({
      duration: '20s',
      streams: unlimited(4),
      producers: { p: { rate: '777/s', arrivals: 'even' } },
    }).flat();
    expect(perSecond(arrivals, 20)).toEqual(new Array(20).fill(777));
  });
});

describe('poisson arrivals', () => {
  it('counts in a second have mean and variance of the rate, whole or not, small or large (D3)', () => {
    for (const [rate, seconds] of [
      [0.5, 400],
      [3.3, 400],
      [40, 400],
      [1_200.25, 40],
    ] as const) {
      const counts = Array.from({ length: 5 }, (_, seed) =>
        perSecond(
          arrivalsOf({
            seed,
            duration: `${seconds}s`,
            streams: unlimited(1),
            producers: { p: { rate: `${rate}/s` } },
          }).flat(),
          seconds,
        ),
      ).flat();
      const n = counts.length;
      const mean = counts.reduce((sum, count) => sum + count, 0) / n;
      const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (n - 1);
      // Standard errors of n counts: √(λ/n) of the mean; of the variance √((λ + 2λ²)/n), λ + 3λ² being the law's
      // fourth central moment. Four of each.
      expect(Math.abs(mean - rate)).toBeLessThan(4 * Math.sqrt(rate / n));
      expect(Math.abs(variance - rate)).toBeLessThan(4 * Math.sqrt((rate + 2 * rate * rate) / n));
    }
  });

  it('neighbouring seconds are independent (D3)', () => {
    const counts = perSecond(
      arrivalsOf({ duration: '5000s', streams: unlimited(1), producers: { p: { rate: '10/s' } } }).flat(),
      5_000,
    ).map((count) => count - 10);
    const covariance = counts.slice(1).reduce((sum, count, i) => sum + count * counts[i]!, 0) / counts.length;
    // The product of two independent counts has standard deviation 10: four standard errors of 5,000.
    expect(Math.abs(covariance)).toBeLessThan(4 * (10 / Math.sqrt(5_000)));
  });

  it('inside a second they lie uniformly (D3)', () => {
    const fractions = arrivalsOf({
      duration: '100s',
      streams: unlimited(1),
      producers: { p: { rate: '200/s' } },
    })[0]!.map(({ at }) => (at % 1_000_000) / 1e6);
    const n = fractions.length;
    const mean = fractions.reduce((sum, value) => sum + value, 0) / n;
    const square = fractions.reduce((sum, value) => sum + value * value, 0) / n;
    // Means 1/2 and 1/3, variances 1/12 and 4/45. Four standard errors.
    expect(Math.abs(mean - 1 / 2)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(square - 1 / 3)).toBeLessThan(4 * Math.sqrt(4 / 45 / n));
  });

  it('come in order of time in each shard (D3)', () => {
    for (const shard of arrivalsOf({ duration: '20s', streams: unlimited(3), producers: { p: { rate: '500/s' } } })) {
      for (let i = 1; i < shard.length; i++) expect(shard[i]!.at).toBeGreaterThanOrEqual(shard[i - 1]!.at);
    }
  });

  it("a ramp's counts follow its rate (D3)", () => {
    const arrivals = arrivalsOf({
      duration: '100s',
      streams: unlimited(1),
      producers: { p: { phases: [{ duration: '100s', rate: '0/s', rampTo: '200/s' }] } },
    }).flat();
    // 10,000 in all, a quarter of them in the first half. Four standard errors.
    const early = arrivals.filter(({ at }) => at < 50_000_000).length;
    expect(Math.abs(arrivals.length - 10_000)).toBeLessThan(4 * 100);
    expect(Math.abs(early - 2_500)).toBeLessThan(4 * 50);
  });
});

describe("a trace's rows", () => {
  const rows = (counts: readonly number[], period: number, arrivals: 'poisson' | 'even', ShardCount = 1) => {
    const source: ArrivalSource = { kind: 'counts', period, starts: counts.map((_, row) => row * period), counts };
    const scenario = parse({
      duration: `${counts.length * (period / 1e6)}s`,
      streams: unlimited(ShardCount),
      producers: { p: { rate: '1/s', arrivals } },
    });
    return arrivalsOf({ ...scenario, producers: [{ ...scenario.producers[0]!, source }] });
  };

  it('have exactly their count, random or even (D3)', () => {
    const counts = [94, 56, 187, 95, 0, 51, 1, 999];
    for (const arrivals of ['poisson', 'even'] as const) {
      for (const period of [300_000_000, 1_500_000, 1_000_000, 250_000]) {
        const placed = new Array<number>(counts.length).fill(0);
        for (const { at } of rows(counts, period, arrivals, 3).flat()) placed[Math.floor(at / period)]! += 1;
        expect(placed, `${arrivals} ${period}`).toEqual(counts);
      }
    }
  });

  it('even spreads a row over its own period (D3)', () => {
    // Two in 10 s, then four in 10 s.
    expect(rows([2, 4], 10_000_000, 'even')[0]!.map(({ at }) => at)).toEqual(
      [2.5, 7.5, 11.25, 13.75, 16.25, 18.75].map((s) => s * 1e6),
    );
  });

  it('random places a row uniformly over its period (D3)', () => {
    const times = rows([20_000], 60_000_000, 'poisson')[0]!.map(({ at }) => at / 60e6);
    const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / 20_000));
    // Sixty seconds with 333.3 each: χ² with 59 degrees of freedom has mean 59 and deviation 10.9.
    const counts = new Array<number>(60).fill(0);
    for (const time of times) counts[Math.floor(time * 60)]! += 1;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1_000 / 3) ** 2 / (1_000 / 3), 0);
    expect(Math.abs(chiSquare - 59)).toBeLessThan(4 * Math.sqrt(2 * 59));
  });
});

describe('common random numbers', () => {
  const producers = { p: { rate: '300/s', bytes: { uniform: { min: '100B', max: '900B' } } } };
  it('the same seed gives the same records, another seed others (D1, D3)', () => {
    const of = (seed: number) => arrivalsOf({ seed, duration: '5s', streams: unlimited(2), producers });
    expect(of(7)).toEqual(of(7));
    expect(of(7)).not.toEqual(of(8));
  });

  it('variants in batch size, mappings, functions and faults see the very same records (D3)', () => {
    const seen = (more: ScenarioPart) => {
      const result = run({ duration: '20s', period: '100ms', streams: unlimited(2), producers, ...more });
      return [seriesOf(result, 'IncomingRecords', 'Sum'), seriesOf(result, 'IncomingBytes', 'Sum')];
    };
    const plain = seen({});
    expect(seen({ mappings: { m: { BatchSize: 1 } } })).toEqual(plain);
    expect(seen({ functions: { f: { duration: '900ms', faults: [{ probability: '50%' }] } } })).toEqual(plain);
    expect(
      seen({
        functions: { g: { duration: '1ms' } },
        mappings: { n: { stream: 's', function: 'g', StartingPosition: 'LATEST' } },
      }),
    ).toEqual(plain);
  });

  it("another producer changes none of the first one's records (D2)", () => {
    const keyed = (count: number) => ({ ...producers.p, keys: { count } });
    const alone = arrivalsOf({ duration: '5s', streams: unlimited(1), producers: { p: keyed(3) } })[0]!;
    const both = arrivalsOf({
      duration: '5s',
      streams: unlimited(1),
      producers: { p: keyed(3), q: { stream: 's', rate: '50/s', keys: { list: ['other'] } } },
    })[0]!;
    expect(both.length).toBeGreaterThan(alone.length);
    expect(both.filter(({ key }) => key !== 'other')).toEqual(alone);
  });

  for (const [law, keys] of [
    ['fresh keys', undefined],
    ['a hundred keys', { count: 100 }],
    ['keys by Zipf', { zipf: { count: 50, exponent: 1.1 } }],
  ] as const) {
    for (const arrivals of ['poisson', 'even']) {
      it(`variants in ShardCount see the same totals in every second: ${law}, ${arrivals} (D3)`, () => {
        const counts = [1, 2, 3, 4, 7].map((ShardCount) =>
          perSecond(
            arrivalsOf({
              duration: '20s',
              streams: unlimited(ShardCount),
              producers: { p: { ...producers.p, keys, arrivals } },
            }).flat(),
            20,
          ),
        );
        for (const other of counts.slice(1)) expect(other).toEqual(counts[0]);
      });

      it(`and as many between boundaries that coincide: ${law}, ${arrivals} (D3)`, () => {
        const of = (ShardCount: number) =>
          arrivalsOf({
            duration: '5s',
            streams: unlimited(ShardCount),
            producers: { p: { ...producers.p, keys, arrivals } },
          });
        const [two, four, six, eight] = [of(2), of(4), of(6), of(8)];
        // A half of the space is one shard of two, two of four and three of six; each shard of four is two of eight.
        for (const half of [0, 1]) {
          expect(perSecond(four.slice(2 * half, 2 * half + 2).flat(), 5)).toEqual(perSecond(two[half]!, 5));
          expect(perSecond(six.slice(3 * half, 3 * half + 3).flat(), 5)).toEqual(perSecond(two[half]!, 5));
        }
        four.forEach((shard, i) => {
          expect(perSecond(eight.slice(2 * i, 2 * i + 2).flat(), 5)).toEqual(perSecond(shard, 5));
        });
      });
    }
  }

  it('a shard that two variants both have receives the very same records (D3)', () => {
    // [0, 1/4), [1/4, 1/2) and [1/2, 1) against [0, 1/2) and [1/2, 1): the last shard is the same.
    const ranges = (...starts: bigint[]) => ({
      s: {
        writeLimits: 'off',
        ShardCount: undefined,
        shards: starts.map((start, i) => ({
          StartingHashKey: String(start),
          EndingHashKey: String((starts[i + 1] ?? 2n ** 128n) - 1n),
        })),
      },
    });
    for (const arrivals of ['poisson', 'even']) {
      for (const keys of [undefined, { count: 100 }]) {
        const of = (streams: ScenarioPart) =>
          arrivalsOf({ duration: '5s', streams, producers: { p: { ...producers.p, arrivals, keys } } });
        const [, , fine] = of(ranges(0n, 2n ** 126n, 2n ** 127n));
        const [, coarse] = of(ranges(0n, 2n ** 127n));
        expect(fine).toEqual(coarse);
      }
    }
  });
});

describe('keys and sizes', () => {
  const shares = (keys: ScenarioPart, arrivals: string) => {
    const all = arrivalsOf({
      duration: '100s',
      streams: unlimited(2),
      producers: { p: { rate: '400/s', arrivals, keys } },
    }).flat();
    const counts = new Map<string, number>();
    for (const { key } of all) counts.set(key, (counts.get(key) ?? 0) + 1);
    return { total: all.length, of: (key: string) => counts.get(key) ?? 0, names: [...counts.keys()].sort() };
  };
  const near = (count: number, total: number, share: number) => {
    expect(Math.abs(count - total * share)).toBeLessThan(4 * Math.sqrt(total * share * (1 - share)));
  };

  it.each(['poisson', 'even'])('%s: uniform, Zipf, hot and listed keys have their shares (D3, K1)', (arrivals) => {
    const uniform = shares({ count: 4 }, arrivals);
    for (let i = 0; i < 4; i++) near(uniform.of(`partitionKey-${i}`), uniform.total, 1 / 4);
    const zipf = shares({ zipf: { count: 3, exponent: 1 } }, arrivals); // 6/11, 3/11, 2/11
    [6, 3, 2].forEach((weight, i) => {
      near(zipf.of(`partitionKey-${i}`), zipf.total, weight / 11);
    });
    const hot = shares({ hot: { key: 'a', share: '30%' }, count: 7 }, arrivals);
    near(hot.of('a'), hot.total, 0.3);
    for (let i = 0; i < 7; i++) near(hot.of(`partitionKey-${i}`), hot.total, 0.1);
    const listed = shares({ list: ['x', 'y', 'z'] }, arrivals);
    expect(listed.names).toEqual(['x', 'y', 'z']);
    for (const key of listed.names) near(listed.of(key), listed.total, 1 / 3);
  });

  it.each(['poisson', 'even'])('%s: sizes have the mean of their law (D3)', (arrivals) => {
    const all = arrivalsOf({
      duration: '100s',
      streams: unlimited(2),
      producers: { p: { rate: '200/s', arrivals, bytes: { uniform: { min: '100B', max: '300B' } } } },
    }).flat();
    const mean = all.reduce((sum, { bytes }) => sum + bytes, 0) / all.length;
    expect(all.every(({ bytes }) => bytes >= 100 && bytes <= 300 && Number.isInteger(bytes))).toBe(true);
    expect(Math.abs(mean - 200)).toBeLessThan(4 * (200 / Math.sqrt(12 * all.length)));
  });

  it('fresh keys share the shards by their ranges (K1, D3)', () => {
    const { s } = run({
      duration: '100s',
      streams: {
        s: {
          writeLimits: 'off',
          ShardCount: undefined,
          shards: [
            { StartingHashKey: '0', EndingHashKey: String(2n ** 125n - 1n) },
            { StartingHashKey: String(2n ** 125n), EndingHashKey: String(2n ** 128n - 1n) },
          ],
        },
      },
      producers: { p: { rate: '200/s' } },
    }).summary.streams;
    const [small, large] = Object.values(s!.shards).map(({ recordsPut }) => recordsPut);
    near(small!, small! + large!, 1 / 8);
  });
});

it('the newest record is known at every instant, and seconds after it has come', () => {
  const part = { duration: '90s', streams: unlimited(1), producers: { p: { stream: 's', rate: '0.4/s' } } };
  const scenario = parse(part);
  const [list] = arrivalsOf(part);
  const stream = new Stream(scenario.streams[0]!, scenario.producers, {
    duration: scenario.duration,
    chance: new Chance(scenario.seed),
  });
  const { arrivals } = stream.shards[0]!;
  let looks = 0;
  for (let at = list![0]!.at; at < 100_000_000; at += 130_003) {
    expect(arrivals.newestBy(at), String(at)).toBe(list!.findLast((arrival) => arrival.at <= at)!.at);
    looks++;
  }
  expect(looks).toBeGreaterThan(500);
});

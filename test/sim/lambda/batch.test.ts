import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENT_PAYLOAD } from '../../../src/recording/limits.ts';
import { ListedTimes, NO_TIMES } from '../../../src/sim/kinesis/arrival-times.ts';
import type { LogPosition, RecordLog, ShardSecond } from '../../../src/sim/kinesis/record-log.ts';
import { ShardCursor } from '../../../src/sim/kinesis/shard.ts';
import type { BatchPart, CutLimits } from '../../../src/sim/lambda/batch.ts';
import { Batch, cutBatch, takenRecords } from '../../../src/sim/lambda/batch.ts';
import { EventSize, eventRecord } from '../../../src/sim/lambda/event.ts';

interface Written {
  /** Microseconds after the second's start. */
  readonly times: readonly number[];
  /** Data bytes of each record, or of all of them. */
  readonly bytes: readonly number[] | number;
  readonly slice?: ShardSecond['slice'];
}

/** One second of a log, whose first record has the index `first`. */
function secondOf(second: number, first: number, { times, bytes, slice = null }: Written): ShardSecond {
  const count = times.length;
  return {
    ...{ second, first, count, slice, times: new ListedTimes(Int32Array.from(times)) },
    bytes: typeof bytes === 'number' ? bytes : Int32Array.from(bytes),
    ...{ producers: null, identities: null, firstIdentity: 0, offeredIn: null },
    ...{ uniform: false, from: 0, to: 0, isSummedTogether: false },
    ...{ offered: count, offeredTimes: NO_TIMES, refusals: [], losses: [] },
    after: { second: second + 1, first: first + count, limit: null, retries: [], whole: null },
  };
}

/** Seconds that are written down, and no records after them; the key of record i is keys[i], or 'k'. */
class WrittenLog implements RecordLog {
  readonly beginning: LogPosition = { second: 0, first: 0, limit: null, retries: [], whole: null };
  readonly lastSecond = Number.POSITIVE_INFINITY;
  readonly constantBytes = null;
  readonly keyCount = 0;
  readonly #seconds: readonly Written[];
  readonly #keys: readonly string[];

  constructor(seconds: readonly Written[], keys: readonly string[] = []) {
    this.#seconds = seconds;
    this.#keys = keys;
  }

  secondAt({ second, first }: LogPosition): ShardSecond {
    return secondOf(second, first, this.#seconds[second] ?? { times: [], bytes: 0 });
  }

  keyOf(second: ShardSecond, position: number): string {
    return this.#keys[second.first + position] ?? 'k';
  }

  keyNumberOf(): number {
    return -1;
  }

  dataOf(): null {
    return null;
  }

  parsedOf(): string {
    return '';
  }
}

// Records 0 to 5, which arrive at 100, 200 and 300 µs, at 2 s, at 2.5 s and 1 µs after 3 s.
const SECONDS: readonly Written[] = [
  { times: [100, 200, 300], bytes: 10 },
  { times: [], bytes: 10 },
  { times: [0, 500_000], bytes: [7, 9] },
  { times: [1], bytes: 20 },
];
const LOG = new WrittenLog(SECONDS, ['a', 'b', 'a', 'c', 'a', 'b']);
const S0 = secondOf(0, 0, SECONDS[0]!);
const S2 = secondOf(2, 3, SECONDS[2]!);
const S3 = secondOf(3, 5, SECONDS[3]!);
const BEFORE = { second: S0, position: 1 };

const part = (second: ShardSecond, from: number, to: number): BatchPart => ({ second, from, to, joinedAt: 4_000_000 });

function batchOf(parts: BatchPart[], more: Partial<ConstructorParameters<typeof Batch>[0]> = {}): Batch {
  return new Batch({ parts, before: BEFORE, cutAt: 5_000_000, filled: true, full: false, payload: 99, ...more });
}

/** Records 1 to 5. */
const five = () => batchOf([part(S0, 1, 3), part(S2, 0, 2), part(S3, 0, 1)]);
const placesOf = (parts: readonly BatchPart[]) =>
  parts.flatMap(({ second, from, to }) => Array.from({ length: to - from }, (_, i) => second.first + from + i));

// Places 20 to 22 of a slice are the records 102, 105 and 109 of its shard.
const WHOLE = secondOf(6, 100, { times: [], bytes: 1 });
const SLICED = secondOf(6, 20, {
  times: [3, 6, 10],
  bytes: 1,
  slice: { whole: WHOLE, places: Int32Array.from([2, 5, 9]), begin: 0 },
});

describe('a batch', () => {
  it('knows its size, its bytes, its ends and when they arrived', () => {
    expect(five()).toMatchObject({
      ...{ size: 5, bytes: 20 + 16 + 20, place: 1, endPlace: 6, first: 1, last: 5 },
      ...{ firstArrival: 200, lastArrival: 3_000_001 },
      ...{ before: BEFORE, cutAt: 5_000_000, filled: true, full: false, payload: 99, isFinal: false },
    });
    expect(five().firstArrival).toBe(200);
  });

  it('begins without attempts, throttles or a past (E3, L2)', () => {
    expect(five()).toMatchObject({
      ...{ invocations: 0, throttles: 0, isPiece: false, isHindered: false },
      ...{ throttled: 0, waitingSince: 0, releasedAt: 0 },
    });
  });

  it('of a final invocation may be empty (P11)', () => {
    expect(batchOf([], { isFinal: true })).toMatchObject({ size: 0, bytes: 0, isFinal: true });
  });

  it('of a slice knows the indices in the shard and the places in the lane (P4)', () => {
    const batch = batchOf([part(SLICED, 1, 3)]);
    expect(batch).toMatchObject({ place: 21, endPlace: 23, first: 105, last: 109, firstArrival: 6_000_006 });
    expect([21, 22].map((place) => batch.indexOf(place))).toEqual([105, 109]);
    expect([101, 102, 104, 105, 106, 109, 110].map((index) => batch.placeOf(index))).toEqual([
      ...[null, null, null, 21, null, 22, null],
    ]);
  });

  it('finds its records by place and by index in any of its seconds', () => {
    const batch = five();
    expect([1, 2, 3, 4, 5].map((place) => batch.indexOf(place))).toEqual([1, 2, 3, 4, 5]);
    expect([0, 1, 2, 3, 4, 5, 6].map((index) => batch.placeOf(index))).toEqual([null, 1, 2, 3, 4, 5, null]);
    const later = secondOf(7, 23, {
      times: [4],
      bytes: 1,
      slice: { whole: secondOf(7, 110, SECONDS[0]!), places: Int32Array.of(1), begin: 0 },
    });
    const sliced = batchOf([part(SLICED, 0, 3), part(later, 0, 1)]);
    expect([20, 22, 23].map((place) => sliced.indexOf(place))).toEqual([102, 109, 111]);
    expect([109, 110, 111].map((index) => sliced.placeOf(index))).toEqual([22, null, 23]);
  });

  it.each([
    ['a', [2, 4]],
    ['b', [1, 5]],
    ['c', [3]],
    ['d', []],
  ])('holds the key %s at these places', (key, places) => {
    expect(five().withKey(LOG, key)).toEqual(places);
  });

  it.each([
    [0, 0, [1, 2, 3, 4, 5]],
    [1, 0, [1, 2, 3, 4, 5]],
    [2, 1, [2, 3, 4, 5]],
    [3, 2, [3, 4, 5]],
    [4, 3, [4, 5]],
    [5, 4, [5]],
    [6, 5, []],
    [9, 5, []],
  ])('before place %i it has %i records; from there on these', (place, count, others) => {
    const batch = five();
    expect(batch.countBefore(place)).toBe(count);
    expect(placesOf(batch.partsFrom(place))).toEqual(others);
    expect(batch.partsFrom(place).every(({ from, to, joinedAt }) => from < to && joinedAt === 4_000_000)).toBe(true);
  });

  it('leaves out places that a filter has passed over (P10)', () => {
    const batch = batchOf([part(S0, 0, 1), part(S2, 1, 2)]);
    expect([1, 2, 3, 4, 5].map((place) => batch.countBefore(place))).toEqual([1, 1, 1, 1, 2]);
    expect([1, 4].map((place) => placesOf(batch.partsFrom(place)))).toEqual([[4], [4]]);
  });

  it('in some of its parts is another batch, whose parts are its own', () => {
    const parts = [part(S2, 0, 2)];
    const within = five().within(parts);
    expect(within).toMatchObject({ size: 2, bytes: 16, cutAt: 5_000_000, payload: 99, invocations: 0, place: 3 });
    within.takeUntil(2_000_000, 0);
    expect(parts).toEqual([part(S2, 0, 2)]);
  });
});

describe('the pieces of a batch', () => {
  it.each([
    [1, [1], [2, 3, 4, 5], 10],
    [2, [1, 2], [3, 4, 5], 20],
    [3, [1, 2, 3], [4, 5], 27],
    [4, [1, 2, 3, 4], [5], 36],
  ])('the first %i records and the others (E4, E5)', (count, lower, upper, bytes) => {
    const pieces = five().splitAt(count);
    expect(pieces.map(({ parts }) => placesOf(parts))).toEqual([lower, upper]);
    expect(pieces.map(({ size }) => size)).toEqual([lower.length, upper.length]);
    expect(pieces.map((piece) => piece.bytes)).toEqual([bytes, 56 - bytes]);
    for (const { parts } of pieces) expect(parts.every(({ from, to }) => from < to)).toBe(true);
    expect(pieces.flatMap(({ parts }) => parts).every(({ joinedAt }) => joinedAt === 4_000_000)).toBe(true);
  });

  it('have fresh counts; what has gone by for them goes on (E4)', () => {
    const batch = batchOf([part(S0, 0, 3)], { full: true, filled: false });
    Object.assign(batch, { invocations: 3, throttles: 2, throttled: 70, waitingSince: 80, releasedAt: 90 });
    for (const piece of batch.splitAt(1)) {
      expect(piece).toMatchObject({
        ...{ invocations: 0, throttles: 0, waitingSince: 0, throttled: 70, releasedAt: 90 },
        ...{ isHindered: true, isPiece: true, isFinal: false },
        ...{ before: BEFORE, cutAt: 5_000_000, filled: false, full: true, payload: 99 },
      });
    }
  });
});

describe('what leaves a batch from its front (E2, K5)', () => {
  it.each([
    [199, [], [1, 2, 3, 4, 5], 56],
    [200, [1], [2, 3, 4, 5], 46],
    [299, [1], [2, 3, 4, 5], 46],
    [300, [1, 2], [3, 4, 5], 36],
    [1_999_999, [1, 2], [3, 4, 5], 36],
    [2_000_000, [1, 2, 3], [4, 5], 29],
    [2_500_000, [1, 2, 3, 4], [5], 20],
    [3_000_000, [1, 2, 3, 4], [5], 20],
    [3_000_001, [1, 2, 3, 4, 5], [], 0],
  ])('is what arrived until %i µs, that included', (instant, gone, kept, bytes) => {
    const batch = five();
    const taken = batch.takeUntil(instant, 0);
    expect(placesOf(taken?.parts ?? [])).toEqual(gone);
    expect(placesOf(batch.parts)).toEqual(kept);
    expect(batch).toMatchObject({ size: kept.length, bytes });
    expect(taken === null).toBe(gone.length === 0);
    expect((taken?.parts ?? []).every(({ from, to, joinedAt }) => from < to && joinedAt === 4_000_000)).toBe(true);
    expect(batch.parts.every(({ from, to }) => from < to)).toBe(true);
    if (kept.length === 0) return;
    expect(batch.firstArrival).toBe([0, 200, 300, 2_000_000, 2_500_000, 3_000_001][kept[0]!]);
    expect(batch.takeUntil(instant, 0)).toBeNull();
  });

  it('is counted as it is told', () => {
    expect(five().takeUntil(2_000_000, 0)).toMatchObject({
      ...{ first: 1, last: 3, size: 3, firstArrival: 200, lastArrival: 2_000_000, arrivals: 200 + 300 + 2_000_000 },
    });
    expect(five().takeUntil(2_000_000, 250)).toMatchObject({ arrivals: 250 + 300 + 2_000_000, firstArrival: 200 });
  });

  it('passes over what a filter has left out (P10)', () => {
    const filtered = () => batchOf([part(S0, 0, 2), part(S2, 1, 2)]);
    for (const instant of [300, 1_000_000, 2_000_000]) {
      const batch = filtered();
      expect(placesOf(batch.takeUntil(instant, 0)!.parts)).toEqual([0, 1]);
      expect(placesOf(batch.parts)).toEqual([4]);
    }
  });

  it('of several seconds is summed over all of them', () => {
    expect(takenRecords([part(S0, 2, 3), part(S2, 1, 2), part(S3, 0, 1)], 400)).toEqual({
      parts: [part(S0, 2, 3), part(S2, 1, 2), part(S3, 0, 1)],
      ...{ first: 2, last: 5, size: 3, firstArrival: 300, lastArrival: 3_000_001 },
      arrivals: 400 + 2_500_000 + 3_000_001,
    });
    expect(takenRecords([part(S2, 0, 1)], 0)).toMatchObject({ firstArrival: 2_000_000, lastArrival: 2_000_000 });
  });
});

const SOURCE = {
  account: { concurrentExecutions: 1_000, id: '123456789012', region: 'us-east-1' },
  ...{ stream: 's', function: 'f', shard: 0, start: 0 },
};
const SIZE = new EventSize(SOURCE);
const ENVELOPE = SIZE.envelope(null);

/** What a record adds to an event. */
function added(bytes: number, partitionKey: string, arrival: number, size = SIZE): number {
  const second = Math.floor(arrival / 1_000_000);
  const record = secondOf(second, 0, { times: [arrival - second * 1_000_000], bytes });
  return size.record(record, 0, { keyOf: () => partitionKey });
}

it('a record adds as many bytes to an event as its JSON has (P5)', () => {
  const text = fc.string({ unit: 'binary', maxLength: 30 });
  const start = fc.constantFrom(0, 1_767_600_000_000_000);
  const arrival = fc.oneof(fc.nat(20_000_000), fc.integer({ min: 0, max: 10 ** 12 }));
  fc.assert(
    fc.property(text, fc.nat(40), start, arrival, (partitionKey, bytes, epoch, at) => {
      const source = { ...SOURCE, start: epoch };
      const data = btoa('\0'.repeat(bytes));
      const json = JSON.stringify(eventRecord(source, { index: 0, arrival: at, partitionKey, data }));
      const length = new TextEncoder().encode(json).length;
      expect(added(bytes, partitionKey, at, new EventSize(source))).toBe(length);
      // Where all keys are known to come to as much, no key is looked at.
      const key = new TextEncoder().encode(JSON.stringify(partitionKey)).length - 2;
      const keys = { longestInJson: key, meanInJson: key, alikeInJson: key };
      expect(added(bytes, 'another', at, new EventSize(source, { keys, until: 10 ** 12 }))).toBe(length);
    }),
  );
});

/** Cuts at 9 s, from the record with an index on. */
function cut(log: RecordLog, limits: Partial<CutLimits> = {}, from = 0) {
  const cursor = new ShardCursor(log);
  cursor.moveTo(from);
  const before = cursor.place;
  const all = { batchSize: 100, end: 6, envelope: ENVELOPE, refused: false, gathered: null, skim: null };
  const batch = cutBatch(cursor, log, SIZE, 9_000_000, { ...all, ...limits });
  return { batch, cursor, before, places: batch instanceof Batch ? placesOf(batch.parts) : batch };
}

describe('cutting a batch', () => {
  it.each([
    [1, 6, [0], true],
    [3, 6, [0, 1, 2], true],
    [4, 6, [0, 1, 2, 3], true],
    [6, 6, [0, 1, 2, 3, 4, 5], true],
    [7, 6, [0, 1, 2, 3, 4, 5], false],
    [4, 4, [0, 1, 2, 3], true],
    [5, 4, [0, 1, 2, 3], false],
    [5, 2, [0, 1], false],
  ])('BatchSize %i of what is buffered up to %i (P3)', (batchSize, end, places, full) => {
    const { batch, cursor, ...found } = cut(LOG, { batchSize, end });
    expect(found.places).toEqual(places);
    expect(batch).toMatchObject({ full, filled: full, cutAt: 9_000_000, before: found.before, size: places.length });
    expect((batch as Batch).parts.every(({ joinedAt }) => joinedAt === 9_000_000)).toBe(true);
    expect(cursor.index).toBe(places.length);
  });

  it('goes on where the cursor stands', () => {
    expect(cut(LOG, { batchSize: 2 }, 2)).toMatchObject({ places: [2, 3], before: { position: 2 } });
  });

  it('is full, but counts as short, where a call was refused (P7)', () => {
    expect(cut(LOG, { batchSize: 3, refused: true }).batch).toMatchObject({ filled: true, full: false });
  });

  it('finds nothing where nothing is buffered', () => {
    expect(cut(LOG, { end: 2 }, 2)).toMatchObject({ batch: null, cursor: { index: 2 } });
    expect(cut(LOG, { end: 1 }, 2).batch).toBeNull();
  });

  it('bounds the payload without measuring where it is far from the limit (P5)', () => {
    const bound = ENVELOPE + 3 * SIZE.atMost(10) + 2 * SIZE.atMost(9) + SIZE.atMost(20);
    expect(cut(LOG).batch).toMatchObject({ payload: bound });
    expect(cut(LOG, {}, 4).batch).toMatchObject({ payload: ENVELOPE + SIZE.atMost(9) + SIZE.atMost(20) });
    const falling = new WrittenLog([{ times: [1, 2, 3, 4], bytes: [50_000, 300, 600, 9_000] }]);
    expect(cut(falling, { end: 3 }, 1).batch).toMatchObject({
      payload: ENVELOPE + SIZE.atMost(300) + SIZE.atMost(600),
    });
  });
});

describe('what a window has gathered (P6)', () => {
  const gathered = (to = 2, payload = 1_000) =>
    batchOf([part(S0, 0, to)], { filled: false, payload, before: { second: S0, position: 0 } });

  it('is gone on with, up to BatchSize', () => {
    const { batch, places } = cut(LOG, { gathered: gathered(), batchSize: 4 }, 2);
    expect(places).toEqual([0, 1, 2, 3]);
    expect(batch).toMatchObject({ size: 4, full: true, filled: true, before: { position: 0 }, cutAt: 9_000_000 });
    expect(batch).toMatchObject({ payload: 1_000 + SIZE.atMost(10) + SIZE.atMost(9 - 2) });
    expect((batch as Batch).parts.map(({ joinedAt }) => joinedAt)).toEqual([4_000_000, 9_000_000, 9_000_000]);
    const bytes = 3 * 10 + 7 + 9 + 20;
    expect(cut(LOG, { gathered: gathered(), batchSize: 7 }, 2).batch).toMatchObject({ size: 6, bytes, full: false });
  });

  it('takes up no more of the payload limit than what is left of it (P5, K5)', () => {
    const log = new WrittenLog([{ times: [0, 1, 2, 3], bytes: 1_500_000 }]);
    const { batch, cursor } = cut(log, { end: 2, envelope: EVENT_PAYLOAD - 2 * SIZE.atMost(1_500_000) + 1 });
    const earlier = batch as Batch;
    expect(earlier).toMatchObject({ size: 2, isMeasured: true });
    earlier.takeUntil(0, 0);
    const limits = { batchSize: 100, end: 4, refused: false, gathered: earlier, skim: null };
    const more = cutBatch(cursor, log, SIZE, 9_000_000, {
      ...limits,
      envelope: EVENT_PAYLOAD - added(1_500_000, 'k', 1) * 2 - 1,
    });
    expect(more).toMatchObject({ size: 2, bytes: 3_000_000, payload: EVENT_PAYLOAD });
  });

  it('is what there is where nothing follows, it is full, or a filter keeps nothing', () => {
    const earlier = gathered();
    expect(cut(LOG, { gathered: earlier, end: 2 }, 2).batch).toBe(earlier);
    expect(cut(LOG, { gathered: earlier, batchSize: 2 }, 2).batch).toBe(earlier);
    expect(cut(LOG, { gathered: earlier, batchSize: 1 }, 2).batch).toBe(earlier);
    expect(cut(LOG, { gathered: earlier, skim: () => 0 }, 2).batch).toBe(earlier);
  });
});

describe('cutting behind a filter (P10)', () => {
  it('takes what it keeps, asked for no more than there is room for', () => {
    const asked: number[][] = [];
    const cursor = new ShardCursor(LOG);
    const kept = [0, 2, 3, 5];
    const skim = (end: number, most: number) => {
      asked.push([end, most]);
      const next = kept.find((place) => place >= cursor.index && place < end);
      if (next === undefined) return 0;
      cursor.moveTo(next);
      const isPair = kept.includes(next + 1) && next !== 2; // 2 and 3 lie in two seconds
      return Math.min(most, isPair ? 2 : 1);
    };
    const limits = { envelope: ENVELOPE, refused: false, gathered: null, skim };
    const some = cutBatch(cursor, LOG, SIZE, 9_000_000, { ...limits, batchSize: 3, end: 6 }) as Batch;
    expect(placesOf(some.parts)).toEqual([0, 2, 3]);
    expect(some).toMatchObject({ filled: true, full: true });
    expect(asked).toEqual([
      [6, 3],
      [6, 2],
      [6, 1],
    ]);
    const others = cutBatch(cursor, LOG, SIZE, 9_000_000, { ...limits, batchSize: 3, end: 6 }) as Batch;
    expect(placesOf(others.parts)).toEqual([5]);
    expect(others.full).toBe(false);
  });

  it('finds nothing where it keeps nothing', () => {
    expect(cut(LOG, { skim: () => 0 }).batch).toBeNull();
  });
});

describe('the payload of a batch (P5)', () => {
  const MEGABYTE = 1_048_576;
  const large = (...bytes: number[]) => new WrittenLog([{ times: bytes.map((_, i) => i), bytes }]);
  const measured = (log: RecordLog, bytes: readonly number[], gathered: number[] = []) =>
    [...gathered, ...bytes.map((size, i) => added(size, log.keyOf(secondOf(0, 0, SECONDS[0]!), i), i))].reduce(
      (sum, more) => sum + more,
    ) + ENVELOPE;

  it('ends a batch before the first record that does not fit, and the batch is full', () => {
    const log = large(...Array.from({ length: 6 }, () => MEGABYTE));
    const { batch, cursor, places } = cut(log);
    expect(places).toEqual([0, 1, 2, 3]);
    expect(batch).toMatchObject({ filled: true, full: true, payload: measured(log, Array(4).fill(MEGABYTE)) + 3 });
    expect(cursor.index).toBe(4);
    expect(cut(log, { refused: true }).batch).toMatchObject({ filled: true, full: false });
  });

  it('is 6 MB of the whole event, commas included, to the byte', () => {
    // Two records of 2.2 MB and one whose key brings the event to exactly 6 MB.
    const [first, second] = [2_300_000, 2_300_000];
    const rest = EVENT_PAYLOAD - measured(large(), [first, second]) - 2;
    const third = Math.floor((rest - added(0, '', 2) - 8) / 4) * 3;
    const missing = rest - added(third, '', 2);
    expect(missing).toBeGreaterThan(0);
    const log = (length: number) =>
      new WrittenLog([{ times: [0, 1, 2], bytes: [first, second, third] }], ['k', 'k', 'k'.repeat(length)]);
    expect(cut(log(missing), { end: 3 })).toMatchObject({
      places: [0, 1, 2],
      batch: { filled: false, full: false, payload: EVENT_PAYLOAD },
    });
    expect(cut(log(missing + 1), { end: 3 })).toMatchObject({ places: [0, 1], batch: { filled: true, full: true } });
  });

  it('is measured only past the bound, which is the limit itself', () => {
    const bytes = Array.from({ length: 100 }, () => 40_000);
    const times = bytes.map((_, i) => i);
    const envelope = EVENT_PAYLOAD - 100 * SIZE.atMost(40_000);
    const log = new WrittenLog([{ times, bytes }]);
    expect(cut(log, { end: 100, envelope }).batch).toMatchObject({ payload: EVENT_PAYLOAD, full: true });
    const over = cut(log, { end: 100, envelope: envelope + 1 }).batch as Batch;
    expect(over.size).toBe(100);
    expect(over.payload).toBeLessThan(EVENT_PAYLOAD - 100_000);
  });

  it('is measured anew for what came before, once the bound is passed, and for what comes after', () => {
    const log = new WrittenLog([
      { times: [0, 1], bytes: 1_500_000 },
      { times: [0], bytes: 500_000 },
      ...Array.from({ length: 10 }, () => ({ times: [], bytes: 0 })),
      { times: [0, 1], bytes: 10 }, // 12 s after the start, which has a digit more
      { times: [0], bytes: 300_000 },
    ]);
    const all = [
      ...[1_500_000, 1_500_000].map((bytes, i) => added(bytes, 'k', i)),
      added(500_000, 'k', 1_000_000),
      ...[10, 10].map((bytes, i) => added(bytes, 'k', 12_000_000 + i)),
    ].reduce((sum, more) => sum + more + 1, ENVELOPE - 1);
    const envelope = EVENT_PAYLOAD - all + ENVELOPE;
    expect(cut(log, { end: 5, envelope }).batch).toMatchObject({ size: 5, filled: false, payload: EVENT_PAYLOAD });
    expect(cut(log, { end: 5, envelope: envelope + 1 }).batch).toMatchObject({ size: 4, filled: true });
    expect(cut(log, { end: 6, envelope }).batch).toMatchObject({ size: 5, filled: true });
  });

  it('too large alone: the record is named so, and not passed', () => {
    expect(cut(large(5 * MEGABYTE, 10))).toMatchObject({ batch: 'tooLarge', cursor: { index: 0 } });
  });

  it('of what is gathered ends the batch where the next record does not fit', () => {
    const log = large(3 * MEGABYTE, 3 * MEGABYTE);
    const second = log.secondAt(log.beginning);
    const gathered = batchOf([part(second, 0, 1)], { filled: false, payload: ENVELOPE + SIZE.atMost(3 * MEGABYTE) });
    const { batch, cursor } = cut(log, { gathered, end: 2 }, 1);
    expect(batch).not.toBe(gathered);
    expect(batch).toMatchObject({ size: 1, filled: true, full: true, payload: measured(log, [3 * MEGABYTE]) });
    expect((batch as Batch).parts).toEqual([part(second, 0, 1)]);
    expect(cursor.index).toBe(1);
  });
});

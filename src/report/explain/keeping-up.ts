import type { JsonObject } from '../../scenario/scenario.ts';
import { capital, counted, decimal, duration, list, percent, shardName, whole } from '../words.ts';
import type { Advice } from './explanation.ts';
import { busiestKey, finerKeys, type HotKey } from './hot-key.ts';
import { type MappingCase, momentAt, momentWords, settingOf } from './mapping-case.ts';
import { needOf, type OldTime, type Pace, paceOf, type Slowdown, slowdownIn } from './pace.ts';
import { mayStartWithMore, reshardingSentence, unreshardedAdvice } from './resharding.ts';
import { batchMs, isObject, secondsOf } from './resolved.ts';
import type { Reason } from './stall-advice.ts';

/**
 * A lane processes one batch at a time (P4): why that was slower than what arrived, and what would have kept pace.
 *
 * @param time in which data was old
 */
export function queueReason(of: MappingCase, time: OldTime): Reason {
  const { mapping, resolved, name } = of;
  const lanesOfShard = resolved.factor(name);
  const uneven = unevenOf(of);
  // How unevenly keys fall on the lanes of one shard is not in the result.
  const need = uneven !== null && lanesOfShard > 1 ? null : needOf(of);
  const law = paceOf(of, need, time);
  // Who would have kept up by it was kept from that by something else.
  const isOverruled = (law !== null && need !== null && law.perSecond >= need) || updatesOf(of).length > 0;
  const pace = isOverruled ? null : law;
  const size = resolved.number(['mappings', name, 'BatchSize'], 100);
  const lane = lanesOfShard === 1 ? 'shard' : 'lane';
  const speed =
    pace === null
      ? `Each ${lane} processes one batch of at most ${whole(size)} at a time.`
      : `Each ${lane} processes one batch at a time, and ${counted(size, 'record')} (BatchSize) take about ${duration((1_000 * size) / pace.perSecond)}${pace.slowdown === null ? '' : ` while ${slowWords(of, pace.slowdown)}`}: ${decimal(pace.perSecond)} records/s.`;
  const arriving =
    need === null || (law !== null && pace === null)
      ? ''
      : uneven === null
        ? ` In the busiest period ${decimal(need)} records/s arrived there.`
        : ` In the busiest period ${decimal(need)} records/s arrived on the busiest.`;
  return {
    why: [
      `${speed}${arriving}`,
      ...timesTaken(of, pace === null ? slowdownIn(of, time) : null),
      ...(uneven === null ? [] : [uneven.words]),
      ...reshardingSentence(of),
      ...updatesOf(of).map(({ words }) => words),
      ...givenUp(of),
    ].join(' '),
    settings: [
      settingOf(of, 'BatchSize'),
      settingOf(of, 'ParallelizationFactor'),
      resolved.setting(['streams', mapping.stream, 'ShardCount']),
      resolved.setting(['functions', mapping.function, 'duration']),
    ],
    advice: queueAdvice(of, { pace, need, uneven }),
  };
}

function slowWords({ summary, mapping }: MappingCase, { times, from, to }: Slowdown): string {
  const moment = (at: number) => momentWords(momentAt(summary, at), summary);
  return `${mapping.function} took ${decimal(times)} times as long, from ${moment(from)} to ${to === null ? 'the end of the run' : moment(to)}`;
}

/** A share of the invocations below which failures take hardly any of a lane's time. */
const WORTH_TELLING = 0.02;

/** What else takes a lane's time than the batches that succeed. */
function timesTaken(of: MappingCase, slowdown: Slowdown | null): string[] {
  const { resolved, mapping } = of;
  const { errors, invocations, throttles } = mapping;
  const failed =
    errors > WORTH_TELLING * invocations
      ? [
          `${whole(errors)} of ${counted(invocations, 'invocation')} failed: they took the lanes' time, and so did the waits before the next try.`,
        ]
      : [];
  const waited =
    throttles > WORTH_TELLING * invocations
      ? [`${counted(throttles, 'attempt')} found no free slot, and waited with a batch in hand.`]
      : [];
  const saturates =
    resolved.value(['functions', mapping.function, 'durationByConcurrency']) === null
      ? []
      : [`${mapping.function} gets slower the more of it run at once (durationByConcurrency).`];
  const slow = slowdown === null ? [] : [capital(`${slowWords(of, slowdown)}.`)];
  return [...slow, ...failed, ...waited, ...saturates];
}

/** E2. */
function givenUp({ mapping: { records } }: MappingCase): string[] {
  const { RecordAgeExceeded } = records.discarded;
  if (RecordAgeExceeded === 0) return [];
  return [
    `${counted(RecordAgeExceeded, 'record')} that waited for longer than MaximumRecordAgeInSeconds ${RecordAgeExceeded === 1 ? 'was' : 'were'} given up.`,
  ];
}

/** The timeline's updates of what decides how fast lanes are: a result's settings are those of the start. */
function updatesOf({ resolved, name, summary }: MappingCase): { readonly entry: JsonObject; readonly words: string }[] {
  return resolved
    .items(['timeline'])
    .filter(isObject)
    .flatMap((entry) => {
      const set = isObject(entry.set) && entry.update === name ? entry.set : {};
      const changed = ['BatchSize', 'ParallelizationFactor'].filter((key) => set[key] !== undefined);
      if (changed.length === 0) return [];
      const at = momentWords(momentAt(summary, secondsOf(entry.at) ?? 0), summary);
      return [
        { entry, words: `The timeline sets ${list(changed.map((key) => `${key} ${String(set[key])}`))} at ${at}.` },
      ];
    });
}

/** Whether a shard of the stream was not there from the start to the end. */
function haveCome({ summary, mapping }: MappingCase): boolean {
  const shards = Object.values(summary.streams[mapping.stream]?.shards ?? {});
  return shards.some(({ openedAtSeconds, closedAtSeconds }) => openedAtSeconds > 0 || closedAtSeconds !== null);
}

/** Whether the lanes would fall behind with slots enough: what throttles it is not all. */
export function isTooSlow(of: MappingCase, time: OldTime): boolean {
  const need = needOf(of);
  const pace = paceOf(of, need, time);
  return pace !== null && need !== null && unevenOf(of) === null && pace.perSecond < need;
}

/** Some lanes have far more to do than half of them. */
interface Uneven {
  /** Null where no key is known to be the reason. */
  readonly key: HotKey | null;
  /** No key is, and the shards' parts of the hash keys are written out. */
  readonly hasRanges: boolean;
  readonly words: string;
}

interface Load {
  readonly pace: Pace | null;
  /** Records a second that arrive at the busiest lane in the busiest period. */
  readonly need: number | null;
  readonly uneven: Uneven | null;
}

/** What is promised has some room. */
const ROOM = 1.15;

function queueAdvice(of: MappingCase, { pace, need, uneven }: Load): Advice[] {
  const { resolved, name, mapping, summary } = of;
  const undone = withoutUpdate(of);
  if (undone.length > 0) return undone;
  const path = (key: string) => ['mappings', name, key];
  const size = resolved.number(path('BatchSize'), 100);
  const factor = resolved.factor(name);
  const wanted = need === null ? null : need * ROOM;
  const advice: Advice[] = [];
  const key = uneven?.key ?? null;
  const larger = wanted === null || pace === null ? null : largerBatch(of, pace, size, wanted);
  const concerns = key !== null && key.rate !== null && pace !== null && key.rate * ROOM > pace.perSecond;
  if (key !== null)
    advice.push({
      changes: [finerKeys(resolved, key.producer, mapping.stream)],
      effect: 'Finer keys, such as the order instead of the customer, spread over all lanes.',
      tradeOff: 'Order is kept for each of the finer keys, no longer across them.',
      lowers: 'oldestMs',
    });
  if (larger !== null)
    advice.push({
      changes: [resolved.change(path('BatchSize'), larger)],
      effect: 'Larger batches spread the fixed part of the duration over more records.',
      tradeOff: 'A failing batch holds more records, and an invocation takes longer: mind the Timeout.',
      lowers: 'oldestMs',
    });
  const times = wanted === null || pace === null ? 2 : Math.max(2, Math.ceil(wanted / pace.perSecond));
  const target = Math.min(10, times * factor);
  const limit = Object.hasOwn(summary.functions, mapping.function)
    ? summary.functions[mapping.function]!.concurrency.limit
    : Number.POSITIVE_INFINITY;
  // More at once take as much longer, where that is what makes them slow.
  const saturates = resolved.value(['functions', mapping.function, 'durationByConcurrency']) !== null;
  const isTumbling = resolved.number(path('TumblingWindowInSeconds'), 0) > 0; // P11: one lane a shard
  // Lanes beyond the slots wait for them.
  const hasSlots = resolved.lanes(mapping, name) < limit;
  if (target > factor && !concerns && !saturates && !isTumbling && hasSlots) {
    const lanes = target * resolved.shards(mapping.stream);
    const slots =
      lanes > limit ? ` ${mapping.function} may run ${whole(limit)} at once now, which is fewer: raise that too.` : '';
    advice.push({
      changes: [resolved.change(path('ParallelizationFactor'), target)],
      effect: `${counted(target, 'batch', 'batches')} of each shard are processed at once, each of its own keys.`,
      tradeOff: `Order is kept by key only, and up to ${counted(lanes, 'slot')} are taken at once.${slots}`,
      lowers: 'oldestMs',
    });
  }
  if (uneven?.hasRanges)
    advice.push({
      changes: [],
      effect: 'Split the busiest shard, or give it a smaller part of the hash keys where the shards are written out.',
      tradeOff: 'AWS charges for each shard by the hour.',
      lowers: null,
    });
  advice.push(...unreshardedAdvice(of, 'oldestMs'));
  const countPath = ['streams', mapping.stream, 'ShardCount'];
  const count = resolved.value(countPath);
  const canGrow = uneven === null && !saturates && hasSlots && mayStartWithMore(of);
  if (typeof count === 'number' && canGrow && times * count <= 10_000)
    advice.push({
      changes: [resolved.change(countPath, times * count)],
      effect: 'More shards, each with a lane of its own and its share of the records.',
      tradeOff: 'AWS charges for each shard by the hour.',
      lowers: 'oldestMs',
    });
  if (saturates)
    advice.push({
      changes: [],
      effect: `What ${mapping.function} asks has to bear more at once: more lanes and more shards only ask it more at once.`,
      tradeOff: 'It is paid for elsewhere.',
      lowers: null,
    });
  if (pace !== null && wanted !== null && wanted > pace.perSecond && !saturates)
    advice.push({
      changes: [],
      effect: `A faster handler: a batch of ${whole(size)} that takes ${duration((1_000 * size) / wanted)} keeps up; it ${pace.slowdown === null ? 'takes' : 'took'} ${duration((1_000 * size) / pace.perSecond)} ${pace.slowdown === null ? 'now' : 'then'}.${concerns ? ' The busiest key alone needs it: no factor and no shard divides a key.' : ''}`,
      tradeOff: 'The work is in the code, or in MemorySize, which brings CPU with it and costs by the millisecond.',
      lowers: null,
    });
  return advice;
}

/** Where the one update has made batches smaller. */
function withoutUpdate(of: MappingCase): Advice[] {
  const { resolved, name } = of;
  const [update, ...others] = updatesOf(of);
  if (update === undefined || others.length > 0) return [];
  const { set } = update.entry;
  const to = isObject(set) ? set.BatchSize : undefined;
  if (typeof to !== 'number' || to >= resolved.number(['mappings', name, 'BatchSize'], 100)) return [];
  return [
    {
      changes: [resolved.withoutCall(update.entry)],
      effect: 'Without the update batches stay as large as they were.',
      tradeOff: 'A failing batch holds more records, and an invocation takes longer: mind the Timeout.',
      lowers: 'oldestMs',
    },
  ];
}

/** The next round size whose batches keep the pace and fit their Timeout and their payload; null where none does. */
function largerBatch({ resolved, mapping }: MappingCase, { parts }: Pace, size: number, wanted: number): number | null {
  if (parts === null) return null;
  const timeout = 1_000 * resolved.number(['functions', mapping.function, 'Timeout'], 3);
  const payload = mapping.batchSize.max === null ? 0 : mapping.utilization.payload.worst / mapping.batchSize.max;
  return (
    ROUND_SIZES.find(
      (larger) =>
        larger > size &&
        (1_000 * larger) / batchMs(parts, larger) >= wanted &&
        batchMs(parts, larger) <= 0.8 * timeout &&
        payload * larger <= 0.9,
    ) ?? null
  );
}

const ROUND_SIZES = [20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

/** So much less busy half of the lanes must be for the load to be uneven. */
const UNEVEN = 0.6;

/** Null where the load is even. */
function unevenOf(of: MappingCase): Uneven | null {
  const { resolved, mapping, name } = of;
  const { worst, median, worstShardId } = mapping.utilization.laneBusy;
  if (worst < 0.7 || median > UNEVEN * worst) return null;
  const key = busiestKey(resolved, mapping.stream, resolved.lanes(mapping, name));
  // Those that were there for a part of the run are busy for less of it.
  if (key === null && (haveCome(of) || updatesOf(of).length > 0)) return null;
  const hasRanges = key === null && resolved.items(['streams', mapping.stream, 'shards']).length > 0;
  const reason =
    key?.words ?? (hasRanges ? 'Its shards hold parts of the hash keys that differ' : 'The load is uneven');
  const lane = resolved.factor(name) > 1 ? 'lane' : 'shard';
  const which =
    worstShardId === null
      ? `the busiest ${lane}`
      : lane === 'lane'
        ? `the busiest lane, of ${shardName(worstShardId)},`
        : shardName(worstShardId);
  return {
    key,
    hasRanges,
    words: `${reason}: ${which} is busy ${percent(worst)} of the time, half of all ${lane}s ${percent(median)} or less.${key === null ? '' : ' A key stays in its lane.'}`,
  };
}

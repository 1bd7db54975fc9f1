import { MILLISECOND, SECOND } from '../kernel/time.ts';
import type { AgeCause, StallCause } from '../recording/causes.ts';
import { durationOf, sizeOf } from '../scenario/quantity.ts';
import type { JsonObject } from '../scenario/scenario.ts';
import type { CostItem } from './cost/items.ts';
import { COST_ITEM_NAMES } from './cost/items.ts';
import type {
  CostSummary,
  Load,
  MappingSummary,
  Place,
  ProvisionedSummary,
  RecordBalance,
  StallSummary,
  Summary,
  ThresholdResult,
  Trend,
  TumblingWindowsSummary,
} from './summary.ts';
import { failsByTimeout } from './timeouts.ts';
import {
  at,
  bytes,
  counted,
  decimal,
  duration,
  exactDuration,
  list,
  money,
  percent,
  seconds,
  shardName,
  whole,
} from './words.ts';

/** M4's causes. */
export const AGE_CAUSE_WORDS: Readonly<Record<AgeCause, string>> = {
  tick: 'waiting for a poll',
  queue: 'behind other batches',
  window: 'batching window',
  readLimit: 'read limit',
  notPolling: 'not polling',
  propagation: 'propagation',
  throttle: 'throttled',
  retry: 'retries',
  coldStart: 'cold start',
  processing: 'processing',
};

/** What stands beside a stall. */
export function stallCauseWords({ mapping, stall }: Pick<PlacedStall, 'mapping' | 'stall'>, summary: Summary): string {
  if (stall.cause === 'functionError' && failsByTimeout(summary, summary.mappings[mapping]!.function))
    return 'invocations timed out';
  return STALL_CAUSE_WORDS[stall.cause];
}

/** M3's causes, as they stand beside a stall. */
export const STALL_CAUSE_WORDS: Readonly<Record<StallCause, string>> = {
  functionError: 'invocations failed',
  throttle: 'throttled',
  readLimit: 'read limit',
  disabled: 'disabled',
  updating: 'updating',
  role: 'role without permission',
  parent: 'parent shard',
};

const STALL_VERBS: Readonly<Record<StallCause, string>> = {
  functionError: 'was stopped by failures',
  throttle: 'was throttled',
  readLimit: 'was held up by the read limit',
  disabled: 'was disabled',
  updating: 'was being updated',
  role: 'was not allowed to read',
  parent: 'waited for its parent shard',
};

/** A stall and the mapping whose lane it was. */
export interface PlacedStall {
  readonly mapping: string;
  readonly stall: StallSummary;
  readonly seconds: number;
}

/** Of all mappings, the longest first. */
export function stallsByLength(summary: Summary): PlacedStall[] {
  return Object.entries(summary.mappings)
    .flatMap(([mapping, { stalls }]) =>
      stalls.map((stall) => ({ mapping, stall, seconds: stallSeconds(stall, summary) })),
    )
    .sort((a, b) => b.seconds - a.seconds || a.stall.startSeconds - b.stall.startSeconds);
}

function stallSeconds({ startSeconds, endSeconds }: StallSummary, { measured }: Summary): number {
  return Math.max(0, (endSeconds ?? measured.toSeconds) - startSeconds);
}

/** 'shard 0 was stopped by failures for 24 h 3 m', 'shard 0 was throttled for the last 10 m'. */
export function stallClause(placed: PlacedStall, summary: Summary): string {
  const { mapping, stall, seconds: length } = placed;
  const last = stall.endSeconds === null ? 'the last ' : '';
  const byTimeout = stall.cause === 'functionError' && failsByTimeout(summary, summary.mappings[mapping]!.function);
  const verb = byTimeout ? 'was stopped by timeouts' : STALL_VERBS[stall.cause];
  return `${laneOf(summary, mapping, stall)} ${verb} for ${last}${seconds(length)}`;
}

/** ' for longer than 10s', as the scenario has it. */
export function stallAfter({ scenario }: Summary): string {
  const text = scenario.resolved.stallAfter;
  return typeof text === 'string' ? ` for longer than ${text}` : '';
}

/** 'shard 0', or 'shard 0 of orders-to-enrich' where there are several mappings. */
export function shardOf(summary: Summary, mapping: string, shardId: string): string {
  return isOnlyMapping(summary) ? shardName(shardId) : `${shardName(shardId)} of ${mapping}`;
}

/** The shard, or 'lane 1 of shard 0' where the mapping's shards have several lanes. */
export function laneOf(
  summary: Summary,
  mapping: string,
  { shardId, lane }: { readonly shardId: string; readonly lane: number },
): string {
  const shard = shardOf(summary, mapping, shardId);
  const isSliced = summary.timeline.lanes.some((one) => one.mapping === mapping && one.lane > 0);
  return isSliced ? `lane ${lane} of ${shard}` : shard;
}

function isOnlyMapping({ mappings }: Summary): boolean {
  return Object.keys(mappings).length === 1;
}

/** 'shard 0 of orders-to-enrich, at 1 h 20 m', as far as it is known; else empty. */
export function placeWords({ mapping, shardId, atSeconds }: Place, summary: Summary): string {
  const where =
    shardId === null
      ? mapping !== null && !isOnlyMapping(summary)
        ? [mapping]
        : []
      : [mapping === null ? shardName(shardId) : shardOf(summary, mapping, shardId)];
  return [...where, ...(atSeconds === null ? [] : [at(atSeconds)])].join(', ');
}

/** The largest iterator age of the run, and where and when it was; null without samples. */
export function worstIteratorAge(
  summary: Summary,
): { readonly milliseconds: number; readonly place: Place | null } | null {
  const mapping = highestOf(Object.values(summary.mappings), ({ iteratorAgeMs }) => iteratorAgeMs.max);
  return mapping === null ? null : { milliseconds: mapping.iteratorAgeMs.max!, place: mapping.worstIteratorAge };
}

/** The first of those with the highest value. */
function highestOf<T>(items: readonly T[], measure: (item: T) => number | null): T | null {
  let highest: T | null = null;
  let most = Number.NEGATIVE_INFINITY;
  for (const item of items) {
    const value = measure(item);
    if (value === null || value <= most) continue;
    highest = item;
    most = value;
  }
  return highest;
}

/** Of a mapping's records, those that nobody will process any more. */
export function lostRecords({ discarded, expired, silentlyLost }: RecordBalance): number {
  return discardedRecords(discarded) + expired + silentlyLost;
}

function discardedRecords(discarded: RecordBalance['discarded']): number {
  return discarded.RetryAttemptsExhausted + discarded.RecordAgeExceeded + discarded.PayloadTooLarge;
}

/** '81,412 records expired and 3 were discarded' over all mappings and streams; null where nothing was lost. */
export function lossClause(summary: Summary): string | null {
  const balances = Object.values(summary.mappings).map(({ records }) => records);
  const total = (pick: (balance: RecordBalance) => number) => balances.reduce((sum, one) => sum + pick(one), 0);
  const atWrite = Object.values(summary.streams).reduce((sum, { lostAtWrite }) => sum + lostAtWrite, 0);
  const losses = [
    { count: total(({ expired }) => expired), one: 'expired', many: 'expired' },
    { count: total(({ discarded }) => discardedRecords(discarded)), one: 'was discarded', many: 'were discarded' },
    { count: total(({ silentlyLost }) => silentlyLost), one: 'was silently lost', many: 'were silently lost' },
    { count: atWrite, one: 'was lost at write', many: 'were lost at write' },
  ].filter(({ count }) => count > 0);
  if (losses.length === 0) return null;
  return list(
    losses.map(({ count, one, many }, index) => {
      const subject = index === 0 ? counted(count, 'record') : whole(count);
      return `${subject} ${count === 1 ? one : many}`;
    }),
  );
}

/** '1,200 arrived = 1,000 succeeded + 200 expired'; terms of zero are left out. */
export function balanceWords(records: RecordBalance): string {
  const { arrived, discarded } = records;
  if (arrived === 0) return 'none arrived';
  const terms = (
    [
      [records.succeeded, 'succeeded'],
      [records.filtered, 'filtered'],
      [discarded.RetryAttemptsExhausted, 'discarded after their retries'],
      [discarded.RecordAgeExceeded, 'discarded as too old'],
      [discarded.PayloadTooLarge, 'discarded as too large'],
      [records.expired, 'expired'],
      [records.pending, 'pending at the end'],
    ] as const
  ).filter(([count]) => count > 0);
  if (terms.length === 1 && terms[0]![0] === arrived) {
    return `${whole(arrived)} arrived, ${arrived === 1 ? 'it' : 'all'} ${terms[0]![1]}`;
  }
  return `${whole(arrived)} arrived = ${terms.map(([count, word]) => `${whole(count)} ${word}`).join(' + ')}`;
}

/** What the balance does not show; empty where there is none of it. */
export function besidesBalance({ duplicates, silentlyLost }: RecordBalance): string {
  return [
    ...(duplicates > 0 ? [`${whole(duplicates)} delivered again after they had been processed`] : []),
    ...(silentlyLost > 0 ? [`${whole(silentlyLost)} of the succeeded silently lost`] : []),
  ].join(', ');
}

/** '240 closed by 243 final invocations, 1 of them early, 4 open at the end' (P11). */
export function windowWords({ closed, early, open, finalInvocations }: TumblingWindowsSummary): string {
  if (closed + open + finalInvocations === 0) return 'none began';
  return [
    `${whole(closed)} closed by ${counted(finalInvocations, 'final invocation')}`,
    ...(early > 0 ? [`${whole(early)} of them early`] : []),
    ...(open > 0 ? [`${whole(open)} open at the end`] : []),
  ].join(', ');
}

/** M3a's limits, with how much of each there is: 'records written, of 1,000/s'. */
export function limitWords(name: string, load: Load): string {
  const word = LIMIT_WORDS[name] ?? name;
  switch (load.unit) {
    case 'share':
      return word;
    case 'B':
      return `${word}, of ${bytes(load.limit)}`;
    case 'B/s':
      return `${word}, of ${bytes(load.limit)}/s`;
    case 'slots':
      return `${word}, of ${whole(load.limit)}`;
    default:
      return `${word}, of ${whole(load.limit)}/s`;
  }
}

export const LIMIT_WORDS: Readonly<Record<string, string>> = {
  writeRecords: 'records written',
  writeBytes: 'bytes written',
  readCalls: 'read calls',
  readBytes: 'bytes read',
  slots: 'concurrency',
  laneBusy: 'lane busy',
  payload: 'largest event',
  fanOutBytes: 'bytes by fan-out',
};

/** A limit of one stream or mapping. */
export interface PlacedLoad {
  readonly owner: string;
  readonly name: string;
  readonly load: Load;
}

/** Of every stream, then of every mapping; what binds each first, then the fullest. */
export function loadsOf(summary: Summary): PlacedLoad[] {
  const owners = [...Object.entries(summary.streams), ...Object.entries(summary.mappings)];
  return owners.flatMap(([owner, { utilization }]) => {
    const { bindsFirst: first, ...loads } = utilization;
    return Object.entries(loads)
      .flatMap(([name, load]: [string, Load | null | undefined]) => (load ? [{ owner, name, load }] : []))
      .sort((a, b) => Number(b.name === first) - Number(a.name === first) || b.load.worst - a.load.worst);
  });
}

/** 'lane busy of orders-to-enrich, 97 % (shard 0)': the fullest of those that bind; null where nothing is in use. */
export function bindsFirst(summary: Summary): string | null {
  const loads = loadsOf(summary);
  const binding = loads.filter(({ owner }, index) => loads[index - 1]?.owner !== owner);
  const first = highestOf(binding, ({ load }) => load.worst);
  if (first === null || first.load.worst === 0) return null;
  const { owner, name, load } = first;
  const shard = load.worstShardId === null ? '' : ` (${shardName(load.worstShardId)})`;
  return `${LIMIT_WORDS[name] ?? name} of ${owner}, ${percent(load.worst)}${shard}`;
}

/** L4: '5 provisioned, 62 % of them in use on average, 120 invocations spilled over'. */
export function provisionedWords({ allocated, utilization, spilloverInvocations }: ProvisionedSummary): string {
  const spilled = spilloverInvocations === 0 ? 'none' : counted(spilloverInvocations, 'invocation');
  return `${whole(allocated)} provisioned, ${percent(utilization)} of that in use on average, ${spilled} spilled over`;
}

/** M5: 'rising, by 12 s a minute in …'. */
export function trendWords(trend: Trend, summary: Summary): string {
  const { slope, lossBeginsInSeconds } = trend;
  const verdict = toldVerdict(trend, summary);
  if (verdict === null || slope === null) return 'unknown, fewer than five minutes with samples';
  if (verdict === 'steady') return 'steady';
  const speed = duration(Math.abs(slope) * 60);
  if (verdict === 'recovering') return `recovering, it fell by ${speed} a minute in the second half of the run`;
  return lossBeginsInSeconds === null
    ? `rising over the second half of the run, by ${speed} a minute, but not at its end`
    : `rising, by ${speed} a minute in the second half of the run; ${lossBeginsInSeconds > 0 ? 'at that pace ' : ''}${lossWords(trend, 'its end')}`;
}

/** What a rising age leads to, and when: 'records begin to expire 38 h after its end'; '' where nothing is said of a loss. */
export function lossWords({ lossBeginsInSeconds: begins, lossBy }: Trend, end: string): string {
  if (begins === null) return '';
  const isExpiry = lossBy !== 'MaximumRecordAgeInSeconds';
  if (begins === 0) {
    return isExpiry ? 'records expire already' : 'records are discarded already (MaximumRecordAgeInSeconds)';
  }
  const verb = isExpiry ? 'begin to expire' : 'begin to be discarded (MaximumRecordAgeInSeconds)';
  return `records ${verb} ${seconds(begins)} after ${end}`;
}

/** M5, but a fall over that half within one polling period, as no reader would see one, is told as steady. */
export function toldVerdict({ verdict, slope }: Trend, { measured, scenario }: Summary): Trend['verdict'] {
  if (verdict !== 'recovering' || slope === null) return verdict;
  const { period = null } = (scenario.resolved.polling ?? {}) as JsonObject;
  const polling = typeof period === 'string' ? durationOf(period) : null;
  const half = (measured.toSeconds - measured.fromSeconds) / 2;
  return -slope * half * MILLISECOND > (polling ?? SECOND) ? verdict : 'steady';
}

/** M4 counts the time behind a batch that is tried again and again as `queue`: what would be read as a slow function. */
export function behindTroubled({ ageBreakdownMs, timeInSystemMs, errors, throttles }: MappingSummary): boolean {
  return errors + throttles > 0 && ageBreakdownMs.queue > 0.1 * (timeInSystemMs.mean ?? 0);
}

/** 'at most 503,439 records, 271 at the end, caught up 7 m 58 s after the fault'. */
export function backlogWords(mapping: MappingSummary, { measured }: Summary): string {
  const { max, end } = mapping.backlog;
  const { caughtUpAtSeconds: caughtUp } = mapping;
  const recovery = recoveryWords(mapping);
  const isWorthTelling = caughtUp !== null && caughtUp >= SOON && caughtUp < measured.toSeconds - SOON;
  const last = caughtUp === null ? 'still behind' : (recovery ?? (isWorthTelling ? `caught up ${at(caughtUp)}` : null));
  return [`at most ${counted(max, 'record')}`, `${whole(end)} at the end`, ...(last === null ? [] : [last])].join(', ');
}

/**
 * Seconds: what is over so soon is not worth telling. A mapping that starts is behind until its first record, and who was
 * caught up so near the end was so before.
 */
export const SOON = 10;

/** '2,000 records/s in, 1,990 out'. */
export function throughputWords({ throughput }: MappingSummary): string {
  return `${decimal(throughput.recordsInPerSecond, 4)} records/s in, ${decimal(throughput.recordsOutPerSecond, 4)} out on average`;
}

/** Where a threshold's value was worst, and when; of a sum, when most came together. */
export function worstWords({ worst, expression }: ThresholdResult, summary: Summary): string {
  const place = worst === null ? '' : placeWords(worst, summary);
  return place !== '' && /^\s*(sum|count)\b/.test(expression) ? `most ${place}` : place;
}

/** How long after a fault window the mapping was caught up; null where no window ended. */
function recoveryWords({ recoveryMs }: MappingSummary): string | null {
  if (recoveryMs.max === null) return null;
  return recoveryMs.count === 1
    ? `caught up ${duration(recoveryMs.max)} after the fault`
    : `caught up at most ${duration(recoveryMs.max)} after each of ${whole(recoveryMs.count)} faults`;
}

/** '$273.85 a month at this load, $0.38 for the run'. */
export function costWords({ perMonth, run, currency }: CostSummary, { measured }: Summary): string {
  if (measured.toSeconds === measured.fromSeconds) return 'unknown, nothing was measured';
  return `${money(perMonth, currency)} a month at this load, ${money(run.total, currency)} for the run`;
}

/** 'us-east-1 prices of 2026-11-28'. */
export function pricesWords({ priceList, freeTier }: CostSummary): string {
  return `${priceList.region} prices of ${priceList.date}${freeTier ? ' without what is free' : ''}`;
}

/** What costs something in a month, the most first. */
export function costItems({ items }: CostSummary): CostItem[] {
  return COST_ITEM_NAMES.filter((name) => items[name] > 0).sort((a, b) => items[b] - items[a]);
}

/** A threshold's measured value, exact where rounding would make it look like the bound itself. */
export function measuredWords({ value, unit, expression, reason }: ThresholdResult): string {
  if (value === null) return reason ?? 'no samples';
  const bound = boundOf(expression);
  if (unit === 's') {
    const rounded = seconds(value);
    return bound !== value && bound !== null && seconds(bound) === rounded ? exactDuration(1_000 * value) : rounded;
  }
  const say = (one: number) => {
    if (unit === 'bytes') return bytes(one);
    return unit === 'count' ? decimal(one, Number.isInteger(one) ? 16 : 4) : money(one, unit);
  };
  return bound !== value && bound !== null && say(bound) === say(value) ? String(value) : say(value);
}

/** The number that an expression compares with, durations in seconds and sizes in bytes; null where there is none. */
export function boundOf(expression: string): number | null {
  const amount = /[<>=!]\s*([^<>=!]+?)\s*$/.exec(expression)?.[1] ?? '';
  const microseconds = durationOf(amount);
  if (microseconds !== null) return microseconds / SECOND;
  const plain = Number(amount);
  return sizeOf(amount) ?? (amount === '' || Number.isNaN(plain) ? null : plain);
}

import { isoTime } from '../../kernel/calendar.ts';
import { SECOND } from '../../kernel/time.ts';
import { wallTimeOf } from '../../scenario/wall-time.ts';
import { mappingSeries } from '../charts/series.ts';
import type { MappingSummary, StallSummary, Summary } from '../summary.ts';
import { counted, seconds, shardName, whole } from '../words.ts';
import type { Cost, Finding, Moment, Setting } from './explanation.ts';
import type { Resolved } from './resolved.ts';

/** One mapping of a result, with what an explanation looks up about it. */
export interface MappingCase {
  readonly summary: Summary;
  readonly resolved: Resolved;
  readonly name: string;
  readonly mapping: MappingSummary;
}

/** How old data of the mapping became, as far as any figure knows. */
export function oldestMs({ mapping }: MappingCase): number | null {
  const { iteratorAgeMs, backlogAgeMs, waitingTimeMs } = mapping;
  const ages = [iteratorAgeMs.max, backlogAgeMs.max, waitingTimeMs.max].filter((age) => age !== null);
  return ages.length === 0 ? null : Math.max(...ages);
}

/** Whether a threshold on a metric, of this mapping or of all, is not met. */
export function misses({ summary, mapping, name }: MappingCase, wanted: string): boolean {
  return summary.thresholds.some(({ ok, metric }) => {
    const [plain, selector] = metric.split('{');
    const own = [`mapping:${name}}`, `function:${mapping.function}}`, `stream:${mapping.stream}}`];
    return !ok && plain === wanted && (selector === undefined || own.includes(selector));
  });
}

/** A setting of the mapping. */
export function settingOf({ resolved, name }: MappingCase, key: string): Setting {
  return resolved.setting(['mappings', name, key]);
}

export function momentAt(summary: Summary, at: number): Moment {
  const start = wallTimeOf(summary.scenario.start) ?? 0;
  return { seconds: at, wallTime: isoTime(start + Math.floor(at) * SECOND) };
}

/** '2 m 4 s into the run, at 09:02:04': with the date where the run is not within one day. */
export function momentWords(moment: Moment, summary: Summary): string {
  return `${clockWords(moment, summary)} (${moment.seconds === 0 ? 'the start' : seconds(moment.seconds)})`;
}

function clockWords({ wallTime }: Moment, summary: Summary): string {
  const day = (one: Moment) => one.wallTime.slice(0, 10);
  const isOneDay = day(momentAt(summary, 0)) === day(momentAt(summary, summary.measured.toSeconds));
  return wallTime.slice(isOneDay ? 11 : 0, 19).replace('T', ' ');
}

/** 'shard 0', 'lane 2 of shard 0'. */
function laneWords(of: MappingCase, { shardId, lane }: StallSummary): string {
  return isSliced(of) ? `lane ${lane} of ${shardName(shardId)}` : shardName(shardId);
}

/** Its shards have several lanes, or had them for a while. */
function isSliced({ summary, resolved, name }: MappingCase): boolean {
  return resolved.factor(name) > 1 || summary.timeline.lanes.some(({ mapping, lane }) => mapping === name && lane > 0);
}

/** Those that were closed, opened or made in the run are among them. */
function lanesInAll({ summary, mapping, resolved, name }: MappingCase): number {
  const there = summary.timeline.lanes.filter((lane) => lane.mapping === name).length;
  return Math.max(there, Object.keys(mapping.shards).length * resolved.factor(name));
}

/** Seconds: the longest stretch of whole periods in which invocations failed and nothing got through; null for a single one. */
export function nothingThrough({ summary, name }: MappingCase): { readonly from: number; readonly to: number } | null {
  const { periodSeconds } = summary.series;
  const failed = mappingSeries(summary, name, 'Errors', 'Sum') ?? [];
  const went = mappingSeries(summary, name, 'RecordsOut', 'Sum') ?? [];
  let longest = { from: 0, to: 1 };
  for (let from = 0, to = 0; to < failed.length; to++) {
    if ((went[to] ?? 0) > 0 || (failed[to] ?? 0) === 0) from = to + 1;
    else if (to + 1 - from > longest.to - longest.from) longest = { from, to: to + 1 };
  }
  if (longest.to - longest.from < 2) return null;
  return { from: longest.from * periodSeconds, to: longest.to * periodSeconds };
}

/** Stalls that have something in common. */
export interface StallGroup {
  /** The longest first. */
  readonly stalls: readonly StallSummary[];
  readonly lanes: number;
  /** All of them together. */
  readonly seconds: number;
  readonly longestSeconds: number;
  readonly first: number;
  /** Null: at least one was open at the end of the run. */
  readonly last: number | null;
  readonly recordsHeld: number;
}

export function stallGroup(stalls: readonly StallSummary[], summary: Summary): StallGroup {
  const length = ({ startSeconds, endSeconds }: StallSummary) =>
    Math.max(0, (endSeconds ?? summary.measured.toSeconds) - startSeconds);
  const ordered = [...stalls].sort((a, b) => length(b) - length(a) || a.startSeconds - b.startSeconds);
  const isOpen = stalls.some(({ endSeconds }) => endSeconds === null);
  return {
    stalls: ordered,
    lanes: new Set(stalls.map(({ shardId, lane }) => `${shardId}/${lane}`)).size,
    seconds: stalls.reduce((sum, one) => sum + length(one), 0),
    longestSeconds: ordered[0] === undefined ? 0 : length(ordered[0]),
    first: stalls.reduce((least, { startSeconds }) => Math.min(least, startSeconds), Number.POSITIVE_INFINITY),
    last: isOpen ? null : stalls.reduce((most, { endSeconds }) => Math.max(most, endSeconds ?? 0), 0),
    recordsHeld: stalls.reduce((most, one) => Math.max(most, one.recordsHeld), 0),
  };
}

/** 'Shard 0 stood still for 24 h, from … to ….' */
export function stallSentence(
  of: MappingCase,
  group: StallGroup,
  [one, many]: readonly [one: string, many: string],
): string {
  const { summary } = of;
  const [longest] = group.stalls;
  if (longest === undefined) return '';
  const moment = (at: number | null) =>
    at === null ? 'the end of the run' : momentWords(momentAt(summary, at), summary);
  if (group.stalls.length === 1) {
    const lane = laneWords(of, longest);
    return `${lane.charAt(0).toUpperCase()}${lane.slice(1)} ${one} for ${seconds(group.longestSeconds)}, from ${moment(longest.startSeconds)} to ${moment(longest.endSeconds)}.`;
  }
  const all = lanesInAll(of);
  const noun = isSliced(of) ? 'lane' : 'shard';
  const which =
    group.lanes === 1
      ? `One ${noun}`
      : group.lanes === all
        ? `${all === 2 ? 'Both' : `All ${whole(all)}`} ${noun}s`
        : `${whole(group.lanes)} of ${counted(all, noun)}`;
  // A result lists the longest alone.
  const least = of.mapping.stallsTotal.count > of.mapping.stalls.length ? 'at least ' : '';
  const times = group.stalls.length === group.lanes ? '' : `, ${least}${whole(group.stalls.length)} times in all`;
  return `${which} ${group.lanes === 1 ? one : many}${times}: the first from ${moment(group.first)}, the longest for ${seconds(group.longestSeconds)}, the last until ${moment(group.last)}.`;
}

const NO_COST: Cost = {
  recordsHeld: 0,
  discarded: 0,
  expired: 0,
  silentlyLost: 0,
  lostAtWrite: 0,
  recordsLost: 0,
  duplicates: 0,
  pending: 0,
  oldestMs: null,
  recoveryMs: null,
  errors: 0,
  throttles: 0,
  refusedReads: 0,
  refusedWrites: 0,
};

/** With the sum of what was lost. */
export function costOf(parts: Partial<Omit<Cost, 'recordsLost'>>): Cost {
  const cost = { ...NO_COST, ...parts };
  return { ...cost, recordsLost: cost.discarded + cost.expired + cost.silentlyLost + cost.lostAtWrite };
}

/** One that has no time of its own. */
export function findingOf(
  { mapping, name }: MappingCase,
  parts: Omit<Finding, 'stream' | 'mapping' | 'since' | 'until'>,
): Finding {
  return { stream: mapping.stream, mapping: name, since: null, until: null, ...parts };
}

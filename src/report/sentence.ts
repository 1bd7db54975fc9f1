import { unreachable } from '../kernel/distribution.ts';
import { AGE_CAUSES } from '../recording/causes.ts';
import type { ChartName } from './charts/chart-names.ts';
import type { ChartOptions } from './charts/chart-options.ts';
import { timeRange } from './charts/time-range.ts';
import { failedRecords } from './failed-records.ts';
import {
  AGE_CAUSE_WORDS,
  behindTroubled,
  lossClause,
  type PlacedStall,
  placeWords,
  shardOf,
  stallAfter,
  stallClause,
  stallsByLength,
  worstIteratorAge,
} from './phrases.ts';
import type { MappingSummary, Summary } from './summary.ts';
import { allOf, capital, counted, decimal, duration, percent, seconds, whole } from './words.ts';

/**
 * What a chart shows, in one plain sentence, over the whole run.
 *
 * @param drawn the part of the run that is drawn: where it is not all that is told of, the sentence says so
 */
export function sentence(
  summary: Summary,
  chartName: ChartName,
  drawn: Pick<ChartOptions, 'fromSeconds' | 'toSeconds'> = {},
): string {
  const said = ofWholeRun(summary, chartName);
  // Batch sizes are drawn of the whole run, as the title says.
  if (chartName === 'batch-size') return said;
  const [part, all] = [timeRange(summary, drawn), timeRange(summary, {})];
  if (part.from === all.from && part.to === all.to) return said;
  return `In ${summary.measured.fromSeconds > 0 ? 'all that is measured' : 'the whole run'}: ${said}`;
}

function ofWholeRun(summary: Summary, chartName: ChartName): string {
  switch (chartName) {
    case 'iterator-age':
      return iteratorAge(summary);
    case 'throughput':
      return throughput(summary);
    case 'backlog':
      return backlog(summary);
    case 'concurrency':
      return concurrency(summary);
    case 'invocations':
      return invocations(summary);
    case 'timeline':
      return timeline(summary);
    case 'age-breakdown':
      return ageBreakdown(summary);
    case 'batch-size':
      return batchSize(summary);
    default:
      return unreachable(chartName);
  }
}

function iteratorAge(summary: Summary): string {
  const worst = worstIteratorAge(summary);
  const { milliseconds: oldest, shard } = oldestWaiting(summary);
  if (total(summary, ({ records }) => records.arrived) === 0) return NO_RECORDS;
  if (worst === null) {
    const waited = oldest > 0 ? `, though records waited for up to ${duration(oldest)}` : '';
    return `No invocation ended, so IteratorAge has no samples${waited}.`;
  }
  const place = worst.place === null ? '' : placeWords(worst.place, summary);
  const where = place === '' ? '' : ` (${place})`;
  const rose = `IteratorAge rose to ${duration(worst.milliseconds)}${where}`;
  const losses = lossClause(summary);
  const stall = stallBehind(worst, summary);
  // What is still waiting has no iterator age yet.
  const told = Math.max(worst.milliseconds, 1_000 * (stall?.seconds ?? 0));
  const isOlder = oldest > 2 * told || (oldest > 1.1 * told && oldest > told + 1_000);
  const waiting = isOlder ? `; the oldest waiting record was ${duration(oldest)} old${shard}` : '';
  if (stall !== null) return `${rose}: ${stallClause(stall, summary)}${waiting}; ${losses ?? NO_LOSS}.`;
  const rest = losses === null ? '' : `; ${losses}`;
  const name = worst.place?.mapping ?? null;
  const mapping = name === null ? undefined : summary.mappings[name];
  if (mapping?.trend.verdict === 'rising') {
    const still = (mapping.trend.lossBeginsInSeconds ?? 0) > 0 ? ' and was still rising at the end' : '';
    return `${rose}${still}${waiting}${rest}.`;
  }
  if (mapping !== undefined && hasMoreStalls(mapping)) {
    const { count, longestSeconds } = mapping.stallsTotal;
    const stalled = `lanes were held up ${whole(count)} times, for up to ${seconds(longestSeconds)}`;
    return `${rose}; ${stalled}${waiting}; ${losses ?? NO_LOSS}.`;
  }
  return `No batch was older than ${duration(worst.milliseconds)} when its invocation ended${where}${waiting}${rest}.`;
}

/** Of all records that were not settled when it was looked. `shard`: ' (shard 3)'; empty where it is not known. */
function oldestWaiting(summary: Summary): { readonly milliseconds: number; readonly shard: string } {
  let oldest = { milliseconds: 0, shard: '' };
  for (const [name, { backlogAgeMs, shards }] of Object.entries(summary.mappings)) {
    const { max } = backlogAgeMs;
    if (max === null || max <= oldest.milliseconds) continue;
    const found = Object.entries(shards).find(([, { series }]) => series?.backlogAgeMs.includes(max));
    oldest = { milliseconds: max, shard: found === undefined ? '' : ` (${shardOf(summary, name, found[0])})` };
  }
  return oldest;
}

/** The longest stall of the worst shard that began before, if it is long enough to be the reason; else null. */
function stallBehind(worst: NonNullable<ReturnType<typeof worstIteratorAge>>, summary: Summary): PlacedStall | null {
  const { milliseconds, place } = worst;
  const found = stallsByLength(summary).find(
    ({ mapping, stall }) =>
      mapping === place?.mapping && stall.shardId === place.shardId && stall.startSeconds <= (place.atSeconds ?? 0),
  );
  return found !== undefined && found.seconds * 1_000 >= milliseconds / 2 ? found : null;
}

function throughput(summary: Summary): string {
  const arriving = total(summary, ({ throughput: { recordsInPerSecond } }) => recordsInPerSecond);
  const leaving = total(summary, ({ throughput: { recordsOutPerSecond } }) => recordsOutPerSecond);
  if (arriving === 0 && leaving === 0) return NO_RECORDS;
  const rest = [lossClause(summary), pendingClause(summary)].filter((part) => part !== null);
  const ending = rest.length === 0 ? '' : `; ${rest.join('; ')}`;
  return `On average ${decimal(arriving, 4)} records arrived and ${decimal(leaving, 4)} were processed each second${ending}.`;
}

function pendingClause(summary: Summary): string | null {
  const pending = total(summary, ({ records }) => records.pending);
  return pending === 0 ? null : `${counted(pending, 'record')} ${wasOrWere(pending)} pending at the end`;
}

function backlog(summary: Summary): string {
  const all = Object.entries(summary.mappings);
  const worst = all.reduce<(typeof all)[number] | null>(
    (most, one) => (most === null || one[1].backlog.max > most[1].backlog.max ? one : most),
    null,
  );
  if (worst === null || worst[1].backlog.max === 0) return 'No record had to wait.';
  const [name, mapping] = worst;
  const { max, end } = mapping.backlog;
  const of = all.length === 1 ? '' : ` for ${name}`;
  const recovered = mapping.recoveryMs.max;
  const caughtUp = recovered === null ? '' : `; it was caught up ${duration(recovered)} after the fault at the latest`;
  const behind = end === 0 ? '' : '; it was still behind then';
  // A fault that it never recovered from is not among the recoveries (M7).
  const recovery = mapping.caughtUpAtSeconds === null ? behind : caughtUp;
  const left = end === 0 ? 'none' : whole(end);
  return `At most ${counted(max, 'record')} waited at once${of}, ${left} at the end${recovery}.`;
}

function concurrency(summary: Summary): string {
  const all = Object.entries(summary.functions);
  const fullest = all.reduce<(typeof all)[number] | null>((most, one) => {
    const share = ({ concurrency: { max, limit } }: (typeof one)[1]) => max / Math.max(limit, 0.5);
    return most === null || share(one[1]) > share(most[1]) ? one : most;
  }, null);
  if (fullest === null) return 'There is no function.';
  const [name, { concurrency: used }] = fullest;
  const throttles = all.reduce((sum, [, one]) => sum + one.throttles, 0);
  const throttled =
    throttles === 0 ? 'nothing was throttled' : `${counted(throttles, 'attempt')} ${wasOrWere(throttles)} throttled`;
  return `${name} used at most ${whole(used.max)} of its ${counted(used.limit, 'slot')}, ${decimal(used.mean)} on average; ${throttled}.`;
}

function invocations(summary: Summary): string {
  const all = Object.values(summary.functions);
  const count = all.reduce((sum, one) => sum + one.invocations, 0);
  const errors = all.reduce((sum, one) => sum + one.errors, 0);
  const throttles = all.reduce((sum, one) => sum + one.throttles, 0);
  const throttled =
    throttles === 0
      ? ''
      : `; ${counted(throttles, count === 0 ? 'attempt' : 'more attempt')} ${wasOrWere(throttles)} throttled`;
  if (count === 0) return throttles === 0 ? 'Nothing was invoked.' : `No invocation began${throttled}.`;
  const failed = failedClause(summary);
  if (errors > 0) {
    const ended = failed === null ? '' : `; ${failed}`;
    return `${whole(errors)} of ${counted(count, 'invocation')} failed (${percent(errors / count)})${ended}${throttled}.`;
  }
  if (failed !== null) {
    const none =
      count === 1
        ? 'The only invocation did not end in an error'
        : `None of ${whole(count)} invocations ended in an error`;
    return `${none}, but ${failed}${throttled}.`;
  }
  return count === 1
    ? `The only invocation succeeded${throttled}.`
    : `None of ${whole(count)} invocations failed${throttled}.`;
}

/** What responses that name failed items left undone, which no count of errors shows; null where there is nothing of it. */
function failedClause(summary: Summary): string | null {
  const left = Object.entries(summary.mappings)
    .map(([name, { errors }]) => ({ errors, records: failedRecords(summary, name) ?? 0 }))
    .filter(({ records }) => records > 0);
  if (left.length === 0) return null;
  const records = left.reduce((sum, one) => sum + one.records, 0);
  const by = left.some(({ errors }) => errors > 0) ? 'errors and failed items' : 'failed items in responses';
  return `${by} left ${counted(records, 'record')} to be tried again or discarded`;
}

function timeline(summary: Summary): string {
  const { lanes } = summary.timeline;
  if (lanes.length === 0) return 'There is no lane.';
  const stalled = stallsByLength(summary);
  const losses = lossClause(summary);
  if (stalled.length === 0) {
    return `No lane was stalled${stallAfter(summary)}${losses === null ? '' : `; ${losses}`}.`;
  }
  const held = new Set(stalled.map(({ mapping, stall }) => `${stall.shardId}/${stall.lane}/${mapping}`)).size;
  const all = lanes.length === 1 ? 'The only lane' : `${capital(allOf(lanes.length))} lanes`;
  const some = `${mappingsOf(summary).some(hasMoreStalls) ? 'At least ' : ''}${whole(held)} of ${whole(lanes.length)} lanes`;
  const which = held === lanes.length ? all : some;
  const longest = stalled.length === 1 ? '' : 'at the longest, ';
  return `${which} ${wasOrWere(held)} held up: ${longest}${stallClause(stalled[0]!, summary)}; ${losses ?? NO_LOSS}.`;
}

function ageBreakdown(summary: Summary): string {
  const all = mappingsOf(summary);
  const count = total(summary, ({ timeInSystemMs }) => timeInSystemMs.count);
  if (count === 0) return 'No record was processed.';
  const causes = AGE_CAUSES.map((cause) => ({
    cause,
    mean: all.reduce((sum, one) => sum + one.ageBreakdownMs[cause] * one.timeInSystemMs.count, 0) / count,
  })).sort((a, b) => b.mean - a.mean);
  const mean = causes.reduce((sum, one) => sum + one.mean, 0);
  const spent = `A record spent ${duration(mean)} in the system on average`;
  if (mean === 0) return `${spent}.`;
  const [first, second] = causes;
  const words = [first!, second!]
    .filter((one) => one.mean >= mean / 10)
    .map((one) => `${percent(one.mean / mean)} of it ${IN_A_SENTENCE[one.cause] ?? AGE_CAUSE_WORDS[one.cause]}`);
  const troubled = all.some(behindTroubled) ? ', their retries and throttles included' : '';
  const said = words.map((one) => (one.endsWith(AGE_CAUSE_WORDS.queue) ? `${one}${troubled}` : one));
  return `${spent}, ${said.join(' and ').replace(/ and (\S+ %) of it/, ' and $1')}.`;
}

const IN_A_SENTENCE: Partial<Record<keyof typeof AGE_CAUSE_WORDS, string>> = {
  window: 'in the batching window',
  readLimit: 'held up by the read limit',
  notPolling: 'while its mapping did not poll',
  propagation: 'in propagation',
  retry: 'in retries',
  coldStart: 'in cold starts',
  processing: 'being processed',
};

function batchSize(summary: Summary): string {
  const sampled = mappingsOf(summary).filter(({ batchSize: { count } }) => count > 0);
  if (sampled.length === 0) return 'No batch was processed.';
  const count = sampled.reduce((sum, one) => sum + one.batchSize.count, 0);
  const mean = sampled.reduce((sum, one) => sum + one.batchSize.mean! * one.batchSize.count, 0) / count;
  const most = Math.max(...sampled.map((one) => one.batchSize.max!));
  const full = sampled.reduce((sum, one) => sum + one.fullBatches, 0);
  const batches = sampled.reduce((sum, one) => sum + one.batches, 0);
  const fully =
    full === 0
      ? 'no batch was full'
      : `${whole(full)} of ${counted(batches, 'batch', 'batches')} ${wasOrWere(full)} full`;
  return `An invocation was handed ${decimal(mean)} ${mean === 1 ? 'record' : 'records'} on average and ${whole(most)} at most; ${fully}.`;
}

/** Than a result lists: the others may be of other lanes. */
function hasMoreStalls({ stalls, stallsTotal }: MappingSummary): boolean {
  return stallsTotal.count > stalls.length;
}

const NO_LOSS = 'no record was lost';
const NO_RECORDS = 'No record arrived.';

function wasOrWere(count: number): string {
  return count === 1 ? 'was' : 'were';
}

function mappingsOf(summary: Summary): MappingSummary[] {
  return Object.values(summary.mappings);
}

function total(summary: Summary, pick: (mapping: MappingSummary) => number): number {
  return mappingsOf(summary).reduce((sum, mapping) => sum + pick(mapping), 0);
}

import { unreachable } from '../../kernel/distribution.ts';
import type { AgeCause, StallCause } from '../../recording/causes.ts';
import { lossWords } from '../phrases.ts';
import type { StallSummary, Summary } from '../summary.ts';
import { capital, counted, duration, percent, seconds, whole } from '../words.ts';
import { ageFinding, largestCause } from './age-finding.ts';
import type { Advice, Explanation, Finding, HealthyMapping } from './explanation.ts';
import { withCosts } from './finding-costs.ts';
import { isTooSlow, queueReason } from './keeping-up.ts';
import { lossFindings, tooOldFinding } from './loss-findings.ts';
import {
  costOf,
  type MappingCase,
  misses,
  momentAt,
  momentWords,
  oldestMs,
  type StallGroup,
  stallGroup,
  stallSentence,
} from './mapping-case.ts';
import { timesOut } from './pace.ts';
import { Resolved } from './resolved.ts';
import { nothingThroughBeyondStalls, STALL_VERBS, stallHeadline, stallReason } from './stall-advice.ts';
import { writeFinding } from './write-findings.ts';

/**
 * What a result comes to: what stalled, since when, why, what it cost, and which setting would have changed it. It needs
 * nothing but the result. Times are virtual: seconds of the run, and wall time by the scenario's `start`; costs are
 * records, calls, attempts and milliseconds, as `Cost` says.
 */
export function explain(summary: Summary): Explanation {
  const resolved = new Resolved(summary);
  const cases = Object.entries(summary.mappings).map(
    ([name, mapping]): MappingCase => ({ summary, resolved, name, mapping }),
  );
  const ofMappings = cases.map((of) => ({ of, findings: mappingFindings(of) }));
  const ofStreams = Object.keys(summary.streams).flatMap((name) => writeFinding(summary, resolved, name));
  const findings = [...ofStreams, ...ofMappings.flatMap((one) => one.findings)]
    .map((finding, index) => ({ finding, index }))
    .sort((a, b) => byWeight(a.finding, b.finding) || a.index - b.index)
    .map(({ finding }) => finding);
  return {
    name: summary.scenario.name,
    partial: summary.partial,
    from: momentAt(summary, summary.measured.fromSeconds),
    to: momentAt(summary, summary.measured.toSeconds),
    missed: summary.thresholds.filter(({ ok }) => !ok),
    thresholds: summary.thresholds.length,
    findings,
    healthy: ofMappings.filter((one) => one.findings.length === 0).map(({ of }) => healthy(of)),
  };
}

/** What is lost comes before what is late, and what is still going on before what is over. */
function byWeight(a: Finding, b: Finding): number {
  return (
    Number(b.cost.recordsLost > 0) - Number(a.cost.recordsLost > 0) ||
    b.cost.recordsLost - a.cost.recordsLost ||
    b.cost.pending - a.cost.pending ||
    (b.cost.oldestMs ?? 0) - (a.cost.oldestMs ?? 0) ||
    b.cost.recordsHeld - a.cost.recordsHeld
  );
}

/** What a mapping went through, its causes by the time that they took. */
function mappingFindings(of: MappingCase): Finding[] {
  const stalls = stallFindings(of);
  // A child shard waits for parents that something else has held up.
  const others = stalls.filter(({ cause }) => cause !== 'parent');
  const parents = stalls.filter(({ cause }) => cause === 'parent');
  const queue = queueFinding(of, others);
  const late = isStalled(of) ? [...others, ...queue] : [...queue, ...others];
  const found = [...late, ...parents, ...lossFindings(of)];
  if (found.length === 0) found.push(...tooOldFinding(of));
  const all = found.length > 0 ? found : ageFinding(of);
  return withCosts(all, of);
}

/** Shares of the mean age, and of calls, below which a cause without a stall is not worth a word. */
const WORTH_TELLING = 0.1;

function stallFindings(of: MappingCase): Finding[] {
  const { mapping, summary } = of;
  const byCause = new Map<StallCause, StallSummary[]>();
  for (const stall of mapping.stalls) byCause.set(stall.cause, [...(byCause.get(stall.cause) ?? []), stall]);
  for (const cause of withoutStalls(of)) if (!byCause.has(cause)) byCause.set(cause, []);
  return [...byCause]
    .map(([cause, stalls]) => ({ cause, group: stallGroup(stalls, summary) }))
    .sort((a, b) => b.group.seconds - a.group.seconds)
    .map(({ cause, group }) => stallFinding(cause, of, group));
}

/** Causes that cost something though no stall was long enough to be reported. */
function withoutStalls(of: MappingCase): StallCause[] {
  const { mapping } = of;
  const { records, throttles, polls, ageBreakdownMs, timeInSystemMs, invocations, state } = mapping;
  const mean = timeInSystemMs.mean ?? Number.POSITIVE_INFINITY;
  const given = records.discarded.RetryAttemptsExhausted + records.discarded.RecordAgeExceeded;
  const causes: StallCause[] = [];
  if (
    records.discarded.RetryAttemptsExhausted > 0 ||
    (mapping.errors > 0 && given + records.expired > 0) ||
    mapping.errors >= WORTH_TELLING * Math.max(1, mapping.invocations) ||
    (mapping.errors > 0 && (misses(of, 'Errors') || misses(of, 'records.duplicates')))
  )
    causes.push('functionError');
  if (
    throttles > 0 &&
    (ageBreakdownMs.throttle >= WORTH_TELLING * mean || invocations === 0 || misses(of, 'Throttles'))
  )
    causes.push('throttle');
  const isRefused =
    polls.refused > 0 &&
    (ageBreakdownMs.readLimit >= WORTH_TELLING * mean || misses(of, 'ReadProvisionedThroughputExceeded'));
  if (isRefused) causes.push('readLimit');
  // What a deleted one leaves is nobody's any more (P9).
  if (state !== 'Enabled' && state !== 'Deleted' && records.pending > 0) causes.push('disabled');
  return causes;
}

function stallFinding(cause: StallCause, of: MappingCase, group: StallGroup): Finding {
  const { why, settings, advice } = stallReason(cause, of, group);
  const isStalled = group.stalls.length > 0;
  const stretch = cause === 'functionError' ? nothingThroughBeyondStalls(of, group) : null;
  const moment = (at: number) => momentAt(of.summary, at);
  const until = group.last === null ? null : Math.max(group.last, stretch?.to ?? 0);
  return {
    cause,
    stream: of.mapping.stream,
    mapping: of.name,
    headline: stallHeadline(cause, of, group),
    what: [
      isStalled ? stallSentence(of, group, STALL_VERBS[cause]) : withoutStallSentence(cause, of),
      ...(stretch === null
        ? []
        : [
            `Batch after batch was given up: nothing got through from ${momentWords(moment(stretch.from), of.summary)} to ${momentWords(moment(stretch.to), of.summary)}.`,
          ]),
      ...(cause === 'readLimit' ? refusedSentence(of) : []),
    ].join(' '),
    why,
    since: isStalled ? moment(Math.min(group.first, stretch?.from ?? group.first)) : null,
    until: isStalled && until !== null ? moment(until) : null,
    cost: costOf({ recordsHeld: group.recordsHeld }),
    settings,
    advice,
  };
}

function refusedSentence({ mapping: { polls } }: MappingCase): string[] {
  const { refused, getRecordsCalls } = polls;
  if (refused === 0 || getRecordsCalls === 0) return [];
  return [
    `${whole(refused)} of ${counted(getRecordsCalls, 'GetRecords call')} ${refused === 1 ? 'was' : 'were'} refused (${percent(Math.min(1, refused / getRecordsCalls))}).`,
  ];
}

/** What happened where no single stall was long enough to be reported. */
function withoutStallSentence(cause: StallCause, { mapping, resolved }: MappingCase): string {
  const { errors, invocations, throttles, records } = mapping;
  const stallAfter = String(resolved.value(['stallAfter']) ?? '10s');
  const none = `No lane was held up by it for longer than ${stallAfter} at a time`;
  switch (cause) {
    case 'functionError':
      return errors === 0
        ? `${none}. The function reported single records as failed.`
        : `${none}, but ${whole(errors)} of ${counted(invocations, 'invocation')} failed.`;
    case 'throttle':
      return `${none}, but ${counted(throttles, 'attempt')} found no free slot.`;
    case 'readLimit':
      return `${none}, but reads were refused all the same.`;
    case 'disabled':
      return `The mapping is ${mapping.state} at the end, and ${counted(records.pending, 'record')} wait.`;
    case 'updating':
    case 'role':
    case 'parent':
      return `${none}.`;
    default:
      return unreachable(cause);
  }
}

/** Whether what has held up a lane is long enough for half of how old data became. */
function isStalled(of: MappingCase): boolean {
  const { mapping, summary } = of;
  const byLane = new Map<string, StallSummary[]>();
  for (const stall of mapping.stalls) {
    const lane = `${stall.shardId} ${stall.lane}`;
    byLane.set(lane, [...(byLane.get(lane) ?? []), stall]);
  }
  const longest = Math.max(0, ...[...byLane.values()].map((stalls) => stallGroup(stalls, summary).seconds));
  return 2_000 * longest >= (oldestMs(of) ?? 0);
}

/** As many invocations fail as succeed: what holds it up is what they fail by. */
function mostlyFails({ mapping: { errors, invocations } }: MappingCase): boolean {
  return 2 * errors > invocations;
}

/** Data grew old with nothing in the way but the batches before it. */
function queueFinding(of: MappingCase, stalls: readonly Finding[]): Finding[] {
  const { mapping, summary, resolved, name } = of;
  const { ageBreakdownMs, timeInSystemMs, utilization, caughtUpAtSeconds, batches, fullBatches } = mapping;
  const window = resolved.number(['mappings', name, 'MaximumBatchingWindowInSeconds'], 0);
  const bar = 1_000 * (resolved.seconds(['stallAfter'], 10) + window);
  const oldest = oldestMs(of) ?? 0;
  const isQueue = ageBreakdownMs.queue >= 0.5 * (timeInSystemMs.mean ?? 0) && (timeInSystemMs.mean ?? 0) > 0;
  const isSlow = utilization.laneBusy.worst >= 0.98 && caughtUpAtSeconds === null && 2 * fullBatches > batches;
  const { since, until } = whenOld(of, bar);
  const isThrottled = stalls.some(({ cause }) => cause === 'throttle') && !isTooSlow(of, { since, until });
  const isHidden =
    (stalls.length > 0 && (isThrottled || (isStalled(of) && !isSlow))) || mostlyFails(of) || timesOut(of);
  if (oldest <= bar || isHidden || !(isQueue || isSlow)) return [];
  const { why, settings, advice } = queueReason(of, { since, until });
  const isBehind = caughtUpAtSeconds === null;
  const end = until === null ? 'the end of the run' : momentWords(momentAt(summary, until), summary);
  const span =
    since === null
      ? ''
      : since === 0
        ? ` Data was older than ${duration(bar)} within the first ${seconds(Math.min(summary.series.periodSeconds, summary.measured.toSeconds))}, and until ${end}.`
        : ` Data was older than ${duration(bar)} from ${momentWords(momentAt(summary, since), summary)} to ${end}.`;
  const loss = lossWords(mapping.trend, 'the end of the run');
  const begins = mapping.trend.lossBeginsInSeconds ?? 0;
  const expiring = loss === '' ? '' : begins > 0 ? ` If it goes on like that, ${loss}.` : ` ${capital(loss)}.`;
  return [
    {
      cause: 'queue',
      stream: mapping.stream,
      mapping: name,
      headline: isBehind ? 'it cannot keep up' : `it fell behind by up to ${duration(oldest)}`,
      what: `${mapping.errors === 0 && stalls.length === 0 ? 'Nothing failed, but records' : 'Records'} came faster than their lanes processed them.${span}${expiring}`,
      why,
      since: since === null ? null : momentAt(summary, since),
      until: until === null ? null : momentAt(summary, until),
      cost: costOf({ recordsHeld: mapping.backlog.max }),
      settings,
      advice: mapping.records.expired > 0 && stalls.length === 0 ? [...advice, retention(of)] : advice,
    },
  ];
}

function retention({ resolved, mapping }: MappingCase): Advice {
  const path = ['streams', mapping.stream, 'RetentionPeriodHours'];
  return {
    changes: [resolved.change(path, Math.min(8_760, 7 * resolved.number(path, 24)))],
    effect: 'Records wait longer before they expire. It does not make the mapping any faster.',
    tradeOff: 'Kinesis charges for hours beyond 24.',
    lowers: 'expired',
  };
}

/** The periods around the worst one in which some record waited for longer than `bar`. */
function whenOld({ summary, name }: MappingCase, bar: number): { since: number | null; until: number | null } {
  const { periodSeconds, metrics } = summary.series;
  const ages =
    metrics.find(({ MetricName, Dimensions }) => MetricName === 'BacklogAge' && Dimensions.Mapping === name)?.Statistics
      .Maximum ?? [];
  let worst = -1;
  for (const [index, age] of ages.entries()) if ((age ?? 0) > bar && (age ?? 0) > (ages[worst] ?? 0)) worst = index;
  if (worst === -1) return { since: null, until: null };
  let first = worst;
  while (first > 0 && (ages[first - 1] ?? 0) > bar) first--;
  let last = worst;
  while (last < ages.length - 1 && (ages[last + 1] ?? 0) > bar) last++;
  return {
    since: first * periodSeconds,
    until: last === ages.length - 1 ? null : (last + 1) * periodSeconds,
  };
}

/** How a record spent its time, after 'of it'. */
const SPENT: Readonly<Record<AgeCause, string>> = {
  tick: 'waiting for a poll',
  queue: 'behind other batches',
  window: 'in the batching window',
  readLimit: 'held up by the read limit',
  notPolling: 'while the mapping did not poll',
  propagation: 'on its way to the consumer',
  throttle: 'waiting for a slot',
  retry: 'in retries',
  coldStart: 'in cold starts',
  processing: 'being processed',
};

/** What governs a cause of the age, where nothing else is to be told. */
const GOVERNED_BY: Partial<Readonly<Record<AgeCause, string>>> = {
  tick: 'polling.period',
  window: 'MaximumBatchingWindowInSeconds',
  coldStart: 'coldStart',
  processing: 'duration',
};

function healthy(of: MappingCase): HealthyMapping {
  const { mapping, name } = of;
  const { records, timeInSystemMs, ageBreakdownMs, iteratorAgeMs } = mapping;
  const { mean } = timeInSystemMs;
  const largest = largestCause(mapping);
  const governs = largest === null ? undefined : GOVERNED_BY[largest];
  const most =
    mean === null || largest === null || mean === 0
      ? ''
      : `, ${percent(ageBreakdownMs[largest] / mean)} of it ${SPENT[largest]}${governs === undefined ? '' : ` (${governs})`}`;
  const age = mean === null ? '' : ` A record took ${duration(mean)} on average${most}.`;
  const retried = [
    ...(mapping.errors > 0 ? [counted(mapping.errors, 'invocation')] : []),
    ...(mapping.throttles > 0 ? [counted(mapping.throttles, 'throttled attempt')] : []),
  ];
  const passed =
    retried.length === 0
      ? ''
      : ` ${capital(retried.join(' and '))} had to be tried again, without a delay worth telling.`;
  const all =
    records.arrived === 0
      ? of.resolved.value(['mappings', name, 'Enabled']) === false && mapping.invocations === 0
        ? 'Enabled is false: no record came to it.'
        : 'No record arrived.'
      : `Nothing stalled and nothing was lost of ${counted(records.arrived, 'record')}.${mapping.invocations === 0 && records.filtered > 0 ? ' Its filter let none of them through.' : ''}`;
  return {
    mapping: name,
    records: records.arrived,
    timeInSystemMs,
    ageBreakdownMs,
    iteratorAgeMs,
    words: `${all}${age}${passed}`,
  };
}

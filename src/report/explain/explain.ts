import { unreachable } from '../../kernel/distribution.ts';
import { AGE_CAUSES, type AgeCause, type StallCause } from '../../recording/causes.ts';
import type { MappingSummary, StallSummary, Summary, ThresholdResult } from '../summary.ts';
import { bytes, capital, counted, duration, percent, seconds, whole } from '../words.ts';
import type { Advice, Cost, Explanation, Finding, FindingCause, HealthyMapping, Setting } from './explanation.ts';
import { withCosts } from './finding-costs.ts';
import { queueReason } from './keeping-up.ts';
import {
  costOf,
  type MappingCase,
  momentAt,
  momentWords,
  oldestMs,
  type StallGroup,
  settingOf,
  stallGroup,
  stallSentence,
} from './mapping-case.ts';
import { Resolved } from './resolved.ts';
import { nothingThroughBeyondStalls, type Reason, STALL_VERBS, stallHeadline, stallReason } from './stall-advice.ts';
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
  const found = [...others, ...queue, ...parents, ...silentFinding(of), ...payloadFinding(of)];
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
function withoutStalls({ mapping, summary, name }: MappingCase): StallCause[] {
  const { records, throttles, polls, ageBreakdownMs, timeInSystemMs, invocations, state } = mapping;
  const mean = timeInSystemMs.mean ?? Number.POSITIVE_INFINITY;
  const given = records.discarded.RetryAttemptsExhausted + records.discarded.RecordAgeExceeded;
  const misses = (metric: string) => summary.thresholds.some((one) => !one.ok && isOf(one, metric, mapping, name));
  const causes: StallCause[] = [];
  if (
    records.discarded.RetryAttemptsExhausted > 0 ||
    (mapping.errors > 0 && given + records.expired > 0) ||
    (mapping.errors > 0 && misses('Errors'))
  )
    causes.push('functionError');
  if (throttles > 0 && (ageBreakdownMs.throttle >= WORTH_TELLING * mean || invocations === 0 || misses('Throttles')))
    causes.push('throttle');
  const isRefused =
    polls.refused > 0 &&
    (ageBreakdownMs.readLimit >= WORTH_TELLING * mean || misses('ReadProvisionedThroughputExceeded'));
  if (isRefused) causes.push('readLimit');
  // What a deleted one leaves is nobody's any more (P9).
  if (state !== 'Enabled' && state !== 'Deleted' && records.pending > 0) causes.push('disabled');
  return causes;
}

/** 'IteratorAge', or 'IteratorAge{mapping:m}' of this mapping. */
function isOf({ metric }: ThresholdResult, name: string, mapping: MappingSummary, mappingName: string): boolean {
  const [plain, selector] = metric.split('{');
  if (plain !== name) return false;
  return (
    selector === undefined ||
    [`mapping:${mappingName}}`, `function:${mapping.function}}`, `stream:${mapping.stream}}`].includes(selector)
  );
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
  const none = `No lane was held up for longer than ${stallAfter} at a time`;
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

/** Data grew old with nothing in the way but the batches before it. */
function queueFinding(of: MappingCase, stalls: readonly Finding[]): Finding[] {
  const { mapping, summary, resolved, name } = of;
  const { ageBreakdownMs, timeInSystemMs, utilization, caughtUpAtSeconds, batches, fullBatches } = mapping;
  const window = resolved.number(['mappings', name, 'MaximumBatchingWindowInSeconds'], 0);
  const bar = 1_000 * (resolved.seconds(['stallAfter'], 10) + window);
  const oldest = oldestMs(of) ?? 0;
  const isQueue = ageBreakdownMs.queue >= 0.5 * (timeInSystemMs.mean ?? 0) && (timeInSystemMs.mean ?? 0) > 0;
  const isSlow = utilization.laneBusy.worst >= 0.98 && caughtUpAtSeconds === null && 2 * fullBatches > batches;
  const isHidden = stalls.length > 0 && !(isSlow && !stalls.some(({ cause }) => cause === 'throttle'));
  if (oldest <= bar || isHidden || !(isQueue || isSlow)) return [];
  const { why, settings, advice } = queueReason(of);
  const { since, until } = whenOld(of, bar);
  const isBehind = caughtUpAtSeconds === null;
  const span =
    since === null
      ? ''
      : ` Data was older than ${duration(bar)} from ${momentWords(momentAt(summary, since), summary)} to ${until === null ? 'the end of the run' : momentWords(momentAt(summary, until), summary)}.`;
  const loss = mapping.trend.lossBeginsInSeconds;
  const expiring =
    loss === null ? '' : ` If it goes on like that, records begin to expire ${seconds(loss)} after the end of the run.`;
  return [
    {
      cause: 'queue',
      stream: mapping.stream,
      mapping: name,
      headline: isBehind ? 'it cannot keep up' : `it fell behind by up to ${duration(oldest)}`,
      what: `${mapping.errors === 0 ? 'Nothing failed' : 'No failure held it up'}, but records came faster than their lanes processed them.${span}${expiring}`,
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

/** E5: reported, and not heard. */
function silentFinding(of: MappingCase): Finding[] {
  const { mapping, resolved, name } = of;
  const lost = mapping.records.silentlyLost;
  if (lost === 0) return [];
  const path = (key: string) => ['mappings', name, key];
  const retries = resolved.number(path('MaximumRetryAttempts'), -1);
  const limits = retries < 0 ? [resolved.change(path('MaximumRetryAttempts'), 5)] : [];
  return [
    finding(of, {
      cause: 'silentLoss',
      headline: `${counted(lost, 'record')} silently lost`,
      what: `${mapping.function} reported ${counted(lost, 'record')} as failed, and Lambda took ${lost === 1 ? 'it' : 'them'} for processed. No metric and no message shows it.`,
      why: 'FunctionResponseTypes is [], so what the function answers is not read: an invocation that returns has succeeded with all its records.',
      cost: costOf({ silentlyLost: lost }),
      settings: [settingOf(of, 'FunctionResponseTypes'), settingOf(of, 'MaximumRetryAttempts')],
      advice: [
        {
          changes: [resolved.change(path('FunctionResponseTypes'), ['ReportBatchItemFailures']), ...limits],
          effect: `The reported record and all after it come again${limits.length === 0 ? '' : '; the limit on retries keeps one that never succeeds from stopping its lane'}.`,
          tradeOff:
            'Records after a failed one are processed twice, and one that never succeeds holds up its lane for the retries, and is then given up in the open.',
          lowers: 'silentlyLost',
        },
      ],
    }),
  ];
}

/** P5. */
function payloadFinding(of: MappingCase): Finding[] {
  const { mapping, resolved } = of;
  const lost = mapping.records.discarded.PayloadTooLarge;
  if (lost === 0) return [];
  const path = ['streams', mapping.stream, 'MaxRecordSizeInKiB'];
  return [
    finding(of, {
      cause: 'payload',
      headline: `${counted(lost, 'record')} too large for an event`,
      what: `${counted(lost, 'record')} ${lost === 1 ? 'was' : 'were'} discarded, because ${lost === 1 ? 'it alone exceeds' : 'each alone exceeds'} the 6 MB that an event may have.`,
      why: `The stream accepts records of up to ${bytes(1_024 * resolved.number(path, 1_024))} (MaxRecordSizeInKiB), and an event holds them in base64, a third larger.`,
      cost: costOf({ discarded: lost }),
      settings: [resolved.setting(path)],
      advice: [
        {
          changes: [],
          effect: 'Keep records below about 4.4 MB: put what is larger in a bucket, and its name in the record.',
          tradeOff: 'One more request for each large record.',
          lowers: null,
        },
      ],
    }),
  ];
}

function finding(
  { mapping, name }: MappingCase,
  of: {
    readonly cause: FindingCause;
    readonly headline: string;
    readonly what: string;
    readonly why: string;
    readonly cost: Cost;
    readonly settings: readonly Setting[];
    readonly advice: readonly Advice[];
  },
): Finding {
  const { cause, headline, what, why, cost, settings, advice } = of;
  return {
    cause,
    stream: mapping.stream,
    mapping: name,
    headline,
    what,
    why,
    since: null,
    until: null,
    cost,
    settings,
    advice,
  };
}

/** An age that missed its threshold though nothing was in the way: the wait for a poll or for the window. */
function ageFinding(of: MappingCase): Finding[] {
  const { mapping, summary, name } = of;
  const mean = mapping.timeInSystemMs.mean ?? 0;
  const largest = largestCause(mapping);
  const isMissed = ['IteratorAge', 'timeInSystem', 'waitingTime', 'backlogAge'].some((metric) =>
    summary.thresholds.some((one) => !one.ok && isOf(one, metric, mapping, name)),
  );
  if (!isMissed || (largest !== 'window' && largest !== 'tick')) return [];
  const reason = largest === 'window' ? windowReason(of) : tickReason(of);
  return [
    finding(of, {
      cause: largest,
      headline:
        largest === 'window' ? 'most of the age is the batching window' : 'most of the age is the wait for a poll',
      what: `Nothing failed and nothing was held up. A record took ${duration(mean)} on average, ${duration(mapping.ageBreakdownMs[largest])} of it ${largest === 'window' ? 'in the batching window' : 'waiting for a poll'}.`,
      cost: costOf({}),
      ...reason,
    }),
  ];
}

function windowReason(of: MappingCase): Reason {
  const { resolved, name, mapping } = of;
  const path = ['mappings', name, 'MaximumBatchingWindowInSeconds'];
  const window = resolved.number(path, 0);
  // Where batches are full before, the window lasts about twice the mean wait in it.
  const lasts = Math.min(window, (2 * mapping.ageBreakdownMs.window) / 1_000);
  const shorter = Math.floor((lasts + 1) / 4);
  return {
    why: `MaximumBatchingWindowInSeconds is ${whole(window)}: Lambda gathers records for so long unless a batch is full before.`,
    settings: [settingOf(of, 'MaximumBatchingWindowInSeconds'), settingOf(of, 'BatchSize')],
    advice: [
      {
        changes: [resolved.change(path, shorter)],
        effect: 'Records wait for less.',
        tradeOff: 'Batches are smaller, so there are more invocations to pay for.',
        lowers: 'oldestMs',
      },
    ],
  };
}

function tickReason(of: MappingCase): Reason {
  const { resolved, mapping, name } = of;
  const period = resolved.seconds(['polling', 'period'], 1);
  const consumers = resolved.items(['streams', mapping.stream, 'consumers']);
  return {
    why: `A lane with nothing to do asks for records every ${seconds(period)} (polling.period, which on AWS is no setting).`,
    settings: [resolved.setting(['polling', 'period']), resolved.setting(['polling', 'continueAfter'])],
    advice: [
      {
        changes: [
          resolved.change(['streams', mapping.stream, 'consumers'], [...consumers, name.replaceAll('/', '-')]),
          resolved.change(['mappings', name, 'stream'], null),
          resolved.change(['mappings', name, 'consumer'], `${mapping.stream}/${name.replaceAll('/', '-')}`),
        ],
        effect:
          'Enhanced fan-out: records are sent to the mapping within a tenth of a second, and there are no polls to wait for.',
        tradeOff: 'AWS charges for each consumer and shard by the hour, and for each GB. Batches are smaller.',
        lowers: 'oldestMs',
      },
    ],
  };
}

function largestCause({ ageBreakdownMs }: MappingSummary): AgeCause | null {
  let largest: AgeCause | null = null;
  for (const cause of AGE_CAUSES)
    if (ageBreakdownMs[cause] > (largest === null ? 0 : ageBreakdownMs[largest])) largest = cause;
  return largest;
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
      ? 'No record arrived.'
      : `Nothing stalled and nothing was lost of ${counted(records.arrived, 'record')}.`;
  return {
    mapping: name,
    records: records.arrived,
    timeInSystemMs,
    ageBreakdownMs,
    iteratorAgeMs,
    words: `${all}${age}${passed}`,
  };
}

import type { JsonObject } from '../../scenario/scenario.ts';
import { mappingSeries } from '../charts/series.ts';
import { failsByTimeout } from '../timeouts.ts';
import { counted, duration, seconds, whole } from '../words.ts';
import type { Advice } from './explanation.ts';
import { type MappingCase, momentAt, momentWords, oldestMs, type StallGroup } from './mapping-case.ts';
import { type DurationParts, durationParts, isObject, secondsOf } from './resolved.ts';

/** Why a function fails, as far as its faults and its Timeout say. */
export type FailureReason =
  | { readonly kind: 'poison'; readonly words: string }
  | { readonly kind: 'outage'; readonly from: number; readonly to: number | null }
  | { readonly kind: 'chance' | 'first'; readonly words: string }
  | TimeoutReason
  | { readonly kind: 'unknown' };

interface TimeoutReason {
  readonly kind: 'timeout';
  readonly slowdown: number | null;
}

/** The fault that is behind these stalls, or without one behind the errors of the mapping. */
export function failureReason(of: MappingCase, { stalls }: StallGroup): FailureReason {
  const { resolved, mapping, summary } = of;
  const faults = resolved.items(['functions', mapping.function, 'faults']).filter(isObject);
  const from = (fault: JsonObject) => secondsOf(fault.from) ?? 0;
  const to = (fault: JsonObject) => secondsOf(fault.to ?? fault.until);
  const [longest] = stalls;
  const at = longest?.startSeconds ?? null;
  const meets = (fault: JsonObject) =>
    at === null
      ? from(fault) < summary.measured.toSeconds
      : from(fault) <= at && at < (to(fault) ?? Number.POSITIVE_INFINITY);
  const meeting = faults.filter(
    (one) =>
      one.slowdown === undefined &&
      meets(one) &&
      meetsShard(one, of, longest?.shardId) &&
      !(at !== null && typeof one.invocations === 'number' && invokedBetween(of, from(one), at) >= one.invocations),
  );
  // L6: at one time the first in the file decides.
  const fault = at === null ? mostFailing(meeting, of) : meeting[0];
  const slowdown = faults.find((one) => typeof one.slowdown === 'number' && meets(one));
  if (fault === undefined) {
    if (failsByTimeout(summary, mapping.function))
      return { kind: 'timeout', slowdown: typeof slowdown?.slowdown === 'number' ? slowdown.slowdown : null };
    return { kind: 'unknown' };
  }
  if (isObject(fault.poison)) return { kind: 'poison', words: poisonWords(fault.poison) };
  if (fault.probability !== undefined)
    return { kind: 'chance', words: `${String(fault.probability)} of its invocations fail by chance` };
  if (typeof fault.invocations === 'number')
    return {
      kind: 'first',
      words:
        fault.invocations === 1
          ? 'its first invocation fails'
          : `its first ${counted(fault.invocations, 'invocation')} fail`,
    };
  const end = to(fault);
  return { kind: 'outage', from: from(fault), to: end === null || end > summary.measured.toSeconds ? null : end };
}

/** Of some faults the one in whose time most invocations failed; of one without a window: outside of all others' windows. */
function mostFailing(faults: readonly JsonObject[], { summary, name }: MappingCase): JsonObject | undefined {
  const { periodSeconds } = summary.series;
  const failed = mappingSeries(summary, name, 'Errors', 'Sum') ?? [];
  const isWindow = ({ from, to, until }: JsonObject) => from !== undefined || to !== undefined || until !== undefined;
  const covers = ({ from, to, until }: JsonObject, period: number) =>
    (secondsOf(from) ?? 0) < (period + 1) * periodSeconds &&
    (secondsOf(to ?? until) ?? Number.POSITIVE_INFINITY) > period * periodSeconds;
  const countOf = (fault: JsonObject) =>
    failed.reduce<number>((sum, count, period) => {
      const isOthers = !isWindow(fault) && faults.some((one) => isWindow(one) && covers(one, period));
      return sum + (covers(fault, period) && !isOthers ? (count ?? 0) : 0);
    }, 0);
  const counts = faults.map(countOf);
  return faults[counts.indexOf(Math.max(...counts))];
}

/** Invocations of the mapping in whole periods, in seconds: those that a fault of the first ones had before a stall. */
function invokedBetween({ summary, name }: MappingCase, from: number, to: number): number {
  const { periodSeconds } = summary.series;
  const series = mappingSeries(summary, name, 'Invocations', 'Sum') ?? [];
  return series
    .filter((_, period) => period * periodSeconds >= from && (period + 1) * periodSeconds <= to)
    .reduce<number>((sum, count) => sum + (count ?? 0), 0);
}

/** A poison record is in one shard of one stream. */
function meetsShard({ poison }: JsonObject, { mapping }: MappingCase, shardId: string | undefined): boolean {
  if (!isObject(poison) || typeof poison.record !== 'number') return true;
  if (poison.stream !== mapping.stream) return false;
  return shardId === undefined || Number(/\d+$/.exec(shardId)?.[0]) === poison.shard;
}

function poisonWords({ record, shard, key, oneIn }: JsonObject): string {
  if (typeof record === 'number' && typeof shard === 'number')
    return `record ${whole(record)} of shard ${whole(shard)}, which always fails`;
  if (typeof key === 'string') return `a record with the key ${key}, which always fails`;
  return typeof oneIn === 'number'
    ? `a record that always fails, as 1 in ${whole(oneIn)} does`
    : 'a record that always fails';
}

/** Why the lane stood still, by the settings that decide what follows a failure (E1 to E5). */
export function failureWhy(of: MappingCase, reason: FailureReason): string {
  return [reasonSentence(of, reason), ...policySentences(of, reason)].join(' ');
}

function reasonSentence(of: MappingCase, reason: FailureReason): string {
  const { mapping, summary, resolved } = of;
  const name = mapping.function;
  switch (reason.kind) {
    case 'poison':
      return `The failed batch held ${reason.words}.`;
    case 'outage': {
      const until = reason.to === null ? 'the end of the run' : momentWords(momentAt(summary, reason.to), summary);
      return `Every invocation of ${name} failed from ${momentWords(momentAt(summary, reason.from), summary)} to ${until}.`;
    }
    case 'chance':
    case 'first':
      return `Of ${name}, ${reason.words}.`;
    case 'timeout': {
      const timeout = resolved.number(['functions', name, 'Timeout'], 3);
      const slow = reason.slowdown === null ? '' : ` while everything took ${reason.slowdown} times as long`;
      const fixed = fixedMs(of, reason);
      return fixed <= 1_000 * timeout
        ? `${name} ran into its Timeout of ${seconds(timeout)}${slow}.`
        : `${name} ${slow === '' ? 'takes' : 'took'} at least ${duration(fixed)}${slow}, and its Timeout is ${seconds(timeout)}: every invocation fails, however small its batch.`;
    }
    case 'unknown':
      return `${name} failed.`;
  }
}

function policySentences(of: MappingCase, reason: FailureReason): string[] {
  const { mapping, resolved, name } = of;
  const retries = retriesOf(of);
  const age = ageLimitOf(of);
  const hours = resolved.number(['streams', mapping.stream, 'RetentionPeriodHours'], 24);
  const exhausted = mapping.records.discarded.RetryAttemptsExhausted;
  const tooOld = mapping.records.discarded.RecordAgeExceeded;
  const bisects = resolved.bisects(name);
  const what = bisects
    ? 'A failed batch is halved again and again (BisectBatchOnFunctionError), and a record that fails alone is given up'
    : 'A batch is given up';
  const limits =
    retries >= 0
      ? [
          `${what} after ${counted(retries, 'retry', 'retries')} (MaximumRetryAttempts${age === null ? '' : `, or sooner where records are older than MaximumRecordAgeInSeconds: ${whole(age)}`}).`,
        ]
      : age !== null
        ? [
            `A batch is tried again until it succeeds or its records are ${seconds(age)} old (MaximumRetryAttempts is -1, MaximumRecordAgeInSeconds ${whole(age)}).`,
          ]
        : [
            `Nothing ends the retries before the records expire after ${seconds(3_600 * hours)}: MaximumRetryAttempts and MaximumRecordAgeInSeconds are both -1.`,
          ];
  const isPoison = reason.kind === 'poison';
  const narrows = resolved.bisects(name) || resolved.reports(name);
  const split =
    isPoison && !narrows
      ? ['BisectBatchOnFunctionError is off, so the good records of a batch share the fate of the bad one.']
      : [];
  const alone =
    isPoison && bisects && exhausted > 0
      ? [
          `So only ${exhausted === 1 ? 'the record that failed alone was' : `the ${whole(exhausted)} records that failed alone were`} given up.`,
        ]
      : [];
  const final =
    resolved.number(['mappings', name, 'TumblingWindowInSeconds'], 0) > 0
      ? ["No limit ends the retries of a window's final invocation, which must succeed (P11)."]
      : [];
  const wait = retries !== 0 || tooOld > 0 ? ['Until then the lane processes nothing else.'] : [];
  return [...limits, ...alone, ...final, ...wait, ...split];
}

function retriesOf({ resolved, name }: MappingCase): number {
  return resolved.number(['mappings', name, 'MaximumRetryAttempts'], -1);
}

/** Seconds; null: no limit. */
export function ageLimitOf({ resolved, name }: MappingCase): number | null {
  const age = resolved.number(['mappings', name, 'MaximumRecordAgeInSeconds'], -1);
  return age < 0 ? null : age;
}

const RETRIES = 5;
const HOUR = 3_600;

export function failureAdvice(of: MappingCase, reason: FailureReason): Advice[] {
  switch (reason.kind) {
    case 'poison':
      return [...poisonAdvice(of), ...destinationAdvice(of)];
    case 'outage':
      return [...lossAdvice(of, reason), ...recoveryAdvice(of), ...ageAdvice(of), ...destinationAdvice(of)];
    case 'timeout':
      return [...timeoutAdvice(of, reason), ...lossAdvice(of, reason), ...destinationAdvice(of)];
    case 'chance':
    case 'first':
    case 'unknown':
      return [
        ...lossAdvice(of, reason),
        ...(reason.kind === 'unknown' ? poisonAdvice(of) : []),
        ...destinationAdvice(of),
      ];
  }
}

/** E3, E4: bisecting alone leaves the bad record to be retried until it expires, retries alone give up its whole batch. */
function poisonAdvice(of: MappingCase): Advice[] {
  const { resolved, name, mapping } = of;
  const path = (key: string) => ['mappings', name, key];
  const retries = retriesOf(of);
  const bisects = resolved.bisects(name);
  const isMany = retries < 0 || retries > RETRIES;
  const limit = isMany ? [resolved.change(path('MaximumRetryAttempts'), RETRIES)] : [];
  const kept = isMany ? RETRIES : retries;
  const advice: Advice[] = [];
  if (!bisects || isMany) {
    advice.push({
      changes: [...(bisects ? [] : [resolved.change(path('BisectBatchOnFunctionError'), true)]), ...limit],
      effect: bisects
        ? `The bad record, alone by then, is given up after ${counted(kept, 'retry', 'retries')}, and the lane goes on.`
        : `A failed batch is halved until the bad record is alone; only that one is given up, after ${counted(kept, 'retry', 'retries')}.`,
      tradeOff: bisects
        ? `A failure that passes has to pass within ${counted(kept, 'retry', 'retries')}, or good records are given up too.`
        : 'Good records of a failed batch may come twice, and the lane stands still while each bad one is tried again: where they are many, it falls behind. In an outage longer than the retries, good records are given up one by one.',
      lowers: isMany ? 'oldestMs' : 'recordsLost',
    });
  }
  const age = shorterAge(of);
  if (ageLimitOf(of) === null && retries < 0 && age !== null && mayLose(of)) {
    advice.push({
      changes: [resolved.change(path('MaximumRecordAgeInSeconds'), age)],
      effect: `On its own it ends the standstill after ${seconds(age)}: the batch is given up then.`,
      tradeOff: 'Whatever has waited longer than that is given up too, good records with the bad one.',
      lowers: 'oldestMs',
    });
  }
  if (!resolved.reports(name) && mapping.records.discarded.RetryAttemptsExhausted + mapping.records.expired > 0) {
    advice.push({
      changes: [],
      effect: `If ${mapping.function} can tell which record failed, FunctionResponseTypes: [ReportBatchItemFailures] (now []) saves the search: what lies before that record is done.${retries < 0 ? ' Retries need their limit all the same.' : ''}`,
      tradeOff: 'The function has to catch the error and name the record; records after it come again.',
      lowers: null,
    });
  }
  return advice;
}

/** What would have kept the records that were given up. */
function lossAdvice(of: MappingCase, reason: FailureReason): Advice[] {
  const { resolved, name, mapping, summary } = of;
  const { discarded } = mapping.records;
  const advice: Advice[] = [];
  const path = (key: string) => ['mappings', name, key];
  const age = ageLimitOf(of);
  if (discarded.RecordAgeExceeded > 0 && age !== null) {
    const needed =
      (reason.kind === 'outage' && reason.to !== null ? reason.to - reason.from : summary.measured.toSeconds) * 2;
    const roomy = Math.min(604_800, Math.ceil(Math.max(needed, 2 * age) / 600) * 600);
    advice.push({
      changes: [resolved.change(path('MaximumRecordAgeInSeconds'), roomy)],
      effect: `Records may wait for ${seconds(roomy)}, so this failure would have cost none.`,
      tradeOff: 'The lane works off everything that waited, so data is older and catching up takes longer.',
      lowers: 'recordsLost',
    });
  }
  // What takes longer than its Timeout does so each time.
  if (discarded.RetryAttemptsExhausted > 0 && reason.kind !== 'timeout') {
    const bound = age === null ? ' Set MaximumRecordAgeInSeconds beside it to bound the wait.' : '';
    advice.push({
      changes: [resolved.change(path('MaximumRetryAttempts'), -1)],
      effect: `A batch is tried again until it succeeds.${bound}`,
      tradeOff:
        'Whatever stands behind it waits for as long, and a record that never succeeds stops its lane until it is too old or expires.',
      lowers: 'recordsLost',
    });
  }
  if (mapping.records.expired > 0) advice.push(retentionAdvice(of));
  return advice;
}

/** K5. */
export function retentionAdvice({ resolved, mapping }: MappingCase): Advice {
  const path = ['streams', mapping.stream, 'RetentionPeriodHours'];
  const now = resolved.number(path, 24);
  return {
    changes: [resolved.change(path, Math.min(8_760, 7 * now))],
    effect: 'Records wait longer before they expire.',
    tradeOff: 'Kinesis charges for hours beyond 24, and data that is read so late is as old.',
    lowers: 'expired',
  };
}

/** More lanes work off what has waited sooner, where the lanes were busy with it. */
function recoveryAdvice({ resolved, name, mapping }: MappingCase): Advice[] {
  const factor = resolved.factor(name);
  const recovered = mapping.recoveryMs.max ?? 0;
  const isTumbling = resolved.number(['mappings', name, 'TumblingWindowInSeconds'], 0) > 0; // P11: one lane a shard
  if (recovered < 60_000 || mapping.utilization.laneBusy.peak < 0.95 || factor >= 10 || isTumbling) return [];
  const target = Math.min(10, 2 * factor);
  return [
    {
      changes: [resolved.change(['mappings', name, 'ParallelizationFactor'], target)],
      effect: 'What has waited is worked off by more lanes, and the mapping is caught up sooner.',
      tradeOff: 'Order is kept by key only, and more slots are taken at once; the failure itself stays as long.',
      lowers: 'recoveryMs',
    },
  ];
}

/** A limit on the age keeps data fresh through an outage, by giving up what is old. */
function ageAdvice(of: MappingCase): Advice[] {
  const { resolved, name } = of;
  // A window's final invocation, which holds up what follows, is never too old (P11).
  const isTumbling = resolved.number(['mappings', name, 'TumblingWindowInSeconds'], 0) > 0;
  if (ageLimitOf(of) !== null || isTumbling) return [];
  const limit = shorterAge(of);
  if (limit === null || !mayLose(of)) return [];
  return [
    {
      changes: [resolved.change(['mappings', name, 'MaximumRecordAgeInSeconds'], limit)],
      effect: `If data older than ${seconds(limit)} is of no use: the backlog of the outage is dropped instead of worked off, and the mapping is caught up sooner.`,
      tradeOff: 'Everything that waited longer is lost.',
      lowers: 'recoveryMs',
    },
  ];
}

/** No threshold says that nothing may be lost. */
function mayLose({ summary }: MappingCase): boolean {
  return !summary.thresholds.some(({ metric }) => /^records\.(lost|discarded)/.test(metric));
}

/** A quarter of how old data became, at most an hour; null where that is less than a limit may be. */
function shorterAge(of: MappingCase): number | null {
  const quarter = Math.floor((oldestMs(of) ?? 0) / 1_000 / 4 / 60) * 60;
  return quarter < 60 ? null : Math.min(HOUR, quarter);
}

/** What an invocation would take if nothing ended it, by the scenario: alone, and with each record; null where that is not written there. */
function neededMs({ resolved, mapping }: MappingCase, { slowdown }: TimeoutReason): DurationParts | null {
  const path = ['functions', mapping.function];
  if (resolved.value([...path, 'handler']) !== null || resolved.value([...path, 'durationByMemory']) !== null)
    return null;
  const parts = durationParts(resolved.value([...path, 'duration']));
  const times = slowdown ?? 1;
  return parts === null ? null : { base: times * parts.base, perRecord: times * parts.perRecord };
}

/** What every invocation takes, whatever its batch; 0 where that is left to chance. */
function fixedMs(of: MappingCase, reason: TimeoutReason): number {
  const written = of.resolved.value(['functions', of.mapping.function, 'duration']);
  const base = isObject(written) ? written.base : written;
  return typeof base === 'string' ? (neededMs(of, reason)?.base ?? 0) : 0;
}

/** Seconds that a Timeout may last. */
const LONGEST_TIMEOUT = 900;

function timeoutAdvice(of: MappingCase, reason: TimeoutReason): Advice[] {
  const { resolved, name, mapping } = of;
  const path = ['functions', mapping.function, 'Timeout'];
  const timeout = resolved.number(path, 3);
  const size = resolved.number(['mappings', name, 'BatchSize'], 100);
  const needs = neededMs(of, reason);
  const longest = needs === null ? 0 : (needs.base + needs.perRecord * size) / 1_000;
  const target = Math.min(LONGEST_TIMEOUT, Math.max(4 * timeout, Math.ceil(2 * longest)));
  const advice: Advice[] = [];
  if (timeout < LONGEST_TIMEOUT && longest < LONGEST_TIMEOUT)
    advice.push({
      changes: [resolved.change(path, target)],
      effect:
        longest > timeout
          ? `A full batch of ${counted(size, 'record')} takes about ${seconds(longest)} and then succeeds.`
          : 'Invocations that need longer than now succeed.',
      tradeOff: 'One that hangs holds its lane and its slot for longer.',
      lowers: 'errors',
    });
  const smaller = smallerBatch(size, timeout, needs);
  if (smaller !== null)
    advice.push({
      changes: [resolved.change(['mappings', name, 'BatchSize'], smaller)],
      effect:
        needs === null
          ? 'Smaller batches take less time, as far as the time goes by records.'
          : `A full batch then takes about ${duration(needs.base + needs.perRecord * smaller)}, which is within the Timeout.`,
      tradeOff: 'There are more invocations, each with its fixed cost.',
      lowers: 'errors',
    });
  return advice;
}

/** One whose time is within the Timeout, with some room; null where no batch is small enough, or all are. */
function smallerBatch(size: number, timeout: number, needs: DurationParts | null): number | null {
  const half = Math.floor(size / 2);
  if (needs === null) return half < 1 ? null : half;
  if (needs.perRecord === 0) return null;
  const room = Math.floor((0.8 * 1_000 * timeout - needs.base) / needs.perRecord);
  const fits = Math.min(half, room);
  return fits < 1 ? null : fits;
}

/** E8. */
function destinationAdvice({ resolved, name, mapping }: MappingCase): Advice[] {
  const { RetryAttemptsExhausted, RecordAgeExceeded } = mapping.records.discarded;
  if (resolved.destination(name) !== null || RetryAttemptsExhausted + RecordAgeExceeded === 0) return [];
  return [
    {
      changes: [
        resolved.change(['mappings', name, 'DestinationConfig'], { OnFailure: { Destination: `${name}-failures` } }),
      ],
      effect:
        'Each batch that is given up is reported there, with its sequence numbers; now it is dropped without a trace.',
      tradeOff: 'A queue or topic to own, and its records have to be read from the stream before they expire.',
      lowers: null,
    },
  ];
}

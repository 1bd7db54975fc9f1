import { unreachable } from '../../kernel/distribution.ts';
import type { StallCause } from '../../recording/causes.ts';
import { ENVIRONMENTS_AT_ONCE, READ_CALLS_PER_SECOND } from '../../recording/limits.ts';
import { UNRESERVED } from '../../scenario/account.ts';
import type { JsonObject, JsonValue } from '../../scenario/scenario.ts';
import { counted, list, percent, seconds, whole } from '../words.ts';
import type { Advice, Setting } from './explanation.ts';
import { ageLimitOf, failureAdvice, failureReason, failureWhy, retentionAdvice } from './function-errors.ts';
import { type MappingCase, nothingThrough, type StallGroup, settingOf } from './mapping-case.ts';
import { provisionedAdvice } from './on-demand.ts';
import { mayStartWithMore } from './resharding.ts';
import { isObject, secondsOf } from './resolved.ts';

/** Why lanes stood still, and what would have changed it. */
export interface Reason {
  readonly why: string;
  readonly settings: readonly Setting[];
  readonly advice: readonly Advice[];
}

/** M3: what a lane did, and what several did. */
export const STALL_VERBS: Readonly<Record<StallCause, readonly [one: string, many: string]>> = {
  functionError: ['stood still behind failed invocations', 'stood still behind failed invocations'],
  throttle: ['waited for a free slot', 'waited for free slots'],
  readLimit: ['was refused its reads', 'were refused their reads'],
  disabled: ['was not read', 'were not read'],
  updating: ['was not read during an update', 'were not read during an update'],
  role: ['could not be read', 'could not be read'],
  parent: ['waited for its parent shard', 'waited for their parent shards'],
};

/** What it came to, in a few words. */
export function stallHeadline(cause: StallCause, of: MappingCase, group: StallGroup): string {
  const { mapping } = of;
  const { longestSeconds } = group;
  const time = longestSeconds > 0 ? ` for ${seconds(longestSeconds)}` : '';
  switch (cause) {
    case 'functionError': {
      const lost =
        mapping.records.discarded.RetryAttemptsExhausted +
        mapping.records.discarded.RecordAgeExceeded +
        mapping.records.expired;
      // Most may be given up between the stalls, too soon for one.
      const inStalls = group.stalls.reduce((sum, { recordsLost }) => sum + recordsLost, 0);
      const inAll = group.stalls.length > 0 && inStalls < lost ? ' in all' : '';
      const losing = lost > 0 ? `${counted(lost, 'record')} lost${inAll}` : 'nothing lost';
      const what = failureReason(of, group).kind === 'timeout' ? 'timeouts' : 'failures';
      const stretch = nothingThroughBeyondStalls(of, group);
      if (stretch !== null) return `${what} let nothing through for ${seconds(stretch.to - stretch.from)}, ${losing}`;
      return time === '' ? `what failed was given up, ${losing}` : `${what} stopped it${time}, ${losing}`;
    }
    case 'throttle':
      return `too little concurrency${time === '' ? '' : ` held it up${time}`}`;
    case 'readLimit':
      return `the read limit of its shards held it up${time}`;
    case 'disabled':
      return `it was disabled${time}`;
    case 'updating':
      return `an update held it up${time}`;
    case 'role':
      return `its role did not let it read${time}`;
    case 'parent':
      return `it waited for parent shards${time}`;
    default:
      return unreachable(cause);
  }
}

/** Where batch after batch was given up too soon for a stall, and nothing got through for far longer than any. */
export function nothingThroughBeyondStalls(
  of: MappingCase,
  { longestSeconds }: StallGroup,
): ReturnType<typeof nothingThrough> {
  const { RetryAttemptsExhausted, RecordAgeExceeded } = of.mapping.records.discarded;
  const stretch = RetryAttemptsExhausted + RecordAgeExceeded === 0 ? null : nothingThrough(of);
  return stretch !== null && stretch.to - stretch.from > 2 * longestSeconds ? stretch : null;
}

export function stallReason(cause: StallCause, of: MappingCase, group: StallGroup): Reason {
  switch (cause) {
    case 'functionError':
      return functionError(of, group);
    case 'throttle':
      return throttle(of);
    case 'readLimit':
      return readLimit(of);
    case 'disabled':
      return disabled(of, group);
    case 'updating':
      return updating(of);
    case 'role':
      return role(of);
    case 'parent':
      return parent(of);
    default:
      return unreachable(cause);
  }
}

function functionError(of: MappingCase, group: StallGroup): Reason {
  const reason = failureReason(of, group);
  const keys = [
    'MaximumRetryAttempts',
    'MaximumRecordAgeInSeconds',
    'BisectBatchOnFunctionError',
    'FunctionResponseTypes',
    'DestinationConfig',
  ];
  return {
    why: failureWhy(of, reason),
    settings: keys.map((key) => settingOf(of, key)),
    advice: failureAdvice(of, reason),
  };
}

/** Of one lane's time: what several have been busy for, if one can take it over. */
const ROOM = 0.8;

/** L1: a lane takes a slot of the function's reserved part, or of what the account has unreserved. */
function throttle(of: MappingCase): Reason {
  const { resolved, summary, mapping } = of;
  const target = mapping.function;
  const reservedPath = ['functions', target, 'ReservedConcurrentExecutions'];
  const accountPath = ['account', 'ConcurrentExecutions'];
  const reserved = resolved.value(reservedPath);
  const limit = Object.hasOwn(summary.functions, target) ? summary.functions[target]!.concurrency.limit : 0;
  const fed = Object.entries(summary.mappings).filter(([, other]) =>
    typeof reserved === 'number'
      ? other.function === target
      : resolved.value(['functions', other.function, 'ReservedConcurrentExecutions']) === null,
  );
  const lanesOf = (some: typeof fed) => some.reduce((sum, [name, other]) => sum + resolved.lanes(other, name), 0);
  const lanes = lanesOf(fed);
  const own = lanesOf(fed.filter(([, other]) => other.function === target));
  const who = fed.length === 1 ? 'The mapping has' : `The ${whole(fed.length)} mappings that share them have`;
  const pool =
    typeof reserved === 'number'
      ? `${target} may run ${whole(limit)} at once (ReservedConcurrentExecutions)`
      : `${target} may run ${whole(limit)} at once, all that the account has unreserved`;
  const why = [
    `${pool}. ${who} ${counted(lanes, 'lane')}, shards × ParallelizationFactor, and each of them wants a slot whenever it has records.`,
    lanes > limit
      ? mapping.records.discarded.RecordAgeExceeded === 0
        ? 'A batch without one waits and is tried again; nothing fails.'
        : 'A batch without one waits and is tried again; what waits for longer than MaximumRecordAgeInSeconds is given up.'
      : own > ENVIRONMENTS_AT_ONCE
        ? `There are enough for all of them, but a function starts at most ${whole(ENVIRONMENTS_AT_ONCE)} new environments at once, and 100 a second after that.`
        : 'There are enough for all of them; others must have held them.',
  ].join(' ');
  const account = resolved.number(accountPath, 1_000);
  const othersReserved = resolved
    .entries('functions')
    .reduce(
      (sum, [name, { ReservedConcurrentExecutions: part }]) =>
        name !== target && typeof part === 'number' ? sum + part : sum,
      0,
    );
  const room = account - UNRESERVED - othersReserved;
  const advice: Advice[] = [];
  if (lanes <= limit && own > ENVIRONMENTS_AT_ONCE)
    return {
      why,
      settings: [resolved.setting(['functions', target, 'ProvisionedConcurrencyConfig'])],
      advice: [
        {
          changes: [],
          effect:
            'Fewer lanes, or provisioned concurrency for those that start together: no quota makes a function grow faster.',
          tradeOff: 'Fewer lanes process less at once; what is provisioned is paid for by the hour.',
          lowers: null,
        },
      ],
    };
  if (own <= room && (typeof reserved !== 'number' || own > reserved)) {
    advice.push({
      changes: [resolved.change(reservedPath, own)],
      effect: `A slot for each of its ${counted(own, 'lane')}, and none of them waits for another.`,
      tradeOff: `${whole(own)} of the account's ${whole(account)} are then kept from all other functions, used or not.`,
      lowers: 'throttles',
    });
  }
  const higher = {
    tradeOff: 'It has to be asked for, and what the functions call has to bear it.',
    lowers: 'throttles',
  } as const;
  if (typeof reserved !== 'number') {
    advice.push({
      // Those who have slots enough by their number have lost them to others.
      changes: [
        resolved.change(accountPath, lanes > limit ? lanes + othersReserved : account + Math.max(account, lanes)),
      ],
      effect: 'A higher quota of the account leaves enough for every function.',
      ...higher,
    });
  } else if (own > room && own > reserved) {
    advice.push({
      changes: [resolved.change(accountPath, own + UNRESERVED + othersReserved), resolved.change(reservedPath, own)],
      effect: `A slot for each of the ${counted(own, 'lane')}: with a higher quota the account has so many to reserve beside the ${UNRESERVED} that it must leave.`,
      ...higher,
    });
  }
  const sliced = fed.find(([name, other]) => {
    const factor = resolved.factor(name);
    return factor > 1 && factor * other.utilization.laneBusy.worst < ROOM;
  });
  if (sliced !== undefined) {
    advice.push({
      changes: [resolved.change(['mappings', sliced[0], 'ParallelizationFactor'], 1)],
      effect: `Fewer lanes${sliced[0] === of.name ? '' : ` of ${sliced[0]}`} want fewer slots, and one lane a shard is enough for what arrives.`,
      tradeOff: 'Each shard is processed by one invocation at a time; a slow function falls behind.',
      lowers: 'throttles',
    });
  }
  if (limit > 0)
    advice.push({
      changes: [],
      effect:
        'A shorter handler frees its slot sooner, and so do larger batches where much of the time does not go by records.',
      tradeOff: 'Neither guarantees a lane its slot.',
      lowers: null,
    });
  return {
    why,
    settings: [resolved.setting(reservedPath), resolved.setting(accountPath), settingOf(of, 'ParallelizationFactor')],
    advice,
  };
}

/** K4: a shard's 5 calls and 2 MB a second are for all that read it without fan-out. */
function readLimit(of: MappingCase): Reason {
  const { resolved, summary, mapping, name } = of;
  const readers = Object.entries(summary.mappings).filter(
    ([other, { stream }]) => stream === mapping.stream && resolved.consumer(other) === null,
  );
  const others = resolved.items(['streams', mapping.stream, 'otherReaders']).length;
  const utilization = Object.hasOwn(summary.streams, mapping.stream)
    ? summary.streams[mapping.stream]!.utilization
    : null;
  const calls = utilization?.readCalls?.peak ?? 0;
  const bytes = utilization?.readBytes?.peak ?? 0;
  const isAlone = readers.length === 1 && others === 0;
  const all = [
    ...(readers.length > 0
      ? [`${readers.length === 1 ? 'the mapping' : 'the mappings'} ${list(readers.map(([other]) => other))}`]
      : []),
    ...(others > 0 ? [counted(others, 'other reader')] : []),
  ];
  const binding =
    bytes >= calls
      ? `its 2 MB/s were used up to ${percent(Math.min(1, bytes))} in the fullest period`
      : `its 5 calls/s were used up to ${percent(Math.min(1, calls))} in the fullest period`;
  const why = `A shard gives 5 GetRecords calls and 2 MB a second to all its readers together: ${list(all)}; ${binding}.${isAlone ? '' : ' One that reads what has piled up takes it from those that keep up.'}`;
  const consumers = resolved.items(['streams', mapping.stream, 'consumers']);
  const consumer = freshName(name, consumers);
  const advice: Advice[] = [];
  // A consumer with fan-out has no more of a shard than one that polls it alone.
  if (!isAlone || calls > bytes)
    advice.push({
      changes: [
        resolved.change(['streams', mapping.stream, 'consumers'], [...consumers, consumer]),
        resolved.change(['mappings', name, 'stream'], null),
        resolved.change(['mappings', name, 'consumer'], `${mapping.stream}/${consumer}`),
      ],
      effect:
        'Enhanced fan-out: the mapping has 2 MB/s of each shard to itself, records come within a tenth of a second, and it is refused no reads.',
      tradeOff:
        'AWS charges for each consumer and shard by the hour, and for each GB. Batches are smaller, so there are more invocations.',
      lowers: 'refusedReads',
    });
  if (isAlone && bytes >= calls && resolved.isOnDemand(mapping.stream))
    advice.push(...provisionedAdvice(of, 'refusedReads'));
  if (others > 0)
    advice.push({
      changes: [resolved.change(['streams', mapping.stream, 'otherReaders'], [])],
      effect: 'Without the other readers, or with fan-out for them, the mappings have the shard to themselves.',
      tradeOff: 'They have to get their data elsewhere.',
      lowers: 'refusedReads',
    });
  // More shards give more bytes, and each of them is called as often.
  const period = resolved.seconds(['polling', 'period'], 1);
  if (bytes >= calls && others === 0 && readers.length / period <= READ_CALLS_PER_SECOND && mayStartWithMore(of)) {
    const path = ['streams', mapping.stream, 'ShardCount'];
    const count = resolved.value(path);
    if (typeof count === 'number' && 2 * count <= 10_000)
      advice.push({
        changes: [resolved.change(path, 2 * count)],
        effect: 'Each shard holds half of the records, and has 2 MB/s of its own.',
        tradeOff: 'Twice the shards cost twice as much, and make twice the lanes, which want slots.',
        lowers: 'refusedReads',
      });
  }
  return {
    why,
    settings: [
      settingOf(of, 'consumer'),
      resolved.setting(['streams', mapping.stream, 'consumers']),
      resolved.setting(['streams', mapping.stream, 'otherReaders']),
      resolved.setting(['polling', 'period']),
    ],
    advice,
  };
}

function freshName(name: string, taken: readonly JsonValue[]): string {
  const plain = name.replaceAll(/[\s{}/]/g, '-').slice(0, 120);
  let fresh = plain;
  for (let number = 2; taken.includes(fresh); number++) fresh = `${plain}-${number}`;
  return fresh;
}

/** P9: who disabled it, and what it cost to be off for so long. */
function disabled(of: MappingCase, group: StallGroup): Reason {
  const { resolved, name, mapping } = of;
  const refused = mapping.api.filter(({ error }) => error !== undefined).map(({ atSeconds }) => atSeconds);
  const entries = resolved
    .items(['timeline'])
    .filter(isObject)
    .filter(({ disable, enable, delete: deleted }) => [disable, enable, deleted].includes(name))
    .filter(({ at }) => !refused.includes(secondsOf(at)!));
  const done = (entry: JsonObject) =>
    entry.disable === name ? 'disabled' : entry.enable === name ? 'enabled' : 'deleted';
  const steps = entries.map((entry) => `${done(entry)} at ${String(entry.at)}`);
  const isOff = resolved.value(['mappings', name, 'Enabled']) === false;
  const who = [
    ...(isOff ? ['it starts with Enabled: false'] : []),
    ...(steps.length > 0 ? [`the timeline has it ${list(steps)}`] : []),
  ];
  const transitions = resolved.seconds(['mappings', name, 'transitions'], 0);
  const isCreated = who.length === 0 && transitions > 0;
  const by = isCreated
    ? `Nothing failed: to create it takes ${seconds(transitions)} (transitions).`
    : who.length === 0
      ? 'Nothing in the scenario says who disabled it.'
      : `Nothing failed: ${list(who)}.`;
  const isDeleted = mapping.state === 'Deleted';
  const slow = transitions > 0 && !isCreated ? ` Each of these calls takes ${seconds(transitions)} (transitions).` : '';
  const never = mapping.state === 'Enabled' || isDeleted ? '' : ' It is never enabled again.';
  const lost = mapping.records.expired > 0;
  const advice: Advice[] = [];
  const first = resolved.items(['timeline']).findIndex((entry) => isObject(entry) && entry.disable === name);
  if (mapping.state !== 'Enabled' && first === -1 && isOff)
    advice.push({
      changes: [resolved.change(['mappings', name, 'Enabled'], true)],
      effect: 'It reads from the start.',
      tradeOff: 'None, unless the function is not to run.',
      lowers: 'pending',
    });
  if (lost) advice.push(retentionAdvice(of));
  const age = ageLimitOf(of);
  if (age !== null && mapping.records.discarded.RecordAgeExceeded > 0)
    advice.push({
      changes: [
        resolved.change(
          ['mappings', name, 'MaximumRecordAgeInSeconds'],
          Math.min(604_800, 600 * Math.ceil((age + 2 * group.longestSeconds) / 600)),
        ),
      ],
      effect: 'What came in the pause may wait until it has been worked off.',
      tradeOff: 'Data is older, and catching up takes longer.',
      lowers: 'recordsLost',
    });
  if (isDeleted)
    advice.push({
      changes: [],
      effect:
        "Update it in place of deleting it: what it leaves unread is nobody's, and a successor that starts with LATEST does not read it.",
      tradeOff: 'Its stream, function and StartingPosition stay as they are.',
      lowers: null,
    });
  else
    advice.push({
      changes: [],
      effect: `${isCreated ? 'Create it before its records come' : 'Keep it off for less time'}: up to ${counted(group.recordsHeld, 'record')} piled up for one lane. It reads on from where it stopped.`,
      tradeOff:
        ageLimitOf(of) === null
          ? 'What has piled up is worked off as fast as the lanes can; MaximumRecordAgeInSeconds (now -1) would skip what is too old by then, and lose it.'
          : 'What is older than MaximumRecordAgeInSeconds by then is skipped, and lost.',
      lowers: null,
    });
  return {
    why: `${by}${never}${slow}`,
    settings: [settingOf(of, 'Enabled'), resolved.setting(['timeline'])],
    advice,
  };
}

/** P9: an update stops polling while its transition lasts. */
function updating(of: MappingCase): Reason {
  const { resolved, name } = of;
  const path = ['mappings', name, 'transitions'];
  return {
    why: `An update stops polling until the mapping is Enabled again; that takes ${seconds(resolved.seconds(path, 0))} here (transitions).`,
    settings: [resolved.setting(path), resolved.setting(['timeline'])],
    advice: [
      {
        changes: [],
        effect: 'Make several changes in one update, and at a time when little arrives.',
        tradeOff: 'They can only be taken back together.',
        lowers: null,
      },
    ],
  };
}

/** A3: what the role no longer allows, it must be given back. */
function role(of: MappingCase): Reason {
  const { resolved, mapping } = of;
  const path = ['functions', mapping.function, 'Role'];
  return {
    why: mapping.lastProcessingResult.startsWith('PROBLEM')
      ? `The role of ${mapping.function} was changed on the timeline, and lacks an action that reading ${mapping.stream} needs: ${mapping.lastProcessingResult}`
      : `The role of ${mapping.function} was changed on the timeline: for a time it lacked an action that reading ${mapping.stream} needs.`,
    settings: [resolved.setting(path), resolved.setting(['timeline'])],
    advice: [
      {
        changes: [],
        effect: 'Give the role AWSLambdaKinesisExecutionRole, or the action back: polling goes on by itself.',
        tradeOff: 'None.',
        lowers: null,
      },
    ],
  };
}

/** K6. */
function parent(of: MappingCase): Reason {
  const { resolved, mapping } = of;
  const itself = resolved.isOnDemand(mapping.stream);
  return {
    why: 'A child shard is read from its first record only once every record of its parents is settled, so that order holds across a split or a merge. The parents were behind.',
    settings: [resolved.setting(['timeline'])],
    advice: [
      {
        changes: [],
        effect: itself
          ? `Let the readers keep up with ${mapping.stream} while it grows: its shards are halved 15 minutes after they have become full.`
          : `Split or merge ${mapping.stream} while its readers are caught up, before the load rises: the parents are then done at once.`,
        tradeOff: itself
          ? 'It takes lanes, or slots, that are idle at other times.'
          : 'It takes foresight; the shards are paid for from then on.',
        lowers: null,
      },
    ],
  };
}

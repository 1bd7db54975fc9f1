import { AGE_CAUSES, type AgeCause } from '../../recording/causes.ts';
import { UNRESERVED } from '../../scenario/account.ts';
import type { MappingSummary } from '../summary.ts';
import { counted, duration, seconds, whole } from '../words.ts';
import type { Finding } from './explanation.ts';
import { costOf, findingOf, type MappingCase, misses, settingOf } from './mapping-case.ts';
import type { Reason } from './stall-advice.ts';

/** An age that missed its threshold though nothing was in the way: the wait for a poll, for the window, for new environments. */
export function ageFinding(of: MappingCase): Finding[] {
  const { mapping } = of;
  const mean = mapping.timeInSystemMs.mean ?? 0;
  const largest = largestCause(mapping);
  const isMissed = ['IteratorAge', 'timeInSystem', 'waitingTime', 'backlogAge'].some((metric) => misses(of, metric));
  if (!isMissed || largest === null || !isExplained(largest)) return [];
  const [headline, spent] = WORDS[largest];
  const reason = { window: windowReason, tick: tickReason, coldStart: coldStartReason }[largest];
  return [
    findingOf(of, {
      cause: largest,
      headline: `most of the age is ${headline}`,
      what: `Nothing failed and nothing was held up. A record took ${duration(mean)} on average, ${duration(mapping.ageBreakdownMs[largest])} of it ${spent}.`,
      cost: costOf({}),
      ...reason(of),
    }),
  ];
}

type Explained = 'window' | 'tick' | 'coldStart';

const WORDS: Readonly<Record<Explained, readonly [headline: string, spent: string]>> = {
  window: ['the batching window', 'in the batching window'],
  tick: ['the wait for a poll', 'waiting for a poll'],
  coldStart: ['cold starts', 'in cold starts'],
};

function isExplained(cause: AgeCause): cause is Explained {
  return Object.hasOwn(WORDS, cause);
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

/** Seconds, where the scenario says nothing (L4). */
const IDLE = 600;

/** L4. */
function coldStartReason(of: MappingCase): Reason {
  const { resolved, mapping, summary } = of;
  const path = (key: string) => ['functions', mapping.function, key];
  const most = summary.functions[mapping.function]?.concurrency.max ?? 0;
  const reserved = resolved
    .entries('functions')
    .reduce((sum, [, { ReservedConcurrentExecutions: part }]) => (typeof part === 'number' ? sum + part : sum), 0);
  const isReserved = resolved.value(path('ReservedConcurrentExecutions')) !== null;
  const hasRoom =
    isReserved || most <= resolved.number(['account', 'ConcurrentExecutions'], 1_000) - UNRESERVED - reserved;
  const isProvisioned = resolved.value(path('ProvisionedConcurrencyConfig')) !== null;
  return {
    why: `An invocation that finds no environment idle waits for a new one (coldStart), and one that nothing uses is gone after ${seconds(resolved.seconds(path('idleTimeout'), IDLE))} (idleTimeout).`,
    settings: [resolved.setting(path('coldStart')), resolved.setting(path('idleTimeout'))],
    advice:
      most < 1 || !hasRoom || isProvisioned
        ? []
        : [
            {
              changes: [
                resolved.change(path('ProvisionedConcurrencyConfig'), { ProvisionedConcurrentExecutions: most }),
              ],
              effect: `${counted(most, 'environment')} ${most === 1 ? 'is' : 'are'} there from the start, as many as were used at once.`,
              tradeOff: 'AWS charges for them by the hour, used or not.',
              lowers: 'oldestMs',
            },
          ],
  };
}

/** The one that most of the age comes from; null without any. */
export function largestCause({ ageBreakdownMs }: MappingSummary): AgeCause | null {
  let largest: AgeCause | null = null;
  for (const cause of AGE_CAUSES)
    if (ageBreakdownMs[cause] > (largest === null ? 0 : ageBreakdownMs[largest])) largest = cause;
  return largest;
}

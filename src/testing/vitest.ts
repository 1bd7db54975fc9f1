import { expect } from 'vitest';
import type { Law, Recording, Run, Summary, TraceEvent } from '../index.ts';
import { durationOf, laws, summarise } from '../index.ts';

/** Largest values, each a duration such as '60s' or a number: of milliseconds for times, of records for the backlog. */
export interface Bounds {
  readonly IteratorAge?: string | number;
  readonly timeInSystem?: string | number;
  readonly waitingTime?: string | number;
  readonly backlog?: number;
}

/** What `import 'shardclock/vitest'` adds to vitest's `expect`, for a run `{ recording, trace }`. */
export interface RunMatchers {
  /** First deliveries of each partition key come in order, and no later record of a key before an earlier one is settled. */
  toKeepOrderPerPartitionKey(): void;
  /** Each record that counts as succeeded was processed by an invocation. */
  toDeliverAtLeastOnce(): void;
  /** No record was lost: discarded, expired, refused for good by its stream, or reported as failed where nobody reads it. */
  toLoseNothing(): void;
  /** No mapping goes beyond a bound. */
  toStayWithin(bounds: Bounds): void;
}

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: vitest declares its parameter so
  interface Matchers<T = any> extends RunMatchers {}
}

const MOST_SHOWN = 5;

expect.extend({
  toKeepOrderPerPartitionKey(run: Run) {
    return judged(run, [laws.orderPerPartitionKey, laws.keyOrderUnderRetries], 'keep the order of each partition key');
  },
  toDeliverAtLeastOnce(run: Run) {
    return judged(run, [laws.atLeastOnce], 'deliver each record at least once');
  },
  toLoseNothing(run: Run) {
    const { recording, trace } = checked(run);
    const { mappings, streams } = summarise(recording);
    const losses = [
      ...Object.entries(mappings).flatMap(([name, { records }]) => lossesOf(name, records)),
      ...Object.entries(streams).flatMap(([name, { lostAtWrite }]) =>
        lostAtWrite === 0 ? [] : [`${name}: ${lostAtWrite} refused at every put`],
      ),
    ];
    return verdict(losses.length === 0, 'lose nothing', [...losses, ...shown(lostRecords(trace))]);
  },
  toStayWithin(run: { recording: Recording }, bounds: Bounds) {
    const { recording } = checked({ trace: [], ...run });
    const over = Object.entries(summarise(recording).mappings).flatMap(([name, mapping]) =>
      beyond(name, mapping, bounds),
    );
    return verdict(over.length === 0, `stay within ${JSON.stringify(bounds)}`, over);
  },
});

type MappingSummary = Summary['mappings'][string];

function checked(run: Run): Run {
  const { recording, trace } = (run ?? {}) as Partial<Run>;
  if (Array.isArray(recording?.mappings) && Array.isArray(trace)) return run;
  throw new TypeError('expected a run { recording, trace }, of a simulation that is over');
}

function judged(run: Run, all: readonly Law[], what: string) {
  const { recording, trace } = checked(run);
  const listed = trace.filter((event) => event.type === 'invocation');
  const isMissing = listed.length === 0 && recording.mappings.some(({ invocations }) => invocations > 0);
  if (isMissing || listed.some(({ records }) => records === undefined)) {
    throw new TypeError(
      `the trace lists no records; expected one of simulate(scenario, { trace, traceRecords: true })`,
    );
  }
  const breaches = all.flatMap((law) => law(run));
  return verdict(breaches.length === 0, what, shown(breaches));
}

function verdict(pass: boolean, what: string, lines: readonly string[]) {
  return { pass, message: () => [`expected the run ${pass ? 'not ' : ''}to ${what}`, ...lines].join('\n  ') };
}

function shown(lines: readonly string[]): string[] {
  const more = lines.length - MOST_SHOWN;
  return more > 0 ? [...lines.slice(0, MOST_SHOWN), `and ${more} more`] : [...lines];
}

function lossesOf(name: string, { discarded, expired, silentlyLost }: MappingSummary['records']): string[] {
  return Object.entries({ ...discarded, expired, 'silently lost': silentlyLost })
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${name}: ${count} ${reason}`);
}

function lostRecords(trace: readonly TraceEvent[]): string[] {
  return trace.flatMap((event) => {
    if (event.type !== 'discard' && event.type !== 'expire') return [];
    const which = event.first === event.last ? `record ${event.first}` : `records ${event.first} to ${event.last}`;
    return [
      `${which} of ${event.shardId} at ${event.t / 1e6} s: ${event.type === 'expire' ? 'expired' : event.condition}`,
    ];
  });
}

function beyond(name: string, mapping: MappingSummary, bounds: Bounds): string[] {
  const times = {
    IteratorAge: mapping.iteratorAgeMs,
    timeInSystem: mapping.timeInSystemMs,
    waitingTime: mapping.waitingTimeMs,
  };
  return Object.entries(bounds).flatMap(([metric, bound]) => {
    const isTime = Object.hasOwn(times, metric);
    if (!isTime && metric !== 'backlog')
      throw new TypeError(`unknown metric ${metric}; expected IteratorAge, timeInSystem, waitingTime or backlog`);
    const most = isTime ? times[metric as keyof typeof times].max : mapping.backlog.max;
    const limit = limitOf(metric, bound);
    return most !== null && most > limit
      ? [`${name}: ${metric} of at most ${most}${isTime ? ' ms' : ''}, bound ${limit}`]
      : [];
  });
}

function limitOf(metric: string, bound: unknown): number {
  const microseconds = typeof bound === 'string' ? durationOf(bound) : null;
  if (microseconds !== null && metric !== 'backlog') return microseconds / 1_000;
  if (typeof bound === 'number' && !Number.isNaN(bound)) return bound;
  const expected = metric === 'backlog' ? 'a number of records' : "a duration such as '60s', or a number";
  throw new TypeError(
    `${metric}: expected ${expected}, got ${typeof bound === 'number' ? 'NaN' : JSON.stringify(bound)}`,
  );
}

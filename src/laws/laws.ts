import { ageAddsUp, backlogWithinItsMaximum, conservation, countsAgree, iteratorAgeCoversDuration } from './balance.ts';
import { atLeastOnce, attemptsWithinLimit, nothingLostWithoutReason, throttlesAreNoAttempts } from './deliveries.ts';
import { keyOrderUnderRetries, orderPerPartitionKey } from './keys.ts';
import { follow } from './lanes.ts';
import type { Law, Run } from './law.ts';
import { batchSize, concurrencyLimit, readLimit, retention, writeLimit } from './limits.ts';
import { checkpointsNeverGoBack, oneBatchInFlight, order, parentsFirst } from './order.ts';
import type { WalkingLaw } from './walking-law.ts';
import { stateCarriedWhole, tumblingWindows } from './windows.ts';

/** All of them, by name. */
export const laws = {
  conservation,
  nothingLostWithoutReason,
  atLeastOnce,
  order,
  orderPerPartitionKey,
  keyOrderUnderRetries,
  checkpointsNeverGoBack,
  parentsFirst,
  oneBatchInFlight,
  attemptsWithinLimit,
  throttlesAreNoAttempts,
  batchSize,
  retention,
  concurrencyLimit,
  writeLimit,
  readLimit,
  tumblingWindows,
  stateCarriedWhole,
  iteratorAgeCoversDuration,
  backlogWithinItsMaximum,
  countsAgree,
  ageAddsUp,
} as const satisfies Readonly<Record<string, Law>>;

/** What each law says of a run, by its name: as they say one by one, in a single walk through the trace. */
export function allBreaches(run: Run): Readonly<Record<string, readonly string[]>> {
  const all = Object.entries<Law | WalkingLaw>(laws).map(([name, law]) => ({
    name,
    law,
    walk: 'begin' in law ? law.begin(run) : null,
  }));
  follow(
    run,
    all.flatMap(({ walk }) => walk ?? []),
  );
  return Object.fromEntries(all.map(({ name, law, walk }) => [name, walk === null ? law(run) : walk.breaches()]));
}

import { ageAddsUp, backlogWithinItsMaximum, conservation, countsAgree, iteratorAgeCoversDuration } from './balance.ts';
import { atLeastOnce, attemptsWithinLimit, nothingLostWithoutReason, throttlesAreNoAttempts } from './deliveries.ts';
import { keyOrderUnderRetries, orderPerPartitionKey } from './keys.ts';
import type { Law } from './law.ts';
import { batchSize, concurrencyLimit, readLimit, retention, writeLimit } from './limits.ts';
import { checkpointsNeverGoBack, oneBatchInFlight, order, parentsFirst } from './order.ts';
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

import type { Instant } from '../kernel/time.ts';
import type { MappingTally } from '../recording/mapping-tally.ts';
import type { Recording } from '../recording/recording.ts';

/**
 * Of some mappings, those of them that poll at one time, where that is most by a weight. Who is never enabled, or only when
 * another has gone, takes nothing from it (P9).
 *
 * @param leastShare of the measured time, for which they must poll together
 */
export function pollingTogether(
  mappings: readonly MappingTally[],
  { measuredFrom, end }: Pick<Recording, 'measuredFrom' | 'end'>,
  { weight, leastShare }: { readonly weight: (mapping: MappingTally) => number; readonly leastShare: number },
): MappingTally[] {
  const changes = mappings.flatMap(({ life }) => life.stages.map(({ at }) => at));
  const instants = [...new Set([measuredFrom, ...changes, end])]
    .filter((at) => at >= measuredFrom && at <= end)
    .sort((a, b) => a - b);
  const spans = instants.slice(0, -1).map((from, index) => ({
    length: instants[index + 1]! - from,
    group: mappings.filter((mapping) => isPolling(mapping, from)),
  }));
  const total = (group: readonly MappingTally[]) => group.reduce((sum, mapping) => sum + weight(mapping), 0);
  const lasts = (group: readonly MappingTally[]) =>
    spans.reduce((sum, span) => (group.every((one) => span.group.includes(one)) ? sum + span.length : sum), 0);
  return spans
    .map(({ group }) => group)
    .filter((group) => lasts(group) >= leastShare * (end - measuredFrom))
    .reduce((most, group) => (total(group) > total(most) ? group : most), []);
}

function isPolling({ life }: MappingTally, at: Instant): boolean {
  return life.stages[life.stageAt(at)]?.state === 'Enabled';
}

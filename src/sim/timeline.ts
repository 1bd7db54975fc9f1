import type { Instant } from '../kernel/time.ts';
import { NEVER } from '../kernel/time.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { World } from './world.ts';

/** Something the scenario plans for an instant. */
export interface PlannedEvent {
  readonly at: Instant;
  /** An entry of the timeline: the run does not end before it (D5). */
  readonly isEntry: boolean;
  readonly happen: (now: Instant) => void;
}

/**
 * The timeline's entries in order of time, and where they coincide in order of their mappings (D4); and the ends of fault
 * windows.
 */
export function plannedEvents(scenario: Scenario, world: World): PlannedEvent[] {
  const entries = world.mappings.flatMap((mapping) =>
    scenario.timeline
      .filter((entry) => entry.kind !== 'streamChange' && entry.mapping === mapping.settings.name)
      .map(({ at, kind }): PlannedEvent => {
        const happen = (now: Instant) => (kind === 'enable' ? mapping.enable(now) : mapping.disable(now));
        return { at, isEntry: true, happen };
      }),
  );
  const end = scenario.duration + scenario.drain;
  const faultEnds = world.mappings.flatMap((mapping): PlannedEvent[] => {
    const target = scenario.functions.find(({ name }) => name === mapping.settings.function)!;
    const ends = new Set(target.faults.map((fault) => fault.to).filter((to) => to !== NEVER && to < end));
    return [...ends].map((at) => ({ at, isEntry: false, happen: (now) => mapping.faultEnds(now) }));
  });
  return [...shardChanges(scenario, world), ...entries, ...faultEnds].sort((a, b) => a.at - b.at);
}

/** K6, K7: when shards are closed and opened; before whoever reads them does anything. */
function shardChanges(scenario: Scenario, world: World): PlannedEvent[] {
  const entries = scenario.timeline.filter((entry) => entry.kind === 'streamChange');
  return scenario.streams.flatMap(({ name, shards }) => {
    const readers = world.mappings.filter(({ settings }) => settings.stream === name);
    const happen = (now: Instant) => {
      for (const mapping of readers) mapping.shardsChange(now);
    };
    const planned = entries.filter(({ stream }) => stream === name).map(({ at }) => at);
    const others = new Set(shards.map(({ opensAt }) => opensAt).filter((at) => at > 0 && !planned.includes(at)));
    return [
      ...planned.map((at): PlannedEvent => ({ at, isEntry: true, happen })),
      ...[...others].map((at): PlannedEvent => ({ at, isEntry: false, happen })),
    ];
  });
}

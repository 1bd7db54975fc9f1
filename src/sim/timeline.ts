import { unreachable } from '../kernel/distribution.ts';
import type { Instant } from '../kernel/time.ts';
import type { MappingEntry, Scenario } from '../scenario/scenario.ts';
import type { Mapping } from './lambda/mapping.ts';
import type { World } from './world.ts';

/** Something the scenario plans for an instant. */
export interface PlannedEvent {
  readonly at: Instant;
  /** An entry of the timeline: the run does not end before it (D5). */
  readonly isEntry: boolean;
  readonly happen: (now: Instant) => void;
}

/**
 * The timeline's entries in order of time, and where they coincide those of roles first, then in order of their mappings
 * (D4); and the ends of fault windows.
 */
export function plannedEvents(scenario: Scenario, world: World): PlannedEvent[] {
  const roles = scenario.timeline.flatMap((entry): PlannedEvent[] => {
    if (entry.kind !== 'role') return [];
    const affected = world.mappings.filter(({ settings }) => settings.function === entry.function);
    const happen = (now: Instant) => {
      for (const mapping of affected) mapping.changeRole(now, entry.role);
    };
    return [{ at: entry.at, isEntry: true, happen }];
  });
  const calls = world.mappings.flatMap((mapping) =>
    scenario.timeline.flatMap((entry): PlannedEvent[] => {
      if (entry.kind === 'role' || entry.kind === 'streamChange') return [];
      if (entry.mapping !== mapping.settings.name) return [];
      return [{ at: entry.at, isEntry: true, happen: (now) => call(mapping, entry, now, world.mappings) }];
    }),
  );
  const end = scenario.duration + scenario.drain;
  const faultEnds = world.mappings.flatMap((mapping): PlannedEvent[] => {
    const target = scenario.functions.find(({ name }) => name === mapping.settings.function)!;
    // D5: what was over before the measured time began has no recovery in it.
    const ends = new Set(target.faults.map(({ to }) => to).filter((to) => to >= scenario.warmup && to < end));
    return [...ends].map((at) => ({ at, isEntry: false, happen: (now) => mapping.faultEnds(now) }));
  });
  return [...shardChanges(scenario, world), ...roles, ...calls, ...faultEnds].sort((a, b) => a.at - b.at);
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

/** A1 */
function call(mapping: Mapping, entry: MappingEntry, now: Instant, all: readonly Mapping[]): void {
  switch (entry.kind) {
    case 'create':
      mapping.createByCall(now, all);
      break;
    case 'enable':
      mapping.update(now, { enabled: true }, { Enabled: true });
      break;
    case 'disable':
      mapping.update(now, { enabled: false }, { Enabled: false });
      break;
    case 'update':
      mapping.update(now, entry.changes, entry.parameters);
      break;
    case 'delete':
      mapping.delete(now);
      break;
    default:
      unreachable(entry);
  }
}

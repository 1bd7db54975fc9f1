import type { Chance } from '../../src/kernel/chance.ts';
import { ln } from '../../src/kernel/elementary.ts';
import type { Instant } from '../../src/kernel/time.ts';
import type { Fault, FunctionSettings } from '../../src/scenario/scenario.ts';
import type { PutRecord } from './shards.ts';

/** What is known of an invocation when it starts. */
export interface Start {
  readonly at: Instant;
  readonly stream: string;
  readonly records: readonly PutRecord[];
  /** Invocations before this one, of the lane and of the function. */
  readonly ofLane: number;
  readonly ofFunction: number;
  readonly laneChance: Chance;
  readonly recordChance: Chance;
}

export interface Verdict {
  /** The fault that makes the invocation fail, or report records, if one does. */
  readonly failing: Fault | null;
  readonly slowdown: number;
  /** Where poison decided, all records of the batch that are poison now (E10). */
  readonly poison: ReadonlySet<PutRecord>;
}

/** L6: faults in file order, the first failing one decides; a slowdown multiplies and the search goes on. */
export function judge({ faults }: FunctionSettings, start: Start): Verdict {
  const active = faults.map((fault, place) => ({ fault, place })).filter(({ fault }) => isOn(fault, start.at));
  let slowdown = 1;
  for (const { fault, place } of active) {
    if (fault.kind === 'slowdown') slowdown *= fault.factor;
    else if (fails(fault, faults, place, start)) {
      const poison = active.flatMap((other) =>
        fault.kind === 'poison' ? poisonAmong(other.fault, faults, other.place, start) : [],
      );
      return { failing: fault, slowdown, poison: new Set(poison) };
    }
  }
  return { failing: null, slowdown, poison: new Set() };
}

function isOn(fault: Fault, at: Instant): boolean {
  return fault.from <= at && at < fault.to;
}

function fails(fault: Fault, faults: readonly Fault[], place: number, start: Start): boolean {
  switch (fault.kind) {
    case 'outage':
      return true;
    case 'invocations':
      return start.ofFunction < fault.count;
    case 'probability':
      return start.laneChance.fork('fault', ...drawName(faults, place)).unit(start.ofLane) < fault.probability;
    case 'poison':
      return poisonAmong(fault, faults, place, start).length > 0;
    case 'slowdown':
      return false;
  }
}

function poisonAmong(fault: Fault, faults: readonly Fault[], place: number, start: Start): readonly PutRecord[] {
  if (fault.kind !== 'poison') return [];
  const { target } = fault;
  switch (target.kind) {
    case 'key':
      return start.records.filter((record) => record.key === target.key);
    case 'record':
      return start.records.filter(
        (record) => start.stream === target.stream && record.shard === target.shard && record.index === target.record,
      );
    case 'oneIn': {
      const chance = start.recordChance.fork('poison', ...drawName(faults, place));
      return start.records.filter((record) => isDrawn(chance, target.n, record.index));
    }
  }
}

/** The gaps between poison records are geometric and drawn anew for every 65,536 indices of a shard. */
function isDrawn(chance: Chance, n: number, index: number): boolean {
  if (n === 1) return true;
  const block = Math.floor(index / 65_536) * 65_536;
  let poison = block - 1;
  for (let draw = 0; poison < index; draw++) {
    poison += 1 + Math.floor(ln(chance.unit(block + draw)) / ln(1 - 1 / n));
  }
  return poison === index;
}

/** D2: a fault's draws are named by its odds, and by how often the same odds stand before it. */
function drawName(faults: readonly Fault[], place: number): [string, string] {
  const odds = oddsOf(faults[place]!);
  return [odds, String(faults.slice(0, place).filter((fault) => oddsOf(fault) === odds).length)];
}

function oddsOf(fault: Fault): string {
  if (fault.kind === 'probability') return `probability ${fault.probability}`;
  return fault.kind === 'poison' && fault.target.kind === 'oneIn' ? `oneIn ${fault.target.n}` : fault.kind;
}

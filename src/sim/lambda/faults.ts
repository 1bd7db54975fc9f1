import type { Chance } from '../../kernel/chance.ts';
import { unreachable } from '../../kernel/distribution.ts';
import { ln } from '../../kernel/elementary.ts';
import type { Duration, Instant } from '../../kernel/time.ts';
import type { Fault } from '../../scenario/scenario.ts';
import type { ShardLog } from '../kinesis/shard-log.ts';
import type { Batch } from './batch.ts';

/** What the faults of a function do to one invocation (L6). */
export interface Verdict {
  readonly fails: boolean;
  /** How long a failing invocation takes; null: its drawn duration. */
  readonly after: Duration | null;
  readonly slowdown: number;
  /** Poison records in the batch, where poison made it fail; else 0 (E10). */
  readonly poison: number;
}

/** What an invocation is judged by. */
export interface Attempt {
  readonly start: Instant;
  readonly batch: Batch;
  /** The function's invocations before this one. */
  readonly functionStarts: number;
  /** The lane's invocations before this one; places its draws. */
  readonly laneStarts: number;
}

const HEALTHY: Verdict = { fails: false, after: null, slowdown: 1, poison: 0 };

/** A function's faults as one lane meets them: tried in file order, the first failing one decides. */
export class LaneFaults {
  readonly #faults: readonly LaneFault[];

  constructor(faults: readonly LaneFault[]) {
    this.#faults = faults;
  }

  judge(attempt: Attempt): Verdict {
    if (this.#faults.length === 0) return HEALTHY;
    let slowdown = 1;
    for (const { fault, chance, poison } of this.#faults) {
      if (attempt.start < fault.from || attempt.start >= fault.to) continue;
      switch (fault.kind) {
        case 'slowdown':
          slowdown *= fault.factor;
          break;
        case 'probability':
          if (chance.unit(attempt.laneStarts) < fault.probability) return failing(fault.after, slowdown);
          break;
        case 'outage':
          return failing(fault.after, slowdown);
        case 'invocations':
          if (attempt.functionStarts < fault.count) return failing(fault.after, slowdown);
          break;
        case 'poison': {
          const count = poison(attempt.batch);
          if (count > 0) return { ...failing(fault.after, slowdown), poison: count };
          break;
        }
        default:
          unreachable(fault);
      }
    }
    return slowdown === 1 ? HEALTHY : { ...HEALTHY, slowdown };
  }
}

function failing(after: Duration | null, slowdown: number): Verdict {
  return { fails: true, after, slowdown, poison: 0 };
}

interface LaneFault {
  readonly fault: Fault;
  readonly chance: Chance;
  /** How many of a batch's records are poison. */
  readonly poison: (batch: Batch) => number;
}

/** The lane a fault is met in. */
export interface LaneIdentity {
  readonly stream: string;
  readonly shard: number;
  /** The shard that a partition key's records go to. */
  readonly shardOfKey: (partitionKey: string) => number;
  readonly log: ShardLog;
  /** Of the lane: probability faults draw from it. */
  readonly chance: Chance;
  /** Of the function and shard: which records are poison is the same for all mappings (L6). */
  readonly recordChance: Chance;
}

/**
 * A fault's draws are named by what it says, so adding another changes none of them (D2); the same fault twice in one file
 * draws twice.
 */
export function laneFaults(faults: readonly Fault[], lane: LaneIdentity): LaneFaults {
  const seen = new Map<string, number>();
  return new LaneFaults(
    faults.map((fault) => {
      const content = JSON.stringify(fault);
      const occurrence = seen.get(content) ?? 0;
      seen.set(content, occurrence + 1);
      const name = [content, String(occurrence)];
      const chance = lane.chance.fork('fault', ...name);
      return { fault, chance, poison: poisonCounter(fault, lane, name) };
    }),
  );
}

function poisonCounter(fault: Fault, lane: LaneIdentity, name: readonly string[]): (batch: Batch) => number {
  if (fault.kind !== 'poison') return none;
  const { target } = fault;
  switch (target.kind) {
    case 'record':
      if (target.stream !== lane.stream || target.shard !== lane.shard) return none;
      return (batch) => (batch.first <= target.record && target.record <= batch.last ? 1 : 0);
    case 'key':
      if (lane.shardOfKey(target.key) !== lane.shard) return none;
      return (batch) => batch.countKey(lane.log, target.key);
    case 'oneIn': {
      const scattered = new ScatteredPoison(target.n, lane.recordChance.fork('poison', ...name));
      return (batch) => scattered.countIn(batch.first, batch.last);
    }
    default:
      return unreachable(target);
  }
}

function none(): number {
  return 0;
}

const BLOCK = 65_536; // record indices whose poison is drawn together

/** `oneIn: n`: each record is poison with probability 1/n, drawn as the gaps between poison records. */
class ScatteredPoison {
  readonly #n: number;
  readonly #chance: Chance;
  #block = -1;
  #indices: readonly number[] = [];

  constructor(n: number, chance: Chance) {
    this.#n = n;
    this.#chance = chance;
  }

  countIn(first: number, last: number): number {
    if (this.#n === 1) return last - first + 1;
    let count = 0;
    for (let block = Math.floor(first / BLOCK); block <= Math.floor(last / BLOCK); block++) {
      for (const index of this.#in(block)) if (index >= first && index <= last) count++;
    }
    return count;
  }

  #in(block: number): readonly number[] {
    if (this.#block === block) return this.#indices;
    const indices: number[] = [];
    const perRecord = ln(1 - 1 / this.#n);
    let index = block * BLOCK - 1;
    for (let draw = 0; ; draw++) {
      index += 1 + Math.floor(ln(this.#chance.unit(block * BLOCK + draw)) / perRecord);
      if (index >= (block + 1) * BLOCK) break;
      indices.push(index);
    }
    this.#block = block;
    this.#indices = indices;
    return indices;
  }
}

import type { Chance } from '../../kernel/chance.ts';
import { unreachable } from '../../kernel/distribution.ts';
import { ln } from '../../kernel/elementary.ts';
import type { Duration, Instant } from '../../kernel/time.ts';
import type { Fault } from '../../scenario/scenario.ts';
import type { RecordLog } from '../kinesis/record-log.ts';
import type { Batch } from './batch.ts';

/** What the faults of a function do to one invocation (L6). */
export interface Verdict {
  readonly fails: boolean;
  /** How long a failing invocation takes; null: its drawn duration. */
  readonly after: Duration | null;
  readonly slowdown: number;
  /** Where poison was met: the places of all records of the batch that are poison at its start (E10). */
  readonly poison: readonly number[];
  /** It does not fail as a whole: the function reports its poison records in the response (E5). */
  readonly reports: boolean;
  /** A handler is asked all the same, and has its effects (L7). */
  readonly responseLost: boolean;
}

/** What an invocation is judged by. */
interface Attempt {
  readonly start: Instant;
  readonly batch: Batch;
  readonly functionStarts: number;
  readonly laneStarts: number;
}

/** The same, of a batch that is known by its indices in the shard. */
interface SteadyAttempt {
  readonly start: Instant;
  readonly first: number;
  readonly last: number;
  readonly functionStarts: number;
  readonly starts: number;
}

const NO_RECORDS: readonly number[] = [];
const HEALTHY: Verdict = {
  fails: false,
  after: null,
  slowdown: 1,
  poison: NO_RECORDS,
  reports: false,
  responseLost: false,
};

/** A function's faults as one lane meets them: tried in file order, the first failing one decides. */
export class LaneFaults {
  readonly #faults: readonly LaneFault[];

  constructor(faults: readonly LaneFault[]) {
    this.#faults = faults;
  }

  /**
   * @param functionStarts the function's invocations before this one
   * @param laneStarts the lane's; places its draws
   */
  judge(start: Instant, batch: Batch, functionStarts: number, laneStarts: number): Verdict {
    return this.#faults.length === 0 ? HEALTHY : this.#judge({ start, batch, functionStarts, laneStarts });
  }

  get areNone(): boolean {
    return this.#faults.length === 0;
  }

  /** Whether nothing befalls an invocation of the records with these indices; where false, `judge` says what, if anything. */
  letPass({ start, first, last, functionStarts, starts }: SteadyAttempt): boolean {
    for (const { fault, chance, mayBeIn } of this.#faults) {
      if (start < fault.from || start >= fault.to) continue;
      switch (fault.kind) {
        case 'slowdown':
        case 'outage':
          return false;
        case 'probability':
          if (chance.unit(starts) < fault.probability) return false;
          break;
        case 'invocations':
          if (functionStarts < fault.count) return false;
          break;
        case 'poison':
          if (mayBeIn(first, last)) return false;
          break;
        default:
          unreachable(fault);
      }
    }
    return true;
  }

  #judge(attempt: Attempt): Verdict {
    let slowdown = 1;
    for (const { fault, chance, poisonIn } of this.#faults) {
      if (!isActive(fault, attempt)) continue;
      switch (fault.kind) {
        case 'slowdown':
          slowdown *= fault.factor;
          break;
        case 'probability':
          if (chance.unit(attempt.laneStarts) < fault.probability) return failing(fault, slowdown);
          break;
        case 'outage':
          return failing(fault, slowdown);
        case 'invocations':
          if (attempt.functionStarts < fault.count) return failing(fault, slowdown);
          break;
        case 'poison':
          if (!attempt.batch.isFinal && poisonIn(attempt.batch).length > 0) {
            const poison = fault.responseLost ? NO_RECORDS : this.#poisonIn(attempt); // L7: all are processed
            return failing(fault, slowdown, poison);
          }
          break;
        default:
          unreachable(fault);
      }
    }
    if (slowdown === 1) return HEALTHY;
    return { fails: false, after: null, slowdown, poison: NO_RECORDS, reports: false, responseLost: false };
  }

  #poisonIn(attempt: Attempt): readonly number[] {
    const active = this.#faults.filter(({ fault }) => isActive(fault, attempt));
    return [...new Set(active.flatMap(({ poisonIn }) => poisonIn(attempt.batch)))]; // one may be poison to two of them
  }
}

function isActive(fault: Fault, { start }: Attempt): boolean {
  return start >= fault.from && start < fault.to;
}

function failing(fault: Exclude<Fault, { kind: 'slowdown' }>, slowdown: number, poison = NO_RECORDS): Verdict {
  const { after, responseLost } = fault;
  const reports = fault.kind === 'poison' && fault.fail === 'record';
  return { fails: true, after, slowdown, poison, reports, responseLost };
}

interface LaneFault {
  readonly fault: Fault;
  readonly chance: Chance;
  /** The places of a batch's poison records. */
  readonly poisonIn: (batch: Batch) => readonly number[];
  /** Whether some may be among the records with indices from one to another. */
  readonly mayBeIn: (first: number, last: number) => boolean;
}

type PoisonFinder = Pick<LaneFault, 'poisonIn' | 'mayBeIn'>;

/** The lane a fault is met in. */
export interface LaneIdentity {
  readonly stream: string;
  readonly shard: number;
  /** The shard that a partition key's records go to. */
  /** Whether a partition key belongs to the shard. */
  readonly holdsKey: (partitionKey: string) => boolean;
  readonly log: RecordLog;
  /** Of the lane: probability faults draw from it. */
  readonly chance: Chance;
  /** Of the function and shard: which records are poison is the same for all mappings (L6). */
  readonly recordChance: Chance;
}

/**
 * A fault's draws are named by its odds, so adding another changes none of them (D2), and neither does its window or what
 * it does; the same odds twice in one file draw twice.
 */
export function laneFaults(faults: readonly Fault[], lane: LaneIdentity): LaneFaults {
  const seen = new Map<string, number>();
  return new LaneFaults(
    faults.map((fault) => {
      const odds = oddsOf(fault);
      const occurrence = seen.get(odds) ?? 0;
      seen.set(odds, occurrence + 1);
      const name = [odds, String(occurrence)];
      const chance = lane.chance.fork('fault', ...name);
      return { fault, chance, ...poisonFinder(fault, lane, name) };
    }),
  );
}

function oddsOf(fault: Fault): string {
  if (fault.kind === 'probability') return `probability ${fault.probability}`;
  return fault.kind === 'poison' && fault.target.kind === 'oneIn' ? `oneIn ${fault.target.n}` : fault.kind;
}

function poisonFinder(fault: Fault, lane: LaneIdentity, name: readonly string[]): PoisonFinder {
  if (fault.kind !== 'poison') return NO_POISON;
  const { target } = fault;
  switch (target.kind) {
    case 'record': {
      if (target.stream !== lane.stream || target.shard !== lane.shard) return NO_POISON;
      const mayBeIn = (first: number, last: number) => target.record >= first && target.record <= last;
      const poisonIn = (batch: Batch) => {
        const place = mayBeIn(batch.first, batch.last) ? batch.placeOf(target.record) : null;
        return place === null ? NO_RECORDS : [place];
      };
      return { poisonIn, mayBeIn };
    }
    case 'key':
      if (!lane.holdsKey(target.key)) return NO_POISON;
      return { poisonIn: (batch) => batch.withKey(lane.log, target.key), mayBeIn: () => true };
    case 'oneIn': {
      const scattered = new ScatteredPoison(target.n, lane.recordChance.fork('poison', ...name));
      const mayBeIn = (first: number, last: number) => scattered.within(first, last).length > 0;
      const poisonIn = (batch: Batch) => {
        const indices = scattered.within(batch.first, batch.last);
        return indices.length === 0
          ? NO_RECORDS
          : indices.map((index) => batch.placeOf(index)).filter((place) => place !== null);
      };
      return { poisonIn, mayBeIn };
    }
    default:
      return unreachable(target);
  }
}

const NO_POISON: PoisonFinder = { poisonIn: () => NO_RECORDS, mayBeIn: () => false };

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

  within(first: number, last: number): readonly number[] {
    if (this.#n === 1) return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    const indices: number[] = [];
    for (let block = Math.floor(first / BLOCK); block <= Math.floor(last / BLOCK); block++) {
      for (const index of this.#in(block)) if (index >= first && index <= last) indices.push(index);
    }
    return indices;
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

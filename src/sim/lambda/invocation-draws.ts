import type { Chance } from '../../kernel/chance.ts';
import type { Distribution } from '../../kernel/distribution.ts';
import { quantileOf } from '../../kernel/distribution.ts';
import type { Duration } from '../../kernel/time.ts';
import type { FunctionSettings, Saturation } from '../../scenario/scenario.ts';

/** How long one lane's invocations take, drawn by the lane's own count of them (D2). */
export class InvocationDraws {
  readonly #base: Draw;
  readonly #perRecord: Draw;
  readonly #perKB: Draw;
  readonly #coldStart: Draw;
  readonly #memoryFactor: number;
  readonly #saturation: Saturation | null;

  /** @param chance of the lane */
  constructor(settings: FunctionSettings, chance: Chance) {
    this.#base = new Draw(settings.duration.base, chance, 'base');
    this.#perRecord = new Draw(settings.duration.perRecord, chance, 'perRecord');
    this.#perKB = new Draw(settings.duration.perKB, chance, 'perKB');
    this.#coldStart = new Draw(settings.coldStart, chance, 'coldStart');
    this.#memoryFactor = settings.duration.memoryFactor;
    this.#saturation = settings.duration.saturation;
  }

  /** Where nothing of a duration is drawn, and it does not depend on what else runs; else null. */
  get constant(): ConstantDuration | null {
    const [base, perRecord, perKB] = [this.#base.constant, this.#perRecord.constant, this.#perKB.constant];
    if (base === null || perRecord === null || perKB === null || this.#saturation !== null) return null;
    return new ConstantDuration({ base, perRecord, perKB }, this.#memoryFactor);
  }

  /**
   * L5, L5a: whole microseconds, before any slowdown and the timeout.
   *
   * @param running invocations of the function, with this one
   */
  duration(invocation: number, batch: { size: number; bytes: number }, running: number): Duration {
    const sum = sumOf(batch, this.#base.of(invocation), this.#perRecord.of(invocation), this.#perKB.of(invocation));
    return wholeTime(sum, this.#memoryFactor * crowding(this.#saturation, running));
  }

  coldStart(invocation: number): Duration {
    return Math.max(0, Math.round(this.#coldStart.of(invocation)));
  }
}

/** Of a function whose invocations with the same batch all take as long. */
export class ConstantDuration {
  readonly #base: number;
  readonly #perRecord: number;
  readonly #perKB: number;
  readonly #memoryFactor: number;

  constructor(parts: Readonly<Record<'base' | 'perRecord' | 'perKB', number>>, memoryFactor: number) {
    this.#base = parts.base;
    this.#perRecord = parts.perRecord;
    this.#perKB = parts.perKB;
    this.#memoryFactor = memoryFactor;
  }

  /** Bytes do not matter. */
  get isOfSizeAlone(): boolean {
    return this.#perKB === 0;
  }

  of(batch: { size: number; bytes: number }): Duration {
    return wholeTime(sumOf(batch, this.#base, this.#perRecord, this.#perKB), this.#memoryFactor);
  }
}

function sumOf(batch: { size: number; bytes: number }, base: number, perRecord: number, perKB: number): number {
  return base + batch.size * perRecord + (batch.bytes / 1_024) * perKB;
}

function wholeTime(sum: number, factor: number): Duration {
  return Math.max(0, Math.round(sum * factor));
}

/** L5a: what saturates is shared by all who want it. */
function crowding(saturation: Saturation | null, running: number): number {
  if (saturation === null || running <= saturation.at) return 1;
  return 1 - saturation.share + (saturation.share * running) / saturation.at;
}

class Draw {
  readonly #law: Distribution;
  readonly #constant: number;
  /** Null: the law is constant. */
  readonly #chance: Chance | null;

  constructor(law: Distribution, chance: Chance, name: string) {
    this.#law = law;
    this.#constant = law.kind === 'constant' ? law.value : 0;
    this.#chance = law.kind === 'constant' ? null : chance.fork(name);
  }

  /** Null: it is drawn. */
  get constant(): number | null {
    return this.#chance === null ? this.#constant : null;
  }

  of(invocation: number): number {
    return this.#chance === null ? this.#constant : quantileOf(this.#law, this.#chance.unit(invocation));
  }
}

import type { Chance } from '../../kernel/chance.ts';
import type { Distribution } from '../../kernel/distribution.ts';
import { quantileOf } from '../../kernel/distribution.ts';
import type { Duration } from '../../kernel/time.ts';
import type { FunctionSettings } from '../../scenario/scenario.ts';

/** How long one lane's invocations take, drawn by the lane's own count of them (D2). */
export class InvocationDraws {
  readonly #base: Draw;
  readonly #perRecord: Draw;
  readonly #perKB: Draw;
  readonly #coldStart: Draw;

  /** @param chance of the lane */
  constructor(settings: FunctionSettings, chance: Chance) {
    this.#base = new Draw(settings.duration.base, chance, 'base');
    this.#perRecord = new Draw(settings.duration.perRecord, chance, 'perRecord');
    this.#perKB = new Draw(settings.duration.perKB, chance, 'perKB');
    this.#coldStart = new Draw(settings.coldStart, chance, 'coldStart');
  }

  /** Where nothing of a duration is drawn; else null. */
  get constant(): ConstantDuration | null {
    const [base, perRecord, perKB] = [this.#base.constant, this.#perRecord.constant, this.#perKB.constant];
    if (base === null || perRecord === null || perKB === null) return null;
    return new ConstantDuration(base, perRecord, perKB);
  }

  /** L5: whole microseconds, before any slowdown and the timeout. */
  duration(invocation: number, batch: { size: number; bytes: number }): Duration {
    return durationOf(batch, this.#base.of(invocation), this.#perRecord.of(invocation), this.#perKB.of(invocation));
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

  constructor(base: number, perRecord: number, perKB: number) {
    this.#base = base;
    this.#perRecord = perRecord;
    this.#perKB = perKB;
  }

  of(batch: { size: number; bytes: number }): Duration {
    return durationOf(batch, this.#base, this.#perRecord, this.#perKB);
  }
}

function durationOf(batch: { size: number; bytes: number }, base: number, perRecord: number, perKB: number): Duration {
  return Math.max(0, Math.round(base + batch.size * perRecord + (batch.bytes / 1_024) * perKB));
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

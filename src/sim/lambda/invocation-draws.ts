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
    this.#base = drawOf(settings.duration.base, chance, 'base');
    this.#perRecord = drawOf(settings.duration.perRecord, chance, 'perRecord');
    this.#perKB = drawOf(settings.duration.perKB, chance, 'perKB');
    this.#coldStart = drawOf(settings.coldStart, chance, 'coldStart');
  }

  /** L5: whole microseconds, before any slowdown and the timeout. */
  duration(invocation: number, batch: { size: number; bytes: number }): Duration {
    const perRecord = batch.size * this.#perRecord(invocation);
    const perKB = (batch.bytes / 1_024) * this.#perKB(invocation);
    return Math.max(0, Math.round(this.#base(invocation) + perRecord + perKB));
  }

  coldStart(invocation: number): Duration {
    return Math.max(0, Math.round(this.#coldStart(invocation)));
  }
}

type Draw = (invocation: number) => number;

function drawOf(law: Distribution, chance: Chance, name: string): Draw {
  if (law.kind === 'constant') return () => law.value;
  const draws = chance.fork(name);
  return (invocation) => quantileOf(law, draws.unit(invocation));
}

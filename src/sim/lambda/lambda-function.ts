import type { FunctionSettings } from '../../scenario/scenario.ts';
import type { SlotPool } from './concurrency.ts';
import { Environments } from './concurrency.ts';

/** A function while a run goes on. */
export class LambdaFunction<Waiter> {
  readonly settings: FunctionSettings;
  readonly pool: SlotPool<Waiter>;
  readonly environments: Environments;
  /** The queue's actor that serves those who wait for the pool. */
  readonly poolActor: number;
  /** Invocations so far (L6). */
  starts = 0;

  constructor(settings: FunctionSettings, pool: SlotPool<Waiter>, poolActor: number) {
    this.settings = settings;
    this.pool = pool;
    this.poolActor = poolActor;
    this.environments = new Environments(settings.idleTimeout);
  }
}

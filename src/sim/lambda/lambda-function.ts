import type { Instant } from '../../kernel/time.ts';
import { NEVER } from '../../kernel/time.ts';
import type { FunctionSettings } from '../../scenario/scenario.ts';
import type { Invocable, SlotPool } from './concurrency.ts';
import { Environment, Environments } from './environments.ts';

/** A function while a run goes on: what it needs to be invoked, and who waits for it. */
export class LambdaFunction<Waiter> implements Invocable {
  readonly settings: FunctionSettings;
  readonly #pool: SlotPool<Waiter>;
  readonly #environments: Environments;
  /** The queue's actor that serves those who wait for the pool. */
  readonly poolActor: number;
  /** Of its provisioned environments, those that no invocation runs in; the one used last is used first (L4). */
  readonly #provisioned: Environment[];
  /** Invocations so far (L6). */
  starts = 0;
  #running = 0;

  constructor(settings: FunctionSettings, pool: SlotPool<Waiter>, poolActor: number) {
    this.settings = settings;
    this.#pool = pool;
    this.poolActor = poolActor;
    this.#environments = new Environments(settings.idleTimeout);
    const { provisionedConcurrentExecutions: length } = settings;
    this.#provisioned = Array.from({ length }, () => new Environment('provisioned'));
  }

  /** How many of its invocations run (L5a). */
  get running(): number {
    return this.#running;
  }

  /** How many of its invocations may run at once (L1). */
  get limit(): number {
    return this.settings.provisionedConcurrentExecutions + this.#pool.limit;
  }

  /** Whether a new environment is all that an invocation would need (L3). */
  get hasFreeSlot(): boolean {
    return this.#provisioned.length > 0 || this.#pool.hasFree;
  }

  /** L1, L3, L4: a slot and an environment for an invocation; null where there is none. */
  acquire(at: Instant): Environment | null {
    const provisioned = this.#provisioned.pop();
    if (provisioned !== undefined) {
      this.#running++;
      return provisioned;
    }
    if (!this.#pool.hasFree) return null;
    const environment = this.#environments.take(at);
    if (environment === null) return null;
    this.#pool.take();
    this.#running++;
    return environment;
  }

  /** The invocation that ran in an environment has ended. */
  release(environment: Environment, at: Instant): void {
    this.#running--;
    if (environment.kind === 'provisioned') {
      this.#provisioned.push(environment);
      return;
    }
    this.#pool.release();
    this.#environments.giveBack(environment, at);
  }

  nextStart(at: Instant): Instant {
    if (this.#provisioned.length > 0) return at;
    return this.#pool.hasFree ? this.#environments.nextAt(at) : NEVER;
  }

  /** L2: it waits until an invocation can start. */
  join(waiter: Waiter): void {
    this.#pool.join(waiter, this);
  }

  leave(waiter: Waiter): void {
    this.#pool.leave(waiter, this);
  }

  /** Whether someone waits for a slot of its pool. */
  get isAwaited(): boolean {
    return this.#pool.isAwaited;
  }
}

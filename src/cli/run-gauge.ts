const STOP = 0;
const SHARE = 1;
const WHOLE = 1_000_000;

/** What the main thread and a run's thread tell each other while the run, one synchronous loop, takes no messages. */
export class RunGauge {
  readonly memory: SharedArrayBuffer;
  readonly #cells: Int32Array;

  constructor(memory = new SharedArrayBuffer(8)) {
    this.memory = memory;
    this.#cells = new Int32Array(memory);
  }

  /** How much of the run is done, 0 to 1. */
  get share(): number {
    return Atomics.load(this.#cells, SHARE) / WHOLE;
  }

  set share(value: number) {
    Atomics.store(this.#cells, SHARE, Math.floor(Math.min(1, value) * WHOLE));
  }

  get isStopped(): boolean {
    return Atomics.load(this.#cells, STOP) === 1;
  }

  stop(): void {
    Atomics.store(this.#cells, STOP, 1);
  }
}

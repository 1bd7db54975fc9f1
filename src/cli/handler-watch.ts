const TURN = 0;
const LENGTH = 1;
const TEXT_BYTES = 4_096;

/**
 * What a run's thread tells of the handler that it waits for: nothing but another thread can see that one never returns.
 */
export class HandlerWatch {
  readonly memory: SharedArrayBuffer;
  readonly #cells: Int32Array;
  readonly #text: Uint8Array;

  constructor(memory = new SharedArrayBuffer(8 + TEXT_BYTES)) {
    this.memory = memory;
    this.#cells = new Int32Array(memory, 0, 2);
    this.#text = new Uint8Array(memory, 8);
  }

  /** From now on a handler is waited for. @param what it is, and what for; for messages */
  begin(what: string): void {
    const { written } = new TextEncoder().encodeInto(what, this.#text);
    Atomics.store(this.#cells, LENGTH, written);
    Atomics.add(this.#cells, TURN, 1);
  }

  /** It has settled. */
  end(): void {
    Atomics.add(this.#cells, TURN, 1);
  }

  /** What is waited for; null: nothing. */
  get waitingFor(): string | null {
    if (this.#turn % 2 === 0) return null;
    return new TextDecoder().decode(this.#text.slice(0, Atomics.load(this.#cells, LENGTH)));
  }

  /**
   * Comes true once one handler has been waited for so long; never otherwise.
   *
   * @param limit milliseconds
   * @param signal ends the watch
   */
  async overdue(limit: number, signal: AbortSignal): Promise<string> {
    return new Promise((resolve) => {
      let turn = this.#turn;
      let since = performance.now();
      const clock = setInterval(
        () => {
          if (this.#turn !== turn || turn % 2 === 0) {
            turn = this.#turn;
            since = performance.now();
          } else if (performance.now() - since >= limit) {
            clearInterval(clock);
            resolve(this.waitingFor ?? '');
          }
        },
        Math.min(100, limit / 4),
      );
      signal.addEventListener('abort', () => clearInterval(clock));
    });
  }

  get #turn(): number {
    return Atomics.load(this.#cells, TURN);
  }
}

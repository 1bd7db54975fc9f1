import { EXIT } from './exit.ts';

/**
 * Ctrl-C and its like. While there is something to save, the first one asks the work to stop and the second ends the
 * process; otherwise the first one does.
 */
export class Interruption {
  #status: typeof EXIT.interrupted | typeof EXIT.terminated | null = null;
  #stop: (() => void) | null = null;

  constructor() {
    process.on('SIGINT', () => this.#take(EXIT.interrupted));
    process.on('SIGTERM', () => this.#take(EXIT.terminated));
    // The terminal was closed: nobody asks for a status, and files are left as by any other end.
    process.on('SIGHUP', () => this.#take(EXIT.terminated));
  }

  /** Of the first signal; null as long as there was none. */
  status(): typeof EXIT.interrupted | typeof EXIT.terminated | null {
    return this.#status;
  }

  /** From now on there is something to save, and `stop` ends the work early. */
  guard(stop: () => void): void {
    this.#stop = stop;
  }

  #take(status: typeof EXIT.interrupted | typeof EXIT.terminated): void {
    if (this.#status !== null || this.#stop === null) process.exit(status);
    this.#status = status;
    this.#stop();
  }
}

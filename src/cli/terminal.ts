import { PendingFile } from './files.ts';

export interface TerminalOptions {
  readonly color: boolean;
  readonly progress: 'auto' | 'plain' | 'none';
  /** Prints what was asked for and what is wrong, nothing else. */
  readonly quiet: boolean;
}

/** What the command says, and where: results to standard output, all else to standard error. */
export class Terminal {
  readonly color: boolean;
  readonly width: number;
  readonly quiet: boolean;
  readonly #progress: 'line' | 'plain' | 'none';

  constructor(options: TerminalOptions) {
    const { NO_COLOR, TERM, CI } = process.env;
    const { stdout, stderr } = process;
    this.color = options.color && stdout.isTTY === true && !isSet(NO_COLOR) && TERM !== 'dumb';
    this.width = stdout.isTTY === true && stdout.columns > 0 ? stdout.columns : 80;
    this.quiet = options.quiet;
    if (options.quiet || options.progress === 'none') this.#progress = 'none';
    else if (options.progress === 'plain') this.#progress = 'plain';
    else this.#progress = stderr.isTTY === true && !isSet(CI) && TERM !== 'dumb' ? 'line' : 'none';
  }

  /** A result. */
  print(text: string): void {
    process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** Something worth knowing. */
  note(text: string): void {
    if (!this.quiet) process.stderr.write(`${text}\n`);
  }

  /** Something that is wrong. */
  complain(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  progress(label: string): Progress {
    return new Progress(label, this.#progress);
  }
}

/** How far runs have come, told to the one who waits. */
export class Progress {
  readonly #label: string;
  readonly #kind: 'line' | 'plain' | 'none';
  readonly #began = performance.now();
  #isShown = false;
  #clock: NodeJS.Timeout | undefined;

  constructor(label: string, kind: 'line' | 'plain' | 'none') {
    this.#label = label;
    this.#kind = kind;
  }

  /** Looks at `source` now and then until the end. */
  follow(source: () => Advance): void {
    if (this.#kind === 'none') return;
    this.#clock = setInterval(() => this.#show(source()), this.#kind === 'plain' ? PLAIN_PAUSE : LINE_PAUSE);
  }

  /** Makes room for something else to be said. */
  hide(): void {
    if (this.#isShown) process.stderr.write(`\r${ERASE_TO_END}`);
    this.#isShown = false;
  }

  /** Leaves no trace of itself on the screen. */
  end(): void {
    clearInterval(this.#clock);
    this.hide();
  }

  #show({ share, done }: Advance): void {
    const spent = (performance.now() - this.#began) / 1_000;
    const left = share !== null && share > 0.03 ? `, ${wholeTime((spent * (1 - share)) / share)} left` : '';
    const percent = share === null ? '' : `${String(Math.floor(share * 100)).padStart(3)} % `;
    const text = `${this.#label}: ${done}${percent}after ${wholeTime(spent)}${left}`;
    if (this.#kind === 'plain') process.stderr.write(`${text}\n`);
    else {
      const width = (process.stderr.columns || 80) - 1;
      process.stderr.write(`\r${text.slice(0, width)}${ERASE_TO_END}`);
      this.#isShown = true;
    }
  }
}

interface Advance {
  /** Of all that is to be run, 0 to 1; null: nobody knows how much that is. */
  readonly share: number | null;
  /** What of it has ended: '3 of 20 runs done, '; empty where it is one. */
  readonly done: string;
}

const LINE_PAUSE = 100; // ms
const PLAIN_PAUSE = 2_000; // ms
const ERASE_TO_END = '\u001b[K';

function wholeTime(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== '';
}

/** Makes the end of the process a clean one, whoever brings it about. */
export function prepareEnd(): void {
  process.on('exit', () => {
    PendingFile.dropUnfinished();
  });
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever read our output has had enough of it: `| head`.
    if (error.code === 'EPIPE') process.exit(0);
    process.stderr.write(`shardclock: cannot write to standard output: ${error.message}\n`);
    process.exit(4);
  });
  process.stderr.on('error', () => {
    // Nobody is left to be told.
  });
}

/** What the command's status says. */
export const EXIT = {
  done: 0,
  /** Our bug. */
  bug: 1,
  usage: 2,
  input: 3,
  file: 4,
  differs: 98,
  threshold: 99,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** From what matters most: what several scenarios end with together. */
const SEVERITY: readonly ExitStatus[] = [130, 143, 1, 2, 4, 3, 98, 99, 0];

export function worst(statuses: readonly ExitStatus[]): ExitStatus {
  return SEVERITY.find((status) => statuses.includes(status)) ?? EXIT.done;
}

/** Ends the command with a message for its user; anything else that is thrown is a bug of ours. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly status: ExitStatus;
  /** What would do, where that can be said. */
  readonly hint: string | null;

  constructor(status: ExitStatus, message: string, hint: string | null = null) {
    super(message);
    this.status = status;
    this.hint = hint;
  }
}

export function usageError(message: string, hint: string | null = null): Failure {
  return new Failure(EXIT.usage, message, hint);
}

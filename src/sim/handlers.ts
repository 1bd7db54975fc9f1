import { didYouMean } from '../scenario/issue.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Environment } from './lambda/environments.ts';
import type { KinesisEvent } from './lambda/event.ts';
import type { Handler, HandlerContext, HandlerReply, PendingInvocation } from './lambda/handler.ts';

/** Handlers by the names of their functions. */
export type Handlers = Readonly<Record<string, Handler | HandlerMaker>>;

/** Makes a handler for each new environment of its function, so that what the handler keeps is the environment's own. */
export interface HandlerMaker {
  makeHandler(): Handler | Promise<Handler>;
}

/**
 * A handler that is missing, or that does what the run cannot go on with. It is no outcome of the model: the run stops. A
 * handler that throws one itself, as a wrapper does that has waited for too long, stops it too.
 */
export class HandlerError extends Error {
  override readonly name = 'HandlerError';
}

/** The batch that an invocation was to process, for messages. */
export function batchName({ Records }: KinesisEvent, { shardclock }: HandlerContext): string {
  const { mapping, shardId, lane } = shardclock;
  const first = Records[0]?.kinesis.sequenceNumber;
  const last = Records.at(-1)?.kinesis.sequenceNumber;
  const records =
    first === undefined
      ? 'no records'
      : first === last
        ? `sequence number ${first}`
        : `sequence numbers ${first} to ${last}`;
  return `mapping ${mapping}, ${shardId}, lane ${lane}, ${records}`;
}

/** The handlers of one run: an instance for each environment, where they are made. */
export class RunningHandlers {
  readonly #handlers: Handlers;
  readonly #instances = new WeakMap<Environment, Handler>();

  /**
   * @throws HandlerError where one is missing, or is none
   * @throws TypeError without a scenario
   */
  constructor(scenario: Scenario, handlers: Handlers) {
    if (!Array.isArray((scenario as Partial<Scenario> | null | undefined)?.functions)) {
      throw new TypeError('expected a scenario: the `scenario` of what parseScenario gives');
    }
    if (typeof handlers !== 'object' || handlers instanceof Map) {
      throw new HandlerError('handlers: expected an object with a handler for each name of a function');
    }
    this.#handlers = handlers;
    const names = scenario.functions.map(({ name }) => name);
    for (const [name, handler] of Object.entries(handlers)) {
      if (!names.includes(name)) {
        throw new HandlerError(`handlers.${name}: the scenario has no such function${didYouMean(name, names)}`);
      }
      if (!isMaker(handler)) checked(handler, name);
    }
    for (const { name, handler } of scenario.functions) {
      if (handler === null || Object.hasOwn(handlers, name)) continue;
      throw new HandlerError(`function ${name} has a handler, ${handler}; expected it as handlers.${name}`);
    }
  }

  get functions(): string[] {
    return Object.keys(this.#handlers);
  }

  /** What the handler answers, at once. @throws HandlerError where it answers with a promise */
  replyNow(pending: PendingInvocation): HandlerReply {
    const batch = batchName(pending.event, pending.context);
    const refuse = (promise: unknown, what: string) => {
      Promise.resolve(promise).catch(() => undefined);
      throw new HandlerError(
        `function ${pending.function}: ${what}, which simulateSync cannot wait for; expected simulate (${batch})`,
      );
    };
    const handler = this.#known(pending) ?? this.#made(pending);
    if (isPromise(handler)) return refuse(handler, 'makeHandler returns a promise');
    this.#instances.set(pending.environment, handler);
    let value: unknown;
    try {
      value = handler(pending.event, pending.context);
    } catch (error) {
      return thrown(error, pending, batch);
    }
    return isPromise(value) ? refuse(value, 'the handler returns a promise') : returned(value, pending, batch);
  }

  /** What the handler answers, awaited. */
  async reply(pending: PendingInvocation): Promise<HandlerReply> {
    const batch = batchName(pending.event, pending.context);
    const known = this.#known(pending);
    const handler = known ?? checked(await this.#made(pending), pending.function);
    if (known === null) this.#instances.set(pending.environment, handler);
    let value: unknown;
    try {
      value = await handler(pending.event, pending.context);
    } catch (error) {
      return thrown(error, pending, batch);
    }
    return returned(value, pending, batch);
  }

  #known({ environment, function: name }: PendingInvocation): Handler | null {
    const handler = this.#handlers[name]!;
    return isMaker(handler) ? (this.#instances.get(environment) ?? null) : handler;
  }

  #made({ function: name }: PendingInvocation): Handler | Promise<Handler> {
    const made = (this.#handlers[name] as HandlerMaker).makeHandler();
    return isPromise(made) ? made : checked(made, name);
  }
}

function returned(value: unknown, pending: PendingInvocation, batch: string): HandlerReply {
  refuseMisuse(pending, batch);
  try {
    // As AWS does it; what cannot be written as JSON fails the invocation there, too.
    const json = JSON.stringify(value) as string | undefined;
    return { kind: 'returned', response: json === undefined ? null : JSON.parse(json) };
  } catch (error) {
    return { kind: 'thrown', message: `its answer is no JSON: ${messageOf(error)}` };
  }
}

function thrown(error: unknown, pending: PendingInvocation, batch: string): HandlerReply {
  if (error instanceof HandlerError) throw error;
  refuseMisuse(pending, batch);
  return { kind: 'thrown', message: messageOf(error) };
}

const LONGEST_MESSAGE = 200;

function messageOf(error: unknown): string {
  const [line = ''] = (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).split('\n');
  return line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE - 1)}…` : line;
}

function refuseMisuse({ function: name, misuse }: PendingInvocation, batch: string): void {
  if (misuse !== null) throw new HandlerError(`function ${name}: ${misuse} (${batch})`);
}

function checked(handler: unknown, name: string): Handler {
  if (typeof handler !== 'function') {
    throw new HandlerError(`handlers.${name}: expected a function (event, context), or { makeHandler } that makes one`);
  }
  if (handler.length > 2) {
    throw new HandlerError(
      `handlers.${name}: takes a callback, which is never called; expected a function (event, context) that returns its answer or a promise of it`,
    );
  }
  return handler as Handler;
}

function isMaker(handler: Handler | HandlerMaker): handler is HandlerMaker {
  return typeof handler === 'object' && handler !== null && typeof handler.makeHandler === 'function';
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

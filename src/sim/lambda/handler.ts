import { isoTime } from '../../kernel/calendar.ts';
import type { Duration, Instant } from '../../kernel/time.ts';
import { MILLISECOND } from '../../kernel/time.ts';
import { functionArn, nameUuid, shardIdOf } from '../../recording/identifiers.ts';
import { durationOf } from '../../scenario/quantity.ts';
import type { FunctionSettings } from '../../scenario/scenario.ts';
import type { Batch } from './batch.ts';
import type { Environment } from './environments.ts';
import type { KinesisEvent, LaneEvents, WindowFields } from './event.ts';

/**
 * A function's own code: what it returns or throws, or what the promise it returns comes to, decides the invocation's
 * outcome. Written as a method, so that a handler may name its event and context by types of its own, or of AWS's: those
 * (`KinesisStreamHandler`) have a callback. A handler that takes one is refused when the run begins.
 */
export type Handler = {
  handle(event: KinesisEvent, context: HandlerContext, callback?: (...answer: never[]) => void): unknown;
}['handle'];

/** What a handler is told beside its event: AWS's own fields, and what the simulation adds. */
export interface HandlerContext {
  readonly functionName: string;
  readonly functionVersion: '$LATEST';
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  /** The same in every run. */
  readonly awsRequestId: string;
  readonly logGroupName: string;
  /** Each environment has its own, the same in every run. */
  readonly logStreamName: string;
  /** As Lambda sets it; no event loop is waited for, whatever it is. */
  callbackWaitsForEmptyEventLoop: boolean;
  /** Of the Timeout, in virtual time: what the handler has not reported as its duration. */
  getRemainingTimeInMillis(): number;
  /** What ended an invocation before there were promises: refused, as a callback is. */
  done(error?: unknown, result?: unknown): void;
  fail(error: unknown): void;
  succeed(messageOrObject: unknown, object?: unknown): void;
  readonly shardclock: {
    readonly mapping: string;
    readonly shardId: string;
    /** From 0; above it only with a ParallelizationFactor. */
    readonly lane: number;
    /** Virtual time when the handler starts, in milliseconds since the Unix epoch; where Date.now() would differ from run to run. */
    readonly now: number;
    /**
     * Reports how long the handler takes in all, in place of the duration that the scenario gives: '120ms', or a number
     * of milliseconds. The last report counts; past the Timeout it makes the invocation a timeout.
     */
    duration(duration: string | number): void;
  };
}

/** What a handler made of an invocation. */
export type HandlerReply =
  /** `response` as AWS receives it: JSON. */
  | { readonly kind: 'returned'; readonly response: unknown }
  /** `message`: of what was thrown, in one line. */
  | { readonly kind: 'thrown'; readonly message: string };

/** A reply, and how long the handler says that it took. */
export interface HandlerAnswer {
  readonly reply: HandlerReply;
  /** Null: as long as the scenario says. */
  readonly duration: Duration | null;
}

/** An invocation that has started, and whose outcome its function's handler decides. */
export interface PendingInvocation {
  readonly function: string;
  readonly environment: Environment;
  /** Made for this call alone: what a handler does to it changes nothing of the run. */
  readonly event: KinesisEvent;
  readonly context: HandlerContext;
  /** What the handler did that it must not do; null: nothing. */
  readonly misuse: string | null;
}

/**
 * Where an invocation waits for its handler. The main loop looks at it after every event, hands out what is pending and
 * goes on with the answer.
 */
export class HandlerDoor {
  readonly #functions: ReadonlySet<string>;
  /** An answer is wanted when the invocation ends, not when it starts: virtual time goes on meanwhile. */
  readonly overlaps: boolean;
  #pending: Consultation | null = null;
  #begun: Consultation | null = null;
  readonly #logStreams = new WeakMap<Environment, string>();

  /** @param functions names of those that have a handler */
  constructor(functions: Iterable<string>, overlaps: boolean) {
    this.#functions = new Set(functions);
    this.overlaps = overlaps;
  }

  /** Whose handler is to begin now, and will be asked later. */
  takeBegun(): PendingInvocation | null {
    const begun = this.#begun;
    this.#begun = null;
    return begun;
  }

  begin(consultation: Consultation): void {
    this.#begun = consultation;
  }

  get pending(): PendingInvocation | null {
    return this.#pending;
  }

  /** For a lane's invocations; null where its function has no handler. */
  forLane(target: FunctionSettings, lane: HandledLane): LaneHandler | null {
    return this.#functions.has(target.name) ? new LaneHandler(this, target, lane) : null;
  }

  /**
   * Named after the first of an environment's invocations.
   *
   * @param at its wall time, in microseconds since the Unix epoch
   */
  logStreamOf(environment: Environment, awsRequestId: string, at: number): string {
    const known = this.#logStreams.get(environment);
    if (known !== undefined) return known;
    const day = isoTime(at).slice(0, 10).replaceAll('-', '/');
    const name = `${day}/[$LATEST]${awsRequestId.replaceAll('-', '')}`;
    this.#logStreams.set(environment, name);
    return name;
  }

  ask(consultation: Consultation): void {
    if (this.#pending !== null) throw new Error('two handlers are asked at once');
    this.#pending = consultation;
  }

  answer(reply: HandlerReply): void {
    const consultation = this.#pending!;
    this.#pending = null;
    consultation.goOn({ reply, duration: consultation.reported });
  }
}

/** What a lane's handler is told of it. */
interface HandledLane {
  readonly mapping: string;
  readonly slice: number;
  readonly events: LaneEvents;
}

/** What is known of an invocation when its handler is asked. */
interface Question {
  readonly batch: Batch;
  /** Of a tumbling window (P11); null: there are none. */
  readonly fields: WindowFields | null;
  readonly environment: Environment;
  /** When the handler starts, the cold start over. */
  readonly at: Instant;
  /** Multiplies what the handler reports (L6). */
  readonly slowdown: number;
  /** Invocations of the lane before this one. */
  readonly laneStarts: number;
  /** How long it takes is known before it has answered. */
  readonly overlaps?: boolean;
}

/** A function's handler, as one lane asks it. */
export class LaneHandler {
  readonly #door: HandlerDoor;
  readonly #target: FunctionSettings;
  readonly #lane: HandledLane;

  constructor(door: HandlerDoor, target: FunctionSettings, lane: HandledLane) {
    this.#door = door;
    this.#target = target;
    this.#lane = lane;
  }

  get overlaps(): boolean {
    return this.#door.overlaps;
  }

  ask(question: Question, goOn: (answer: HandlerAnswer) => void): void {
    this.#door.ask(new Consultation(this.#door, this.#target, this.#lane, question, goOn));
  }

  /** @returns to be called when the answer is wanted */
  begin(question: Question, goOn: (answer: HandlerAnswer) => void): () => void {
    const consultation = new Consultation(this.#door, this.#target, this.#lane, { ...question, overlaps: true }, goOn);
    this.#door.begin(consultation);
    return () => this.#door.ask(consultation);
  }
}

class Consultation implements PendingInvocation {
  readonly function: string;
  readonly environment: Environment;
  readonly event: KinesisEvent;
  readonly context: HandlerContext;
  readonly goOn: (answer: HandlerAnswer) => void;
  misuse: string | null = null;
  reported: Duration | null = null;

  constructor(
    door: HandlerDoor,
    target: FunctionSettings,
    lane: HandledLane,
    question: Question,
    goOn: (answer: HandlerAnswer) => void,
  ) {
    this.function = target.name;
    this.environment = question.environment;
    this.event = lane.events.eventOf(question.batch.parts, question.fields ?? {});
    this.context = this.#contextOf(door, target, lane, question);
    this.goOn = goOn;
  }

  #contextOf(
    door: HandlerDoor,
    target: FunctionSettings,
    lane: HandledLane,
    { at, slowdown, laneStarts, overlaps, environment }: Question,
  ): HandlerContext {
    const { source } = lane.events;
    const shardId = shardIdOf(source.shard);
    const awsRequestId = nameUuid(`invocation/${lane.mapping}/${shardId}/${lane.slice}/${laneStarts}`);
    const now = Math.floor((source.start + at) / MILLISECOND);
    return {
      functionName: target.name,
      functionVersion: '$LATEST',
      invokedFunctionArn: functionArn(source.account, target.name),
      memoryLimitInMB: String(target.memorySize),
      awsRequestId,
      logGroupName: `/aws/lambda/${target.name}`,
      logStreamName: door.logStreamOf(environment, awsRequestId, source.start + at),
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => {
        const left = target.timeout - Math.round((this.reported ?? 0) * slowdown);
        return Math.max(0, Math.floor(left / MILLISECOND));
      },
      done: () => this.#refuse(endsAsACallback('done')),
      fail: () => this.#refuse(endsAsACallback('fail')),
      succeed: () => this.#refuse(endsAsACallback('succeed')),
      shardclock: {
        mapping: lane.mapping,
        shardId,
        lane: lane.slice,
        now,
        duration: (duration) => (overlaps ? this.#refuse(OVERLAPS) : this.#report(duration)),
      },
    };
  }

  #refuse(misuse: string): never {
    this.misuse = misuse;
    throw new TypeError(misuse);
  }

  #report(duration: unknown): void {
    const microseconds = typeof duration === 'string' ? durationOf(duration) : Number(duration) * MILLISECOND;
    const isOne = typeof duration === 'string' || typeof duration === 'number';
    if (isOne && microseconds !== null && microseconds >= 0 && Number.isFinite(microseconds)) {
      this.reported = Math.round(microseconds);
      return;
    }
    this.#refuse(
      `context.shardclock.duration: expected a duration such as '120ms', or milliseconds, got ${shown(duration)}`,
    );
  }
}

const OVERLAPS =
  'context.shardclock.duration: handlers overlap in this run, so each takes as long as the scenario says';

function endsAsACallback(name: string): string {
  return `context.${name}: ends an invocation as a callback does, which is never called; return the answer, or a promise of it`;
}

function shown(value: unknown): string {
  return typeof value === 'string'
    ? `'${value.slice(0, 40)}'`
    : typeof value === 'object'
      ? 'an object'
      : String(value);
}

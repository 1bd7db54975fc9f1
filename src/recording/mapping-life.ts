import type { Instant } from '../kernel/time.ts';
import type { JsonObject, MappingSettings } from '../scenario/scenario.ts';
import type { MappingState } from './causes.ts';

/** A state of a mapping's life, until the next. */
export interface LifeStage {
  readonly at: Instant;
  readonly state: MappingState;
  /** A call led to it. */
  readonly byUser: boolean;
  readonly settings: MappingSettings;
  /** LastProcessingResult when it began. */
  readonly result: ProcessingResult;
}

export type ApiAction = 'CreateEventSourceMapping' | 'UpdateEventSourceMapping' | 'DeleteEventSourceMapping';

/** Why a call is refused, in AWS's words. */
export interface Refusal {
  readonly code:
    | 'InvalidParameterValueException'
    | 'ResourceConflictException'
    | 'ResourceInUseException'
    | 'ResourceNotFoundException';
  readonly status: 400 | 404 | 409;
  readonly message: string;
}

/** A call that the timeline makes (A1). */
export interface MappingCall {
  readonly at: Instant;
  readonly action: ApiAction;
  /** Beside the mapping's UUID. */
  readonly parameters: JsonObject;
  /** The place of the stage that the answer shows, or why there is none. */
  readonly outcome: number | Refusal;
}

/** What the last look at the stream, or the last invocation, came to; `lacks`: an action that the role does not allow (A3). */
export type ProcessingResult = 'none' | 'ok' | 'failed' | { readonly lacks: string };

/** What becomes of a mapping while a run goes on, in order of time. */
export class MappingLife {
  readonly stages: LifeStage[] = [];
  readonly calls: MappingCall[] = [];
  /** All that have been in force, the present ones last. */
  readonly allSettings: MappingSettings[];
  #processed: 'none' | 'ok' | 'failed' = 'none';
  #lacks: string | null = null;
  /** Results and since when they are so. */
  readonly #results: ProcessingResult[] = ['none'];
  readonly #since: Instant[] = [0];

  constructor(settings: MappingSettings) {
    this.allSettings = [settings];
  }

  /** Those in force. */
  get settings(): MappingSettings {
    return this.allSettings.at(-1)!;
  }

  /** It has been created, and not deleted. */
  get exists(): boolean {
    return this.stages.length > 0 && this.stages.at(-1)!.state !== 'Deleted';
  }

  /** The action for want of which nothing is polled. */
  get lacks(): string | null {
    return this.#lacks;
  }

  update(settings: MappingSettings): void {
    this.allSettings.push(settings);
  }

  enter(at: Instant, state: MappingState, byUser: boolean): void {
    this.stages.push({ at, state, byUser, settings: this.settings, result: this.#results.at(-1)! });
  }

  processed(at: Instant, result: 'ok' | 'failed'): void {
    if (result === this.#processed) return;
    this.#processed = result;
    if (this.#lacks === null) this.#turn(at, result);
  }

  /** Polling stands still for want of an action, or for none any more. */
  lack(at: Instant, action: string | null): void {
    if (action === this.#lacks) return;
    this.#lacks = action;
    this.#turn(at, action === null ? this.#processed : { lacks: action });
  }

  /** Everything that happens at an instant included. */
  resultAt(at: Instant): ProcessingResult {
    return this.#results[this.#since.findLastIndex((since) => since <= at)] ?? 'none';
  }

  /** The place of the stage at an instant, everything that happens at it included; −1 before the first. */
  stageAt(at: Instant): number {
    return this.stages.findLastIndex((stage) => stage.at <= at);
  }

  #turn(at: Instant, result: ProcessingResult): void {
    this.#results.push(result);
    this.#since.push(at);
  }
}

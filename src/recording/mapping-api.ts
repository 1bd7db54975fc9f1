import type { Instant } from '../kernel/time.ts';
import { MILLISECOND, SECOND } from '../kernel/time.ts';
import type { JsonObject, MappingSettings, Scenario } from '../scenario/scenario.ts';
import type { MappingState } from './causes.ts';
import { destinationArn, functionArn, mappingArn, mappingUuid, roleSessionArn, sourceArn } from './identifiers.ts';
import type { MappingLife, ProcessingResult, Refusal } from './mapping-life.ts';

/**
 * A mapping as the API of AWS Lambda shows it (A1), in the API's own JSON. Where a call fails, the answer is an error as
 * AWS's SDK for Python hands it over: `{ Error: { Code, Message }, Type, message, ResponseMetadata }`.
 */
export class MappingApi {
  readonly #life: MappingLife;
  readonly #all: readonly MappingLife[];
  readonly #scenario: Scenario;
  readonly #end: Instant;

  /** @param all of the run's mappings, this one among them */
  constructor(life: MappingLife, all: readonly MappingLife[], run: { scenario: Scenario; end: Instant }) {
    this.#life = life;
    this.#all = all;
    this.#scenario = run.scenario;
    this.#end = run.end;
  }

  /** What CreateEventSourceMapping answered: at the start of the run, or when the timeline made the call. */
  create(): JsonObject {
    const call = this.#life.calls.find(({ action }) => action === 'CreateEventSourceMapping');
    if (call !== undefined) return this.#outcome(call.outcome);
    return this.#life.stages.length === 0 ? errorAnswer(NOT_FOUND) : this.#stage(this.#life, 0);
  }

  /** What each UpdateEventSourceMapping of the timeline answered, enabling and disabling included, in order of time. */
  updates(): JsonObject[] {
    return this.#answers('UpdateEventSourceMapping');
  }

  /** What each DeleteEventSourceMapping of the timeline answered, in order of time. */
  deletions(): JsonObject[] {
    return this.#answers('DeleteEventSourceMapping');
  }

  /**
   * What GetEventSourceMapping answers.
   *
   * @param at an instant of the run in microseconds, everything that happens at it included; by default the end
   */
  get(at: Instant = this.#end): JsonObject {
    return this.#get(this.#life, at) ?? errorAnswer(NOT_FOUND);
  }

  /**
   * What ListEventSourceMappings answers for the mapping's function.
   *
   * @param at as for `get`
   */
  list(at: Instant = this.#end): { readonly EventSourceMappings: readonly JsonObject[] } {
    const ofFunction = this.#all.filter(({ settings }) => settings.function === this.#life.settings.function);
    const found = ofFunction.map((life) => this.#get(life, at));
    return { EventSourceMappings: found.filter((answer) => answer !== null) };
  }

  /** Every call of the timeline with its answer, or its error, as the result shows them. */
  calls(): JsonObject[] {
    return this.#life.calls.map(({ at, action, parameters, outcome }) => ({
      atSeconds: at / SECOND,
      call: action,
      parameters:
        action === 'CreateEventSourceMapping'
          ? this.#parameters()
          : { UUID: mappingUuid(this.#life.settings.name), ...parameters },
      [typeof outcome === 'number' ? 'answer' : 'error']: this.#outcome(outcome),
    }));
  }

  #answers(wanted: string): JsonObject[] {
    return this.#life.calls.filter(({ action }) => action === wanted).map(({ outcome }) => this.#outcome(outcome));
  }

  #outcome(outcome: number | Refusal): JsonObject {
    return typeof outcome === 'number' ? this.#stage(this.#life, outcome) : errorAnswer(outcome);
  }

  #get(life: MappingLife, at: Instant): JsonObject | null {
    const place = life.stageAt(at);
    if (place < 0 || life.stages[place]!.state === 'Deleted') return null;
    return this.#stage(life, place, life.resultAt(at));
  }

  #stage({ stages }: MappingLife, place: number, result?: ProcessingResult): JsonObject {
    const { settings, state, result: before } = stages[place]!;
    const { at } = stages.findLast((stage, i) => i <= place && (stage.byUser || i === 0))!;
    return configurationOf(settings, { state, changedAt: at, result: result ?? before }, this.#scenario);
  }

  #parameters(): JsonObject {
    const settings = this.#life.stages[0]?.settings ?? this.#life.settings;
    const all = configurationOf(settings, { state: 'Creating', changedAt: 0, result: 'none' }, this.#scenario);
    const given = Object.entries(all).filter(([key]) => !OF_ANSWERS.includes(key));
    return { FunctionName: settings.function, ...Object.fromEntries(given), Enabled: settings.enabled };
  }
}

const NOT_FOUND: Refusal = {
  code: 'ResourceNotFoundException',
  status: 404,
  message: 'The resource you requested does not exist.',
};

/** What an answer holds that no call sets. */
const OF_ANSWERS = [
  'UUID',
  'EventSourceMappingArn',
  'FunctionArn',
  'LastModified',
  'LastProcessingResult',
  'State',
  'StateTransitionReason',
];

/** LastProcessingResult. */
export function resultText(result: ProcessingResult, settings: MappingSettings, scenario: Scenario): string {
  switch (result) {
    case 'none':
      return 'No records processed';
    case 'ok':
      return 'OK';
    case 'failed':
      return 'PROBLEM: Function call failed';
    default: {
      const { account, start } = scenario;
      const who = roleSessionArn(account, settings.function);
      return `PROBLEM: User: ${who} is not authorized to perform: ${result.lacks} on resource: ${sourceArn(account, settings, start)}`;
    }
  }
}

/** A mapping in one of its states, keys in AWS's order. */
function configurationOf(
  settings: MappingSettings,
  stage: { readonly state: MappingState; readonly changedAt: Instant; readonly result: ProcessingResult },
  scenario: Scenario,
): JsonObject {
  const { account, start } = scenario;
  const { startingPosition: position, onFailureDestination: destination } = settings;
  return {
    UUID: mappingUuid(settings.name),
    StartingPosition: position.kind,
    ...(position.kind === 'AT_TIMESTAMP' ? { StartingPositionTimestamp: (start + position.timestamp) / SECOND } : {}),
    BatchSize: settings.batchSize,
    MaximumBatchingWindowInSeconds: settings.batchingWindow / SECOND,
    ParallelizationFactor: settings.parallelizationFactor,
    EventSourceArn: sourceArn(account, settings, start),
    EventSourceMappingArn: mappingArn(account, settings.name),
    FunctionArn: functionArn(account, settings.function),
    LastModified: Math.floor((start + stage.changedAt) / MILLISECOND) / 1_000,
    LastProcessingResult: resultText(stage.result, settings, scenario),
    State: stage.state,
    StateTransitionReason: 'User action',
    DestinationConfig: { OnFailure: destination === null ? {} : { Destination: destinationArn(account, destination) } },
    MaximumRecordAgeInSeconds: settings.maximumRecordAge === null ? -1 : settings.maximumRecordAge / SECOND,
    BisectBatchOnFunctionError: settings.bisectBatchOnFunctionError,
    MaximumRetryAttempts: settings.maximumRetryAttempts,
    TumblingWindowInSeconds: settings.tumblingWindow / SECOND,
    ...(settings.filters.length === 0
      ? {}
      : { FilterCriteria: { Filters: settings.filters.map((Pattern) => ({ Pattern })) } }),
    FunctionResponseTypes: settings.reportBatchItemFailures ? ['ReportBatchItemFailures'] : [],
  };
}

function errorAnswer({ code, status, message }: Refusal): JsonObject {
  return {
    Error: { Code: code, Message: message },
    Type: 'User',
    message,
    ResponseMetadata: { HTTPStatusCode: status },
  };
}

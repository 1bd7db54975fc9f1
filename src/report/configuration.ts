import { SECOND } from '../kernel/time.ts';
import { destinationArn, functionArn, mappingUuid, streamArn } from '../recording/identifiers.ts';
import type { MappingTally } from '../recording/recording.ts';
import type { JsonObject, Scenario } from '../scenario/scenario.ts';

/** A mapping at the end of the run, as AWS's GetEventSourceMapping answers. */
export function mappingConfiguration(mapping: MappingTally, scenario: Scenario): JsonObject {
  return configurationAt(mapping, scenario, mapping.states.length - 1, lastProcessingResult(mapping));
}

export function lastProcessingResult(mapping: MappingTally): string {
  switch (mapping.lastOutcome) {
    case 'none':
      return 'No records processed';
    case 'ok':
      return 'OK';
    case 'failed':
      return 'PROBLEM: Function call failed';
  }
}

/** Enable and disable on the timeline, as the calls of UpdateEventSourceMapping that they are, with their answers. */
export function timelineCalls(mapping: MappingTally, scenario: Scenario): JsonObject[] {
  return mapping.states.flatMap(({ at, state, byUser }, place) => {
    if (!byUser) return [];
    const parameters = { UUID: mappingUuid(mapping.settings.name), Enabled: state === 'Enabling' };
    const answer = configurationAt(mapping, scenario, place, null);
    return [{ atSeconds: at / SECOND, call: 'UpdateEventSourceMapping', parameters, answer }];
  });
}

/** A consumer's ARN ends with when it was registered: the start of the run. */
function sourceArn(
  { stream, consumer }: MappingTally['settings'],
  account: Scenario['account'],
  start: number,
): string {
  const arn = streamArn(account, stream);
  return consumer === null ? arn : `${arn}/consumer/${consumer}:${Math.floor(start / SECOND)}`;
}

/** @param place in the mapping's states */
function configurationAt(
  mapping: MappingTally,
  { account, start }: Scenario,
  place: number,
  result: string | null,
): JsonObject {
  const { settings, states } = mapping;
  const { at, state } = states[place]!;
  const destination = settings.onFailureDestination;
  const changed = states.findLast((entry, i) => i <= place && (entry.byUser || i === 0)) ?? { at };
  return {
    UUID: mappingUuid(settings.name),
    StartingPosition: settings.startingPosition.kind,
    BatchSize: settings.batchSize,
    MaximumBatchingWindowInSeconds: settings.batchingWindow / SECOND,
    ParallelizationFactor: settings.parallelizationFactor,
    EventSourceArn: sourceArn(settings, account, start),
    FunctionArn: functionArn(account, settings.function),
    LastModified: Math.floor((start + changed.at) / 1_000) / 1_000,
    ...(result === null ? {} : { LastProcessingResult: result }),
    State: state,
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

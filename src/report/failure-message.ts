import { isoTime } from '../kernel/calendar.ts';
import { functionArn, nameUuid, sequenceNumberOf, shardIdOf, streamArn } from '../recording/identifiers.ts';
import type { FailureMessage, MappingTally } from '../recording/mapping-tally.ts';
import type { JsonObject, Scenario } from '../scenario/scenario.ts';

/** E8: what the mapping's on-failure destination has received, the first 1,000 messages, as AWS writes them. */
export function failureMessages({ settings, messages }: MappingTally, scenario: Scenario): JsonObject[] {
  const { account, start } = scenario;
  return messages.map((message, place): JsonObject => {
    const { condition, invocations, response, first, last, firstArrival, lastArrival, shard } = message;
    const sequenceNumber = (index: number, arrival: number) => sequenceNumberOf({ shard, index, arrival, start });
    return {
      requestContext: {
        requestId: nameUuid(`failure/${scenario.seed}/${settings.name}/${place}`),
        functionArn: functionArn(account, settings.function),
        condition,
        approximateInvokeCount: Math.max(1, invocations),
      },
      ...(isAnswered(message)
        ? { responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: response } }
        : {}),
      version: '1.0',
      timestamp: timestamp(start + message.at),
      KinesisBatchInfo: {
        shardId: shardIdOf(shard),
        startSequenceNumber: sequenceNumber(first, firstArrival),
        endSequenceNumber: sequenceNumber(last, lastArrival),
        approximateArrivalOfFirstRecord: timestamp(start + firstArrival),
        approximateArrivalOfLastRecord: timestamp(start + lastArrival),
        batchSize: message.size,
        streamArn: streamArn(account, settings.stream),
      },
      ...(message.payload === null ? {} : { payload: message.payload }),
    };
  });
}

/** As AWS writes it, milliseconds and all: '2026-01-05T09:00:00.000Z'. */
function timestamp(microseconds: number): string {
  const time = isoTime(microseconds);
  return time.includes('.') ? time : time.replace('Z', '.000Z');
}

/** Records that are too old or too large are discarded without an answer of the function. */
function isAnswered({ condition }: FailureMessage): boolean {
  return condition === 'RetryAttemptsExhausted';
}

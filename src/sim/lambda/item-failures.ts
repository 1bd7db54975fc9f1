import type { JsonValue } from '../../scenario/scenario.ts';

/** What a response says where the mapping reads it (ReportBatchItemFailures). */
export type ResponseReading =
  | { readonly kind: 'success' }
  /** E5: `checkpoint` is the place in the batch of the lowest identifier. */
  | { readonly kind: 'partialFailure'; readonly checkpoint: number }
  | { readonly kind: 'malformedResponse' };

/**
 * E5, E6: what a function's response says of its batch. Success: "", [], null, {}, { batchItemFailures: [] or null } or
 * nothing. The whole batch failed: an identifier that is "", null, under a wrong key, or not of the batch.
 *
 * @param placeOf the place in the batch of the record with a sequence number, null where it holds none
 */
export function readResponse(response: unknown, placeOf: (sequenceNumber: string) => number | null): ResponseReading {
  if (typeof response !== 'object' || response === null || !('batchItemFailures' in response)) return SUCCESS;
  const { batchItemFailures: failures } = response;
  if (failures === null || failures === undefined) return SUCCESS;
  if (!Array.isArray(failures)) return MALFORMED;
  if (failures.length === 0) return SUCCESS;
  let checkpoint = Number.POSITIVE_INFINITY;
  for (const failure of failures) {
    const identifier = typeof failure === 'object' && failure !== null ? failure.itemIdentifier : null;
    const place = typeof identifier === 'string' ? placeOf(identifier) : null;
    if (place === null) return MALFORMED;
    checkpoint = Math.min(checkpoint, place);
  }
  return { kind: 'partialFailure', checkpoint };
}

/** The places of all records that a response names as failed, whatever else it holds, each once (E5, E10). */
export function reportedPlaces(response: unknown, placeOf: (sequenceNumber: string) => number | null): number[] {
  if (typeof response !== 'object' || response === null || !('batchItemFailures' in response)) return [];
  const { batchItemFailures: failures } = response;
  if (!Array.isArray(failures)) return [];
  const places = new Set<number>();
  for (const failure of failures) {
    const identifier = typeof failure === 'object' && failure !== null ? failure.itemIdentifier : null;
    const place = typeof identifier === 'string' ? placeOf(identifier) : null;
    if (place !== null) places.add(place);
  }
  return [...places];
}

const SUCCESS: ResponseReading = { kind: 'success' };
const MALFORMED: ResponseReading = { kind: 'malformedResponse' };

/** What a response says of a tumbling window (P11). */
export type StateReading =
  | { readonly kind: 'state'; readonly state: JsonValue; readonly isTooLarge: boolean }
  /** The invocation has failed, whatever else the response says. */
  | { readonly kind: 'missing' };

/** P11: bytes of the JSON of a state in UTF-8; a larger one ends its window early. */
const LARGEST_STATE = 1_048_576;

/** P11: the state in a function's response where the mapping has tumbling windows. Any JSON is one, null included (choice). */
export function readState(response: unknown): StateReading {
  if (typeof response !== 'object' || response === null || !('state' in response)) return { kind: 'missing' };
  const json = JSON.stringify(response.state) as string | undefined;
  if (json === undefined) return { kind: 'missing' };
  const isTooLarge = new TextEncoder().encode(json).length > LARGEST_STATE;
  return { kind: 'state', state: JSON.parse(json) as JsonValue, isTooLarge };
}

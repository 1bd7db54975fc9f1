import type { Instant } from '../kernel/time.ts';
import { SECOND } from '../kernel/time.ts';
import type { MappingTally } from '../recording/mapping-tally.ts';
import type { Recording, StreamTally } from '../recording/recording.ts';
import { seconds as timeOf } from './words.ts';

/**
 * A1, P8: a mapping that takes the place of one that was deleted, and does not begin where that ended. Each balance is
 * right, and what arrived in between stands in neither.
 */
export function gapWarning(mapping: MappingTally, recording: Recording): string[] {
  const { settings, life } = mapping;
  const created = life.stages[0]?.at ?? null;
  const before = created === null ? null : predecessorOf(mapping, created, recording);
  if (before === null) return [];
  const { deleted, name } = before;
  const { startingPosition: position, stream } = settings;
  const polls = life.stages.find(({ state }) => state === 'Enabled')?.at ?? recording.end;
  const until = position.kind === 'LATEST' ? polls : position.kind === 'AT_TIMESTAMP' ? position.timestamp : deleted;
  const tally = recording.streams.find((one) => one.settings.name === stream)!;
  if (until <= deleted || !hasPuts(tally, recording, { from: deleted, until })) return [];
  const when = timeOf(until / SECOND);
  const to = position.kind === 'LATEST' && polls < recording.end ? `its first poll after ${when}` : when;
  return [
    `Mapping ${settings.name} does not begin where ${name} was deleted: its StartingPosition is ${position.kind}, and records of stream ${stream} that arrived from ${timeOf(deleted / SECOND)} until ${to} are in the balance of neither. AT_TIMESTAMP with the time of the deletion takes them.`,
  ];
}

/** The last of one stream and function that was deleted by then. */
function predecessorOf(
  { settings }: MappingTally,
  created: Instant,
  { mappings }: Recording,
): { readonly name: string; readonly deleted: Instant } | null {
  const gone = mappings.flatMap(({ settings: { name, stream, function: target }, life }) => {
    const last = life.stages.at(-1);
    const isBefore = last?.state === 'Deleted' && last.at <= created;
    return isBefore && stream === settings.stream && target === settings.function ? [{ name, deleted: last.at }] : [];
  });
  return gone.reduce<(typeof gone)[number] | null>(
    (latest, one) => (latest === null || one.deleted > latest.deleted ? one : latest),
    null,
  );
}

/** As far as the periods tell that have a part in it. */
function hasPuts(
  { putRecords }: StreamTally,
  { period, periods }: Recording,
  { from, until }: { readonly from: Instant; readonly until: Instant },
): boolean {
  const last = Math.min(periods, Math.ceil(until / period));
  return putRecords.subarray(Math.floor(from / period), last).some((count) => count > 0);
}

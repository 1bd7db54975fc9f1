import { MILLISECOND, SECOND } from '../kernel/time.ts';
import { READ_BYTES_PER_SECOND, WRITE_BYTES_PER_SECOND, WRITE_RECORDS_PER_SECOND } from '../recording/limits.ts';
import type { FunctionTally, MappingTally, Recording, StreamTally } from '../recording/recording.ts';
import { Histogram } from '../statistics/histogram.ts';

/** M6: what a reader should know before trusting the settings. */
export function warningsOf(recording: Recording): string[] {
  return [
    ...recording.functions.flatMap((target) => concurrencyWarning(target, recording)),
    ...recording.streams.flatMap((stream) => writeWarning(stream, recording)),
    ...recording.streams.flatMap((stream) => readWarning(stream, recording)),
    ...recording.mappings.flatMap((mapping) => paceWarning(mapping, recording)),
    ...recording.mappings.flatMap(pendingWarning),
    ...recording.mappings.flatMap((mapping) => backlogAgeWarning(mapping, recording)),
  ];
}

/** seed: concurrency "should match or exceed the number of shards". */
function concurrencyWarning(target: FunctionTally, recording: Recording): string[] {
  const mappings = recording.mappings.filter(({ settings }) => settings.function === target.settings.name);
  const lanes = mappings.reduce((sum, mapping) => sum + mapping.lanes.length, 0);
  if (lanes <= target.limit) return [];
  return [
    `Function ${target.settings.name} may run ${target.limit} at once, but its mappings have ${lanes} lanes (shards × ParallelizationFactor): batches will be throttled whenever more lanes than that have records.`,
  ];
}

function writeWarning({ settings, shards }: StreamTally, recording: Recording): string[] {
  const offered = shards.reduce((sum, { total }) => sum + total.offered, 0);
  const refused = shards.reduce((sum, { total }) => sum + total.refused, 0);
  const lost = shards.reduce((sum, { total }) => sum + total.lost, 0);
  if (refused === 0 && lost === 0) return [];
  const rate = offered / (Math.min(recording.end, recording.scenario.duration) / SECOND) / shards.length;
  return [
    `Stream ${settings.name} refused ${counted(refused, 'put')}${lost > 0 ? ` and lost ${counted(lost, 'record')} at write` : ''}: some shard was offered more than ${WRITE_RECORDS_PER_SECOND} records/s or ${WRITE_BYTES_PER_SECOND / 1_048_576} MB/s (the mean is ${round(rate)} records/s a shard).`,
  ];
}

/** Several readers share a shard's 2 MB/s; each of them reads all of its records. */
function readWarning({ settings, shards }: StreamTally, recording: Recording): string[] {
  if (!settings.readLimits) return [];
  const readers = recording.mappings.filter((mapping) => mapping.settings.stream === settings.name).length;
  const others = settings.otherReaders.reduce((sum, reader) => sum + reader.bytesPerSecond, 0);
  const seconds = Math.min(recording.end, recording.scenario.duration) / SECOND;
  const worst = shards.reduce((most, { total }) => Math.max(most, total.bytes / seconds), 0);
  if (readers * worst + others <= READ_BYTES_PER_SECOND) return [];
  return [
    `Stream ${settings.name}: ${counted(readers, 'mapping')} and other readers want ${round((readers * worst + others) / 1_048_576)} MB/s of its fullest shard, which gives 2 MB/s in all: they will fall behind.`,
  ];
}

/** A lane that always has full batches processes no faster than BatchSize records each mean duration. */
function paceWarning(mapping: MappingTally, recording: Recording): string[] {
  const { settings, lanes } = mapping;
  const mean = mapping.duration.mean;
  const sizes = new Histogram();
  for (const lane of lanes) sizes.merge(lane.batchSize);
  if (mean === null || mean === 0 || sizes.mean === null || mapping.fullBatches === 0) return [];
  const arriving = mapping.arrived / ((recording.end - recording.measuredFrom) / SECOND) / lanes.length;
  const pace = settings.batchSize / (mean / SECOND);
  if (arriving <= pace) return [];
  return [
    `Mapping ${settings.name} cannot keep up: a shard receives ${round(arriving)} records/s on average, but ${settings.batchSize} records every ${round(mean / MILLISECOND)} ms are only ${round(pace)} records/s.`,
  ];
}

/** What is on its way when the run ends is pending too; only a mapping that is behind is worth a word. */
function pendingWarning({ settings, lanes, caughtUpAt }: MappingTally): string[] {
  const pending = lanes.reduce((sum, { balance }) => sum + balance.pending, 0);
  if (pending === 0 || caughtUpAt !== null) return [];
  return [
    `Mapping ${settings.name}: ${counted(pending, 'record')} still pending at the end of the run; \`drain\` lets the run go on until they are settled.`,
  ];
}

/** A lane that never finishes an invocation has no IteratorAge at all, however old its records are. */
function backlogAgeWarning(mapping: MappingTally, recording: Recording): string[] {
  const oldest = mapping.worstBacklogAge.value;
  const seen = mapping.worstIteratorAge.value;
  if (oldest <= Math.max(seen, 0) + recording.scenario.polling.period) return [];
  return [
    `Mapping ${mapping.settings.name}: records waited for up to ${round(oldest / SECOND)} s, but IteratorAge never showed more than ${seen < 0 ? 'nothing' : `${round(seen / SECOND)} s`}: it has a sample only where an invocation ends.`,
  ];
}

function counted(count: number, noun: string): string {
  return `${String(count).replace(/\B(?=(\d{3})+$)/g, ',')} ${noun}${count === 1 ? '' : 's'}`;
}

function round(value: number): number {
  return value >= 100 ? Math.round(value) : Math.round(value * 100) / 100;
}

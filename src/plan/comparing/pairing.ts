import type { JsonObject, JsonValue } from '../../scenario/scenario.ts';
import type { ComparedSource } from './compared-run.ts';
import { settingDifferences } from './setting-differences.ts';

/** What the runs of two scenarios have in common (D3). */
export interface Pairing {
  /**
   * `records`: run by run they are offered the very same records. `seed`: their seeds are the same, the records are not.
   * `none`: their seeds differ.
   */
  readonly kind: 'records' | 'seed' | 'none';
  /** With `seed`, the settings that make the records others. */
  readonly because: readonly string[];
  /** With `seed`: each second has as many records, which other shards take. */
  readonly sameTotals: boolean;
}

/** Arrivals follow from the seed, the producers and how long they run; shards take them by their ranges of hash keys. */
export function pairingOf(a: ComparedSource, b: ComparedSource): Pairing {
  if (a.seed !== b.seed) return { kind: 'none', because: [], sameTotals: false };
  const traffic = settingDifferences(trafficOf(a), trafficOf(b)).map(({ path }) => path);
  const ranges = settingDifferences(rangesOf(a), rangesOf(b)).map(({ path }) => path);
  const because = [...traffic, ...ranges];
  return { kind: because.length === 0 ? 'records' : 'seed', because, sameTotals: traffic.length === 0 };
}

function trafficOf(source: ComparedSource): ComparedSource {
  const { duration = null, producers = {} } = source.resolved;
  const named = JSON.stringify(producers);
  const files = Object.entries(source.files).filter(([name]) => named.includes(JSON.stringify(name)));
  return { ...source, resolved: { duration, producers }, files: Object.fromEntries(files) };
}

/** And what decides which records a shard accepts (K3, K6, K7). */
function rangesOf(source: ComparedSource): ComparedSource {
  const { streams = {}, timeline = [] } = source.resolved;
  const ranges = Object.entries(streams as JsonObject).map(([name, stream]): [string, JsonValue] => [
    name,
    Object.fromEntries(Object.entries(stream as JsonObject).filter(([key]) => RANGE_SETTINGS.includes(key))),
  ]);
  const changes = (timeline as readonly JsonObject[]).filter((entry) => STREAM_CHANGES.some((key) => key in entry));
  return {
    ...source,
    resolved: { streams: Object.fromEntries(ranges), ...(changes.length === 0 ? {} : { timeline: changes }) },
    files: {},
  };
}

const RANGE_SETTINGS = ['ShardCount', 'shards', 'StreamMode', 'writeLimits', 'MaxRecordSizeInKiB'];
const STREAM_CHANGES = ['split', 'merge', 'reshard'];

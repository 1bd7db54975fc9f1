import type { StreamSummary, Summary } from '../summary.ts';
import { counted, percent, shardName, whole } from '../words.ts';
import type { Advice, Finding } from './explanation.ts';
import { busiestKey, finerKeys, type HotKey } from './hot-key.ts';
import { costOf, momentAt, momentWords } from './mapping-case.ts';
import { provisionedAdvice } from './on-demand.ts';
import { isMerged, mayStartWithMore, reshardingSentence, unreshardedAdvice } from './resharding.ts';
import type { Resolved } from './resolved.ts';

/** K3: puts that a stream refused, and the records lost by it. */
export function writeFinding(summary: Summary, resolved: Resolved, name: string): Finding[] {
  const stream = summary.streams[name]!;
  const { writeThrottled, lostAtWrite, recordsOffered } = stream;
  if (writeThrottled === 0 && lostAtWrite === 0) return [];
  const { since, until } = whenRefused(summary, name);
  const isShort = since !== null && until !== null && until - since <= 2 * summary.series.periodSeconds;
  const shards = Object.entries(stream.shards).sort(([, a], [, b]) => b.writeThrottled - a.writeThrottled);
  const [worst] = shards;
  const ofWorst = worst === undefined ? 0 : worst[1].writeThrottled / Math.max(1, writeThrottled);
  const limit = resolved.isOnDemand(name) ? 'the stream had not grown so far' : "a shard's write limit";
  const isHot = (stream.utilization.writeRecords?.median ?? 1) < UNEVEN * (stream.utilization.writeRecords?.worst ?? 0);
  const of = { summary, resolved, mapping: { stream: name } };
  // What two took together is more than one takes, whatever the keys.
  const merged = worst !== undefined && isMerged(of, worst[0]);
  const key = isHot && !merged ? busiestKey(resolved, name, resolved.shards(name)) : null;
  const lowers = lostAtWrite > 0 ? 'lostAtWrite' : 'refusedWrites';
  const where =
    worst === undefined || shards.length === 1 || resolved.isOnDemand(name)
      ? ''
      : ` ${percent(ofWorst)} of the refusals were on ${shardName(worst[0])}.`;
  const when =
    since === null
      ? ''
      : `, from ${momentWords(momentAt(summary, since), summary)} to ${until === null ? 'the end of the run' : momentWords(momentAt(summary, until), summary)}`;
  const lost = lostAtWrite === 0 ? ' None was lost: each came through on a later try.' : '';
  return [
    {
      cause: 'writeLimit',
      stream: name,
      mapping: null,
      headline:
        lostAtWrite > 0
          ? `${counted(lostAtWrite, 'record')} never got in: ${limit}`
          : `${counted(writeThrottled, 'put')} refused: ${limit}`,
      what: `${counted(writeThrottled, 'put')} refused and ${whole(lostAtWrite)} of ${counted(recordsOffered, 'record')} lost${when}.${where}${lost}`,
      why: `${capacityWords(stream, resolved.isOnDemand(name))} ${[retryWords(resolved, name), ...(merged ? reshardingSentence(of) : []), ...(key === null ? [] : [`${key.words}, and a key stays on its shard.`])].join(' ')}`,
      since: since === null ? null : momentAt(summary, since),
      until: until === null ? null : momentAt(summary, until),
      cost: costOf({ lostAtWrite, refusedWrites: writeThrottled }),
      settings: [
        resolved.setting(['streams', name, 'ShardCount']),
        ...producersOf(resolved, name).map((producer) => resolved.setting(['producers', producer, 'onThrottle'])),
      ],
      advice: [
        ...(resolved.isOnDemand(name) ? provisionedAdvice(of, lowers) : []),
        ...(merged ? unreshardedAdvice(of, lowers) : []),
        ...writeAdvice({ stream, resolved, name, key, mayStartWithMore: mayStartWithMore(of), isShort }),
      ],
    },
  ];
}

const UNEVEN = 0.6;

function writeAdvice(of: {
  readonly stream: StreamSummary;
  readonly resolved: Resolved;
  readonly name: string;
  readonly key: HotKey | null;
  readonly mayStartWithMore: boolean;
  /** Puts were refused for a moment. */
  readonly isShort: boolean;
}): Advice[] {
  const { stream, resolved, name, key } = of;
  const advice: Advice[] = [];
  if (key !== null)
    advice.push({
      changes: [finerKeys(resolved, key.producer, name)],
      effect:
        'Finer keys, such as the order instead of the customer, spread the records over all shards. More shards alone do not divide one key.',
      tradeOff: 'Order is kept for each of the finer keys, no longer across them.',
      lowers: 'lostAtWrite',
    });
  const path = ['streams', name, 'ShardCount'];
  const count = resolved.value(path);
  if (typeof count === 'number' && key === null && of.mayStartWithMore && !resolved.isOnDemand(name)) {
    // What was offered at the worst shard over what it took, while refused tries came and went.
    const offered = Object.values(stream.shards).map(
      ({ recordsPut, lostAtWrite }) => (recordsPut + lostAtWrite) / Math.max(1, recordsPut),
    );
    const times = Math.max(2, Math.ceil(1.2 * Math.max(1, ...offered)));
    if (times * count <= 10_000)
      advice.push({
        changes: [resolved.change(path, times * count)],
        effect: 'Each shard takes its 1,000 records and 1 MB a second, so more of them take more.',
        tradeOff: 'AWS charges for each shard by the hour, and each is a lane more that wants a slot.',
        lowers: stream.lostAtWrite > 0 ? 'lostAtWrite' : 'refusedWrites',
      });
  }
  for (const producer of of.isShort ? producersOf(resolved, name) : []) {
    if (resolved.value(['producers', producer, 'onThrottle']) !== 'drop') continue;
    advice.push({
      changes: [resolved.change(['producers', producer, 'onThrottle'], 'retry')],
      effect: 'A refused record is put again after 100, 200 and 400 ms, which rides out a short peak.',
      tradeOff: 'Its tries load the shard again, and records may come out of order.',
      lowers: 'lostAtWrite',
    });
  }
  return advice;
}

function producersOf(resolved: Resolved, stream: string): string[] {
  return resolved
    .entries('producers')
    .filter(([, producer]) => producer.stream === stream)
    .map(([producer]) => producer);
}

function capacityWords({ utilization: { writeRecords, writeBytes } }: StreamSummary, isOnDemand: boolean): string {
  if (isOnDemand)
    return 'An on-demand stream takes 4 MB a second at the start, then twice the highest minute that it has seen: it follows a jump of traffic, and refuses puts meanwhile.';
  const records = writeRecords?.peak ?? 0;
  const bytes = writeBytes?.peak ?? 0;
  const which = records >= bytes ? 'of its records' : 'of its bytes';
  return `A shard takes 1,000 records and 1 MB a second; the fullest used ${percent(Math.min(1, Math.max(records, bytes)))} ${which} in its busiest period.`;
}

function retryWords(resolved: Resolved, stream: string): string {
  const drops = producersOf(resolved, stream).filter(
    (producer) => resolved.value(['producers', producer, 'onThrottle']) === 'drop',
  );
  return drops.length === 0
    ? 'A refused record is tried again three times, then it is lost (onThrottle: retry).'
    : 'A refused record is lost at once (onThrottle: drop).';
}

/** From the first period with refused puts to the end of the last; null where nothing was measured, or it went on. */
function whenRefused(summary: Summary, stream: string): { since: number | null; until: number | null } {
  const { periodSeconds, metrics } = summary.series;
  const refused =
    metrics.find(
      ({ MetricName, Dimensions }) =>
        MetricName === 'WriteProvisionedThroughputExceeded' && Dimensions.StreamName === stream,
    )?.Statistics.Sum ?? [];
  const first = refused.findIndex((count) => (count ?? 0) > 0);
  if (first === -1) return { since: null, until: null };
  const last = refused.findLastIndex((count) => (count ?? 0) > 0);
  const until = (last + 1) * periodSeconds;
  return { since: first * periodSeconds, until: until >= summary.measured.toSeconds ? null : until };
}

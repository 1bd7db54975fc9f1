import type { Chance } from '../../kernel/chance.ts';
import type { Duration, Instant } from '../../kernel/time.ts';
import { MINUTE, SECOND } from '../../kernel/time.ts';
import { WRITE_BYTES_PER_SECOND, WRITE_RECORDS_PER_SECOND } from '../../recording/limits.ts';
import type { ProducerSettings, Scenario, StreamSettings } from '../../scenario/scenario.ts';
import { ShardHistory } from '../../scenario/shard-history.ts';
import type { LogPosition } from './record-log.ts';
import { Stream } from './stream.ts';

/** K7, in units of what one provisioned shard takes: 1 MB/s or 1,000 records/s. */
const LEAST_CAPACITY = 4;
/** A shard that takes more than this through a whole minute is halved, so much later. */
const BUSY_BYTES_PER_SECOND = 500 * 1_024;
const UNTIL_HALVED: Duration = 15 * MINUTE;

/**
 * The scenario with what its on-demand streams do of themselves: the shards they come to have, and what they take in each
 * minute (K7). All of it follows from the records offered, and not from who reads them.
 */
export function withOnDemandShards(scenario: Scenario, chance: Chance): Scenario {
  if (scenario.streams.every(({ mode }) => mode === 'PROVISIONED')) return scenario;
  const streams = scenario.streams.map((settings) => {
    if (settings.mode === 'PROVISIONED') return settings;
    const producers = scenario.producers.filter(({ stream }) => stream === settings.name);
    return adapted(settings, producers, {
      duration: scenario.duration,
      end: scenario.duration + scenario.drain,
      chance,
    });
  });
  return { ...scenario, streams };
}

interface Run {
  readonly duration: Duration;
  readonly end: Instant;
  readonly chance: Chance;
}

/** One pass over the stream's records, minute by minute. */
function adapted(settings: StreamSettings, producers: readonly ProducerSettings[], run: Run): StreamSettings {
  const history = new ShardHistory(settings.shards);
  const least = Math.max(LEAST_CAPACITY, settings.shards.length);
  const capacity = [least];
  const halvings: { readonly at: Instant; readonly shard: number }[] = [];
  const positions: LogPosition[] = [];
  let stream = new Stream({ ...settings, capacity }, producers, run);
  for (let minute = 0; minute * MINUTE < run.duration; minute++) {
    const opens = minute * MINUTE;
    let records = 0;
    let charged = 0;
    for (const shard of stream.shards) {
      if (shard.opensAt >= opens + MINUTE || shard.closesAt <= opens) continue;
      let bytes = 0; // K3: of data and keys
      let position = positions[shard.index] ?? shard.log.beginning;
      while (position.second * SECOND < opens + MINUTE) {
        const second = shard.log.secondAt(position);
        const size = shard.log.chargedIn(second);
        records += second.count;
        charged += size;
        bytes += size;
        position = second.after;
      }
      positions[shard.index] = position;
      const isWhole = shard.opensAt <= opens && shard.closesAt > opens + MINUTE;
      const isBusy = (bytes * SECOND) / MINUTE > BUSY_BYTES_PER_SECOND;
      const at = opens + MINUTE + UNTIL_HALVED;
      if (isWhole && isBusy && at < run.end && !halvings.some((one) => one.shard === shard.index)) {
        halvings.push({ at, shard: shard.index });
      }
    }
    const used = Math.max(charged / WRITE_BYTES_PER_SECOND, records / WRITE_RECORDS_PER_SECOND) * (SECOND / MINUTE);
    capacity.push(Math.max(capacity[minute]!, 2 * used));
    const due = halvings.filter(({ at }) => at === opens + 2 * MINUTE); // before the shard's last minute is passed over
    if (due.length === 0) continue;
    for (const { at, shard } of due) history.halve(at, shard);
    stream = new Stream({ ...settings, shards: history.shards, capacity }, producers, run);
  }
  for (const { at, shard } of halvings) {
    if (history.shards[shard]!.closesAt > at) history.halve(at, shard); // after the producers have stopped
  }
  return { ...settings, shards: history.shards, capacity };
}

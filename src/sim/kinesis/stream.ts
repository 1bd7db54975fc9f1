import type { Chance } from '../../kernel/chance.ts';
import { Draws } from '../../kernel/chance.ts';
import type { Duration } from '../../kernel/time.ts';
import { NEVER } from '../../kernel/time.ts';
import { shardIdOf } from '../../recording/identifiers.ts';
import { SUMMED_SINGLY } from '../../recording/record-statistics.ts';
import { expectedRecords } from '../../scenario/expected-records.ts';
import type { ProducerSettings, StreamSettings } from '../../scenario/scenario.ts';
import { cellSource } from './cells.ts';
import { EvenTimes } from './even-times.ts';
import type { ShardOffers } from './offers.ts';
import { OffersWhileOpen } from './offers.ts';
import { ReadLimit } from './read-limit.ts';
import { EvenProducer, ListedProducer } from './routed-offers.ts';
import { Routing } from './routing.ts';
import { ScatteredProducer } from './scattered-offers.ts';
import { Shard } from './shard.ts';
import { ShardLog } from './shard-log.ts';

/** A stream while a run goes on: its shards, fed by its producers. */
export class Stream {
  readonly settings: StreamSettings;
  readonly shards: readonly Shard[];

  constructor(
    settings: StreamSettings,
    producers: readonly ProducerSettings[],
    run: { duration: Duration; chance: Chance },
  ) {
    this.settings = settings;
    const draws = new Draws();
    const routing = new Routing(settings.shards);
    const isSummedTogether = expectedRecords(producers, run.duration) > SUMMED_SINGLY;
    const sources = producers.map((producer) => offersOf(producer, routing, { ...run, isSummedTogether }, draws));
    const logs: ShardLog[] = [];
    this.shards = settings.shards.map((shard, index) => {
      const isOpenThroughout = shard.opensAt === 0 && shard.closesAt === NEVER;
      const ownProducers = producers.map((producer, p) => {
        const offers = sources[p]!(index);
        return {
          offers: isOpenThroughout ? offers : new OffersWhileOpen(offers, shard),
          onThrottle: producer.onThrottle,
        };
      });
      const parents = shard.parents.map((parent) => ({ log: logs[parent]!, range: settings.shards[parent]! }));
      const log = new ShardLog(settings, { shard, producers: ownProducers, parents, isSummedTogether });
      logs.push(log);
      const chance = run.chance.fork('otherReaders', settings.name, shardIdOf(index));
      const readLimit = settings.readLimits ? new ReadLimit(settings.otherReaders, chance) : null;
      return new Shard({ index, log, readLimit, stream: settings, ...shard });
    });
  }
}

/** For each shard of a stream, what a producer offers to it (D3). */
function offersOf(
  producer: ProducerSettings,
  routing: Routing,
  run: { duration: Duration; chance: Chance; isSummedTogether: boolean },
  draws: Draws,
): (shard: number) => ShardOffers {
  const chance = run.chance.fork('producer', producer.name);
  const { source } = producer;
  if (source.kind === 'listed') {
    const listed = new ListedProducer(producer, run.duration, source.records, chance, routing);
    return (shard) => listed.offersTo(shard);
  }
  if (producer.arrivals === 'even') {
    const even = new EvenProducer(producer, run.duration, new EvenTimes(source), chance, routing);
    return (shard) => even.offersTo(shard);
  }
  const cells = cellSource(source, run.duration, chance.fork('counts'), draws);
  const { duration, isSummedTogether } = run;
  const scattered = new ScatteredProducer(producer, duration, cells, chance, draws, routing.shards, !isSummedTogether);
  return (shard) => scattered.offersTo(routing.shards[shard]!);
}

import type { Duration } from '../kernel/time.ts';
import { SECOND } from '../kernel/time.ts';
import type { ProducerSettings } from './scenario.ts';

/** How many records some producers offer in a run, on average. */
export function expectedRecords(producers: readonly ProducerSettings[], duration: Duration): number {
  return producers.reduce((sum, { source }) => sum + expectedOf(source, duration), 0);
}

function expectedOf(source: ProducerSettings['source'], duration: Duration): number {
  switch (source.kind) {
    case 'listed':
      return source.records.times.length;
    case 'counts':
      return source.counts.reduce((sum, count) => sum + count, 0);
    case 'phases': {
      let left = duration;
      let sum = 0;
      for (const phase of source.phases) {
        const length = Math.min(phase.duration, left);
        const last = phase.rate + ((phase.rampTo - phase.rate) * length) / phase.duration;
        sum += ((phase.rate + last) / 2) * (length / SECOND);
        left -= length;
      }
      return sum;
    }
  }
}

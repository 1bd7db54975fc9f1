import type { Distribution } from '../../kernel/distribution.ts';
import { quantileOf } from '../../kernel/distribution.ts';
import { SECOND } from '../../kernel/time.ts';
import type { KeyLaw, ProducerSettings, Scenario } from '../../scenario/scenario.ts';

/** What a stream is offered, on average, in the fullest window of a length. */
export interface Peak {
  readonly seconds: number;
  readonly records: number;
  readonly bytes: number;
  /** Of the producer and key with the most of them. */
  readonly hottest: { readonly records: number; readonly bytes: number };
}

/** Windows of these lengths, as far as they are shorter than the run, and the whole run. */
const WINDOWS = [10, 30, 60, 300, 900, 3_600, 21_600, 86_400]; // seconds

export function peaksOf(stream: string, { producers, duration }: Scenario): Peak[] {
  const cell = Math.max(1, Math.ceil(duration / SECOND / MOST_CELLS)); // seconds
  const cells = Math.ceil(duration / SECOND / cell);
  const own = producers.filter((producer) => producer.stream === stream);
  const columns = own.map((producer) => ({
    before: runningSum(perCell(producer, cells, cell)),
    bytes: bytesOf(producer),
    hottest: hottestShare(producer.keys),
  }));
  const lengths = WINDOWS.map((window) => Math.round(window / cell)).filter((length) => length > 0 && length < cells);
  return [...new Set([...lengths, cells])].map((length) => {
    let most: Peak = { seconds: length * cell, records: 0, bytes: 0, hottest: { records: 0, bytes: 0 } };
    for (let from = 0; from + length <= cells; from++) {
      let records = 0;
      for (const { before } of columns) records += before[from + length]! - before[from]!;
      if (records <= most.records) continue;
      const counts = columns.map(({ before }) => before[from + length]! - before[from]!);
      const sizes = counts.map((count, index) => count * columns[index]!.bytes);
      most = {
        seconds: length * cell,
        records,
        bytes: sizes.reduce((sum, size) => sum + size, 0),
        hottest: {
          records: Math.max(0, ...counts.map((count, index) => count * columns[index]!.hottest)),
          bytes: Math.max(0, ...sizes.map((size, index) => size * columns[index]!.hottest)),
        },
      };
    }
    return most;
  });
}

/** Longer runs are looked at in cells of more than a second. */
const MOST_CELLS = 100_000;

/** Records expected in each cell of so many seconds. */
function perCell({ source }: ProducerSettings, cells: number, cell: number): Float64Array {
  const column = new Float64Array(cells);
  const unit = cell * SECOND;
  const put = (from: number, to: number, count: (start: number, end: number) => number) => {
    for (let index = Math.floor(from); index < Math.min(to, cells); index++) {
      column[index]! += count(Math.max(from, index), Math.min(to, index + 1));
    }
  };
  switch (source.kind) {
    case 'listed':
      for (const time of source.records.times) column[Math.min(cells - 1, Math.floor(time / unit))]! += 1;
      break;
    case 'counts':
      source.starts.forEach((at, row) => {
        const each = (source.counts[row]! * unit) / source.period;
        put(at / unit, (at + source.period) / unit, (start, end) => each * (end - start));
      });
      break;
    case 'phases': {
      let from = 0;
      for (const { duration, rate, rampTo } of source.phases) {
        const length = duration / unit;
        const begun = from;
        put(from, from + length, (start, end) => {
          const middle = ((start + end) / 2 - begun) / length;
          return (end - start) * cell * (rate + (rampTo - rate) * middle);
        });
        from += length;
      }
    }
  }
  return column;
}

function runningSum(column: Float64Array): Float64Array {
  const sums = new Float64Array(column.length + 1);
  column.forEach((value, index) => {
    sums[index + 1] = sums[index]! + value;
  });
  return sums;
}

/** Mean bytes of a record; 0 where the data itself says. */
export function bytesOf({ bytes, data }: ProducerSettings): number {
  return data === null ? meanOf(bytes) : 0;
}

/** A little below the mean of a law with a heavy tail, never above: the mean of its quantiles. */
export function meanOf(law: Distribution): number {
  if (law.kind === 'constant') return law.value;
  let sum = 0;
  for (let index = 0; index < QUANTILES; index++) sum += quantileOf(law, (index + 0.5) / QUANTILES);
  return sum / QUANTILES;
}

const QUANTILES = 1_000;

/** The share of a producer's records that have one key; 0 where each has its own. */
function hottestShare(keys: KeyLaw): number {
  switch (keys.kind) {
    case 'fresh':
      return 0;
    case 'uniform':
      return 1 / keys.count;
    case 'hot':
      return keys.share;
    case 'list': {
      const counts = new Map<string, number>();
      for (const key of keys.keys) counts.set(key, (counts.get(key) ?? 0) + 1);
      return Math.max(...counts.values()) / keys.keys.length;
    }
    case 'zipf': {
      let sum = 0;
      for (let rank = 1; rank <= keys.count; rank++) sum += rank ** -keys.exponent;
      return 1 / sum;
    }
  }
}

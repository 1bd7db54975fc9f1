import { WRITE_BYTES_PER_SECOND, WRITE_RECORDS_PER_SECOND } from '../../recording/limits.ts';
import { counted } from '../words.ts';
import type { Advice, Cost } from './explanation.ts';
import type { MappingCase } from './mapping-case.ts';
import { highestRate } from './resolved.ts';

/** Some room above the highest rate. */
const ROOM = 1.25;

/** K7: an on-demand stream grows after its load; one with shards enough for the highest rate has them from the start. */
export function provisionedAdvice(
  {
    summary,
    resolved,
    mapping,
  }: Pick<MappingCase, 'summary' | 'resolved'> & {
    readonly mapping: { readonly stream: string };
  },
  lowers: keyof Cost,
): Advice[] {
  const name = mapping.stream;
  const { bytesPut, recordsPut } = summary.streams[name]!;
  const rates = resolved
    .entries('producers')
    .filter(([, producer]) => producer.stream === name)
    .map(([, producer]) => highestRate(producer));
  if (rates.length === 0 || recordsPut === 0 || rates.includes(null)) return [];
  const rate = rates.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  const bytes = (rate * bytesPut) / recordsPut;
  const shards = Math.ceil(ROOM * Math.max(rate / WRITE_RECORDS_PER_SECOND, bytes / WRITE_BYTES_PER_SECOND));
  if (shards < 1 || shards > 10_000) return [];
  const path = (key: string) => ['streams', name, key];
  return [
    {
      changes: [
        resolved.change(path('StreamMode'), 'PROVISIONED'),
        ...(resolved.value(path('ShardCount')) === shards ? [] : [resolved.change(path('ShardCount'), shards)]),
      ],
      effect: `${counted(shards, 'shard')} take the highest rate from the first second on.`,
      tradeOff:
        'They are paid for by the hour, used or not, in place of mostly by the GB, and nothing grows by itself any more.',
      lowers,
    },
  ];
}

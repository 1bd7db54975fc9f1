import type { JsonObject, JsonValue } from '../../scenario/scenario.ts';
import { counted, percent } from '../words.ts';
import type { Change } from './explanation.ts';
import { highestRate, isObject, type Resolved } from './resolved.ts';

/** Whose keys load some lanes and leave others idle. */
export interface HotKey {
  readonly producer: string;
  /** Of the busiest key, of all records of the producer. */
  readonly share: number;
  /** Its records a second, at the highest rate; null where a file decides. */
  readonly rate: number | null;
  readonly words: string;
}

/** Of so many keys a lane, chance alone hardly leaves one lane with far more than another. */
const ENOUGH = 20;

/**
 * Of all producers of a stream the busiest key: the one that brings most records a second, or where a file decides how many
 * those are, the largest share of its producer's. Null where keys are too many and too even to load one of so many lanes.
 */
export function busiestKey(resolved: Resolved, stream: string, lanes: number): HotKey | null {
  const keys = resolved
    .entries('producers')
    .filter(([, producer]) => producer.stream === stream)
    .map(([producer, document]) => hotKey(producer, document, lanes))
    .filter((one) => one !== null);
  const areKnown = keys.every(({ rate }) => rate !== null);
  const weight = ({ share, rate }: HotKey) => (areKnown ? rate! : share);
  const [busiest] = keys.sort((a, b) => weight(b) - weight(a));
  return busiest ?? null;
}

/** Many keys, each as likely. */
export function finerKeys(resolved: Resolved, producer: string, stream: string): Change {
  const path = ['producers', producer, 'keys'];
  const many = Math.max(resolved.number([...path, 'count'], 0), 1_000 * resolved.shards(stream));
  return resolved.change(path, { count: many });
}

/** The key that most records of a producer carry; null where each record has a fresh one, or none stands out. */
function hotKey(producer: string, document: JsonObject, lanes: number): HotKey | null {
  const { keys } = document;
  if (!isObject(keys)) return null;
  const total = highestRate(document);
  const named = (share: number, words: string): HotKey => ({
    producer,
    share,
    rate: total === null ? null : total * share,
    words,
  });
  if (isObject(keys.hot)) {
    const share = Number.parseFloat(String(keys.hot.share)) / 100;
    return named(share, `One key, ${String(keys.hot.key)}, carries ${percent(share)} of the records of ${producer}`);
  }
  if (isObject(keys.zipf)) {
    const count = typeof keys.zipf.count === 'number' ? Math.min(keys.zipf.count, 100_000) : 1;
    const exponent = typeof keys.zipf.exponent === 'number' ? keys.zipf.exponent : 1;
    let sum = 0;
    for (let k = 1; k <= count; k++) sum += k ** -exponent;
    return named(1 / sum, busiestWords(producer, 1 / sum));
  }
  const { count, share } = Array.isArray(keys.list)
    ? listed(keys.list)
    : { count: typeof keys.count === 'number' ? keys.count : 0, share: null };
  if (count === 0) return null;
  if (share !== null && share * count > 1) return named(share, busiestWords(producer, share));
  return count > ENOUGH * lanes ? null : named(1 / count, `${producer} has only ${counted(count, 'partition key')}`);
}

function busiestWords(producer: string, share: number): string {
  return `The busiest of the keys of ${producer} carries ${percent(share)} of its records`;
}

/** How many keys a list has, and the share of the one that stands in it most often. */
function listed(keys: readonly JsonValue[]): { readonly count: number; readonly share: number } {
  const times = new Map<JsonValue, number>();
  for (const key of keys) times.set(key, (times.get(key) ?? 0) + 1);
  return { count: times.size, share: Math.max(0, ...times.values()) / Math.max(1, keys.length) };
}

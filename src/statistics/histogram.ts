/**
 * Counts of whole values from 0 to 2^53 in log-linear buckets: each power of two is cut into 64, values below 128 have a
 * bucket each. A percentile read from it is within 0.8 % of the true one; counts are whole, so merging is exact in any
 * order.
 */
export class Histogram {
  #counts = new Float64Array(64);
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  /** Exact; null when empty, as are `max` and `mean`. */
  get min(): number | null {
    return this.#count === 0 ? null : this.#min;
  }

  get max(): number | null {
    return this.#count === 0 ? null : this.#max;
  }

  get mean(): number | null {
    return this.#count === 0 ? null : this.#sum / this.#count;
  }

  /** @param value whole, from 0 to 2^53 */
  add(value: number, count = 1): void {
    if (count === 0) return;
    this.#note(value, value, count, value * count);
    this.#addTo(bucketOf(value), count);
  }

  /**
   * `count` values spread evenly over [from, to): whole counts by cumulated rounding.
   *
   * @param sum of the values, where it is known
   */
  addUniform(from: number, to: number, count: number, sum = (count * (from + to)) / 2): void {
    if (count <= 0) return;
    if (to <= from) {
      this.add(from, count);
      return;
    }
    this.#note(from, to, count, sum);
    const perUnit = count / (to - from);
    let before = 0;
    for (let bucket = bucketOf(Math.max(0, from)); before < count; bucket++) {
      const end = Math.min(to, startOf(bucket + 1));
      const until = end >= to ? count : Math.round((end - from) * perUnit);
      if (until > before) this.#addTo(bucket, until - before);
      before = Math.max(before, until);
    }
  }

  /**
   * The value of nearest rank, as the middle of its bucket: exact below 128 and at both ends, elsewhere within 0.8 % of
   * the value itself. Null when empty.
   *
   * @param percent 0 to 100
   */
  quantile(percent: number): number | null {
    if (this.#count === 0) return null;
    const rank = Math.ceil((percent * this.#count) / 100);
    if (rank <= 1) return this.#min;
    if (rank >= this.#count) return this.#max;
    let bucket = 0;
    for (let below = this.#counts[0]!; below < rank; ) below += this.#counts[++bucket]!;
    const middle = (startOf(bucket) + startOf(bucket + 1) - 1) / 2;
    return Math.min(this.#max, Math.max(this.#min, middle));
  }

  merge(other: Histogram): void {
    if (other.#count === 0) return;
    this.#note(other.#min, other.#max, other.#count, other.#sum);
    this.#growTo(other.#counts.length);
    for (let bucket = 0; bucket < other.#counts.length; bucket++) this.#counts[bucket]! += other.#counts[bucket]!;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#sum = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = Number.NEGATIVE_INFINITY;
  }

  /** Those that hold something, ascending; `to` is exclusive. */
  buckets(): { readonly from: number; readonly to: number; readonly count: number }[] {
    const found: { from: number; to: number; count: number }[] = [];
    this.#counts.forEach((count, bucket) => {
      if (count > 0) found.push({ from: startOf(bucket), to: startOf(bucket + 1), count });
    });
    return found;
  }

  #note(min: number, max: number, count: number, sum: number): void {
    this.#count += count;
    this.#sum += sum;
    if (min < this.#min) this.#min = min;
    if (max > this.#max) this.#max = max;
  }

  #addTo(bucket: number, count: number): void {
    if (bucket >= this.#counts.length) this.#growTo(Math.max(bucket + 1, Math.ceil(1.5 * this.#counts.length)));
    this.#counts[bucket]! += count;
  }

  #growTo(length: number): void {
    if (length <= this.#counts.length) return;
    const counts = new Float64Array(length);
    counts.set(this.#counts);
    this.#counts = counts;
  }
}

const EXACT = 128;
const PER_OCTAVE = 64;

function bucketOf(value: number): number {
  if (value < EXACT) return Math.floor(value);
  if (value < 4294967296) {
    const octave = 31 - Math.clz32(value) - 6; // 1 for 128 to 255
    return octave * PER_OCTAVE + (value >>> octave);
  }
  let octave = 25;
  let scaled = Math.floor(value / 33554432); // 2^25
  for (; scaled >= EXACT; octave++) scaled = Math.floor(scaled / 2);
  return octave * PER_OCTAVE + scaled;
}

/** The smallest value of a bucket. */
function startOf(bucket: number): number {
  if (bucket < EXACT) return bucket;
  const octave = Math.floor(bucket / PER_OCTAVE) - 1;
  return (bucket - octave * PER_OCTAVE) * 2 ** octave;
}

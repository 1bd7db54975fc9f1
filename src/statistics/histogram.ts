/**
 * Counts of whole values from 0 to 2^53 in log-linear buckets: each power of two is cut into 64, values below 128 have a
 * bucket each. A percentile read from it is within 0.8 % of the true one; counts are whole, so merging is exact in any
 * order.
 */
export class Histogram {
  #counts = new Float64Array(64);
  #spread: Density | null = null;
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
    let bucket = bucketOf(Math.max(0, from));
    let end = startOf(bucket);
    this.#makeRoomFor(bucketOf(to));
    const counts = this.#counts;
    for (let before = 0; before < count; bucket++) {
      end += widthOf(bucket);
      const until = end >= to ? count : Math.round((end - from) * perUnit);
      if (until <= before) continue;
      counts[bucket]! += until - before;
      before = until;
    }
  }

  /**
   * The same in a time that does not depend on how far the values reach: they become whole counts with all others that
   * were added so, once somebody looks.
   */
  addDensity(from: number, to: number, count: number): void {
    if (count <= 0) return;
    if (to <= from) {
      this.add(from, count);
      return;
    }
    this.#note(from, to, count, (count * (from + to)) / 2);
    const first = bucketOf(from);
    const last = bucketOf(to);
    this.#spread ??= new Density();
    const { steps, parts } = this.#spread.of(last + 1);
    if (first === last) {
      parts[first]! += count;
      return;
    }
    const perUnit = count / (to - from);
    parts[first]! += (startOf(first + 1) - from) * perUnit;
    parts[last]! += (to - startOf(last)) * perUnit;
    steps[first + 1]! += perUnit;
    steps[last]! -= perUnit;
  }

  /** Whole counts by cumulated rounding. */
  #settle(): void {
    if (this.#spread === null) return;
    const { steps, parts } = this.#spread;
    this.#spread = null;
    let density = 0;
    let reached = 0;
    let before = 0;
    for (let bucket = 0; bucket < parts.length; bucket++) {
      density += steps[bucket]!;
      reached += parts[bucket]! + Math.max(0, density) * widthOf(bucket);
      const until = Math.round(reached);
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
    this.#settle();
    let bucket = 0;
    for (let below = this.#counts[0]!; below < rank; ) below += this.#counts[++bucket]!;
    const middle = (startOf(bucket) + startOf(bucket + 1) - 1) / 2;
    return Math.min(this.#max, Math.max(this.#min, middle));
  }

  merge(other: Histogram): void {
    if (other.#count === 0) return;
    other.#settle();
    this.#note(other.#min, other.#max, other.#count, other.#sum);
    this.#growTo(other.#counts.length);
    for (let bucket = 0; bucket < other.#counts.length; bucket++) this.#counts[bucket]! += other.#counts[bucket]!;
  }

  clear(): void {
    this.#spread = null;
    this.#counts.fill(0);
    this.#count = 0;
    this.#sum = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = Number.NEGATIVE_INFINITY;
  }

  /** Those that hold something, ascending; `to` is exclusive. */
  buckets(): { readonly from: number; readonly to: number; readonly count: number }[] {
    this.#settle();
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
    this.#makeRoomFor(bucket);
    this.#counts[bucket]! += count;
  }

  #makeRoomFor(bucket: number): void {
    if (bucket >= this.#counts.length) this.#growTo(Math.max(bucket + 1, Math.ceil(1.5 * this.#counts.length)));
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
  const octave = (bucket >> 6) - 1;
  return (bucket - octave * PER_OCTAVE) * widthOf(bucket);
}

/** How many values it holds. */
function widthOf(bucket: number): number {
  return bucket < EXACT ? 1 : WIDTHS[(bucket >> 6) - 1]!;
}

const WIDTHS = Float64Array.from({ length: 48 }, (_, octave) => 2 ** octave);

/** Values that are spread evenly over ranges: how their density changes where a bucket begins, and parts of single buckets. */
class Density {
  steps = new Float64Array(64);
  parts = new Float64Array(64);

  /** With room for so many buckets. */
  of(length: number): this {
    if (length <= this.parts.length) return this;
    const room = Math.ceil(1.5 * length);
    const { steps, parts } = this;
    this.steps = new Float64Array(room);
    this.parts = new Float64Array(room);
    this.steps.set(steps);
    this.parts.set(parts);
    return this;
  }
}

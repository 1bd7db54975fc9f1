/**
 * Counts of whole values from 0 to 2^53 in log-linear buckets: each power of two is cut into 64, values below 128 have a
 * bucket each. A percentile read from it is within 0.8 % of the true one; counts are whole, so merging is exact in any
 * order.
 */
export class Histogram {
  /** How many, their sum, the least and the largest; then the buckets. In one array, since most who add touch them all. */
  #cells = emptyCells(64);
  #spread: Density | null = null;

  get count(): number {
    return this.#cells[COUNT]!;
  }

  get sum(): number {
    return this.#cells[SUM]!;
  }

  /** Exact; null when empty, as are `max` and `mean`. */
  get min(): number | null {
    return this.count === 0 ? null : this.#cells[LEAST]!;
  }

  get max(): number | null {
    return this.count === 0 ? null : this.#cells[LARGEST]!;
  }

  get mean(): number | null {
    return this.count === 0 ? null : this.sum / this.count;
  }

  /** @param value whole, from 0 to 2^53 */
  add(value: number): void {
    const bucket = value < 4294967296 ? shortBucketOf(value) : bucketOf(value);
    let cells = this.#cells;
    if (bucket + BUCKETS >= cells.length) cells = this.#makeRoomFor(bucket);
    cells[COUNT]! += 1;
    cells[SUM]! += value;
    if (value < cells[LEAST]!) cells[LEAST] = value;
    if (value > cells[LARGEST]!) cells[LARGEST] = value;
    cells[bucket + BUCKETS]! += 1;
  }

  /** The same value so many times. */
  addMany(value: number, count: number): void {
    if (count === 0) return;
    this.#note(value, value, count, value * count);
    this.#addTo(bucketOf(value), count);
  }

  /**
   * `count` values, fewer than 2^31, spread evenly over [from, to): whole counts by cumulated rounding.
   *
   * @param sum of the values, where it is known
   */
  addUniform(from: number, to: number, count: number, sum = (count * (from + to)) / 2): void {
    if (count <= 0) return;
    if (to <= from) {
      this.addMany(from, count);
      return;
    }
    this.#note(from, to, count, sum);
    const first = bucketOf(Math.max(0, from));
    const last = bucketOf(to);
    this.#makeRoomFor(last);
    if (from >= 0 && to < 4294967296 && count < (last - first) / BUCKETS_A_VALUE) this.#addFew(from, to, count, last);
    else this.#walk(from, to, count, first, last);
  }

  /** By the end of each bucket as many have been put in as are due; in most that is none more, and nothing branches on it. */
  #walk(from: number, to: number, count: number, first: number, last: number): void {
    const cells = this.#cells;
    const perUnit = count / (to - from);
    let before = 0;
    let end = startOf(first);
    for (let bucket = first; bucket < last; ) {
      const width = widthOf(bucket);
      const next = Math.min(last, bucket < EXACT ? EXACT : (bucket | (PER_OCTAVE - 1)) + 1);
      for (; bucket < next; bucket++) {
        end += width;
        const until = ((end - from) * perUnit + HALF) | 0;
        cells[bucket + BUCKETS]! += until - before;
        before = until;
      }
    }
    cells[last + BUCKETS]! += count - before;
  }

  /** The same where most buckets remain empty: each value is put into the first bucket by whose end so many are due. */
  #addFew(from: number, to: number, count: number, last: number): void {
    const cells = this.#cells;
    const perUnit = count / (to - from);
    const apart = (to - from) / count;
    for (let number = 1; number <= count; number++) {
      const due = from + (number - 0.5) * apart;
      const whole = Math.floor(due);
      const beyond = due - whole;
      let bucket = shortBucketOf(whole);
      // Where rounding could decide, it is the walk's that does.
      if (beyond < CLOSE || beyond > 1 - CLOSE) {
        bucket = Math.max(0, bucket - 2);
        while (bucket < last && Math.round((startOf(bucket + 1) - from) * perUnit) < number) bucket++;
      }
      cells[bucket + BUCKETS]! += 1;
    }
  }

  /**
   * The same in a time that does not depend on how far the values reach: they become whole counts with all others that
   * were added so, once somebody looks. So many more lie just at `from`, and at `to`.
   */
  addDensity(from: number, to: number, count: number, atFrom = 0, atTo = 0): void {
    if (count <= 0 || to <= from) {
      this.addMany(from, Math.max(0, count) + atFrom);
      this.addMany(to, atTo);
      return;
    }
    this.#note(from, to, count + atFrom + atTo, (count * (from + to)) / 2 + atFrom * from + atTo * to);
    const first = bucketOf(from);
    const last = bucketOf(to);
    const cells = this.#makeRoomFor(last);
    cells[first + BUCKETS]! += atFrom;
    cells[last + BUCKETS]! += atTo;
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
    const { count } = this;
    if (count === 0) return null;
    const least = this.#cells[LEAST]!;
    const largest = this.#cells[LARGEST]!;
    const rank = Math.ceil((percent * count) / 100);
    if (rank <= 1) return least;
    if (rank >= count) return largest;
    this.#settle();
    const cells = this.#cells;
    let bucket = 0;
    for (let below = cells[BUCKETS]!; below < rank; ) below += cells[++bucket + BUCKETS]!;
    const middle = (startOf(bucket) + startOf(bucket + 1) - 1) / 2;
    return Math.min(largest, Math.max(least, middle));
  }

  merge(other: Histogram): void {
    if (other.count === 0) return;
    other.#settle();
    const from = other.#cells;
    this.#note(from[LEAST]!, from[LARGEST]!, from[COUNT]!, from[SUM]!);
    this.#growTo(from.length);
    for (let place = BUCKETS; place < from.length; place++) this.#cells[place]! += from[place]!;
  }

  clear(): void {
    this.#spread = null;
    empty(this.#cells);
  }

  /** Those that hold something, ascending; `to` is exclusive. */
  buckets(): { readonly from: number; readonly to: number; readonly count: number }[] {
    this.#settle();
    const found: { from: number; to: number; count: number }[] = [];
    this.#cells.subarray(BUCKETS).forEach((count, bucket) => {
      if (count > 0) found.push({ from: startOf(bucket), to: startOf(bucket + 1), count });
    });
    return found;
  }

  #note(min: number, max: number, count: number, sum: number): void {
    const cells = this.#cells;
    cells[COUNT]! += count;
    cells[SUM]! += sum;
    if (min < cells[LEAST]!) cells[LEAST] = min;
    if (max > cells[LARGEST]!) cells[LARGEST] = max;
  }

  #addTo(bucket: number, count: number): void {
    this.#makeRoomFor(bucket)[bucket + BUCKETS]! += count;
  }

  #makeRoomFor(bucket: number): Float64Array {
    const { length } = this.#cells;
    if (bucket + BUCKETS >= length) this.#growTo(Math.max(bucket + 1 + BUCKETS, Math.ceil(1.5 * length)));
    return this.#cells;
  }

  #growTo(length: number): void {
    if (length <= this.#cells.length) return;
    const cells = new Float64Array(length);
    cells.set(this.#cells);
    this.#cells = cells;
  }
}

/** Less than a half by so little that (x + HALF) | 0 is Math.round(x) for x from 0 to 2^31, which would branch on chance. */
const HALF = 0.5 - 2 ** -54;
/** To put a value into its bucket costs as much as to pass by so many. */
const BUCKETS_A_VALUE = 4;
/** Whole microseconds that are so close are looked at twice: of values below 2^32 rounding is off by less. */
const CLOSE = 2 ** -12;

const COUNT = 0;
const SUM = 1;
const LEAST = 2;
const LARGEST = 3;
const BUCKETS = 4;

function emptyCells(buckets: number): Float64Array {
  return empty(new Float64Array(BUCKETS + buckets));
}

function empty(cells: Float64Array): Float64Array {
  cells.fill(0);
  cells[LEAST] = Number.POSITIVE_INFINITY;
  cells[LARGEST] = Number.NEGATIVE_INFINITY;
  return cells;
}

const EXACT = 128;
const PER_OCTAVE = 64;

/** Of a value below 2^32. */
const shortBucketOf = (value: number): number => {
  if (value < EXACT) return value | 0;
  const octave = 25 - Math.clz32(value); // 1 for 128 to 255
  return octave * PER_OCTAVE + (value >>> octave);
};

const bucketOf = (value: number): number => {
  if (value < 4294967296) return shortBucketOf(value);
  let octave = 25;
  let scaled = Math.floor(value / 33554432); // 2^25
  for (; scaled >= EXACT; octave++) scaled = Math.floor(scaled / 2);
  return octave * PER_OCTAVE + scaled;
};

/** The smallest value of a bucket. */
const startOf = (bucket: number): number => {
  if (bucket < EXACT) return bucket;
  const octave = (bucket >> 6) - 1;
  return (bucket - octave * PER_OCTAVE) * widthOf(bucket);
};

/** How many values it holds. */
const widthOf = (bucket: number): number => {
  return bucket < EXACT ? 1 : WIDTHS[(bucket >> 6) - 1]!;
};

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

/**
 * A chained hash of 128 bits over the run's event sequence: equal digests mean that the same things happened in the same
 * order. It is no checksum against forgery.
 */
export class Digest {
  #a = 0x243f6a88;
  #b = 0x85a308d3;
  #c = 0x13198a2e;
  #d = 0x03707344;

  /** What has been added and is not taken in yet: six numbers each. */
  readonly #waiting = new Float64Array(ROOM);
  #count = 0;

  /** Takes in six whole numbers from −1 to 2^53 − 1. */
  add(kind: number, at: number, from: number, lane: number, first: number, size: number): void {
    const waiting = this.#waiting;
    const count = this.#count;
    waiting[count] = kind;
    waiting[count + 1] = at;
    waiting[count + 2] = from;
    waiting[count + 3] = lane;
    waiting[count + 4] = first;
    waiting[count + 5] = size;
    this.#count = count + 6;
    if (count + 6 === ROOM) this.#takeIn();
  }

  /** 'v1:' and 32 hexadecimal digits. */
  toString(): string {
    this.#takeIn();
    const words = [this.#a, this.#b, this.#c, this.#d];
    return `v1:${words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')}`;
  }

  #takeIn(): void {
    const waiting = this.#waiting;
    let a = this.#a;
    let b = this.#b;
    let c = this.#c;
    let d = this.#d;
    for (let i = 0; i < this.#count; i += 6) {
      const at = waiting[i + 1]!;
      const from = waiting[i + 2]!;
      const first = waiting[i + 4]!;
      let w = mix(a ^ waiting[i]!, b);
      let x = mix(b ^ at, c);
      let y = mix(c ^ (at / 4294967296), d);
      let z = mix(d ^ waiting[i + 3]!, w);
      a = (w + x) | 0;
      b = (x + y) | 0;
      c = (y + z) | 0;
      d = (z + a) | 0;
      w = mix(a ^ from, b);
      x = mix(b ^ first, c);
      y = mix(c ^ waiting[i + 5]!, d);
      z = mix(d ^ (from / 4294967296) ^ Math.imul(first / 4294967296, 0x9e3779b1), w);
      a = (w + x) | 0;
      b = (x + y) | 0;
      c = (y + z) | 0;
      d = (z + a) | 0;
    }
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
    this.#count = 0;
  }
}

/** Events are taken in by the handful. */
const ROOM = 64 * 6;

function mix(word: number, other: number): number {
  let x = Math.imul(word ^ (word >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) + ((other << 13) | (other >>> 19));
}

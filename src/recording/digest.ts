/**
 * A chained hash of 128 bits over the run's event sequence: equal digests mean that the same things happened in the same
 * order. It is no checksum against forgery.
 */
export class Digest {
  #a = 0x243f6a88;
  #b = 0x85a308d3;
  #c = 0x13198a2e;
  #d = 0x03707344;

  /** Takes in six whole numbers from −1 to 2^53 − 1. */
  add(kind: number, at: number, from: number, lane: number, first: number, size: number): void {
    this.#take(kind, at | 0, (at / 4294967296) | 0, lane);
    this.#take(
      from | 0,
      first | 0,
      size | 0,
      ((from / 4294967296) | 0) ^ Math.imul((first / 4294967296) | 0, 0x9e3779b1),
    );
  }

  /** 'v1:' and 32 hexadecimal digits. */
  toString(): string {
    const words = [this.#a, this.#b, this.#c, this.#d];
    return `v1:${words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')}`;
  }

  #take(w: number, x: number, y: number, z: number): void {
    const a = mix(this.#a ^ w, this.#b);
    const b = mix(this.#b ^ x, this.#c);
    const c = mix(this.#c ^ y, this.#d);
    const d = mix(this.#d ^ z, a);
    this.#a = (a + b) | 0;
    this.#b = (b + c) | 0;
    this.#c = (c + d) | 0;
    this.#d = (d + this.#a) | 0;
  }
}

function mix(word: number, other: number): number {
  let x = Math.imul(word ^ (word >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) + ((other << 13) | (other >>> 19));
}

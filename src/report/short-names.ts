/** Where names must fit, in whatever unit it measures. */
export interface Room {
  readonly width: number;
  measure(text: string): number;
  /** The text if it fits, else without its middle. */
  shorten(text: string, width: number): string;
}

/**
 * Each name as it is if it fits, else shortened. Names that would become the same show where they differ instead, and
 * are numbered where that is not enough: two different names never become one.
 */
export function shortNames(names: readonly string[], room: Room): ReadonlyMap<string, string> {
  const alike = new Map<string, string[]>();
  for (const name of new Set(names)) {
    const short = room.shorten(name, room.width);
    alike.set(short, [...(alike.get(short) ?? []), name]);
  }
  const result = new Map<string, string>();
  const taken = new Set<string>();
  const give = (name: string, short: string) => {
    result.set(name, short);
    taken.add(short);
  };
  for (const [short, [name, ...others]] of alike) if (others.length === 0) give(name!, short);
  for (const group of alike.values()) {
    if (group.length === 1) continue;
    const shared = sharedBeginning(group);
    for (const name of group) {
      const short = aroundDifference(name, shared, room);
      give(name, taken.has(short) ? numbered(name, taken, room) : short);
    }
  }
  return result;
}

/** In signs. */
function sharedBeginning(names: readonly string[]): number {
  const [first, ...others] = names.map((name) => [...name]);
  const end = first!.findIndex((sign, index) => others.some((other) => other[index] !== sign));
  return end < 0 ? first!.length : end;
}

/** A beginning, and what follows from a little before the place where the name differs from others. */
function aroundDifference(name: string, shared: number, room: Room): string {
  const signs = [...name];
  const from = Math.max(0, shared - BEFORE_DIFFERENCE);
  const rest = signs.slice(from).join('');
  for (let head = from - 1; head > 0; head--) {
    const text = `${signs.slice(0, head).join('')}…${rest}`;
    if (room.measure(text) <= room.width) return text;
  }
  return from === 0 ? room.shorten(name, room.width) : `…${room.shorten(rest, room.width - room.measure('…'))}`;
}

/** Signs, so that one sees which word of a name it is that differs. */
const BEFORE_DIFFERENCE = 3;

function numbered(name: string, taken: ReadonlySet<string>, room: Room): string {
  for (let number = 2; ; number++) {
    const end = ` ${number}`;
    const short = room.shorten(name, room.width - room.measure(end)) + end;
    if (!taken.has(short)) return short;
  }
}

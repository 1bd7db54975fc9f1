/*
 * Lanes are thinned by turns, thousands of times where they are far behind: what that takes is used again, since typed arrays
 * that are thrown away lie about until the next collection of all memory.
 */
let numbers = new Float64Array(0);
let ranked = new Float64Array(0);
let marks = new Uint8Array(0);

/** Room for so many numbers, until the next who asks. */
export function roomFor(count: number): Float64Array {
  if (numbers.length < count) numbers = new Float64Array(2 * count);
  return numbers;
}

/** How long an array is to be that was too short: in few steps, since the shorter ones lie about, too. */
export function grown(length: number, most: number): number {
  return STEP * STEP * length > most ? most : STEP * length;
}

const STEP = 4;

/**
 * Which of a row of points to drop: those with the least errors first, of two with the same the earlier, none next to
 * another that is dropped, at most so many. In one walk, without putting them in order: a point is passed over where a
 * neighbour that comes before it goes, so each follows from its neighbours with lesser errors, up from the least ones.
 *
 * @param errors the first `count` of them
 * @returns 1 for each that goes; good until the next call
 */
export function leastMissed(errors: Float64Array, count: number, most: number): Uint8Array {
  if (marks.length < count) marks = new Uint8Array(2 * count);
  const goes = marks;
  // As far as the neighbours before it decide; an equal error of an earlier point comes first.
  for (let i = 0; i < count; i++) goes[i] = i > 0 && errors[i - 1]! <= errors[i]! ? 1 - goes[i - 1]! : 1;
  // And those behind it.
  let goesByNext = 1;
  let left = 0;
  for (let i = count - 1; i >= 0; i--) {
    goesByNext = i < count - 1 && errors[i + 1]! < errors[i]! ? 1 - goesByNext : 1;
    goes[i]! &= goesByNext;
    left += goes[i]!;
  }
  return left > most ? leastOf(goes, errors, count, left, most) : goes;
}

function leastOf(goes: Uint8Array, errors: Float64Array, count: number, left: number, most: number): Uint8Array {
  if (ranked.length < left) ranked = new Float64Array(2 * left);
  const theirs = ranked;
  let found = 0;
  for (let i = 0; i < count; i++) if (goes[i] === 1) theirs[found++] = errors[i]!;
  const largest = valueOfRank(theirs, left, most - 1);
  let equal = most;
  for (let i = 0; i < left; i++) if (theirs[i]! < largest) equal--;
  for (let i = 0; i < count; i++) {
    if (goes[i] === 0 || errors[i]! < largest) continue;
    if (errors[i]! > largest || equal-- <= 0) goes[i] = 0;
  }
  return goes;
}

/**
 * The value that would stand at a place if the first `count` were in order, found without putting more of them in order than
 * that takes; they are left in another one.
 */
export function valueOfRank(values: Float64Array, count: number, place: number): number {
  let first = 0;
  let last = count - 1;
  while (first < last) {
    const pivot = middleOf(values[first]!, values[(first + last) >> 1]!, values[last]!);
    let low = first;
    let high = last;
    while (low <= high) {
      while (values[low]! < pivot) low++;
      while (values[high]! > pivot) high--;
      if (low > high) break;
      const value = values[low]!;
      values[low++] = values[high]!;
      values[high--] = value;
    }
    if (place <= high) last = high;
    else if (place >= low) first = low;
    else return pivot;
  }
  return values[place]!;
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

/**
 * Which of a row of points to drop: those with the least errors first, of two with the same the earlier, none next to
 * another that is dropped, at most so many. In one walk, without putting them in order: a point is passed over where a
 * neighbour that comes before it goes, so each follows from its neighbours with lesser errors, up from the least ones.
 *
 * @returns 1 for each that goes
 */
export function leastMissed(errors: Float64Array, most: number): Uint8Array {
  const count = errors.length;
  const goes = new Uint8Array(count);
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
  return left > most ? leastOf(goes, errors, left, most) : goes;
}

function leastOf(goes: Uint8Array, errors: Float64Array, left: number, most: number): Uint8Array {
  const theirs = new Float64Array(left);
  let found = 0;
  for (let i = 0; i < errors.length; i++) if (goes[i] === 1) theirs[found++] = errors[i]!;
  const largest = valueOfRank(theirs, left, most - 1);
  let equal = most;
  for (let i = 0; i < left; i++) if (theirs[i]! < largest) equal--;
  for (let i = 0; i < errors.length; i++) {
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

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
  const largest = theirs.sort()[most - 1]!;
  let equal = most - theirs.indexOf(largest);
  for (let i = 0; i < errors.length; i++) {
    if (goes[i] === 0 || errors[i]! < largest) continue;
    if (errors[i]! > largest || equal-- <= 0) goes[i] = 0;
  }
  return goes;
}

import { didYouMean } from '../scenario/issue.ts';
import type { Found } from './found.ts';
import type { Place, Tree } from './tree.ts';
import { entriesOf, issueAt } from './tree.ts';

/** Of a map that may hold these keys only. */
export function warnOfUnknown(map: Tree, known: readonly string[], found: Found): void {
  for (const [key, { place }] of entriesOf(map))
    if (!known.includes(key)) warnOfKey(key, placeOfKey(map, key) ?? place, known, found);
}

/** Of a map that may hold many more than those that are read: only what looks like a slip for one of them. */
export function warnOfSlips(map: Tree | undefined, read: readonly string[], found: Found): void {
  for (const [key, { place }] of entriesOf(map)) {
    const isSlip = !read.includes(key) && didYouMean(key, read) !== '';
    if (isSlip) warnOfKey(key, placeOfKey(map, key) ?? place, read, found);
  }
}

export function warnOfKey(key: string, place: Place, known: readonly string[], found: Found): void {
  const message = `unknown property '${key}'${didYouMean(key, known)}: left out`;
  found.warnings.push(issueAt(place, message, 'warning'));
}

/** Where the key itself stands. */
export function placeOfKey(map: Tree | undefined, key: string): Place | undefined {
  return map?.kind === 'map' ? map.keys.get(key) : undefined;
}

import type { Document, Node, Pair } from 'yaml';
import { isPair, isScalar, isSeq, visit } from 'yaml';

/** A key that stands in its map before. */
export interface DuplicateKey {
  readonly path: readonly (string | number)[];
  /** Where it stands, and where it stood first, from 0. */
  readonly offset: number;
  readonly first: number;
}

/**
 * Keys that stand several times in a map, each but the first; as plain data they are one, also where they are a number
 * and the same in quotes.
 */
export function duplicateKeys(document: Document): DuplicateKey[] {
  const found: DuplicateKey[] = [];
  visit(document, {
    Map(_, map, ancestors) {
      const firsts = new Map<string, number>();
      for (const { key } of map.items) {
        const name = nameOf(key);
        if (name === null) continue;
        const offset = (key as Node).range?.[0] ?? 0;
        const first = firsts.get(name);
        if (first === undefined) firsts.set(name, offset);
        else found.push({ path: [...pathOf([...ancestors, map]), name], offset, first });
      }
    },
  });
  return found;
}

/**
 * Leaves one of several pairs with the same key.
 *
 * @param turn which of them, from the last: 0 the last, 1 the one before; the first where there are not so many
 */
export function withoutDuplicates(document: Document, turn: number): void {
  visit(document, {
    Map(_, map) {
      const pairs = new Map<string, Pair[]>();
      for (const pair of map.items) {
        const name = nameOf(pair.key);
        if (name === null) continue;
        const same = pairs.get(name);
        if (same === undefined) pairs.set(name, [pair]);
        else same.push(pair);
      }
      if (pairs.size === map.items.length) return;
      const kept = new Set([...pairs.values()].map((same) => same[Math.max(0, same.length - 1 - turn)]));
      map.items = map.items.filter((pair) => nameOf(pair.key) === null || kept.has(pair));
    },
  });
}

function nameOf(key: unknown): string | null {
  return isScalar(key) && key.value !== null ? String(key.value) : null;
}

function pathOf(ancestors: readonly unknown[]): (string | number)[] {
  return ancestors.flatMap((node, depth): (string | number)[] => {
    if (isPair(node)) return [String(isScalar(node.key) ? node.key.value : node.key)];
    if (isSeq(node) && depth + 1 < ancestors.length) return [node.items.indexOf(ancestors[depth + 1])];
    return [];
  });
}

import type { Found } from './found.ts';
import type { Tree } from './tree.ts';
import { at, itemsOf, textOf, valueTree } from './tree.ts';

/**
 * Reads an answer of get-query-results of CloudWatch Logs Insights into `found`, where its rows have `@duration`: a query
 * such as `filter @type = "REPORT" | fields @duration, @initDuration`. False where it is none.
 */
export function readInsights(tree: Tree, about: string | null, found: Found): boolean {
  const results = at(tree, 'results');
  const rows = itemsOf(results).map(fieldsOf);
  const timed = rows.filter((row) => numberIn(row, '@duration') !== null);
  if (results === undefined || timed.length === 0) return false;
  const logs = new Set(rows.flatMap((row) => /\/aws\/lambda\/([\w-]+)/.exec(textOf(row.get('@log')) ?? '')?.[1] ?? []));
  const memory = timed
    .map((row) => ({ row, bytes: numberIn(row, '@memorySize') }))
    .findLast(({ bytes }) => bytes !== null);
  const megabytes = memory === undefined ? null : memory.bytes! / MEGABYTE;
  found.runTimes.push({
    place: results.place,
    about: about ?? (logs.size === 1 ? [...logs][0]! : null),
    durations: timed.map((row) => numberIn(row, '@duration')!),
    coldStarts: timed.flatMap((row) => numberIn(row, '@initDuration') ?? []),
    errors: 0,
    timeouts: [],
    settings: new Map(
      megabytes === null ? [] : [['MemorySize', valueTree(megabytes, memory!.row.get('@memorySize')!, null)]],
    ),
  });
  return true;
}

const MEGABYTE = 1_000_000; // as Insights counts @memorySize

function fieldsOf(row: Tree): ReadonlyMap<string, Tree> {
  return new Map(
    itemsOf(row).flatMap((cell): [string, Tree][] => {
      const value = at(cell, 'value');
      return value === undefined ? [] : [[textOf(at(cell, 'field')) ?? '', value]];
    }),
  );
}

/** Null where there is no such field, or no number from 0 up in it. Insights writes large ones as '1.28E8'. */
function numberIn(row: ReadonlyMap<string, Tree>, field: string): number | null {
  const text = textOf(row.get(field));
  return text !== null && /^\d+(\.\d+)?([eE][+-]?\d{1,2})?$/.test(text) ? Number(text) : null;
}

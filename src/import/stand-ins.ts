import type { Join, JoinedFunction, JoinedStream } from './join.ts';
import { issueAt } from './tree.ts';

/**
 * Leaves what a run needs: mappings with their streams and functions. Where no file has a mapping, one stands in, between
 * what there is.
 */
export function addStandIns(join: Join): void {
  const { streams, functions, mappings } = join;
  const isAlone = streams.length === 0 && !functions.every(isLive); // functions of a template that nothing feeds
  if (mappings.length === 0 && streams.length + functions.length > 0 && !isAlone) {
    const targets = functions.some(({ runTimes }) => runTimes.length > 0)
      ? functions.filter(({ runTimes }) => runTimes.length > 0)
      : functions;
    const readers = targets.length === 1 || streams.length === 0 ? [...targets] : [join.standInFunction()];
    const sources = streams.length > 0 ? [...streams] : [join.standInStream()];
    for (const stream of sources) for (const target of readers) join.standInMapping(stream, target);
  }
  keepUsed(join);
}

function isLive({ logicalIds }: JoinedFunction): boolean {
  return logicalIds.length === 0;
}

/** Nobody reads the others, and they put no load on these. */
function keepUsed(join: Join): void {
  const read = new Set(join.mappings.map(({ stream }) => stream));
  for (const { place, names, logicalIds } of join.streams.filter((stream) => !read.has(stream))) {
    const name = names[0] ?? logicalIds[0]?.id ?? '';
    if (place !== null) join.warnings.push(issueAt(place, `no function reads stream ${name}: left out`, 'warning'));
  }
  const used = new Set<JoinedStream | JoinedFunction>(
    join.mappings.flatMap(({ stream, function: target }) => [stream, target]),
  );
  for (const things of [join.streams, join.functions]) {
    for (let i = things.length - 1; i >= 0; i--) if (!used.has(things[i]!)) things.splice(i, 1);
  }
}

import type { Join, JoinedNamed } from './join.ts';
import { isNamedAfter } from './same-thing.ts';

/** Gives everything the name that it has in the scenario. */
export function nameAll(join: Join): void {
  for (const things of [join.streams, join.functions]) {
    const taken = new Set<string>();
    for (const thing of things) thing.name = unique(nameOf(thing), taken);
  }
  const taken = new Set<string>();
  for (const mapping of join.mappings) {
    const source =
      mapping.consumer === null ? mapping.stream.name : `${mapping.stream.name}-${legal(mapping.consumer)}`;
    mapping.name = unique(`${source}-to-${mapping.function.name}`.slice(0, LONGEST), taken);
  }
}

/** A name that somebody gave it, else the template's own, else what is known of it. */
function nameOf({ names, logicalIds }: JoinedNamed): string {
  const isGiven = (name: string) => !name.includes('${') && !logicalIds.some(({ id }) => isNamedAfter(name, id));
  const whole = names.find((name) => name !== '' && isGiven(name));
  return legal(whole ?? logicalIds[0]?.id ?? names[0] ?? '');
}

/** As scenarios have names: without blanks, braces and slashes, and not too long for AWS's. */
export function legal(name: string): string {
  const text = name
    .replaceAll('${', '')
    .replaceAll(/[{}<>]/g, '')
    .replaceAll(/[\s/\p{Cc}]+/gu, '-')
    .slice(0, LONGEST);
  return text === '' || text === '__proto__' ? 'unnamed' : text;
}

const LONGEST = 120; // characters; a scenario takes 128

function unique(name: string, taken: Set<string>): string {
  let free = name;
  for (let count = 2; taken.has(free); count++) free = `${name}-${count}`;
  taken.add(free);
  return free;
}

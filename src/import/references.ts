import { readArn } from './arn.ts';
import type { Reference } from './found.ts';
import { firstUnknown } from './intrinsics.ts';
import type { Tree } from './tree.ts';
import { at, shownText, valueTree } from './tree.ts';

/** The stream that an ARN, or a name, stands for. */
export function streamReference(tree: Tree): Reference {
  const text = shownText(tree) ?? '';
  const arn = readArn(text);
  const name = arn?.kind === 'stream' ? arn.name : text;
  // `${AWS::Region}` in an ARN says nothing of the stream; a name with a gap may still be one that the template knows.
  const unknown = firstUnknown(tree)?.why ?? (isMasked(name) ? `${name} is no name` : null);
  return { name, place: tree.place, unknown };
}

/** `<streamname>` stands for a name, in examples and recordings. */
export function isMasked(name: string): boolean {
  return /[<>]/.test(name);
}

/** `{ OnFailure: { Destination } }` with the name that the scenario shows; null where there is none. */
export function destinationOf(config: Tree | undefined): Tree | null {
  const destination = at(config, 'OnFailure', 'Destination');
  if (config === undefined || destination === undefined) return null;
  const text = shownText(destination);
  if (text === null || text === '') return null;
  const arn = readArn(text);
  const name = text.includes('${') && arn?.kind === 'other' ? arn.name || text : text;
  const { place, via } = destination;
  const target = valueTree(name, destination, via);
  const onFailure: Tree = { kind: 'map', entries: new Map([['Destination', target]]), keys: new Map(), place, via };
  return { kind: 'map', entries: new Map([['OnFailure', onFailure]]), keys: new Map(), place: config.place, via };
}

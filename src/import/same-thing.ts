import type { SourceText } from './tree.ts';

/** What a stream or a function is called, by templates and by AWS. */
export interface Names {
  /** As AWS has them, with `${…}` for what is not known. */
  readonly names: readonly string[];
  readonly logicalIds: readonly { readonly id: string; readonly source: SourceText }[];
}

/**
 * Whether this thing is meant by a name.
 *
 * @param source the file that names it: logical ids are those of one template; null: somebody who has seen them all
 */
export function isCalled(thing: Names, name: string, source: SourceText | null): boolean {
  return (
    thing.logicalIds.some((logical) => logical.id === name && (source === null || logical.source === source)) ||
    thing.names.some((own) => sameName(own, name)) ||
    thing.logicalIds.some(({ id }) => isNamedAfter(name, id))
  );
}

/** Gaps in one of them may stand for anything. */
export function sameName(one: string, other: string): boolean {
  return one === other || fits(one, other) || fits(other, one);
}

function fits(pattern: string, name: string): boolean {
  if (!pattern.includes('${') || name.includes('${')) return false;
  const parts = pattern.split(/\$\{[^}]*\}/);
  if (parts.every((part) => part === '')) return false; // it would fit all names
  return new RegExp(`^${parts.map(escaped).join('.+')}$`).test(name);
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** CloudFormation's own names: the stack's, the logical id, which may be cut, and a random end. */
export function isNamedAfter(name: string, logicalId: string): boolean {
  const match = /^.+-([A-Za-z0-9]+)-[A-Za-z0-9]{8,}$/.exec(name);
  const middle = match?.[1];
  return middle !== undefined && (middle === logicalId || (middle.length >= LEAST_CUT && logicalId.startsWith(middle)));
}

const LEAST_CUT = 20; // characters

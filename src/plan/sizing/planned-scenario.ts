import {
  type Document,
  isAlias,
  isCollection,
  isNode,
  isScalar,
  type Node,
  parseDocument,
  stringify,
  visit,
} from 'yaml';
import { isStreamMode, modeDetailsOf } from '../../scenario/cloudformation.ts';
import type { Path } from '../../scenario/document.ts';
import { readOverrides } from '../../scenario/overrides.ts';
import type { JsonObject } from '../../scenario/scenario.ts';

/**
 * The text of a scenario with some settings changed, its comments kept. Where a change would reach other places of the text
 * too, since they are written as aliases of one, each of them is written out.
 *
 * @param scenario a text that has been read as a scenario, or one as a value
 * @param set as `--set` takes them: 'mappings.m.BatchSize=500'
 */
export function plannedScenario(scenario: string | JsonObject, set: readonly string[]): string {
  const document = parseDocument(typeof scenario === 'string' ? scenario : stringify(scenario));
  const { overrides } = readOverrides(set);
  if (overrides.some(({ path }) => isShared(document, path))) writeOutAliases(document);
  for (const { path, value } of overrides) {
    const old = document.getIn(path, true);
    // The comments stand with the scalar.
    if (isScalar(old) && (value === null || typeof value !== 'object')) old.value = value;
    else document.setIn(path, document.createNode(value));
    if (isStreamMode(path)) document.deleteIn(modeDetailsOf(path));
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** Whether something on the way to a place is an alias, or may have some. */
function isShared(document: Document, path: Path): boolean {
  let node: unknown = document.contents;
  for (const step of [...path, null]) {
    if (isAlias(node) || (isNode(node) && 'anchor' in node && node.anchor !== undefined)) return true;
    if (step === null || !isCollection(node)) return false;
    node = node.get(step, true);
  }
  return false;
}

function writeOutAliases(document: Document): void {
  const withoutAnchor = (node: Node) => {
    if ('anchor' in node) delete node.anchor;
  };
  visit(document, {
    Alias: (_, alias) => {
      const copy = alias.resolve(document)!.clone() as Node;
      // An alias that follows must not find what the copy repeats.
      visit(copy as never, { Node: (_key, node) => withoutAnchor(node) });
      // What is visited next is the copy, which may hold aliases itself.
      return copy;
    },
  });
  visit(document, { Node: (_, node) => withoutAnchor(node) });
}

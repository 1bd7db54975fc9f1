import { parseDocument, stringify } from 'yaml';
import { isStreamMode, modeDetailsOf } from '../../scenario/cloudformation.ts';
import { readOverrides } from '../../scenario/overrides.ts';
import type { JsonObject } from '../../scenario/scenario.ts';

/**
 * The text of a scenario with some settings changed, its comments kept.
 *
 * @param scenario a text that has been read as a scenario, or one as a value
 * @param set as `--set` takes them: 'mappings.m.BatchSize=500'
 */
export function plannedScenario(scenario: string | JsonObject, set: readonly string[]): string {
  const document = parseDocument(typeof scenario === 'string' ? scenario : stringify(scenario));
  for (const { path, value } of readOverrides(set).overrides) {
    document.setIn(path, document.createNode(value));
    if (isStreamMode(path)) document.deleteIn(modeDetailsOf(path));
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

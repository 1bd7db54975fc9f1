import { parseDocument, stringify } from 'yaml';
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
    // As CloudFormation has it, the mode would contradict the one that is set.
    if (path[0] === 'streams' && path[2] === 'StreamMode')
      document.deleteIn([...path.slice(0, 2), 'StreamModeDetails']);
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

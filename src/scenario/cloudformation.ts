import type { Path } from './document.ts';
import type { Fields, Finding } from './finding.ts';
import { isFields } from './finding.ts';

/**
 * Properties that CloudFormation knows for a resource and that have no effect here: accepted with a warning, so that a
 * block pasted from a template just works.
 */
const WITHOUT_EFFECT: Readonly<Record<string, ReadonlySet<string>>> = {
  streams: new Set(['Name', 'StreamModeDetails', 'StreamEncryption', 'Tags', 'DesiredShardLevelMetrics']),
  functions: new Set([
    'Architectures',
    'Code',
    'CodeSigningConfigArn',
    'CodeUri',
    'DeadLetterConfig',
    'Description',
    'Environment',
    'EphemeralStorage',
    'Events',
    'FileSystemConfigs',
    'FunctionName',
    'Handler',
    'ImageConfig',
    'InlineCode',
    'KmsKeyArn',
    'Layers',
    'LoggingConfig',
    'PackageType',
    'Policies',
    'RecursiveLoop',
    'Runtime',
    'RuntimeManagementConfig',
    'SnapStart',
    'Tags',
    'Tracing',
    'TracingConfig',
    'VpcConfig',
  ]),
  mappings: new Set([
    'AmazonManagedKafkaEventSourceConfig',
    'DocumentDBEventSourceConfig',
    'EventSourceArn',
    'FunctionName',
    'KmsKeyArn',
    'LoggingConfig',
    'MetricsConfig',
    'ProvisionedPollerConfig',
    'Queues',
    'ScalingConfig',
    'SelfManagedEventSource',
    'SelfManagedKafkaEventSourceConfig',
    'SourceAccessConfigurations',
    'Tags',
    'Topics',
  ]),
};

/** Later parts of the model give these an effect; until then only some of their values go unused. */
const LATER: Readonly<Record<string, Readonly<Record<string, (value: unknown) => string | null>>>> = {
  streams: {
    StreamModeDetails: (value) => (JSON.stringify(value).includes('ON_DEMAND') ? 'write StreamMode: ON_DEMAND' : null),
  },
  functions: {},
  mappings: {},
  producers: {},
  timeline: {},
  set: {
    ...Object.fromEntries(
      ['ParallelizationFactor', 'TumblingWindowInSeconds', 'function'].map((key) => [
        key,
        () => `a change of ${key} is not supported yet`,
      ]),
    ),
    ...Object.fromEntries(
      ['stream', 'consumer', 'EventSourceArn', 'StartingPosition', 'StartingPositionTimestamp'].map((key) => [
        key,
        () => `cannot be updated, and AWS cannot either; delete the mapping and create another`,
      ]),
    ),
  },
};

/** What has no effect only in some forms: of a role the ARN says nothing about what it allows. */
const UNUSED_FORMS: Readonly<Record<string, Readonly<Record<string, (value: unknown) => boolean>>>> = {
  functions: { Role: (value) => typeof value === 'string' },
};

/**
 * Takes out what CloudFormation knows and this model does not use, with a warning, and what comes in a later version,
 * which is refused. `later` are the parts of the timeline that are refused as a whole: nothing more is said of them.
 */
export function withoutUnused(raw: unknown): { value: unknown; found: Finding[]; later: Path[] } {
  const found: Finding[] = [];
  const later: Path[] = [];
  if (!isFields(raw)) return { value: raw, found, later };
  const value: Record<string, unknown> = { ...raw };
  for (const section of ['streams', 'producers', 'functions', 'mappings']) {
    if (!isFields(raw[section])) continue;
    const named = Object.entries(raw[section]).map(([name, thing]) => {
      return [name, isFields(thing) ? withoutKeys(section, thing, [section, name], found) : thing];
    });
    value[section] = Object.fromEntries(named);
  }
  if (Array.isArray(raw.timeline)) {
    value.timeline = raw.timeline.map((entry, index) => {
      if (!isFields(entry)) return entry;
      const path = ['timeline', index];
      const refused: Finding[] = [];
      withoutKeys('timeline', entry, path, refused);
      if (refused.length > 0) later.push(path);
      found.push(...refused.slice(0, 1));
      return refused.length > 0 ? entry : entryWithoutUnused(entry, path, found, later);
    });
  }
  return { value, found, later };
}

/** The settings that an entry of the timeline holds. */
function entryWithoutUnused(entry: Fields, path: Path, found: Finding[], later: Path[]): Fields {
  const kept: Record<string, unknown> = { ...entry };
  if (isFields(entry.mapping)) kept.mapping = withoutKeys('mappings', entry.mapping, [...path, 'mapping'], found);
  if (!isFields(entry.set)) return kept;
  const refused: Finding[] = [];
  kept.set = withoutKeys('set', entry.set, [...path, 'set'], refused);
  found.push(...refused);
  if (refused.length > 0 && Object.keys(kept.set as Fields).length === 0) later.push([...path, 'set']);
  return kept;
}

/** The keys of a section's entries that are accepted and have no effect. */
export function unusedKeys(section: string): readonly string[] {
  return [...(WITHOUT_EFFECT[section] ?? [])];
}

function withoutKeys(section: string, thing: Fields, path: Path, found: Finding[]): Fields {
  const kept = Object.entries(thing).filter(([key, value]) => {
    const rules = LATER[section] ?? {};
    const message = Object.hasOwn(rules, key) ? rules[key]!(value) : null;
    const forms = UNUSED_FORMS[section] ?? {};
    const isUnused = Object.hasOwn(forms, key) ? forms[key]!(value) : (WITHOUT_EFFECT[section]?.has(key) ?? false);
    if (message !== null) found.push({ path: [...path, key], message, atKey: true });
    else if (isUnused) {
      found.push({ path: [...path, key], message: 'has no effect on a simulation', atKey: true, severity: 'warning' });
    }
    return message === null && !isUnused;
  });
  return Object.fromEntries(kept);
}

import type { Path } from './document.ts';
import type { Fields, Finding } from './finding.ts';
import { isFields, list } from './finding.ts';

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
    'Role',
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
  functions: {
    Role: (value) =>
      typeof value === 'string'
        ? null
        : 'a role as a list of actions is not supported yet; leave it out, or write its ARN',
    handler: () => 'a handler is not supported yet',
  },
  mappings: {},
  producers: {},
  timeline: {
    ...Object.fromEntries(
      ['update', 'create', 'delete'].map((verb) => [
        verb,
        () => `${verb} is not supported yet; enable and disable are`,
      ]),
    ),
  },
};

/**
 * Takes out what CloudFormation knows and this model does not use, with a warning, and what comes in a later version,
 * which is refused. `later` are the entries of the timeline that are refused as a whole: nothing more is said of them.
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
  for (const [index, entry] of list(raw.timeline).entries()) {
    const path = ['timeline', index];
    const refused: Finding[] = [];
    if (isFields(entry)) withoutKeys('timeline', entry, path, refused);
    if (refused.length > 0) later.push(path);
    found.push(...refused.slice(0, 1));
  }
  return { value, found, later };
}

/** The keys of a section's entries that are accepted and have no effect. */
export function unusedKeys(section: string): readonly string[] {
  return [...(WITHOUT_EFFECT[section] ?? [])];
}

function withoutKeys(section: string, thing: Fields, path: Path, found: Finding[]): Fields {
  const kept = Object.entries(thing).filter(([key, value]) => {
    const rules = LATER[section] ?? {};
    const message = Object.hasOwn(rules, key) ? rules[key]!(value) : null;
    const isUnused = WITHOUT_EFFECT[section]?.has(key) ?? false;
    if (message !== null) found.push({ path: [...path, key], message, atKey: true });
    else if (isUnused) {
      found.push({ path: [...path, key], message: 'has no effect on a simulation', atKey: true, severity: 'warning' });
    }
    return message === null && !isUnused;
  });
  return Object.fromEntries(kept);
}

import type { Path } from './document.ts';
import type { Fields, Finding } from './finding.ts';
import { isFields } from './finding.ts';
import { didYouMean } from './issue.ts';

/**
 * Properties that CloudFormation knows for a resource and that have no effect here: accepted with a warning, so that a
 * block pasted from a template just works.
 */
const WITHOUT_EFFECT: Readonly<Record<string, ReadonlySet<string>>> = {
  streams: new Set(['Name', 'StreamEncryption', 'Tags', 'DesiredShardLevelMetrics']),
  functions: new Set([
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

/** Refused, with what to do instead. */
const REFUSED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  set: {
    function: 'the function of a mapping stays; delete the mapping and create another',
    ...Object.fromEntries(
      ['stream', 'consumer', 'EventSourceArn', 'StartingPosition', 'StartingPositionTimestamp'].map((key) => [
        key,
        'cannot be updated, and AWS cannot either; delete the mapping and create another',
      ]),
    ),
  },
};

/** What has no effect only in some forms: of a role the ARN says nothing about what it allows. */
const UNUSED_FORMS: Readonly<Record<string, Readonly<Record<string, (value: unknown) => boolean>>>> = {
  functions: { Role: (value) => typeof value === 'string' },
};

/**
 * Takes out what CloudFormation knows and this model does not use, with a warning, and what is refused. `empty` are the
 * parts of the timeline of which nothing is left: nothing more is said of them. What stands in quotes is read as AWS does.
 */
export function withoutUnused(raw: unknown): { value: unknown; found: Finding[]; empty: Path[] } {
  const found: Finding[] = [];
  const empty: Path[] = [];
  if (!isFields(raw)) return { value: raw, found, empty };
  const value: Record<string, unknown> = { ...raw };
  for (const section of ['streams', 'producers', 'functions', 'mappings']) {
    if (!isFields(raw[section])) continue;
    const named = Object.entries(raw[section]).map(([name, thing]) => {
      if (!isFields(thing)) return [name, thing];
      const kept = withoutKeys(section, thing, [section, name], found);
      return [name, section === 'streams' ? withStreamMode(kept, [section, name], found) : kept];
    });
    value[section] = Object.fromEntries(named);
  }
  if (Array.isArray(raw.timeline)) {
    value.timeline = raw.timeline.map((entry, index) => {
      return isFields(entry) ? entryWithoutUnused(entry, ['timeline', index], found, empty) : entry;
    });
  }
  return { value, found, empty };
}

/** AWS's numbers and flags, which CloudFormation takes as texts, too. */
const OF_MAPPING = {
  numbers: [
    'BatchSize',
    'MaximumBatchingWindowInSeconds',
    'ParallelizationFactor',
    'MaximumRetryAttempts',
    'MaximumRecordAgeInSeconds',
    'TumblingWindowInSeconds',
    'StartingPositionTimestamp',
  ],
  flags: ['Enabled', 'BisectBatchOnFunctionError'],
};
const AS_TEXTS: Readonly<Record<string, { readonly numbers: readonly string[]; readonly flags: readonly string[] }>> = {
  streams: { numbers: ['ShardCount', 'RetentionPeriodHours', 'MaxRecordSizeInKiB'], flags: [] },
  functions: { numbers: ['MemorySize', 'Timeout', 'ReservedConcurrentExecutions'], flags: [] },
  mappings: OF_MAPPING,
  set: OF_MAPPING,
};

/** `BatchSize: '100'` is 100, `Enabled: 'true'` is true. */
function plainly(section: string, key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const { numbers = [], flags = [] } = AS_TEXTS[section] ?? {};
  if (numbers.includes(key) && /^-?\d{1,15}$/.test(value)) return Number(value);
  return flags.includes(key) && /^(true|false)$/i.test(value) ? value.toLowerCase() === 'true' : value;
}

/** The settings that an entry of the timeline holds. */
function entryWithoutUnused(entry: Fields, path: Path, found: Finding[], empty: Path[]): Fields {
  const kept: Record<string, unknown> = { ...entry };
  if (isFields(entry.mapping)) kept.mapping = withoutKeys('mappings', entry.mapping, [...path, 'mapping'], found);
  if (!isFields(entry.set)) return kept;
  const refused: Finding[] = [];
  kept.set = withoutKeys('set', entry.set, [...path, 'set'], refused);
  found.push(...refused);
  if (refused.length > 0 && Object.keys(kept.set as Fields).length === 0) empty.push([...path, 'set']);
  return kept;
}

/** The keys of a section's entries that are accepted beside those of the model, and what becomes of them. */
export function acceptedKeys(section: string): readonly { readonly key: string; readonly description: string }[] {
  const unused = [...(WITHOUT_EFFECT[section] ?? [])].map((key) => ({ key, description: 'Has no effect here.' }));
  return section === 'streams' ? [...unused, { key: DETAILS, description: 'Is read as StreamMode.' }] : unused;
}

const DETAILS = 'StreamModeDetails';
export const STREAM_MODES = ['PROVISIONED', 'ON_DEMAND'] as const;

/** Whether a path is that of a stream's mode: whoever sets it takes the place of the mode as CloudFormation has it. */
export function isStreamMode(path: Path): boolean {
  return path.length === 3 && path[0] === 'streams' && path[2] === 'StreamMode';
}

/** Where that stands. */
export function modeDetailsOf(path: Path): Path {
  return [...path.slice(0, 2), DETAILS];
}

/** Takes it out of a scenario in which something has been set. */
export function dropModeDetails(value: unknown, path: Path): void {
  if (!isStreamMode(path) || !isFields(value) || !isFields(value.streams)) return;
  const stream: unknown = value.streams[path[1]!];
  if (isFields(stream)) Reflect.deleteProperty(stream, DETAILS);
}

/** A stream whose mode stands where CloudFormation has it: it decides what is simulated, so that it cannot go unread. */
function withStreamMode(stream: Fields, path: Path, found: Finding[]): Fields {
  const { [DETAILS]: details, ...rest } = stream;
  if (details === undefined) return stream;
  const place = [...path, DETAILS];
  const mode = isFields(details) ? details.StreamMode : undefined;
  if (typeof mode !== 'string' || !STREAM_MODES.some((one) => one === mode)) {
    const hint = typeof mode === 'string' ? didYouMean(mode, STREAM_MODES) : '';
    const message = `expected { StreamMode: ${STREAM_MODES.join(' } or { StreamMode: ')} }${hint}`;
    found.push({ path: place, message });
    return { StreamMode: 'ON_DEMAND', ...rest }; // nothing more is asked of that mode
  }
  if (rest.StreamMode !== undefined && rest.StreamMode !== mode) {
    const message = `says ${mode}, and StreamMode says otherwise; expected one of them, or both the same`;
    found.push({ path: [...place, 'StreamMode'], message });
    return rest;
  }
  found.push({ path: place, message: `is read as StreamMode: ${mode}`, atKey: true, severity: 'warning' });
  return { ...rest, StreamMode: mode };
}

function withoutKeys(section: string, thing: Fields, path: Path, found: Finding[]): Fields {
  const kept = Object.entries(thing).filter(([key, value]) => {
    const rules = REFUSED[section] ?? {};
    const message = Object.hasOwn(rules, key) ? rules[key]! : null;
    const forms = UNUSED_FORMS[section] ?? {};
    const isUnused = Object.hasOwn(forms, key) ? forms[key]!(value) : (WITHOUT_EFFECT[section]?.has(key) ?? false);
    if (message !== null) found.push({ path: [...path, key], message, atKey: true });
    else if (isUnused) {
      found.push({ path: [...path, key], message: 'has no effect on a simulation', atKey: true, severity: 'warning' });
    }
    return message === null && !isUnused;
  });
  return Object.fromEntries(kept.map(([key, value]) => [key, plainly(section, key, value)]));
}

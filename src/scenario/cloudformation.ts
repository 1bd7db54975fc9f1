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
  mappings: new Set(['EventSourceArn', 'FunctionName', 'KmsKeyArn', 'MetricsConfig', 'Tags']),
};

/** Later parts of the model give these an effect; until then only some of their values go unused. */
const LATER: Readonly<Record<string, Readonly<Record<string, (value: unknown) => string | null>>>> = {
  streams: {
    StreamModeDetails: (value) =>
      JSON.stringify(value) === '{"StreamMode":"PROVISIONED"}' ? null : 'StreamMode ON_DEMAND is not supported yet',
  },
  functions: {
    Role: (value) =>
      typeof value === 'string'
        ? null
        : 'a role as a list of actions is not supported yet; leave it out, or write its ARN',
    handler: () => 'a handler is not supported yet',
  },
  mappings: {
    consumer: () => 'enhanced fan-out is not supported yet; name a stream',
    DestinationConfig: () => 'DestinationConfig is not supported yet',
  },
  producers: { data: () => 'data is not supported yet; records hold zero bytes' },
  timeline: {
    ...Object.fromEntries(
      ['update', 'create', 'delete', 'split', 'merge', 'reshard'].map((verb) => [
        verb,
        () => `${verb} is not supported yet; enable and disable are`,
      ]),
    ),
  },
};

export type Standing = { readonly kind: 'unused' } | { readonly kind: 'later'; readonly message: string } | null;

/** How a key of a resource stands, where it is not one of the scenario's own. */
export function standingOf(section: string, key: string, value: unknown): Standing {
  const later = LATER[section]?.[key]?.(value);
  if (typeof later === 'string') return { kind: 'later', message: later };
  return WITHOUT_EFFECT[section]?.has(key) ? { kind: 'unused' } : null;
}

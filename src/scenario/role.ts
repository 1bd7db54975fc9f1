/** A3: what polling needs of a stream, and of a consumer with enhanced fan-out beside (K8). */
const NEEDED = [
  'GetRecords',
  'GetShardIterator',
  'DescribeStream',
  'DescribeStreamSummary',
  'ListShards',
  'ListStreams',
];
const NEEDED_OF_CONSUMERS = [...NEEDED, 'SubscribeToShard'];

const MANAGED_POLICIES: Readonly<Record<string, readonly string[]>> = {
  AWSLambdaKinesisExecutionRole: ['kinesis:*'],
  AWSLambdaBasicExecutionRole: ['logs:*'],
};

/** An action as IAM writes it, with its wildcards. */
const ACTION = /^(\*|[a-z0-9-]+:[a-z0-9*?]+)$/i;

/** What a role may hold: actions, and managed policies by name. */
export function isGrant(text: string): boolean {
  return Object.hasOwn(MANAGED_POLICIES, text) || ACTION.test(text);
}

/**
 * A3: the actions that a function's role lacks to read a stream, as IAM writes them.
 *
 * @param role null: everything is allowed
 */
export function missingActions(role: readonly string[] | null, isConsumer: boolean): string[] {
  if (role === null) return [];
  const granted = role.flatMap((grant) => MANAGED_POLICIES[grant] ?? [grant]);
  return (isConsumer ? NEEDED_OF_CONSUMERS : NEEDED)
    .map((action) => `kinesis:${action}`)
    .filter((action) => !granted.some((pattern) => allows(pattern, action)));
}

/** AWS's words where a mapping is created for a stream that the role may not read. */
export function cannotAccess(sourceArn: string): string {
  return `Cannot access stream ${sourceArn}. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, ListShards, and ListStreams Actions on your stream in IAM.`;
}

/** IAM compares actions without regard to case; * stands for any text, ? for one character. */
function allows(pattern: string, action: string): boolean {
  const expression = pattern.replace(/[-]/g, '\\-').replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 'i').test(action);
}

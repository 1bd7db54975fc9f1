import { acceptedKeys } from '../scenario/cloudformation.ts';
import { functionNameOf, readArn } from './arn.ts';
import type { Found, FoundMapping, Reference } from './found.ts';
import { FUNCTION_SETTINGS, MAPPING_SETTINGS, STREAM_SETTINGS } from './found.ts';
import { firstUnknown, Intrinsics } from './intrinsics.ts';
import type { Parameters } from './parameters.ts';
import { destinationOf, streamReference } from './references.ts';
import type { Place, Tree } from './tree.ts';
import { at, entriesOf, issueAt, shownText, textOf } from './tree.ts';
import { placeOfKey, warnOfKey, warnOfSlips } from './unknown-keys.ts';

/** Reads a template of CloudFormation or SAM into `found`, CDK's among them. */
export function readTemplate(template: Tree, parameters: Parameters, found: Found): void {
  new TemplateReader(template, parameters, found).read();
}

/** What is read of a function. */
const FUNCTION_KEYS = [...FUNCTION_SETTINGS, 'FunctionName', 'Events'];

/** The event sources of SAM that are event source mappings of something else. */
const OTHER_SOURCES = new Set(['DynamoDB', 'SQS', 'MSK', 'SelfManagedKafka', 'MQ', 'DocumentDB']);

/** Reads what a template holds, resource by resource; and works out what stands beside it, in a Serverless file. */
export class TemplateReader {
  readonly #template: Tree;
  readonly #found: Found;
  readonly #intrinsics: Intrinsics;
  readonly #names = new Map<string, string>();

  constructor(template: Tree, parameters: Parameters, found: Found) {
    this.#template = template;
    this.#found = found;
    for (const name of PSEUDO_PARAMETERS) parameters.declare(name);
    for (const [name, parameter] of entriesOf(at(template, 'Parameters'))) parameters.declareOf(name, parameter);
    this.#intrinsics = new Intrinsics(template, parameters, (id, attribute) => this.#answer(id, attribute));
  }

  read(): void {
    for (const [logicalId, resource] of entriesOf(at(this.#template, 'Resources'))) {
      if (logicalId.startsWith('Fn::')) {
        this.#warn(resource.place, `${logicalId} is not worked out: what it makes is left out`);
        continue;
      }
      const remarks = this.#existence(resource);
      if (remarks !== null) this.#resource(logicalId, resource, remarks);
    }
  }

  /** Null for AWS::NoValue. */
  resolve(tree: Tree): Tree | null {
    return this.#intrinsics.resolve(tree);
  }

  /** Null: its condition does not hold. */
  #existence(resource: Tree): string[] | null {
    const condition = at(resource, 'Condition');
    const name = textOf(condition);
    if (condition === undefined || name === null) return [];
    const verdict = this.#intrinsics.condition(name, condition);
    if (typeof verdict === 'boolean') return verdict ? [] : null;
    this.#warn(condition.place, `condition ${name} is not known, and taken to hold: ${verdict}`);
    return [`there only if condition ${name} holds`];
  }

  #resource(logicalId: string, resource: Tree, remarks: readonly string[]): void {
    switch (textOf(at(resource, 'Type'))) {
      case 'AWS::Kinesis::Stream':
        this.#stream(logicalId, resource, remarks);
        break;
      case 'AWS::Kinesis::StreamConsumer':
        this.#consumer(logicalId, resource);
        break;
      case 'AWS::Lambda::Function':
      case 'AWS::Serverless::Function':
        this.#function(logicalId, resource, remarks);
        break;
      case 'AWS::Lambda::Alias':
      case 'AWS::Lambda::Version':
        this.#provisioned(resource);
        break;
      case 'AWS::Lambda::EventSourceMapping': {
        const of = { source: 'EventSourceArn', target: undefined, remarks };
        this.mapping(logicalId, this.#properties(resource), resource, of);
      }
    }
  }

  #stream(logicalId: string, resource: Tree, remarks: readonly string[]): void {
    const properties = this.#properties(resource);
    const mode = at(properties.get('StreamModeDetails'), 'StreamMode') ?? properties.get('StreamModeDetails');
    const settings = this.#settings('streams', resource, properties, STREAM_SETTINGS);
    if (mode !== undefined) settings.set('StreamMode', mode);
    this.#found.streams.push({
      ...this.#named(logicalId, resource, settings, remarks),
      consumers: [],
    });
  }

  #consumer(logicalId: string, resource: Tree): void {
    const properties = this.#properties(resource);
    const stream = properties.get('StreamARN');
    if (stream === undefined) return;
    const { name, place } = streamReference(stream);
    const consumer = shownText(properties.get('ConsumerName')) ?? logicalId;
    this.#found.streams.push({
      ...{ isLive: false, arn: null, place, names: [name], logicalId: null, settings: new Map(), remarks: [] },
      consumers: [consumer],
    });
  }

  #function(logicalId: string, resource: Tree, remarks: readonly string[]): void {
    const properties = this.#properties(resource);
    const isSam = textOf(at(resource, 'Type')) === 'AWS::Serverless::Function';
    const all = isSam ? at(this.#template, 'Globals', 'Function') : undefined;
    for (const map of [at(resource, 'Properties'), all]) warnOfSlips(map, FUNCTION_KEYS, this.#found);
    for (const [key, value] of entriesOf(all)) {
      const resolved = properties.has(key) ? null : this.#intrinsics.resolve(value);
      if (resolved !== null) properties.set(key, resolved);
    }
    const settings = new Map<string, Tree>();
    for (const key of FUNCTION_SETTINGS) if (properties.has(key)) settings.set(key, properties.get(key)!);
    this.#found.functions.push(this.#named(logicalId, resource, settings, remarks));
    if (!isSam) return;
    const events = properties.get('Events');
    if (events?.kind === 'unknown') this.#warn(events.place, `the events of this function are left out: ${events.why}`);
    for (const [name, event] of entriesOf(events)) {
      if (event.kind === 'unknown') this.#warn(event.place, `this event is left out: ${event.why}`);
      else if (name.startsWith('Fn::'))
        this.#warn(event.place, `${name} is not worked out: the events it makes are left out`);
      else this.#event(`${logicalId}${name}`, event, { logicalId, remarks });
    }
  }

  #event(label: string, event: Tree, of: { readonly logicalId: string; readonly remarks: readonly string[] }): void {
    const type = at(event, 'Type');
    const name = textOf(type) ?? '';
    if (OTHER_SOURCES.has(name))
      this.#warn((type ?? event).place, `it reads from ${name}, not from a Kinesis stream: left out`);
    if (name !== 'Kinesis') return;
    const target = { name: this.#nameOf(of.logicalId), place: event.place, unknown: null };
    const properties = new Map(entriesOf(at(event, 'Properties')));
    this.mapping(label, properties, at(event, 'Properties') ?? event, {
      source: 'Stream',
      target,
      remarks: of.remarks,
    });
  }

  /**
   * An event source mapping, its properties worked out.
   *
   * @param of the key of its source, and its function where that stands elsewhere
   */
  mapping(
    label: string,
    properties: ReadonlyMap<string, Tree>,
    holder: Tree,
    of: { readonly source: string; readonly target: Reference | undefined; readonly remarks: readonly string[] },
  ): void {
    const source = properties.get(of.source);
    if (source === undefined) {
      const isOther = ['SelfManagedEventSource', 'Queues', 'Topics'].some((key) => properties.has(key));
      if (isOther) this.#warn(holder.place, 'it reads no Kinesis stream: left out');
      else this.#found.errors.push(issueAt(holder.place, `${of.source} is missing; expected the ARN of a stream`));
      return;
    }
    const arn = readArn(shownText(source) ?? '');
    if (arn?.kind === 'other') {
      this.#warn(source.place, `it reads from ${arn.service}, not from a Kinesis stream: left out`);
      return;
    }
    const target = of.target ?? functionReference(properties.get('FunctionName'));
    if (target === null) {
      this.#found.errors.push(issueAt(holder.place, 'FunctionName is missing; expected the name or ARN of a function'));
      return;
    }
    const settings = this.#settings('mappings', holder, properties, MAPPING_SETTINGS);
    if (!settings.has('StartingPosition')) {
      const message = 'StartingPosition is missing, which AWS refuses; expected TRIM_HORIZON, LATEST or AT_TIMESTAMP';
      this.#found.errors.push(issueAt(holder.place, message));
    }
    const destination = destinationOf(settings.get('DestinationConfig'));
    settings.delete('DestinationConfig');
    if (destination !== null) settings.set('DestinationConfig', destination);
    const mapping: FoundMapping = {
      isLive: false,
      arn: null,
      label,
      place: holder.place,
      stream: streamReference(source),
      consumer: arn?.kind === 'stream' ? arn.consumer : null,
      function: target,
      settings,
      remarks: of.remarks,
    };
    this.#found.mappings.push(mapping);
  }

  /** ProvisionedConcurrencyConfig of an alias or a version is that of its function. */
  #provisioned(resource: Tree): void {
    const properties = this.#properties(resource);
    const provisioned = properties.get('ProvisionedConcurrencyConfig');
    const reference = functionReference(properties.get('FunctionName'));
    if (provisioned === undefined || reference === null) return;
    this.#found.functions.push({
      isLive: false,
      arn: null,
      place: provisioned.place,
      names: [reference.name],
      logicalId: null,
      settings: new Map([['ProvisionedConcurrencyConfig', provisioned]]),
      remarks: [],
    });
  }

  #named(logicalId: string, resource: Tree, settings: ReadonlyMap<string, Tree>, remarks: readonly string[]) {
    const name = this.#nameOf(logicalId);
    const names = name === logicalId ? [] : [name];
    return { isLive: false, arn: null, place: resource.place, names, logicalId, settings, remarks };
  }

  #properties(resource: Tree): Map<string, Tree> {
    const properties = at(resource, 'Properties');
    const resolved = properties === undefined ? null : this.#intrinsics.resolve(properties);
    return new Map(entriesOf(resolved ?? undefined));
  }

  /** Those of the scenario; what CloudFormation does not know either is said. */
  #settings(
    section: string,
    holder: Tree,
    properties: ReadonlyMap<string, Tree>,
    names: readonly string[],
  ): Map<string, Tree> {
    const known = [...names, ...acceptedKeys(section).map(({ key }) => key), 'Stream', 'KmsKeyArn'];
    const settings = new Map<string, Tree>();
    for (const [key, value] of properties) {
      if (names.includes(key)) settings.set(key, value);
      else if (!known.includes(key)) {
        const place = placeOfKey(at(holder, 'Properties') ?? holder, key);
        warnOfKey(key, place ?? value.place, known, this.#found);
      }
    }
    return settings;
  }

  /** The name that a resource has been given, else its logical id. */
  #nameOf(logicalId: string): string {
    const known = this.#names.get(logicalId);
    if (known !== undefined) return known;
    this.#names.set(logicalId, logicalId); // a name that refers to itself
    const resource = at(this.#template, 'Resources', logicalId);
    const key = NAME_KEYS[textOf(at(resource, 'Type')) ?? ''];
    const named = key === undefined ? undefined : at(resource, 'Properties', key);
    const resolved = named === undefined ? null : this.#intrinsics.resolve(named);
    const name = (resolved === null ? null : shownText(resolved)) ?? logicalId;
    this.#names.set(logicalId, name);
    return name;
  }

  /** Ref and GetAtt of what matters here. */
  #answer(logicalId: string, attribute: string | null): string | undefined {
    // SAM makes the alias of `AutoPublishAlias` under this name.
    const id = logicalId.replace(/\.(Alias|Version)$/, '');
    const resource = at(this.#template, 'Resources', id);
    if (resource === undefined) return undefined;
    const type = textOf(at(resource, 'Type')) ?? '';
    const name = this.#nameOf(id);
    if (type === 'AWS::Kinesis::StreamConsumer') return this.#consumerArn(resource, name);
    if (type === 'AWS::Lambda::Alias' || type === 'AWS::Lambda::Version') {
      const target = at(resource, 'Properties', 'FunctionName');
      const resolved = target === undefined ? null : this.#intrinsics.resolve(target);
      return resolved === null ? undefined : (shownText(resolved) ?? undefined);
    }
    const service = SERVICES[type];
    if (service === undefined) return attribute === null ? name : undefined;
    const isArn = attribute === null ? service.refIsArn === true : /Arn$/i.test(attribute);
    if (attribute === 'Alias' || attribute === 'Version') return name;
    if (!isArn) return attribute === null || /Name$/.test(attribute) || attribute === 'Id' ? name : undefined;
    if (service.prefix === 's3') return `arn:aws:s3:::${name}`;
    return `arn:\${AWS::Partition}:${service.prefix}:\${AWS::Region}:\${AWS::AccountId}:${service.resource}${name}`;
  }

  #consumerArn(resource: Tree, name: string): string | undefined {
    const stream = at(resource, 'Properties', 'StreamARN');
    const resolved = stream === undefined ? null : this.#intrinsics.resolve(stream);
    return resolved === null ? undefined : `${shownText(resolved)}/consumer/${name}`;
  }

  #warn(place: Place, message: string): void {
    this.#found.warnings.push(issueAt(place, message, 'warning'));
  }
}

function functionReference(tree: Tree | undefined): Reference | null {
  if (tree === undefined) return null;
  const text = shownText(tree);
  if (text === null) return null;
  const unknown = firstUnknown(tree)?.why ?? null;
  return { name: functionNameOf(text), place: tree.place, unknown };
}

const PSEUDO_PARAMETERS = ['AccountId', 'Partition', 'Region', 'StackId', 'StackName', 'URLSuffix'].map(
  (name) => `AWS::${name}`,
);

const NAME_KEYS: Readonly<Record<string, string>> = {
  'AWS::Kinesis::Stream': 'Name',
  'AWS::Kinesis::StreamConsumer': 'ConsumerName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Serverless::Function': 'FunctionName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::S3::Bucket': 'BucketName',
};

interface Service {
  readonly prefix: string;
  /** Before the name. */
  readonly resource: string;
  /** Whether Ref gives the ARN. */
  readonly refIsArn?: true;
}

const SERVICES: Readonly<Record<string, Service>> = {
  'AWS::Kinesis::Stream': { prefix: 'kinesis', resource: 'stream/' },
  'AWS::Lambda::Function': { prefix: 'lambda', resource: 'function:' },
  'AWS::Serverless::Function': { prefix: 'lambda', resource: 'function:' },
  'AWS::SQS::Queue': { prefix: 'sqs', resource: '' },
  'AWS::SNS::Topic': { prefix: 'sns', resource: '', refIsArn: true },
  'AWS::S3::Bucket': { prefix: 's3', resource: '' },
  'AWS::DynamoDB::Table': { prefix: 'dynamodb', resource: 'table/' },
  'AWS::DynamoDB::GlobalTable': { prefix: 'dynamodb', resource: 'table/' },
  'AWS::Serverless::SimpleTable': { prefix: 'dynamodb', resource: 'table/' },
  'AWS::MSK::Cluster': { prefix: 'kafka', resource: 'cluster/', refIsArn: true },
  'AWS::MSK::ServerlessCluster': { prefix: 'kafka', resource: 'cluster/', refIsArn: true },
  'AWS::AmazonMQ::Broker': { prefix: 'mq', resource: 'broker:' },
  'AWS::DocDB::DBCluster': { prefix: 'rds', resource: 'cluster:' },
};

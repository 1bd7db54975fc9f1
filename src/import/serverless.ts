import type { Found } from './found.ts';
import { plain } from './intrinsics.ts';
import type { Parameters } from './parameters.ts';
import { ServerlessVariables } from './serverless-variables.ts';
import { TemplateReader } from './template.ts';
import type { ListTree, MapTree, Place, Tree } from './tree.ts';
import { at, entriesOf, issueAt, itemsOf, shownText, textOf, valueTree } from './tree.ts';
import { warnOfSlips, warnOfUnknown } from './unknown-keys.ts';

/** What the Serverless Framework itself sets where a file says nothing. */
const STANDARD = { memorySize: 1_024, timeout: 6, batchSize: 10, startingPosition: 'TRIM_HORIZON' } as const;
const STANDARD_VIA = "the Serverless Framework's default";

/** AWS's names of what a `stream` event sets. */
const EVENT_KEYS: Readonly<Record<string, string>> = {
  batchSize: 'BatchSize',
  batchWindow: 'MaximumBatchingWindowInSeconds',
  bisectBatchOnFunctionError: 'BisectBatchOnFunctionError',
  enabled: 'Enabled',
  maximumRecordAgeInSeconds: 'MaximumRecordAgeInSeconds',
  maximumRetryAttempts: 'MaximumRetryAttempts',
  parallelizationFactor: 'ParallelizationFactor',
  startingPosition: 'StartingPosition',
  startingPositionTimestamp: 'StartingPositionTimestamp',
  tumblingWindowInSeconds: 'TumblingWindowInSeconds',
};

/** What else is read of a `stream` event; the framework knows no more. */
const OTHER_EVENT_KEYS = ['arn', 'type', 'consumer', 'functionResponseType', 'filterPatterns', 'destinations'];

/** What is read of a function. */
const FUNCTION_KEYS = [
  'name',
  'events',
  'memorySize',
  'architecture',
  'timeout',
  'reservedConcurrency',
  'provisionedConcurrency',
];

const OTHER_SOURCES = ['sqs', 'msk', 'kafka', 'activemq', 'rabbitmq', 'documentDb'];

/** Reads a file of the Serverless Framework into `found`: functions, their `stream` events, its resources. */
export function readServerless(file: Tree, parameters: Parameters, found: Found): void {
  const variables = new ServerlessVariables(file, parameters);
  new ServerlessReader(variables.filled(file), { stage: variables.stage(), parameters }, found).read();
}

class ServerlessReader {
  readonly #file: Tree;
  readonly #stage: string;
  readonly #found: Found;
  readonly #resources: TemplateReader;

  constructor(file: Tree, given: { readonly stage: string; readonly parameters: Parameters }, found: Found) {
    const { stage, parameters } = given;
    this.#file = file;
    this.#stage = stage;
    this.#found = found;
    this.#resources = new TemplateReader(templateOf(file), parameters, found);
  }

  read(): void {
    this.#resources.read();
    const functions = at(this.#file, 'functions');
    for (const part of functions?.kind === 'list' ? functions.items : [functions]) {
      if (part?.kind === 'unknown') this.#warn(part.place, `these functions are left out: ${part.why}`);
      for (const [name, target] of entriesOf(part)) this.#function(name, target);
    }
  }

  #function(name: string, target: Tree): void {
    if (target.kind === 'unknown') {
      this.#warn(target.place, `this function is left out: ${target.why}`);
      return;
    }
    const provider = at(this.#file, 'provider');
    const settings = new Map<string, Tree>();
    for (const [key, aws] of [
      ['memorySize', 'MemorySize'],
      ['timeout', 'Timeout'],
    ] as const) {
      const said = at(target, key) ?? at(provider, key);
      settings.set(aws, said ?? valueTree(STANDARD[key], target, STANDARD_VIA));
    }
    const architecture = at(target, 'architecture') ?? at(provider, 'architecture');
    if (architecture !== undefined) settings.set('Architectures', listOf(architecture, [architecture]));
    const reserved = at(target, 'reservedConcurrency');
    if (reserved !== undefined) settings.set('ReservedConcurrentExecutions', reserved);
    const provisioned = at(target, 'provisionedConcurrency') ?? at(provider, 'provisionedConcurrency');
    if (provisioned !== undefined && textOf(provisioned) !== '0') {
      settings.set(
        'ProvisionedConcurrencyConfig',
        mapOf(provisioned, { ProvisionedConcurrentExecutions: provisioned }),
      );
    }
    warnOfSlips(target, FUNCTION_KEYS, this.#found);
    const { place } = target;
    const names = [shownText(at(target, 'name')) ?? this.#fullName(name)];
    this.#found.functions.push({ isLive: false, arn: null, place, names, logicalId: name, settings, remarks: [] });
    const events = at(target, 'events');
    if (events?.kind === 'unknown') this.#warn(events.place, `the events of this function are left out: ${events.why}`);
    itemsOf(events).forEach((event, index) => {
      if (event.kind === 'unknown') this.#warn(event.place, `this event is left out: ${event.why}`);
      this.#event(event, { name, label: `${name} ${index}` });
    });
  }

  /** service-stage-function */
  #fullName(name: string): string {
    const service = at(this.#file, 'service');
    return `${shownText(service) ?? shownText(at(service, 'name')) ?? ''}-${this.#stage}-${name}`;
  }

  #event(event: Tree, of: { readonly name: string; readonly label: string }): void {
    for (const [kind, body] of entriesOf(event)) {
      if (OTHER_SOURCES.includes(kind))
        this.#warn(body.place, `it reads from ${kind}, not from a Kinesis stream: left out`);
      if (kind === 'stream') this.#stream(body, of);
    }
  }

  #stream(body: Tree, { name, label }: { readonly name: string; readonly label: string }): void {
    const arn = body.kind === 'map' && at(body, 'arn') !== undefined ? at(body, 'arn')! : body;
    const type = at(body, 'type');
    if (type !== undefined && textOf(type) !== 'kinesis') {
      this.#warn(type.place, `it reads from ${textOf(type) ?? 'something'}, not from a Kinesis stream: left out`);
      return;
    }
    if (body !== arn) warnOfUnknown(body, [...Object.keys(EVENT_KEYS), ...OTHER_EVENT_KEYS], this.#found);
    const properties = new Map<string, Tree>();
    for (const [key, aws] of Object.entries(EVENT_KEYS)) {
      const value = at(body, key);
      const resolved = value === undefined ? null : this.#resources.resolve(value);
      if (resolved !== null) properties.set(aws, resolved);
    }
    for (const key of ['batchSize', 'startingPosition'] as const) {
      const aws = EVENT_KEYS[key]!;
      if (!properties.has(aws)) properties.set(aws, valueTree(STANDARD[key], body, STANDARD_VIA));
    }
    this.#others(body, properties);
    const source = this.#resources.resolve(arn);
    if (source !== null) properties.set('EventSourceArn', this.#consumed(source, at(body, 'consumer'), name));
    const target = { name, place: body.place, unknown: null };
    this.#resources.mapping(label, properties, body, { source: 'EventSourceArn', target, remarks: [] });
  }

  /** Those of another form than AWS's. */
  #others(body: Tree, properties: Map<string, Tree>): void {
    const types = at(body, 'functionResponseType');
    if (types !== undefined) properties.set('FunctionResponseTypes', listOf(types, [types]));
    const patterns = at(body, 'filterPatterns');
    if (patterns?.kind === 'list') {
      const filters = patterns.items.map((pattern) => {
        return mapOf(pattern, { Pattern: valueTree(JSON.stringify(plain(pattern)), pattern) });
      });
      properties.set('FilterCriteria', mapOf(patterns, { Filters: listOf(patterns, filters) }));
    }
    const failure = at(body, 'destinations', 'onFailure');
    const destination = failure === undefined ? null : this.#resources.resolve(at(failure, 'arn') ?? failure);
    if (destination !== null) {
      properties.set(
        'DestinationConfig',
        mapOf(destination, { OnFailure: mapOf(destination, { Destination: destination }) }),
      );
    }
  }

  /** `consumer: true` makes one; else it is its ARN. */
  #consumed(source: Tree, consumer: Tree | undefined, name: string): Tree {
    if (consumer === undefined || (consumer.kind === 'value' && consumer.value === false)) return source;
    if (consumer.kind !== 'value' || consumer.value !== true) return this.#resources.resolve(consumer) ?? source;
    const text = shownText(source);
    if (text === null) return source;
    const arn = `${text}/consumer/${name}Consumer`;
    return source.kind === 'unknown' ? { ...source, text: arn } : valueTree(arn, source);
  }

  #warn(place: Place, message: string): void {
    this.#found.warnings.push(issueAt(place, message, 'warning'));
  }
}

/** `resources` may be a list of parts. */
function templateOf(file: Tree): Tree {
  const resources = at(file, 'resources');
  const entries = new Map<string, Tree>();
  for (const part of resources?.kind === 'list' ? resources.items : [resources]) {
    for (const [section, body] of entriesOf(part)) {
      const before = entries.get(section);
      const isBoth = before?.kind === 'map' && body.kind === 'map';
      entries.set(section, isBoth ? { ...before, entries: new Map([...before.entries, ...body.entries]) } : body);
    }
  }
  return { kind: 'map', entries, keys: new Map(), place: resources?.place ?? file.place, via: null };
}

function mapOf(like: Tree, entries: Readonly<Record<string, Tree>>): MapTree {
  return { kind: 'map', entries: new Map(Object.entries(entries)), keys: new Map(), place: like.place, via: null };
}

function listOf(like: Tree, items: readonly Tree[]): ListTree {
  return { kind: 'list', items, place: like.place, via: null };
}

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { summarise } from '../../src/report/summarise.ts';
import { simulateSync } from '../../src/sim/simulate.ts';
import { imported, refusal, template } from './importing.ts';

const STACK = readFileSync('scenarios/stack/template.yaml', 'utf8');

describe('a template', () => {
  test('is worked out, and every value says from which line it comes', () => {
    const { text, warnings } = imported({ 'template.yaml': STACK });
    for (const line of [
      '  production-orders: # line 26',
      '    ShardCount: 2 # line 30, Size.production.Shards',
      '    RetentionPeriodHours: 72 # line 31, Fn::If IsProduction',
      '  production-enrich: # line 33',
      '    MemorySize: 512 # line 22',
      '    Timeout: 30 # line 23',
      '    ReservedConcurrentExecutions: 20 # line 39, Size.production.Concurrency',
      '    BatchSize: 100 # line 46',
      '    BisectBatchOnFunctionError: true # line 48',
      '    FunctionResponseTypes: [ ReportBatchItemFailures ] # line 49',
      '    DestinationConfig: { OnFailure: { Destination: LostOrders } } # line 50, LostOrders.Arn',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    // What no file says is marked, and named in a warning.
    expect(warnings).toEqual([
      'template.yaml:26:3 no file says how much traffic stream production-orders has; 100/s stands in, of 1KB a record',
      'template.yaml:33:3 no file says how long function production-enrich runs; 100ms stands in, and no time for cold starts',
    ]);
    expect(text.match(/FILL IN: /g)).toHaveLength(4);
  });

  test.each([
    [
      'Type: String, AllowedValues: [prod, dev]',
      'test',
      "expected one of prod, dev, got 'test' (AllowedValues, t.yaml:1:32)",
    ],
    [
      "Type: String, AllowedPattern: '[a-z]+', ConstraintDescription: small",
      'Bad',
      "expected what matches [a-z]+, got 'Bad' (AllowedPattern, t.yaml:1:48: small)",
    ],
    ['Type: Number, MinValue: 10', '5', "expected at least 10, got '5' (MinValue, t.yaml:1:42)"],
    ['Type: Number, AllowedValues: [10]', 'x', "expected a number, got 'x' (Type, t.yaml:1:24)"],
    [
      'Type: CommaDelimitedList, MaxLength: 3',
      'abc,long',
      "expected at most 3 characters, got 'long' (MaxLength, t.yaml:1:55)",
    ],
  ])('parameter { %s } refuses %s, as AWS does', (limits, value, message) => {
    const text = template({ head: `Parameters: {P: {${limits}}}` });
    expect(refusal({ 't.yaml': text }, { parameters: { P: value } })).toEqual([`--parameter:1:3 ${message}`]);
  });

  test('a parameter that is a number is compared as one', () => {
    const head = 'Parameters: { P: { Type: Number, AllowedValues: ["100"], MaxValue: "100" } }';
    const text = template({ head, stream: 'ShardCount: !Ref P' });
    const { streams } = imported({ 't.yaml': text }, { parameters: { P: '100.0' } });
    expect(Object.values(streams)).toMatchObject([{ ShardCount: 100 }]);
  });

  test('takes its parameters from whoever gives them', () => {
    const { streams, functions } = imported({ 'template.yaml': STACK }, { parameters: { Stage: 'staging' } });
    expect(streams['staging-orders']).toMatchObject({ ShardCount: 1, RetentionPeriodHours: 24 });
    expect(functions['staging-enrich']).toMatchObject({ ReservedConcurrentExecutions: 2 });
    expect(refusal({ 'template.yaml': STACK }, { parameters: { Stge: 'x' } })).toEqual([
      "--parameter:1:1 no file has a parameter Stge; did you mean 'Stage'?",
    ]);
  });

  test('says the same in JSON, with places', () => {
    const written = {
      Resources: {
        S: { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: '3' } },
        F: { Type: 'AWS::Lambda::Function', Properties: { MemorySize: 256 } },
        M: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            EventSourceArn: { 'Fn::GetAtt': ['S', 'Arn'] },
            FunctionName: { Ref: 'F' },
            StartingPosition: 'LATEST',
            Enabled: 'false',
            BatchSize: '20',
          },
        },
      },
    };
    const { streams, mappings, text } = imported({ 'cdk.json': written });
    expect(streams.S).toMatchObject({ ShardCount: 3 });
    expect(mappings['S-to-F']).toMatchObject({ BatchSize: 20, Enabled: false, StartingPosition: 'LATEST' });
    expect(text).toContain('BatchSize: 20 # line 29');
  });

  test('AWS would refuse is refused, with the range, where it stands and where the value comes from', () => {
    const head = 'Parameters:\n  Factor: { Type: Number, Default: 50 }';
    expect(refusal({ 't.yaml': template({ head, event: 'ParallelizationFactor: !Ref Factor' }) })).toEqual([
      't.yaml:18:13 expected a whole number from 1 to 10, got 50 (the default of Factor)',
    ]);
    expect(refusal({ 't.yaml': template({ event: 'BatchSize: lots' }) })).toEqual([
      "t.yaml:17:24 expected a whole number from 1 to 10,000, got 'lots'",
    ]);
    const filters = 'FilterCriteria: { Filters: [{ Pattern: \'{"a": 1}\' }] }';
    expect(refusal({ 't.yaml': template({ event: filters }) })).toEqual([
      't.yaml:17:52 a: expected a list of values or rules, or an object',
    ]);
    expect(refusal({ 't.yaml': template({ event: '' }).replace('StartingPosition: TRIM_HORIZON', '') })[0]).toMatch(
      /^t\.yaml:14:11 StartingPosition is missing, which AWS refuses/,
    );
  });

  test('what it leaves open is left to the default, with a comment and a warning', () => {
    const head = 'Parameters:\n  Batch: { Type: Number }';
    const { mappings, text, warnings } = imported({ 't.yaml': template({ head, event: 'BatchSize: !Ref Batch' }) });
    const why = "parameter Batch has no default; give it with --parameter Batch=VALUE; AWS's default holds, 100";
    expect(mappings['Orders-to-Enrich']).toMatchObject({ BatchSize: 100 });
    expect(text).toContain(`    # FILL IN: BatchSize: not known (line 18): ${why}`.slice(0, 100));
    expect(warnings).toContain(`t.yaml:18:13 BatchSize is not known: ${why}`);
  });

  test.each([
    ['!ImportValue core-stream-arn', 'another stack exports core-stream-arn', 'core-stream-arn'],
    ['!Ref StreamArn', 'parameter StreamArn has no default', 'StreamArn'],
    ['!Sub "arn:aws:kinesis:eu-west-1:1:stream/${Env}-events"', 'parameter Env has no default', 'Env-events'],
    ['!GetAtt Nested.Outputs.Arn', 'there is no resource Nested', 'Nested.Outputs.Arn'],
  ])('a stream that is %s is called what is known of it', (arn, why, name) => {
    const head = 'Parameters:\n  StreamArn: { Type: String }\n  Env: { Type: String }';
    const text = template({ head }).replace('!GetAtt Orders.Arn', arn);
    const { mappings, streams, warnings } = imported({ 't.yaml': text });
    expect(mappings[`${name}-to-Enrich`]).toMatchObject({ stream: name });
    expect(streams[name]).toMatchObject({ ShardCount: 1 });
    expect(warnings.filter((warning) => warning.includes(why))).toHaveLength(1);
    expect(warnings).toContainEqual(
      expect.stringContaining(`no file says how many shards stream ${name} has; 1 stands`),
    );
    expect(warnings).toContainEqual('t.yaml:5:3 no function reads stream Orders: left out');
  });

  test('events that depend on what is not known are left out, and said', () => {
    const head = 'Parameters: { Size: { Type: String } }\nConditions: { IsLarge: !Equals [!Ref Size, large] }';
    const more = `  Other:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: !If [IsLarge, { Type: Kinesis, Properties: { Stream: !GetAtt Orders.Arn, StartingPosition: LATEST } }, !Ref AWS::NoValue]
        Fn::ForEach::B: [X, [1], {}]`;
    const { mappings, warnings } = imported({ 't.yaml': template({ head, more }) });
    expect(Object.keys(mappings)).toEqual(['Orders-to-Enrich']);
    expect(warnings).toContainEqual(
      expect.stringMatching(/^t\.yaml:23:9 this event is left out: condition IsLarge is not known/),
    );
    expect(warnings).toContainEqual(
      expect.stringContaining('Fn::ForEach::B is not worked out: the events it makes are left out'),
    );
  });

  test('its conditions decide what there is', () => {
    const head = `Parameters:
  Env: { Type: String, Default: prod }
  Size: { Type: String }
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  IsTest: !Not [!Condition IsProd]
  Both: !And [!Condition IsProd, !Or [!Condition IsTest, !Equals [a, a]]]
  IsLarge: !Equals [!Ref Size, large]
  Circular: !Not [!Condition Circular]`;
    const event = 'BatchSize: !If [Both, 7, 8]\n            ParallelizationFactor: !If [IsLarge, 4, 4]';
    const known = imported({
      't.yaml': template({
        head,
        event: `${event}\n            MaximumRetryAttempts: !If [IsTest, 1, !Ref AWS::NoValue]`,
      }),
    });
    expect(known.mappings['Orders-to-Enrich']).toMatchObject({
      BatchSize: 7,
      ParallelizationFactor: 4,
      MaximumRetryAttempts: -1,
    });
    for (const condition of ['IsLarge', 'Circular']) {
      const open = imported({ 't.yaml': template({ head, event: `BatchSize: !If [${condition}, 7, 8]` }) });
      expect(open.mappings['Orders-to-Enrich']).toMatchObject({ BatchSize: 100 });
      expect(open.warnings).toContainEqual(
        expect.stringContaining(`BatchSize is not known: condition ${condition} is not known`),
      );
    }
    const more = `  Second:
    Type: AWS::Lambda::EventSourceMapping
    Condition: CONDITION
    Properties: { EventSourceArn: !GetAtt Orders.Arn, FunctionName: other, StartingPosition: LATEST }
`;
    const names = (condition: string) =>
      Object.keys(imported({ 't.yaml': template({ head, more: more.replace('CONDITION', condition) }) }).mappings);
    expect(names('IsTest')).toEqual(['Orders-to-Enrich']);
    expect(names('IsProd')).toEqual(['Orders-to-Enrich', 'Orders-to-other']);
    const open = imported({ 't.yaml': template({ head, more: more.replace('CONDITION', 'IsLarge') }) });
    expect(open.text).toContain('    # there only if condition IsLarge holds');
    expect(open.warnings).toContainEqual(expect.stringContaining('condition IsLarge is not known, and taken to hold'));
  });

  test('Join, Split, Select and pseudo parameters are worked out as far as they go', () => {
    const head = 'Parameters:\n  Sizes: { Type: CommaDelimitedList, Default: "5, 60,7" }';
    const event = `BatchSize: !Select [1, !Ref Sizes]
            MaximumRetryAttempts: !Select [2, !Split ['-', 'a-b-9']]
            ParallelizationFactor: !FindInMap [Factors, !Ref AWS::Region, Factor]`;
    const mappings = 'Mappings: { Factors: { eu-west-1: { Factor: 3 } } }';
    const text = template({ head: `${head}\n${mappings}`, event }).replace(
      '!GetAtt Orders.Arn',
      "!Join ['', ['arn:', !Ref AWS::Partition, ':kinesis:', !Ref AWS::Region, ':', !Ref AWS::AccountId, ':stream/', !Ref Orders]]",
    );
    const open = imported({ 't.yaml': text });
    expect(open.mappings['Orders-to-Enrich']).toMatchObject({
      BatchSize: 60,
      MaximumRetryAttempts: 9,
      ParallelizationFactor: 1,
    });
    expect(open.warnings).toContainEqual(
      expect.stringContaining('it depends on AWS::Region; give it with --parameter AWS::Region=VALUE'),
    );
    const known = imported({ 't.yaml': text }, { parameters: { 'AWS::Region': 'eu-west-1' } });
    expect(known.mappings['Orders-to-Enrich']).toMatchObject({ ParallelizationFactor: 3 });
  });

  test('brings consumers, provisioned concurrency and on-demand streams', () => {
    const more = `  Fast:
    Type: AWS::Kinesis::StreamConsumer
    Properties: { ConsumerName: fast, StreamARN: !GetAtt Orders.Arn }
  Second:
    Type: AWS::Lambda::EventSourceMapping
    Properties: { EventSourceArn: !Ref Fast, FunctionName: !Ref Live, StartingPosition: LATEST }
  Other: { Type: AWS::Lambda::Function, Properties: { FunctionName: other } }
  Live:
    Type: AWS::Lambda::Alias
    Properties:
      FunctionName: !Ref Other
      ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 5 }
`;
    const stream = 'StreamModeDetails: { StreamMode: ON_DEMAND }, RetentionPeriodHours: 48';
    const { streams, mappings, functions } = imported({ 't.yaml': template({ stream, more }) });
    expect(streams.Orders).toMatchObject({ StreamMode: 'ON_DEMAND', RetentionPeriodHours: 48, consumers: ['fast'] });
    expect(mappings['Orders-fast-to-other']).toMatchObject({ consumer: 'Orders/fast' });
    expect(functions.other).toMatchObject({ ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 5 } });
  });

  test.each([
    ['its own', template({ target: 'Architectures: [arm64]' })],
    ["the template's Globals", template({ head: 'Globals: { Function: { Architectures: [arm64] } }' })],
  ])('a function has the architecture of %s', (_, text) => {
    const { functions, scenario } = imported({ 't.yaml': text });
    expect(functions.Enrich).toMatchObject({ Architectures: ['arm64'] });
    expect(scenario.functions[0]!.architecture).toBe('arm64');
  });

  test('leaves out what reads no stream, and says so', () => {
    const more = `  Queue: { Type: AWS::SQS::Queue }
  Other:
    Type: AWS::Lambda::EventSourceMapping
    Properties: { EventSourceArn: !GetAtt Queue.Arn, FunctionName: !Ref Enrich }
`;
    const event = `DestinationConfig: { OnFailure: { Destination: !GetAtt Queue.Arn } }
        Table: { Type: DynamoDB, Properties: { Stream: x, StartingPosition: LATEST } }`;
    const { mappings, warnings } = imported({ 't.yaml': template({ event, more }) });
    expect(Object.keys(mappings)).toEqual(['Orders-to-Enrich']);
    expect(warnings.slice(2)).toEqual([
      't.yaml:18:24 it reads from DynamoDB, not from a Kinesis stream: left out',
      't.yaml:22:19 it reads from sqs, not from a Kinesis stream: left out',
    ]);
    const alone = `Resources:\n${more}  Enrich: { Type: AWS::Lambda::Function }\n`;
    expect(refusal({ 't.yaml': alone })).toEqual([
      't.yaml:5:19 it reads from sqs, not from a Kinesis stream: left out, and the file holds nothing else to import',
    ]);
  });

  test('asks for what looks like a slip', () => {
    expect(imported({ 't.yaml': template({ event: 'BatchSice: 5' }) }).warnings).toContain(
      "t.yaml:17:13 unknown property 'BatchSice'; did you mean 'BatchSize'?: left out",
    );
  });

  test('asks for what looks like a slip of a function, and for none of what does not matter here', () => {
    const target = 'MemorySze: 1024\n      Runtime: nodejs22.x\n      VpcConfig: {}\n      Tags: { a: b }';
    const { functions, warnings } = imported({
      't.yaml': template({ target, head: 'Globals: { Function: { TimeOut: 30, Handler: x } }' }),
    });
    expect(functions.Enrich).toMatchObject({ MemorySize: 128, Timeout: 10 });
    expect(warnings.filter((warning) => warning.includes('unknown'))).toEqual([
      "t.yaml:1:24 unknown property 'TimeOut'; did you mean 'Timeout'?: left out",
      "t.yaml:10:7 unknown property 'MemorySze'; did you mean 'MemorySize'?: left out",
    ]);
    const more = '  Other: { Type: AWS::Lambda::Function, Properties: { ReservedConcurrentExecution: 5, Role: x } }';
    expect(imported({ 't.yaml': template({ more }) }).warnings).toContainEqual(
      expect.stringContaining("'ReservedConcurrentExecution'; did you mean 'ReservedConcurrentExecutions'?: left out"),
    );
  });

  test.each([
    [
      'YAML',
      template({ stream: 'ShardCount: 4, ShardCount: 1', event: 'BatchSize: 500\n            BatchSize: 5' }),
      5,
      34,
    ],
    [
      'JSON',
      '{"Resources":{"S":{"Type":"AWS::Kinesis::Stream","Properties":{"ShardCount":4,\n"ShardCount":1}}}}',
      2,
      1,
    ],
  ])('of a key that stands twice in %s takes the last, and says so', (_, text, line, column) => {
    const { streams, warnings } = imported({ 't.yaml': text });
    expect(Object.values(streams)).toMatchObject([{ ShardCount: 1 }]);
    const first = line === 2 ? 1 : line;
    expect(warnings).toContain(
      `t.yaml:${line}:${column} stands here again, after line ${first}; expected each key once; taken: the last`,
    );
  });

  test('may merge several maps into one, each a key of its own', () => {
    const more = 'X-Count: &count { ShardCount: 3 }\nX-Hours: &hours { RetentionPeriodHours: 48 }';
    const { streams, warnings } = imported({ 't.yaml': template({ head: more, stream: '<<: *count, <<: *hours' }) });
    expect(streams.Orders).toMatchObject({ ShardCount: 3, RetentionPeriodHours: 48 });
    expect(warnings.join('\n')).not.toContain('again');
  });

  test('makes room for what is reserved, and says that it does', () => {
    const { scenario, text } = imported({ 't.yaml': template({ target: 'ReservedConcurrentExecutions: 1500' }) });
    expect(scenario.account.concurrentExecutions).toBe(1_600);
    expect(text).toContain("ConcurrentExecutions: 1600 # FILL IN: the account's own limit");
  });

  test('its filters come with data that some records match', () => {
    const pattern = (text: string) => `FilterCriteria: { Filters: [{ Pattern: '${text}' }] }`;
    const event = pattern('{"data":{"kind":["Order"],"size":[{"numeric":[">",5]}],"country":["US",{"prefix":"D"}]}}');
    const { scenario, warnings } = imported({ 't.yaml': template({ event }) });
    expect(warnings).toContainEqual(expect.stringContaining('data made up from the filters stands in'));
    const short = { ...scenario, duration: 20_000_000, drain: 0 };
    const { records } = summarise(simulateSync(short)).mappings['Orders-to-Enrich']!;
    expect(records.filtered).toBeGreaterThan(100);
    expect(records.succeeded).toBeGreaterThan(100);
  });

  test('its filters may hold what a template of data would fill in', () => {
    const event = `FilterCriteria: { Filters: [{ Pattern: '{"data":{"\${a}":["x"],"b":["\${x}"],"c":["\${x}", "y"]}}' }] }`;
    const { scenario } = imported({ 't.yaml': template({ event }) });
    expect(scenario.producers[0]!.data).toEqual({ kind: 'template', template: { b: null, c: '${pick:y,other}' } });
  });
});

describe('a strange file', () => {
  test('is asked for where there is none', () => {
    expect(refusal({})).toEqual([':1:1 no file; expected one or more']);
  });

  test('may call things what it likes', () => {
    const strange = {
      ['__proto__']: { Type: 'AWS::Kinesis::Stream' },
      constructor: { Type: 'toString' },
    };
    const { scenario } = imported({ 't.json': JSON.stringify({ Resources: strange }) });
    expect(scenario.streams.map(({ name }) => name)).toEqual(['unnamed']);
  });

  test('puts nothing of its own into the scenario', () => {
    const name = '"a\\nmappings: { x: 1 }\\u2028#"';
    const { text, streams } = imported({ 't\n.yaml': template({ stream: `ShardCount: 2, Name: ${name}` }) });
    expect(Object.keys(streams)).toHaveLength(1);
    expect(text).not.toMatch(/^mappings: \{/m);
  });

  test.each([
    [
      'one that unfolds to too much',
      `a: &a [1]\n${[...'bcdefghijklmnop'].map((key, i) => `${key}: &${key} [${`*${'abcdefghijklmnop'[i]},`.repeat(9)}]`).join('\n')}\nResources: {}`,
    ],
    ['a deep one', `{"a":${'['.repeat(3_000)}${']'.repeat(3_000)}}`],
    ['an alias of itself', 'Resources: &a\n  X: *a\n'],
    ['nothing', ''],
    ['text', 'hello'],
    ['a list', '- 1\n- 2\n'],
  ])('is refused where it is wrong: %s', (_, text) => {
    for (const message of refusal({ 't.yaml': text })) expect(message).toMatch(/^t\.yaml:\d+:\d+ ./);
  });
});

const SERVERLESS = `service: shop
provider:
  name: aws
  stage: \${opt:stage, 'dev'}
  memorySize: 512
custom:
  batch: { dev: 10, prod: 250 }
  stream: \${self:service}-\${sls:stage}-orders
functions:
  enrich:
    handler: enrich.handler
    timeout: \${self:custom.timeout, 15}
    reservedConcurrency: 5
    events:
      - http: { method: get, path: / }
      - sqs: arn:aws:sqs:eu-west-1:111122223333:queue
      - stream:
          type: kinesis
          arn: !GetAtt Orders.Arn
          batchSize: \${self:custom.batch.\${sls:stage}}
          batchWindow: 2
          parallelizationFactor: 3
          maximumRetryAttempts: 4
          maximumRecordAgeInSeconds: 120
          bisectBatchOnFunctionError: true
          functionResponseType: ReportBatchItemFailures
          tumblingWindowInSeconds: 0
          consumer: true
          enabled: false
          filterPatterns:
            - partitionKey: [a]
          destinations: { onFailure: 'arn:aws:sns:eu-west-1:111122223333:lost' }
  audit:
    handler: audit.handler
    name: audit
    events:
      - stream: arn:aws:kinesis:eu-west-1:111122223333:stream/clicks
      - stream: { type: dynamodb, arn: 'arn:aws:dynamodb:eu-west-1:1:table/t/stream/s' }
resources:
  - Resources:
      Orders:
        Type: AWS::Kinesis::Stream
        Properties: { Name: '\${self:custom.stream}', ShardCount: 2 }
  - Outputs: {}
`;

test('a file of the Serverless Framework becomes its functions, streams and mappings, with the defaults that are its own', () => {
  const { streams, functions, mappings, warnings } = imported({ 'serverless.yml': SERVERLESS });
  expect(streams).toMatchObject({ 'shop-dev-orders': { ShardCount: 2, consumers: ['enrichConsumer'] }, clicks: {} });
  expect(functions['shop-dev-enrich']).toMatchObject({ MemorySize: 512, Timeout: 15, ReservedConcurrentExecutions: 5 });
  expect(functions.audit).toMatchObject({ MemorySize: 512, Timeout: 6 });
  expect(mappings['shop-dev-orders-enrichConsumer-to-shop-dev-enrich']).toMatchObject({
    ...{ consumer: 'shop-dev-orders/enrichConsumer', BatchSize: 10, MaximumBatchingWindowInSeconds: 2 },
    ...{ ParallelizationFactor: 3, MaximumRetryAttempts: 4, MaximumRecordAgeInSeconds: 120, Enabled: false },
    ...{ BisectBatchOnFunctionError: true, FunctionResponseTypes: ['ReportBatchItemFailures'] },
    FilterCriteria: { Filters: [{ Pattern: '{"partitionKey":["a"]}' }] },
    DestinationConfig: { OnFailure: { Destination: 'arn:aws:sns:eu-west-1:111122223333:lost' } },
  });
  expect(mappings['clicks-to-audit']).toMatchObject({ BatchSize: 10, StartingPosition: 'TRIM_HORIZON' });
  expect(warnings.filter((warning) => warning.includes('left out'))).toEqual([
    'serverless.yml:16:14 it reads from sqs, not from a Kinesis stream: left out',
    'serverless.yml:38:25 it reads from dynamodb, not from a Kinesis stream: left out',
  ]);
});

test.each([
  ['provider', '  memorySize: 512', '  architecture: arm64\n  memorySize: 512'],
  ['function', '    timeout:', '    architecture: arm64\n    timeout:'],
])('the architecture may stand at its %s', (_, key, keys) => {
  const { functions } = imported({ 'serverless.yml': SERVERLESS.replace(key, keys) });
  expect(functions['shop-dev-enrich']).toMatchObject({ Architectures: ['arm64'] });
});

test('what its events and functions do not know is left out, and said', () => {
  const text = SERVERLESS.replace('batchSize:', 'batchsize: 500\n          note: x\n          batchSize:').replace(
    '    timeout:',
    '    memorysize: 256\n    timeout:',
  );
  const { warnings } = imported({ 'serverless.yml': text });
  expect(warnings.filter((warning) => warning.includes('unknown'))).toEqual([
    "serverless.yml:12:5 unknown property 'memorysize'; did you mean 'memorySize'?: left out",
    "serverless.yml:21:11 unknown property 'batchsize'; did you mean 'batchSize'?: left out",
    "serverless.yml:22:11 unknown property 'note': left out",
  ]);
});

test('its variables take what is given, and what is not known is said', () => {
  const prod = imported({ 'serverless.yml': SERVERLESS }, { parameters: { 'opt:stage': 'prod' } });
  expect(Object.values(prod.mappings)[0]).toMatchObject({ BatchSize: 250 });
  expect(Object.keys(prod.streams)).toContain('shop-prod-orders');
  const open = imported({ 'serverless.yml': SERVERLESS.replace('${self:custom.batch.${sls:stage}}', '${env:BATCH}') });
  expect(open.warnings).toContainEqual(
    expect.stringContaining(
      "BatchSize is not known: ${env:BATCH} is not known; give it with --parameter env:BATCH=VALUE; AWS's default holds, 100",
    ),
  );
  const circular = SERVERLESS.replace('batch: { dev: 10', "batch: { dev: '${self:custom.batch.dev}'");
  expect(imported({ 'serverless.yml': circular }).warnings.join('\n')).toContain('is not known');
  expect(
    refusal({ 'serverless.yml': SERVERLESS.replace('parallelizationFactor: 3', 'parallelizationFactor: 30') }),
  ).toEqual(['serverless.yml:22:34 expected a whole number from 1 to 10, got 30']);
});

test.each([
  ['that of the provider', 'stage: test, ', {}, 'test'],
  ['the one that is given before that of the provider', 'stage: test, ', { 'opt:stage': 'prod' }, 'prod'],
  ['dev where there is neither', '', {}, 'dev'],
])('its stage is %s', (_, said, parameters, stage) => {
  const text = `service: shop
provider: { ${said}name: aws }
custom: { shards: { test: 1, prod: 8, dev: 3 } }
functions:
  enrich:
    events: [{ stream: { type: kinesis, arn: !GetAtt Orders.Arn } }]
  audit:
    name: \${sls:stage}-audit
    events: [{ stream: { type: kinesis, arn: !GetAtt Orders.Arn } }]
resources:
  Resources:
    Orders:
      Type: AWS::Kinesis::Stream
      Properties: { Name: '\${opt:stage, sls:stage}-orders', ShardCount: '\${self:custom.shards.\${sls:stage}}' }
`;
  const { functions, streams } = imported({ 'serverless.yml': text }, { parameters });
  expect(Object.keys(functions)).toEqual([`shop-${stage}-enrich`, `${stage}-audit`]);
  expect(streams).toMatchObject({ [`${stage}-orders`]: { ShardCount: { test: 1, prod: 8, dev: 3 }[stage] } });
});

test('its region is the one that is given before that of the provider', () => {
  const text = `service: shop
provider: { name: aws, region: eu-west-1 }
functions: { enrich: { events: [{ stream: 'arn:aws:kinesis:\${aws:region}:1:stream/orders-\${aws:region}' }] } }
`;
  const names = (parameters: Readonly<Record<string, string>>) =>
    Object.keys(imported({ 'serverless.yml': text }, { parameters }).streams);
  expect(names({})).toEqual(['orders-eu-west-1']);
  expect(names({ 'opt:region': 'us-east-1' })).toEqual(['orders-us-east-1']);
});

test('what another file would bring is left out, and said', () => {
  const far = SERVERLESS.replace('  audit:\n', '  far: ${file(far.yml)}\n  audit:\n');
  const { warnings } = imported({ 'serverless.yml': far });
  expect(warnings).toContainEqual(
    expect.stringMatching(/^serverless\.yml:33:8 this function is left out: \$\{file\(far\.yml\)\} is not known/),
  );
});

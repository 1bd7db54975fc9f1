import { expect, test } from 'vitest';
import { imported, refusal } from './importing.ts';

const FILE = `service: shop
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
  const { streams, functions, mappings, warnings } = imported({ 'serverless.yml': FILE });
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

test('its variables take what is given, and what is not known is said', () => {
  const prod = imported({ 'serverless.yml': FILE }, { parameters: { 'opt:stage': 'prod' } });
  expect(Object.values(prod.mappings)[0]).toMatchObject({ BatchSize: 250 });
  expect(Object.keys(prod.streams)).toContain('shop-prod-orders');
  const open = imported({ 'serverless.yml': FILE.replace('${self:custom.batch.${sls:stage}}', '${env:BATCH}') });
  expect(open.warnings).toContainEqual(
    expect.stringContaining(
      "BatchSize is not known: ${env:BATCH} is not known; give it with --parameter env:BATCH=VALUE; AWS's default holds, 100",
    ),
  );
  const circular = FILE.replace('batch: { dev: 10', "batch: { dev: '${self:custom.batch.dev}'");
  expect(imported({ 'serverless.yml': circular }).warnings.join('\n')).toContain('is not known');
  expect(refusal({ 'serverless.yml': FILE.replace('parallelizationFactor: 3', 'parallelizationFactor: 30') })).toEqual([
    'serverless.yml:22:34 expected a whole number from 1 to 10, got 30',
  ]);
});

import { expect, test } from 'vitest';
import { failedRecords } from '../../src/report/failed-records.ts';
import { run, type ScenarioPart } from '../support/scenario.ts';

const failing = (until: string, more: ScenarioPart) =>
  failedRecords(
    run({
      duration: '4m',
      period: '60s',
      producers: { p: { rate: '10/s', arrivals: 'even' } },
      functions: { f: { duration: '100ms', faults: [{ poison: { oneIn: 50 }, fail: 'record', until }] } },
      mappings: { m: { FunctionResponseTypes: ['ReportBatchItemFailures'], MaximumRetryAttempts: 1 } },
      ...more,
    }).summary,
    'm',
  );

test('what failed before the warm-up was over is not told, though its period goes on (D5, E5)', () => {
  expect(failing('85s', { warmup: '90s' })).toBe(0);
  expect(failing('85s', {})).toBeGreaterThan(0);
  expect(failing('3m', { warmup: '90s' })).toBeGreaterThan(0);
});

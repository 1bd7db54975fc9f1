import { describe, expect, test } from 'vitest';
import { summarise } from '../../src/report/summarise.ts';
import { simulateSync } from '../../src/sim/simulate.ts';
import { imported, template } from './importing.ts';

const report = (duration: string, rest = '') =>
  `REPORT RequestId: db275f87-a934-471a-8980-b63bf4dc1beb\tDuration: ${duration} ms\tBilled Duration: 100 ms\tMemory Size: 256 MB\tMax Memory Used: 48 MB\t${rest}`;
const ran = (count: number) => Array.from({ length: count }, (_, i) => report(String(20 + i)));
const LATE = report('3000.00', 'Status: timeout');
const lines = (...all: readonly string[]) => ({ 'r.log': `${all.join('\n')}\n` });

describe('invocations that ran into the Timeout', () => {
  test('are in no duration, and a run has as many of them', () => {
    const { dataFiles, functions, text, scenario, warnings } = imported(lines(...ran(18), LATE, LATE), {
      dataPrefix: 'p',
    });
    expect(functions.function).toMatchObject({ Timeout: 3, faults: [{ probability: '10%', after: '3001ms' }] });
    expect(Object.values(dataFiles)[0]!.trimEnd().split('\n')).toHaveLength(1 + 18);
    expect(text).toContain('# Duration of 18 REPORT lines');
    expect(text).toContain('# 2 of 20 invocations ran into the Timeout of 3 s: line 1');
    expect(warnings).toContainEqual(
      expect.stringMatching(/^r\.log:1:1 2 of 20 invocations ran into the Timeout of 3 s/),
    );
    const outcomes: string[] = [];
    simulateSync(scenario, { trace: (event) => event.type === 'invocation' && outcomes.push(event.outcome) });
    const late = outcomes.filter((outcome) => outcome === 'timeout').length;
    expect(late + outcomes.filter((outcome) => outcome === 'success').length).toBe(outcomes.length);
    // Within five standard errors.
    const spread = Math.sqrt(0.1 * 0.9 * outcomes.length);
    expect(Math.abs(late - 0.1 * outcomes.length)).toBeLessThan(5 * spread);
  });

  test.each([
    ['by a line that follows', report('3003.16'), 'x Task timed out after 3.00 seconds'],
    ['by one on the dot', report('3000.00'), 'x Task timed out after 3.00 seconds'],
    ['by their status', LATE],
    [
      "by Lambda's JSON",
      '{"type":"platform.report","record":{"metrics":{"durationMs":3000.0,"memorySizeMB":256},"status":"timeout"}}',
    ],
  ])('are known %s', (_, ...late) => {
    const { functions, text } = imported(lines(...ran(3), ...late));
    expect(functions.function).toMatchObject({ Timeout: 3, faults: [{ probability: '25%', after: '3001ms' }] });
    expect(text).not.toContain('ended in an error');
  });

  test('say what the Timeout is, by how long they took', () => {
    const { functions } = imported(lines(...ran(1), report('30000.00', 'Status: timeout')));
    expect(functions.function).toMatchObject({ Timeout: 30, faults: [{ after: '30001ms' }] });
  });

  test('agree with a template that has their Timeout', () => {
    const late = lines(report('10003.16', 'Status: timeout'), 'x Task timed out after 10.01 seconds');
    const { functions, warnings } = imported({ 't.yaml': template(), ...late });
    expect(functions.Enrich).toMatchObject({ Timeout: 10 });
    expect(warnings.filter((warning) => /Timeout is/.test(warning))).toEqual([]);
  });

  test('if they are all there is, leave open how long it runs, and each fails in a run, too', () => {
    const { functions, scenario, text, warnings } = imported(lines(LATE));
    expect(functions.function).toMatchObject({
      duration: '3000ms',
      faults: [{ probability: '100%', after: '3001ms' }],
    });
    expect(text).toContain('duration: 3000ms # FILL IN: the only invocation ran into the Timeout');
    expect(warnings).toContain(
      'r.log:1:1 the only invocation ran into the Timeout, so no file says how long it runs; in a run each fails, too (faults)',
    );
    const { invocations, errors } = summarise(simulateSync(scenario)).functions.function!;
    expect(errors).toBe(invocations);
  });
});

test('errors are left to the reader, with a warning: they may be one record that came again and again', () => {
  const { functions, text, warnings } = imported(lines(...ran(8), report('9', 'Status: error'), LATE));
  const faults = '[ { probability: 10%, after: 3001ms }, { probability: 11.11% } ]';
  expect(functions.function!.faults).toEqual([{ probability: '10%', after: '3001ms' }]);
  expect(text).toContain(
    '# 1 of 10 invocations ended in an error; in place of the faults above, with these as many fail:',
  );
  expect(text).toContain(`# faults: ${faults}\n`);
  expect(warnings).toContain(
    `r.log:1:1 1 of 10 invocations ended in an error; in a run none does, unless its faults say so: ${faults}`,
  );
});

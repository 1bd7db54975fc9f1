import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

/** Files that others have published; see published-traces.test.ts. */
const folder = process.env.SHARDCLOCK_DATA ?? '';
const FOLDERS = ['templates', 'cli', 'kinesis-metrics', 'durations', 'logs'];

/** Of every file: what came out, or where and why it is refused. */
const TABLE: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL('shared-files.json', import.meta.url), 'utf8'),
);

describe.skipIf(folder === '')('the files of others (skipped: SHARDCLOCK_DATA names no folder)', () => {
  const files = folder === '' ? [] : FOLDERS.flatMap((name) => filesIn(name));

  test('are all in the table', () => {
    expect(Object.keys(TABLE).sort()).toEqual(files.sort());
  });

  test.each(Object.entries(TABLE))('%s', async (name, expected) => {
    // Loaded only where there is something to read.
    const { importScenario, parseScenario, simulateSync } = await import('../../src/index.ts');
    const { whatCameOut } = await import('./what-came-out.ts');
    const text = readFileSync(join(folder, name), 'utf8');
    const imported = importScenario([{ name, text, reference: name }]);
    if (!imported.ok) {
      for (const { file, line, column } of imported.issues)
        expect([file, line > 0, column > 0]).toEqual([name, true, true]);
      const errors = imported.issues.filter(({ severity }) => severity === 'error');
      expect(errors.map(({ line, column, message }) => `${line}:${column} ${message}`).join('; ')).toBe(expected);
      return;
    }
    const parsed = parseScenario(imported.text, {
      readFile: () => Buffer.from(text),
      set: ['duration=10s', 'drain=0s'],
    });
    if (!parsed.ok) throw new Error(parsed.issues[0]!.message);
    expect(whatCameOut(parsed.scenario)).toBe(expected);
    expect(simulateSync(parsed.scenario).digest).not.toBe('');
  });
});

function filesIn(name: string): string[] {
  return readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' })
    .map((file) => join(name, file))
    .filter((file) => statSync(join(folder, file)).isFile());
}

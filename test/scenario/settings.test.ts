import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { scenarioSchema } from '../../src/scenario/schema.ts';
import { settingMeanings } from '../../src/scenario/settings.ts';

const meanings = settingMeanings();

describe('what the schema says of a setting', () => {
  test('is all that there is to say, for every key', () => {
    expect(meanings.length).toBeGreaterThan(100);
    for (const { path, description, expected } of meanings) {
      expect(description, path.join('.')).not.toBe('');
      expect(expected, path.join('.')).not.toMatch(/^expected|Invalid/);
    }
  });

  test('knows defaults, what has to be given, and whose name it is', () => {
    const of = (...path: string[]) => meanings.find((one) => one.path.join('.') === path.join('.'))!;
    expect(of('stallAfter')).toMatchObject({ standard: '10s', isRequired: false, isAws: false });
    expect(of('mappings', 'NAME', 'function')).toMatchObject({ standard: null, isRequired: true });
    expect(of('mappings', 'NAME', 'Enabled')).toMatchObject({ standard: true, isAws: true, expected: 'true or false' });
    expect(of('account', 'ConcurrentExecutions').expected).toBe('a whole number from 1 to 1,000,000');
  });

  test.each(meanings.map(({ example, path }) => [example, path] as const))('%s is legal', (example, path) => {
    const read = scenarioSchema.safeParse(parse(example));
    const issues = read.error?.issues ?? [];
    // Other keys are missing from a line; what the line holds may have nothing wrong with it.
    const own = issues.filter(
      (issue) => issue.path.length >= path.length && path.every((step, index) => step === issue.path[index]),
    );
    expect(own).toEqual([]);
  });
});

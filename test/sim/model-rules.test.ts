import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('every rule of the model is named by a test', () => {
  const model = readFileSync('src/sim/MODEL.md', 'utf8');
  const rules = [...model.matchAll(/^- ([A-Z]\d+a?) /gm)].map((match) => match[1]!);
  const named = new Set(
    testFiles('test').flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\b(?:it|describe|test)[^\n]*?['`"(]([^\n]*)/g)].flatMap((title) =>
        [...title[1]!.matchAll(/\b([A-Z]\d+a?)\b/g)].map((match) => match[1]!),
      ),
    ),
  );
  expect(rules.length).toBeGreaterThan(30);
  expect(rules.filter((rule) => !named.has(rule))).toEqual([]);
});

function testFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return testFiles(path);
    return entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

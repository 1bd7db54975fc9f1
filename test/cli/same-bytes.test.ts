import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COUNTS, folderWith, shardclock, TRACED } from '../support/command.ts';

/** Every file below a folder, with its bytes. */
function contentOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const names = files.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(names.map((name) => [name.slice(folder.length), readFileSync(name, 'base64')]).sort());
}

test('every output has the same bytes in every run, time zone and language (D1)', async () => {
  const cwd = folderWith({ 'traced.yaml': TRACED, 'counts.csv': COUNTS });
  const ended = [];
  for (const [index, env] of [{}, {}, { TZ: 'Asia/Kolkata', LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8' }].entries()) {
    const words = ['run', 'traced.yaml', '-o', `${index}/`, '-o', `${index}.png`];
    ended.push(await shardclock(words, { cwd, env }));
  }
  expect(ended[0]!.status).toBe(0);
  expect(ended[1]).toEqual(ended[0]);
  expect(ended[2]).toEqual(ended[0]);
  const first = contentOf(join(cwd, '0'));
  expect(Object.keys(first)).toHaveLength(14);
  expect(contentOf(join(cwd, '1'))).toEqual(first);
  expect(contentOf(join(cwd, '2'))).toEqual(first);
  const [png, ...others] = [0, 1, 2].map((index) => readFileSync(join(cwd, `${index}.png`), 'base64'));
  expect(others).toEqual([png, png]);
});

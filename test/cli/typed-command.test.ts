import { afterEach, expect, test } from 'vitest';
import { typedCommand } from '../../src/cli/typed-command.ts';

const script = process.argv[1]!;
afterEach(() => {
  process.argv[1] = script;
});

test.each([
  ['/home/me/app/node_modules/.bin/shardclock', 'npx shardclock run a.yaml'],
  ['/usr/local/bin/shardclock', 'shardclock run a.yaml'],
  [`${process.cwd()}/dist/cli/main.js`, 'node dist/cli/main.js run a.yaml'],
])('of %s is what works there', (path, command) => {
  process.argv[1] = path;
  expect(typedCommand(['run', 'a.yaml'])).toBe(command);
});

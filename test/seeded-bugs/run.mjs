// Writes each bug of bugs.json into a copy of the project, where `from` becomes `to`, and asks the laws and the reference
// model, of which one must find it: npm run seeded-bugs, or those alone that a word is in: npm run seeded-bugs -- K3
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const word = process.argv[2] ?? '';
const all = JSON.parse(readFileSync(new URL('bugs.json', import.meta.url), 'utf8'));
const BUGS = all.filter(({ what }) => what.includes(word));

const copy = mkdtempSync(join(tmpdir(), 'shardclock-bugs-'));
for (const part of ['src', 'test', 'scenarios', 'package.json', 'tsconfig.json', 'vitest.config.ts']) {
  cpSync(part, join(copy, part), { recursive: true });
}
symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));

const JUDGES = [
  ['the laws', ['test/laws/laws.test.ts', '-t', 'every law holds']],
  [
    'the reference model',
    [
      'test/reference/differential.test.ts',
      '-t',
      'every two settings|exactly as old|are refused|very instant|ends in timeouts|other lanes|thousand environments',
    ],
  ],
];

let missed = 0;
try {
  for (const { what, file, from, to } of BUGS) {
    const path = join(copy, file);
    const healthy = readFileSync(path, 'utf8');
    writeFileSync(
      path,
      healthy.replace(from, () => to),
    );
    const judge = JUDGES.find(([, words]) => !passes(words));
    writeFileSync(path, healthy);
    if (judge === undefined) missed++;
    process.stdout.write(`${judge === undefined ? 'MISSED' : `found by ${judge[0]}`}: ${what}\n`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
process.stdout.write(`${BUGS.length - missed} of ${BUGS.length} bugs found\n`);
process.exitCode = missed === 0 ? 0 : 1;

function passes(words) {
  const vitest = join('node_modules', 'vitest', 'vitest.mjs');
  return (
    spawnSync(process.execPath, [vitest, 'run', '--bail', '1', ...words], { cwd: copy, stdio: 'ignore' }).status === 0
  );
}

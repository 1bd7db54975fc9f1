// Changes the code in a copy of the project, one small thing at a time, and asks the tests of src/sim, of which one must
// fail: npm run mutation for the pure decisions, -- FILE… for some files, -- --all for all of src/sim, where --every 40
// takes one line in 40 of each file and no change that is longer than a line. Stryker is installed into the copy alone.
// equivalent.json lists the changes that no test can tell, each with its reason; they do not count.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const STRYKER = '9.6.1';
const LEAST = 90; // per cent
const PURE = [
  'src/sim/lambda/after-failure.ts',
  'src/sim/lambda/batch.ts',
  'src/sim/lambda/mapping.ts',
  'src/sim/kinesis/read-limit.ts',
  'src/sim/kinesis/write-limit.ts',
];
/** What judges them beside the tests that call them; those that tell most for their time come first. */
const THEIR_TESTS = [
  ...['mapping', 'api', 'window', 'item-failures', 'record-age', 'division'].map(
    (name) => `test/sim/lambda/${name}.test.ts`,
  ),
  ...['order', 'ties', 'ages'].map((name) => `test/sim/${name}.test.ts`),
  ...['test/sim/lambda/fan-out.test.ts', 'test/sim/kinesis/resharding.test.ts'],
];
/** Of the others these take too long, or judge other things than src/sim. */
const LEFT_OUT = [
  'test/sim/kinesis/on-demand.test.ts',
  ...['bisect', 'faults', 'provisioned', 'scaling'].map((name) => `test/sim/lambda/${name}.test.ts`),
  ...['developer-guide', 'handlers', 'model-rules', 'observed-on-aws'].map((name) => `test/sim/${name}.test.ts`),
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { all: { type: 'boolean', default: false }, every: { type: 'string', default: '1' } },
});
const every = Number(values.every);
const known = filesIn('src/sim', '.ts');
const unknown = positionals.filter((file) => !known.includes(file));
if (!(every >= 1 && Number.isInteger(every)) || unknown.length > 0 || (values.all && positionals.length > 0)) {
  throw new Error('expected files of src/sim or --all, and --every with a whole number from 1');
}
const files = values.all ? known : positionals.length > 0 ? positionals : PURE;
const textOf = (test) => readFileSync(test, 'utf8');
const runsScenarios = (test) => textOf(test).includes('support/scenario.ts');
const tests = filesIn('test/sim', '.test.ts').filter((test) => !LEFT_OUT.includes(test));
const direct = tests.filter((test) => !runsScenarios(test) && files.some((file) => textOf(test).includes(`/${file}'`)));
const others = files.every((file) => PURE.includes(file))
  ? THEIR_TESTS
  : [...new Set([...THEIR_TESTS, ...tests.filter(runsScenarios)])];

const squeezed = (text) => text.replace(/\s+/g, ' ');
const equivalents = JSON.parse(readFileSync(new URL('equivalent.json', import.meta.url), 'utf8'));
const isListedAs = (mutant, entry) =>
  ['file', 'line', 'from', 'to'].every((part) => squeezed(mutant[part]) === squeezed(entry[part]));

const copy = mkdtempSync(join(tmpdir(), 'shardclock-mutation-'));
const mutants = new Map();
try {
  for (const part of [
    'src',
    'test',
    'scenarios',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'node_modules',
  ]) {
    cpSync(part, join(copy, part), { recursive: true, verbatimSymlinks: true });
  }
  const stryker = ['core', 'vitest-runner'].map((name) => `@stryker-mutator/${name}@${STRYKER}`);
  command('npm', 'install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', ...stryker);

  // Those that call the code themselves judge first, as they cost least; the others judge what is left.
  const all = files.flatMap((file) => places(file));
  if (direct.length > 0) judge(all, direct);
  const left = direct.length > 0 ? leftOver().map(({ place }) => place) : all;
  if (left.length > 0) judge([...new Set(left)], others);
} finally {
  rmSync(copy, { recursive: true, force: true });
}
process.exitCode = report() ? 0 : 1;

function filesIn(folder, ending) {
  const names = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(ending));
  return names.map((name) => join(folder, name)).sort();
}

/** The file, or one of so many of its lines. */
function places(file) {
  if (every === 1) return [file];
  const lines = readFileSync(file, 'utf8').split('\n').length;
  return Array.from({ length: Math.ceil(lines / every) }, (_, i) => i * every + (every >> 1) + 1)
    .filter((line) => line <= lines)
    .map((line) => `${file}:${line}-${line}`);
}

/** Has the changes at places judged by tests, and notes what became of each. */
function judge(mutate, judges) {
  // Stryker cannot read tsconfig.json with TypeScript 7, and does not need it. What makes a test run for ever is found; it is
  // listed all the same, as a busy machine may make another late.
  const options = {
    ...{
      mutate,
      testRunner: 'vitest',
      plugins: ['@stryker-mutator/vitest-runner'],
      vitest: { configFile: 'judges.mjs', related: false },
    },
    ...{ coverageAnalysis: 'perTest', concurrency: 1, inPlace: true },
    ...{ tsconfigFile: 'none.json', disableTypeChecks: false },
    ...{ timeoutMS: 8_000, timeoutFactor: 2, dryRunTimeoutMinutes: 30 },
    ...{ reporters: ['json', 'progress-append-only'], jsonReporter: { fileName: 'mutation.json' } },
  };
  writeFileSync(join(copy, 'stryker.config.json'), JSON.stringify(options));
  const settings = { include: judges, testTimeout: 120_000, isolate: false, setupFiles: [] };
  const config = `
    import { BaseSequencer } from 'vitest/node';
    const judges = ${JSON.stringify(judges)};
    const place = ({ moduleId }) => judges.findIndex((name) => moduleId.endsWith(name));
    class InOrder extends BaseSequencer {
      sort = (files) => files.sort((a, b) => place(a) - place(b));
    }
    export default { test: { ...${JSON.stringify(settings)}, sequence: { sequencer: InOrder } } };`;
  writeFileSync(join(copy, 'judges.mjs'), config);
  command(process.execPath, 'node_modules/@stryker-mutator/core/bin/stryker.js', 'run');

  for (const [file, { source, mutants: some }] of Object.entries(
    JSON.parse(readFileSync(join(copy, 'mutation.json'), 'utf8')).files,
  )) {
    const lines = source.split('\n');
    for (const { status, location, replacement, mutatorName } of some) {
      const { start, end } = location;
      const place = `${file}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`;
      const key = [place, mutatorName, replacement].join();
      if (mutants.has(key) && !isLeft(mutants.get(key).status)) continue; // found before
      const from = textBetween(lines, start, end);
      mutants.set(key, {
        ...{ file, place, status, from, to: replacement },
        line: lines[start.line - 1].trim(),
        start,
      });
    }
  }
}

function textBetween(lines, start, end) {
  const some = lines.slice(start.line - 1, end.line);
  some[some.length - 1] = some.at(-1).slice(0, end.column - 1);
  some[0] = some[0].slice(start.column - 1);
  return some.join('\n');
}

/** What no test has told so far, nor is listed as what none can tell. */
function leftOver() {
  return [...mutants.values()].filter(
    (mutant) => isLeft(mutant.status) && !equivalents.some((entry) => isListedAs(mutant, entry)),
  );
}

function isLeft(status) {
  return status === 'Survived' || status === 'NoCoverage';
}

function command(name, ...words) {
  const { status } = spawnSync(name, words, { cwd: copy, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${name} ${words.join(' ')}: status ${status}`);
}

/** Prints what was found. @returns whether it is enough */
function report() {
  const listed = equivalents.map((entry) => {
    return { ...entry, matches: [...mutants.values()].filter((mutant) => isListedAs(mutant, entry)) };
  });
  for (const mutant of listed.flatMap(({ matches }) => matches))
    if (isLeft(mutant.status)) mutant.status = 'Equivalent';

  const print = (line) => process.stdout.write(`${line}\n`);
  const row = (...cells) =>
    print(cells.map((cell, i) => (i === 0 ? cell.padEnd(36) : String(cell).padStart(12))).join(''));
  row('', 'killed', 'timed out', 'survived', 'no coverage', 'equivalent', 'score');
  const scores = [...files, 'all'].map((file) => {
    const some = [...mutants.values()].filter((mutant) => file === 'all' || mutant.file === file);
    const count = (...statuses) => some.filter(({ status }) => statuses.includes(status)).length;
    const [found, left] = [count('Killed', 'Timeout'), count('Survived', 'NoCoverage')];
    const score = found + left === 0 ? 100 : (100 * found) / (found + left);
    const counts = ['Killed', 'Timeout', 'Survived', 'NoCoverage', 'Equivalent'].map((status) => count(status));
    if (some.length > 0) row(file, ...counts, `${score.toFixed(1)} %`);
    return score;
  });
  for (const { file, start, status, from, to } of mutants.values()) {
    if (status === 'Killed' || status === 'Equivalent') continue;
    print(`${status} ${file}:${start.line}:${start.column}: ${squeezed(from)} → ${squeezed(to)}`);
  }
  const wrong = listed.filter(
    ({ file, matches }) =>
      files.includes(file) && every === 1 && !matches.some(({ status }) => status === 'Equivalent'),
  );
  for (const { file, line, from, to, matches } of wrong) {
    const why = matches.length === 0 ? 'there is no such change' : 'a test tells it';
    print(`equivalent.json: ${file}: ${line}: ${squeezed(from)} → ${squeezed(to)}: ${why}`);
  }
  return scores.at(-1) >= LEAST && wrong.length === 0;
}

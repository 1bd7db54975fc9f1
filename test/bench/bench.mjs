// Measures the built package: npm run bench -- [--runs N] [WORKLOAD…]. Times on a shared machine drift; compare only what
// was measured side by side. Nothing is ever judged by these figures.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { USUAL, WORKLOADS } from './workloads.mjs';

const { values, positionals } = parseArgs({
  options: { runs: { type: 'string', default: '3' } },
  allowPositionals: true,
});
const runs = Number(values.runs);
const names = positionals.length === 0 ? USUAL : positionals;
const unknown = names.filter((name) => !WORKLOADS.has(name));
if (unknown.length > 0 || !(runs >= 1)) {
  process.stderr.write(`unknown: ${unknown.join(' ')}\nworkloads: ${[...WORKLOADS.keys()].join(' ')}\n`);
  process.exit(2);
}

const TELL_PEAK = `
import { isMainThread } from 'node:worker_threads';
if (isMainThread) process.on('exit', () => process.stderr.write('peak ' + process.resourceUsage().maxRSS));
`;
const folder = mkdtempSync(join(tmpdir(), 'shardclock-bench-'));
const pathOf = (file) => fileURLToPath(new URL(file, import.meta.url));
const times = (what) => Array.from({ length: runs }, what);
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

process.stdout.write(`node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}; medians of ${runs}\n`);
row('workload', 'library', 'records/s', 'ns/batch', 'batches', 'events', 'peak', 'command', 'peak');
try {
  const version = times(() => command(['--version']));
  row('--version', '', '', '', '', '', '', seconds(version), megabytes(version));
  for (const name of names) {
    const library = times(() => JSON.parse(node([pathOf('./once.mjs'), name]).stdout));
    const file = join(folder, `${name}.yaml`);
    writeFileSync(file, WORKLOADS.get(name));
    const whole = times(() => command(['run', '-q', file]));
    const { records, invocations, events } = library[0];
    const spent = median(library.map((one) => one.seconds));
    row(
      name,
      seconds(library),
      grouped(records / spent),
      grouped((spent * 1e9) / invocations),
      grouped(invocations),
      grouped(events),
      megabytes(library),
      seconds(whole),
      megabytes(whole),
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}

function command(words) {
  const preload = `data:text/javascript,${encodeURIComponent(TELL_PEAK)}`;
  const began = performance.now();
  const { stderr } = node(['--import', preload, pathOf('../../dist/cli/main.js'), ...words]);
  return { seconds: (performance.now() - began) / 1_000, megabytes: Number(/peak (\d+)/.exec(stderr)[1]) / 1024 };
}

/** The shell stands between because Linux counts in a process's peak what its parent held when it started it. */
function node(words) {
  const line = '"$@"; exit $?';
  const ended = spawnSync('sh', ['-c', line, 'sh', process.execPath, ...words], { encoding: 'utf8' });
  if (ended.status !== 0) throw new Error(ended.stderr);
  return ended;
}

function seconds(measured) {
  return `${median(measured.map((one) => one.seconds)).toFixed(2)} s`;
}

function megabytes(measured) {
  return `${Math.max(...measured.map((one) => one.megabytes)).toFixed(0)} MB`;
}

function grouped(number) {
  return Math.round(number).toLocaleString('en');
}

function row(name, ...cells) {
  process.stdout.write(`${name.padEnd(18)}${cells.map((cell) => cell.padStart(13)).join('')}\n`);
}

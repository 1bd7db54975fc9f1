// Measures the built package, and beside it, in the same rounds, other engines with the same model:
// npm run bench -- [--runs N] [--peers FOLDER] [--growth] [--moon] [--shipped] [WORKLOAD…]. See README.md here for what the
// peers are.
// Times on a shared machine drift; compare only what was measured side by side. Nothing is ever judged by these figures.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { GROWTH, isTraced, PEER_SECONDS, USUAL, WORKLOADS } from './workloads.mjs';

const { values, positionals } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    peers: { type: 'string', default: process.env.SHARDCLOCK_PEERS ?? '' },
    growth: { type: 'boolean', default: false },
    moon: { type: 'boolean', default: false },
    shipped: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const runs = Number(values.runs);
const names = positionals.length > 0 ? positionals : [...USUAL, ...(values.moon ? ['MOON'] : [])];
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

/** Those of the other engines that are installed: how each is asked for a workload over so many seconds. */
const PEERS = [
  ['SimPy', ['python3', join(values.peers, 'simpy/model.py')], ['-c', 'import simpy, numpy']],
  ['naive TypeScript', [process.execPath, join(values.peers, 'naive-ts/build/model.js')], null],
].flatMap(([name, words, check]) => {
  if (values.peers === '' || !existsSync(words[1])) return [];
  const python = ['/usr/bin/python3', 'python3'].find((one) => check && spawnSync(one, check).status === 0);
  if (check !== null && python === undefined) return [];
  return [{ name, words: check === null ? words : [python, words[1]] }];
});

process.stdout.write(`node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}; medians of ${runs}\n\n`);
try {
  row('', 'library', 'ns/batch', 'ns/record', 'batches', 'records', 'peak', 'command', 'peak');
  const version = rounds(() => command(['--version']));
  row('--version', '', '', '', '', '', '', seconds(version), megabytes(version));
  for (const name of names) measure(name);
  if (values.shipped) for (const name of shipped()) measureShipped(name);
  if (values.growth) for (const [kind, sizes] of Object.entries(GROWTH)) grow(kind, sizes);
} finally {
  rmSync(folder, { recursive: true });
}

/** A workload on our engine, in the library and as a command; then each peer that has it, in the same rounds. */
function measure(name) {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, WORKLOADS.get(name));
  const theirs = name in PEER_SECONDS ? PEERS : [];
  const measured = rounds(() => ({
    library: library(name),
    whole: command(['run', '-q', file, ...(isTraced(name) ? ['-o', `${file}.ndjson`] : [])]),
    peers: theirs.map((peer) => runPeer(peer, name)),
  }));
  const own = measured.map((one) => one.library);
  const { records, invocations } = own[0];
  const perBatch = median(own.map((one) => (one.seconds * 1e9) / invocations));
  row(
    name,
    seconds(own),
    grouped(perBatch),
    (perBatch * invocations) / records < 100
      ? ((perBatch * invocations) / records).toFixed(1)
      : grouped((perBatch * invocations) / records),
    grouped(invocations),
    grouped(records),
    megabytes(own),
    seconds(measured.map((one) => one.whole)),
    megabytes(measured.map((one) => one.whole)),
  );
  theirs.forEach((peer, place) => {
    const their = median(measured.map((one) => one.peers[place].nanoseconds));
    const ratio = median(
      measured.map((one) => one.peers[place].nanoseconds / ((one.library.seconds * 1e9) / invocations)),
    );
    const whole = median(measured.map((one) => one.peers[place].whole / one.whole.seconds));
    row(
      `  ${peer.name}`,
      '',
      grouped(their),
      '',
      '',
      '',
      '',
      '',
      '',
      `${ratio.toFixed(1)} × ours a batch`,
      ...(whole > 0 ? [`${whole.toFixed(1)} × ours, whole process`] : []),
    );
  });
}

/** The shipped scenarios that need no handler of their own, and whose files are there. */
function shipped() {
  const folder = pathOf('../../scenarios');
  return readdirSync(folder).filter((name) => {
    if (!name.endsWith('.yaml')) return false;
    const text = readFileSync(join(folder, name), 'utf8');
    const files = [...text.matchAll(/\bfile: *([^\s,}]+)/g)].map(([, file]) => join(folder, file));
    return !/^ *handler:/m.test(text) && files.every(existsSync);
  });
}

function measureShipped(name) {
  const own = rounds(() => library(pathOf(`../../scenarios/${name}`)));
  const { records, invocations } = own[0];
  const spent = median(own.map((one) => one.seconds)) * 1e9;
  const figures = [spent / invocations, spent / records, invocations, records].map(grouped);
  row(name.replace('.yaml', ''), seconds(own), ...figures, megabytes(own));
}

/** Seconds of runs that are 2, 5 and 10 times as large as the first, and how they compare with it. */
function grow(kind, sizes) {
  const measured = rounds(() => sizes.map((name) => library(name).seconds));
  const first = median(measured.map(([one]) => one));
  sizes.forEach((name, place) => {
    const spent = median(measured.map((one) => one[place]));
    row(
      place === 0 ? kind : '',
      `${spent.toFixed(2)} s`,
      `${(spent / first).toFixed(2)} ×`,
      '',
      '',
      '',
      '',
      '',
      '',
      name,
    );
  });
}

function library(name) {
  return JSON.parse(node([pathOf('./once.mjs'), name]).stdout);
}

/** Batches of the peers take as long whatever the horizon; the same horizon is needed only where whole processes compare. */
function runPeer({ name, words }, workload) {
  const isWhole = name !== 'SimPy';
  const horizon = isWhole ? '0' : String(PEER_SECONDS[workload]);
  const began = performance.now();
  const { stdout } = spawnSync(words[0], [...words.slice(1), workload, horizon, '1', 'events'], { encoding: 'utf8' });
  const spent = (performance.now() - began) / 1_000;
  const { wallMs, invocations } = JSON.parse(stdout);
  return { nanoseconds: (wallMs * 1e6) / invocations, whole: isWhole ? spent : 0 };
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

function rounds(what) {
  return Array.from({ length: runs }, what);
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
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
  const [figures, notes] = [cells.slice(0, 8), cells.slice(8)];
  process.stdout.write(
    `${name.padEnd(22)}${figures.map((cell) => cell.padStart(12)).join('')}${notes.map((note) => `  ${note}`).join('')}\n`,
  );
}

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** The built command: a worker thread cannot load TypeScript on Node 20. */
export const COMMAND = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Another copy of the command. */
  readonly command?: string;
  /** Loaded by node before the command. */
  readonly preload?: string;
  /** Gets the running process. */
  readonly meanwhile?: (child: ChildProcess) => void;
}

/** Runs `shardclock` as a process of its own. */
export function shardclock(words: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  const { NO_COLOR, CI, FORCE_COLOR, ...inherited } = process.env;
  const preload = options.preload === undefined ? [] : ['--import', options.preload];
  const child = spawn(process.execPath, [...preload, options.command ?? COMMAND, ...words], {
    cwd: options.cwd,
    env: { ...inherited, ...options.env },
    stdio: 'pipe',
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  options.meanwhile?.(child);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      resolve({ status, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    });
  });
}

/** A folder with these files, gone after the test. */
export function folderWith(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'shardclock-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** Two quiet minutes: every record succeeds within two seconds. */
export const SMALL = `shardclock: 1
name: Small
seed: 42
duration: 2m
drain: 1m
streams:
  orders: { ShardCount: 2 }
producers:
  checkout: { stream: orders, rate: 20/s }
functions:
  enrich: { duration: 120ms }
mappings:
  orders-to-enrich:
    stream: orders
    function: enrich
    StartingPosition: TRIM_HORIZON
thresholds:
  IteratorAge: ['max < 10s']
`;

/** The same, with a threshold that no run meets. */
export const TOO_STRICT = SMALL.replace('max < 10s', 'max < 1ms');

/** Keeps a machine busy for minutes. */
export const LONG = SMALL.replace('duration: 2m', 'duration: 365d').replace('20/s', '800/s');

/** Counts come from a file beside the scenario. */
export const TRACED = SMALL.replace('rate: 20/s', 'trace: { file: counts.csv, time: t, value: n, period: 1m }');
export const COUNTS = 't,n\n2026-01-05T09:00:00Z,600\n2026-01-05T09:01:00Z,900\n';

/** Once a process has said a word so many times it is sent a signal: one, since a second would end it at once. */
export function signalAfter(child: ChildProcess, word: string, times: number, signal: NodeJS.Signals): void {
  let heard = '';
  let isSent = false;
  child.stderr!.on('data', (chunk: Buffer) => {
    heard += chunk;
    if (isSent || heard.split(word).length <= times) return;
    isSent = true;
    child.kill(signal);
  });
}

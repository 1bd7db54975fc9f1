import { expect, test } from 'vitest';
import { folderWith, shardclock } from '../support/command.ts';

/** One record at the end of the first minute fails for good, and a day of a full shard piles up behind it. */
const BLOCKED_DAY = `shardclock: 1
name: A blocked day
duration: 26h
period: 5m
streams:
  orders: { ShardCount: 1 }
producers:
  checkout: { stream: orders, rate: 1000/s, arrivals: even }
functions:
  enrich:
    duration: { base: 20ms, perRecord: 0.1ms }
    faults: [{ poison: { stream: orders, shard: 0, record: 60000 } }]
mappings:
  orders-to-enrich: { stream: orders, function: enrich, StartingPosition: TRIM_HORIZON, BatchSize: 1000 }
`;

test.each([
  ['even', BLOCKED_DAY],
  // What comes by chance needs the limit out of its way: the stall is to hold a thousand records of every second.
  ['poisson', BLOCKED_DAY.replace(', arrivals: even', '').replace('1 }', '1, writeLimits: off }')],
])(
  'a shard blocked for 24 h at 1,000 records/s runs in under 120 MB, arrivals %s',
  async (_, scenario) => {
    const { result, peak } = await runMeasured(scenario);
    expect(result.mappings['orders-to-enrich'].backlog.max).toBeGreaterThan(86_000_000);
    expect(result.mappings['orders-to-enrich'].stalls[0].endSeconds).toBeGreaterThan(86_400);
    console.log(`peak memory ${peak.toFixed(1)} MB`);
    expect(peak).toBeLessThan(120);
  },
  120_000,
);

/** Runs it as a process of its own, which tells its peak of resident memory in megabytes. */
async function runMeasured(scenario: string) {
  const cwd = folderWith({ 'day.yaml': scenario });
  const preload = `data:text/javascript,${encodeURIComponent(TELL_PEAK)}`;
  const { stdout, stderr } = await shardclock(['run', 'day.yaml', '--json', '-q'], { cwd, preload });
  return { result: JSON.parse(stdout), peak: Number(/peak (\d+) kB/.exec(stderr)![1]) / 1024 };
}

/** `maxRSS` may be that of the process which started this one: Linux hands it on. */
const TELL_PEAK = `
import { existsSync, readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
if (isMainThread) process.on('exit', () => {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const peak = /VmHWM:\\s*(\\d+)/.exec(status)?.[1] ?? process.resourceUsage().maxRSS;
  process.stderr.write('peak ' + peak + ' kB\\n');
});
`;

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Beside dist/ in the package. */
const SCENARIOS = fileURLToPath(new URL('../../scenarios/', import.meta.url));

/** The names that `init` knows: the smallest scenario, then those shipped with the package. */
export function templateNames(): string[] {
  const shipped = existsSync(SCENARIOS) ? readdirSync(SCENARIOS) : [];
  return [
    'minimal',
    ...shipped
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => file.slice(0, -'.yaml'.length))
      .filter((name) => name !== 'minimal')
      .sort(),
  ];
}

/** The text of one of `templateNames`. */
export function template(name: string): string {
  const file = `${SCENARIOS}${name}.yaml`;
  if (name === 'minimal' && !existsSync(file)) return MINIMAL;
  // The schema's place is relative to the package; `shardclock schema` writes it anywhere.
  return readFileSync(file, 'utf8').replace(/^# yaml-language-server:.*\n/, '');
}

/** A data file that comes with the shipped scenarios. */
export function shippedFile(name: string): string | null {
  const file = `${SCENARIOS}${name}`;
  return existsSync(file) ? file : null;
}

const MINIMAL = `# A scenario for shardclock: what happens to these records between the stream and the function?
#   shardclock validate FILE     checks it
#   shardclock run FILE          simulates it
#   shardclock schema            prints what an editor needs to complete and check it
shardclock: 1 # format version
name: Orders
duration: 30m # how long producers run; the clock is virtual
drain: 5m # then on until every record is settled, at most this long

streams:
  orders:
    ShardCount: 2 # AWS's settings keep AWS's names, values and units

producers:
  checkout:
    stream: orders
    rate: 200/s # for the whole stream; 1KB a record

functions:
  enrich:
    duration: 120ms # of an invocation; or { base: 40ms, perRecord: 0.1ms }
    # faults:
    #   - { from: 10m, to: 20m } # an outage: every invocation that starts in it fails

mappings:
  orders-to-enrich:
    stream: orders
    function: enrich
    StartingPosition: TRIM_HORIZON
    BatchSize: 100

thresholds: # any one not met: exit status 99
  IteratorAge: ['max < 10s']
  records.lost: ['count == 0']
`;

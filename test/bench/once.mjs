// One run of one workload through the library, in a process of its own: node test/bench/once.mjs NAME
import { parseScenario, simulateSync, summarise } from '../../dist/index.js';
import { WORKLOADS } from './workloads.mjs';

const parsed = parseScenario(WORKLOADS.get(process.argv[2]), {
  readFile: () => {
    throw new Error('no files here');
  },
});
if (!parsed.ok) throw new Error(parsed.issues.map(({ path, message }) => `${path}: ${message}`).join('\n'));
const began = performance.now();
const { m } = summarise(simulateSync(parsed.scenario)).mappings;
const seconds = (performance.now() - began) / 1_000;
// An ask, the start of an invocation and its end; a throttled attempt.
const events = m.polls.asks + 2 * m.invocations + m.throttles;
const megabytes = process.resourceUsage().maxRSS / 1024;
process.stdout.write(
  JSON.stringify({ seconds, megabytes, records: m.records.arrived, invocations: m.invocations, events }),
);

// One run through the library, in a process of its own: node test/bench/once.mjs NAME, or the file of a scenario.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseScenario, simulateSync, summarise } from '../../dist/index.js';
import { isTraced, WORKLOADS } from './workloads.mjs';

const [, , name] = process.argv;
const folder = dirname(name);
const parsed = parseScenario(WORKLOADS.get(name) ?? readFileSync(name, 'utf8'), {
  readFile: (file) => readFileSync(join(folder, file)),
});
if (!parsed.ok) throw new Error(parsed.issues.map(({ path, message }) => `${path}: ${message}`).join('\n'));
const began = performance.now();
const options = isTraced(name) ? { trace: () => {} } : {};
const mappings = Object.values(summarise(simulateSync(parsed.scenario, options)).mappings);
const seconds = (performance.now() - began) / 1_000;
const sum = (figure) => mappings.reduce((total, mapping) => total + figure(mapping), 0);
const invocations = sum((m) => m.invocations);
// An ask, the start of an invocation and its end; a throttled attempt.
const events = sum((m) => m.polls.asks + m.throttles) + 2 * invocations;
const megabytes = process.resourceUsage().maxRSS / 1024;
const records = sum((m) => m.records.arrived);
process.stdout.write(JSON.stringify({ seconds, megabytes, records, invocations, events }));

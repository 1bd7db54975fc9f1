// How often `compare` finds a difference where there is none: a scenario with itself under another seed, 200 times.
// node test/bench/false-differences.mjs [comparisons] [replications], after npm run build.
import { compare, parseScenario } from '../../dist/index.js';

const [comparisons = 200, replications = 10] = process.argv.slice(2).map(Number);
const NOISY = `shardclock: 1
name: Noise
duration: 1m
streams: { s: { ShardCount: 2 } }
producers: { p: { stream: s, rate: 30/s } }
functions:
  f:
    ReservedConcurrentExecutions: 1
    duration: { exponential: { mean: 100ms } }
    faults: [{ probability: 5% }]
mappings:
  m: { stream: s, function: f, StartingPosition: TRIM_HORIZON, BatchSize: 20, MaximumRetryAttempts: 1 }
`;

const scenarioOf = (seed) => {
  const parsed = parseScenario(NOISY, { readFile: () => new Uint8Array(), seed });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.scenario;
};

let wrong = 0;
for (let i = 0; i < comparisons; i++) {
  const { metrics } = await compare(scenarioOf(`a${i}`), scenarioOf(`b${i}`), { replications });
  const said = metrics.filter(({ verdict }) => ['better', 'worse', 'informational'].includes(verdict));
  if (said.length > 0) wrong++;
}
process.stdout.write(
  `${wrong} of ${comparisons} comparisons with ${replications} runs of each found a difference: ${(100 * wrong) / comparisons} %\n`,
);

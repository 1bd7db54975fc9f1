// How often a 95 % confidence interval holds a mean that theory knows, through the built package. See README.md.
import { parseGrid, replicate, sweep } from '../../dist/index.js';

const REPETITIONS = Number(process.argv[2] ?? 2_000);
const CONFIDENCE = 0.95;
const TOLERANCE = 0.015;

const scenario = (changes) => ({
  shardclock: 1,
  name: 'a known mean',
  duration: '20s',
  drain: '20s',
  polling: { phase: 'aligned' },
  streams: { s: { ShardCount: 1 } },
  producers: { p: { stream: 's', rate: '5/s' } },
  functions: { f: { duration: '120ms' } },
  mappings: { m: { stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON', BatchSize: 1000 } },
  ...changes,
});

/** Each with the mean that theory gives its figure. */
const CASES = [
  {
    name: 'time in system: Poisson records wait for the next whole second, uniformly from 0 to 1 s, and 120 ms more',
    figure: 'timeInSystem{mapping:m} avg',
    mean: 620,
    replications: 10,
    scenario: scenario({}),
  },
  {
    name: 'errors: 300 invocations, each failing with 10 %, a skewed count',
    figure: 'Errors{mapping:m} sum',
    mean: 30,
    replications: 10,
    scenario: scenario({
      duration: '300s',
      producers: { p: { stream: 's', rate: '1/s', arrivals: 'even' } },
      functions: { f: { duration: '120ms', faults: [{ probability: '10%' }] } },
      mappings: {
        m: { stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON', MaximumRetryAttempts: 0 },
      },
    }),
  },
  {
    name: 'time in system as above, runs ending once its interval is within 2 % of the mean (10 to 100 replications)',
    figure: 'timeInSystem{mapping:m} avg',
    mean: 620,
    until: [{ metric: 'timeInSystem', statistic: 'avg', mapping: null, halfWidth: 0.02 }],
    scenario: scenario({}),
  },
];

let isHeld = true;
for (const one of CASES) {
  let held = 0;
  let runs = 0;
  for (let repetition = 1; repetition <= REPETITIONS; repetition++) {
    const metric = await estimate(one, `repetition ${repetition}`);
    runs += metric.count;
    if (metric.low <= one.mean && one.mean <= metric.high) held++;
  }
  const share = held / REPETITIONS;
  // Ending by the interval itself makes it hold less often: that is shown, and judged by nobody.
  const isWithin = one.until !== undefined || Math.abs(share - CONFIDENCE) <= TOLERANCE;
  isHeld &&= isWithin;
  console.log(
    `${(100 * share).toFixed(2)} % of ${REPETITIONS} (${(runs / REPETITIONS).toFixed(1)} replications each)${isWithin ? '' : '  NOT WITHIN 95 ± 1.5 %'}\n  ${one.name}`,
  );
}
process.exitCode = isHeld ? 0 : 1;

async function estimate({ scenario: document, replications, until, figure }, seed) {
  const parsed = parseGrid(JSON.stringify({ ...document, seed }), {
    readFile: () => new Uint8Array(),
    vary: ['mappings.m.BatchSize=1000'],
  });
  if (!parsed.ok) throw new Error(parsed.issues[0].message);
  const { metrics } =
    until === undefined
      ? await replicate(parsed.grid.points[0].scenario, { replications })
      : (await sweep(parsed.grid, { until })).points[0];
  const found = metrics.find(({ metric, statistic }) => `${metric} ${statistic}` === figure);
  if (found === undefined) throw new Error(`no figure ${figure}`);
  return found;
}

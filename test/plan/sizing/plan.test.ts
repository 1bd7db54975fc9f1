import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import type { RunMany } from '../../../src/plan/run-many.ts';
import { plan } from '../../../src/plan/sizing/plan.ts';
import { plannedScenario } from '../../../src/plan/sizing/planned-scenario.ts';
import { leastThatPasses } from '../../../src/plan/sizing/search.ts';
import { sizingMarkdown, sizingText } from '../../../src/plan/sizing/sizing-text.ts';
import { summarise } from '../../../src/report/summarise.ts';
import { parseScenario } from '../../../src/scenario/parse.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import { simulateSync } from '../../../src/sim/simulate.ts';
import { parse } from '../../support/scenario.ts';

/** Small enough for arithmetic to have nothing against it. */
const BASE = {
  duration: '10s',
  seed: 7,
  streams: { s: { ShardCount: 2 } },
  producers: { p: { rate: '10/s' } },
  functions: { f: { duration: '1ms', MemorySize: 512, durationByMemory: { at: 512, cpuShare: '50%' } } },
  thresholds: { IteratorAge: ['max < 60s'] },
};

const one = summarise(simulateSync(parse(BASE)));

/** What a setting would come to, without a simulation: its age in seconds, and its cost. */
type World = (settings: {
  shards: number;
  memory: number;
  batch: number;
  factor: number;
  window: number;
  slots: number;
  mode: string;
  replication: number;
}) => { age: number; cost: number };

function fake(world: World, seen: Scenario[] = []): RunMany {
  return async function* run(scenarios) {
    for (const scenario of scenarios) {
      seen.push(scenario);
      const [stream, target, mapping] = [scenario.streams[0]!, scenario.functions[0]!, scenario.mappings[0]!];
      const { age, cost } = world({
        shards: stream.shards.length,
        memory: target.memorySize,
        batch: mapping.batchSize,
        factor: mapping.parallelizationFactor,
        window: mapping.batchingWindow / 1e6,
        slots: target.reservedConcurrentExecutions ?? 1_000,
        mode: stream.mode,
        replication: Number(scenario.seed.split('/')[1] ?? 1),
      });
      yield {
        ...one,
        scenario: { ...one.scenario, seed: scenario.seed },
        thresholds: [{ ...one.thresholds[0]!, value: age, ok: age < 60 }],
        cost: { ...one.cost!, perMonth: cost },
      };
    }
  };
}

const WITHIN = [
  'ShardCount=1..12',
  'MemorySize=128,256,512,1024',
  'BatchSize=1,10,100',
  'ParallelizationFactor=1..3',
  'MaximumBatchingWindowInSeconds=0,5',
  'ReservedConcurrentExecutions=1..20',
  'StreamMode=PROVISIONED',
];

/** The cheapest of all, slots free. */
function exhaustive(world: World) {
  let best: { cost: number; text: string } | null = null;
  for (let shards = 1; shards <= 12; shards++)
    for (const memory of [128, 256, 512, 1_024])
      for (const batch of [1, 10, 100])
        for (const factor of [1, 2, 3])
          for (const window of [0, 5])
            for (let slots = 1; slots <= 20; slots++) {
              const { age, cost } = world({
                shards,
                memory,
                batch,
                factor,
                window,
                slots,
                mode: 'PROVISIONED',
                replication: 1,
              });
              const isBetter = best === null || cost < best.cost - 0.005;
              if (age < 60 && isBetter)
                best = { cost, text: JSON.stringify([shards, memory, batch, factor, window, slots]) };
            }
  return best;
}

describe('plan finds what looking at every setting finds', () => {
  const worlds: Record<string, World> = {
    'shards alone matter': ({ shards }) => ({ age: 300 / shards, cost: 11 * shards }),
    'memory buys time, shards cost': ({ shards, memory, factor, slots }) => ({
      age: (60_000 / Math.min(shards * factor, slots)) * (0.2 / memory + 0.001),
      cost: 11 * shards + memory / 20,
    }),
    'batches that are too large are as bad as those that are too small': ({ shards, batch, window, factor }) => ({
      age: 30 + 30 * Math.abs(Math.log10(batch) - 1) + 40 / (shards * factor) + window,
      cost: 11 * shards + 50 / batch - window,
    }),
    'slots make it dearer, too, as a database does that they crowd': ({ shards, factor, slots, memory }) => {
      const running = Math.min(slots, shards * factor);
      return { age: 20 + 40 / running + 60 / shards, cost: 11 * shards + memory / 100 + 0.3 * running };
    },
  };

  test.each(Object.entries(worlds))('%s', async (_, world) => {
    const sizing = await plan(parse(BASE), { within: WITHIN, runMany: fake(world) });
    const best = exhaustive(world)!;
    expect(sizing.answer!.costPerMonth).toBeCloseTo(best.cost, 2);
    expect(sizing.answer!.verdict).toEqual({ kind: 'meets', runs: 299, atLeast: expect.closeTo(0.99003, 5) });
    for (const { isCheaper, verdict } of sizing.steps) if (isCheaper) expect(verdict.kind).toBe('fails');
  });

  test('what fails in one run of 250 is not the answer, and one shard more is', async () => {
    const world: World = ({ shards, replication }) => ({
      age: shards < 5 || (shards === 5 && replication === 250) ? 70 : 50,
      cost: 11 * shards,
    });
    const sizing = await plan(parse(BASE), { within: WITHIN, runMany: fake(world) });
    expect(sizing.answer!.settings['streams.s.ShardCount']).toBe(6);
    const step = sizing.steps.find(({ to, path }) => to === 5 && path === 'streams.s.ShardCount')!;
    expect(step).toMatchObject({
      isCheaper: true,
      costPerMonth: 55,
      verdict: { kind: 'fails', seed: '7/250', value: 70, unit: 's' },
    });
    expect(sizingText(sizing).replaceAll(/\s+/g, ' ')).toMatch(
      /ShardCount +6 → 5 +−\$11\.00 +✗ IteratorAge max < 60s was/,
    );
  });
});

test('what is dearer in one run, and cheaper on average, is the answer, and told with its mean', async () => {
  // In the scenario's own seed a window costs 60 cents more than without one, in every other 40 less.
  const world: World = ({ shards, window, replication }) => ({
    age: 300 / shards,
    cost: 11 * shards + (replication === 1 ? 5 : 0) + (window === 0 ? 40 : replication === 1 ? 40.6 : 39.6),
  });
  const sizing = await plan(parse(BASE), { within: WITHIN, runMany: fake(world) });
  const answer = sizing.answer!;
  expect(answer.settings).toMatchObject({
    'streams.s.ShardCount': 6,
    'mappings.m.MaximumBatchingWindowInSeconds': 5,
  });
  expect(answer.verdict).toMatchObject({ kind: 'meets', runs: 299 });
  // Of twenty runs; what is run once differs from it as it does there.
  expect(answer.costPerMonth).toBeCloseTo(66 + 5 / 20 + 39.6 + 1 / 20, 6);
  const step = (to: number) => sizing.steps.find((one) => one.to === to && /ShardCount|Window/.test(one.path))!;
  expect(step(0)).toMatchObject({ isCheaper: false, costPerMonth: expect.closeTo(66 + 5 / 20 + 40, 6) });
  expect(step(7).costPerMonth).toBeCloseTo(answer.costPerMonth! + 11, 6);
  for (const { isCheaper, verdict } of sizing.steps) if (isCheaper) expect(verdict.kind).toBe('fails');
});

test.each([0, 1, 2, 7, 12])('halving finds the least place that passes: %d', async (least) => {
  const asked: number[] = [];
  const passes = async (place: number) => {
    asked.push(place);
    return place >= least;
  };
  expect(await leastThatPasses(0, 12, passes)).toBe(least);
  expect(asked.length).toBeLessThanOrEqual(4);
});

test('what costs the same stays as it is today, and bounds that the answer is at are said', async () => {
  const within = [
    'ShardCount=1..12',
    'BatchSize=50,100,200',
    'StreamMode=PROVISIONED',
    'MaximumBatchingWindowInSeconds=0',
  ];
  const runMany = fake(({ batch }) => ({ age: 1, cost: 1_000 - batch }));
  const { answer, searched, ...rest } = await plan(parse(BASE), { within, confidence: 0.2, runMany });
  expect(answer!.set).toEqual(['mappings.m.BatchSize=200']);
  expect(answer!.settings['functions.f.ReservedConcurrentExecutions']).toBeNull();
  const edges = searched.flatMap(({ path, edge }) => (edge === null ? [] : [`${path} ${edge}`]));
  expect(edges).toEqual(['mappings.m.BatchSize most']);
  expect(sizingText({ answer, searched, ...rest })).toContain(
    '! BatchSize 200 is the most that --within allows: something cheaper',
  );
});

describe('what --within leaves out', () => {
  // The fewer, the cheaper: today's 2 shards and whatever is least are always the best.
  const world: World = ({ shards, memory, batch, factor, window, slots, mode }) => ({
    age: slots < 5 ? 70 : 1,
    cost: shards + memory / 1_000 + batch / 100 + factor + window / 10 + (mode === 'ON_DEMAND' ? 100 : 0),
  });

  test.each([
    ['ShardCount=3..5'],
    ['BatchSize=200..500'],
    ['ParallelizationFactor=2..4', 'MaximumBatchingWindowInSeconds=5,10'],
    ['MemorySize=1024,2048', 'ShardCount=4'],
    ['ReservedConcurrentExecutions=1..8'],
    ['ReservedConcurrentExecutions=6,9', 'ShardCount=3..5'],
    ['StreamMode=ON_DEMAND'],
  ])('%s: is neither the answer nor next to it, though it is cheaper and what is there today', async (...within) => {
    const sizing = await plan(parse(BASE), { within, confidence: 0.2, runMany: fake(world) });
    const asked = within.map((one) => one.split('=') as [string, string]);
    for (const { settings } of [sizing.answer!, ...sizing.runnersUp]) {
      for (const [name, range] of asked) {
        const [path, value] = Object.entries(settings).find(([key]) => key.endsWith(`.${name}`))!;
        const span = range.split('..').map(Number);
        const isIn = range.includes('..')
          ? typeof value === 'number' && value >= span[0]! && value <= span[1]!
          : range.split(',').includes(String(value));
        expect(isIn, `${path} ${value}`).toBe(true);
      }
    }
  });

  test('nothing is the answer where only what is left out meets the thresholds', async () => {
    const few: World = ({ slots, shards }) => ({ age: slots > 8 && shards < 3 ? 1 : 70, cost: shards });
    for (const within of [['ReservedConcurrentExecutions=1..8'], ['ShardCount=3..5']]) {
      const { answer } = await plan(parse(BASE), { within, confidence: 0.2, runMany: fake(few) });
      expect(answer).toBeNull();
    }
  });

  test('takes paths as they are printed, and prints them as a shell takes them', async () => {
    const dotted = parse({
      ...BASE,
      streams: { s: undefined, 'o.x': { ShardCount: 2 } },
      producers: { p: { stream: 'o.x', rate: '10/s' } },
      mappings: { m: { stream: 'o.x' } },
    });
    const runMany = fake(({ shards }) => ({ age: 1, cost: shards }));
    const at = async (path: string) => plan(dotted, { within: [`${path}=1..2`], confidence: 0.2, runMany });
    const sizing = await at('streams["o.x"].ShardCount');
    expect(sizing.answer!.set).toEqual(['streams["o.x"].ShardCount=1']);
    expect(await at('streams.o.x.ShardCount')).toEqual(sizing);
    expect(sizingText(sizing)).toContain(`--set 'streams["o.x"].ShardCount=1'`);
  });
});

test('settings that only together are cheaper are found together, whichever they are', async () => {
  // Larger batches need a third of the lanes: each alone is too slow.
  const world: World = ({ batch, factor, shards }) => ({
    age: (batch === 1 && factor === 3) || (batch === 100 && factor === 1) ? 1 : 70,
    cost: 10 * shards + 50 / batch + 5 * factor,
  });
  const sizing = await plan(parse({ ...BASE, mappings: { m: { BatchSize: 1, ParallelizationFactor: 3 } } }), {
    within: [...WITHIN.filter((one) => !one.startsWith('BatchSize')), 'BatchSize=1,2,5,10,100'],
    confidence: 0.2,
    runMany: fake(world),
  });
  expect(sizing.answer!.settings).toMatchObject({ 'mappings.m.BatchSize': 100, 'mappings.m.ParallelizationFactor': 1 });
});

describe('growth and headroom', () => {
  test('multiply the traffic: what is paid for, and what has to be borne beside it', async () => {
    const seen: Scenario[] = [];
    const world: World = ({ shards }) => ({ age: 100 / shards, cost: shards });
    const options = { growth: 2, headroom: 0.3, confidence: 0.5, within: WITHIN, runMany: fake(world, seen) };
    const sizing = await plan(parse(BASE), options);
    expect(sizing).toMatchObject({ traffic: { growth: 2, headroom: 0.3, borne: 2.6 }, criterion: { runs: 69 } });
    const rates = new Set(
      seen.map(({ producers }) => (producers[0]!.source.kind === 'phases' ? producers[0]!.source.phases[0]!.rate : 0)),
    );
    expect([...rates].sort((a, b) => a - b)).toEqual([10, 13, 20, 26]); // without growth and without headroom, too
    expect(sizing.moves.map(({ what }) => what)).toEqual([
      'IteratorAge max < 60s a quarter looser',
      'without headroom',
      'without growth',
    ]);
  });

  test('cannot multiply records that are written out', async () => {
    const scenario = parse({ ...BASE, producers: { p: { rate: undefined, records: [{ at: '1s' }] } } });
    await expect(plan(scenario, { growth: 2 })).rejects.toThrow('producers.p: its records are written out one by one');
  });
});

describe('arithmetic comes first', () => {
  test('K3, K4 and offered load rule out settings without a run', async () => {
    const seen: Scenario[] = [];
    const runMany = fake(({ shards }) => ({ age: 1, cost: shards }), seen);
    const loud = parse({
      ...BASE,
      duration: '60s',
      producers: { p: { rate: '4500/s' } },
      thresholds: { IteratorAge: ['max < 5s'] },
      functions: { f: { duration: '500ms', Timeout: 9 } },
    });
    const sizing = await plan(loud, {
      within: [
        'ShardCount=1..40',
        'ParallelizationFactor=1',
        'BatchSize=100',
        'MaximumBatchingWindowInSeconds=0',
        'StreamMode=PROVISIONED',
      ],
      runMany,
      confidence: 0.2,
    });
    // 4,500 records/s are 22.5 batches of half a second each, of which the age allows some to wait.
    const shards = sizing.answer!.settings['streams.s.ShardCount'] as number;
    expect(shards).toBeGreaterThan(17);
    expect(shards).toBeLessThan(24);
    expect(Math.min(...seen.map(({ streams }) => streams[0]!.shards.length))).toBeLessThan(shards); // a step below, to show it
    expect(sizing.settingsRuledOut).toBeGreaterThan(3);
    const few = await plan(loud, { within: ['ShardCount=2..3', 'StreamMode=PROVISIONED'], runMany });
    expect(few.answer).toBeNull();
    expect(few.nearest!.verdict).toEqual({
      kind: 'ruledOut',
      why: expect.stringContaining('K3: s is offered 4,500 records/s'),
    });
    expect(sizingText(few)).toContain('✗ No settings within these bounds meet the thresholds.');
  });
});

test('what is not searched says why, and what cannot be is refused', async () => {
  const runMany = fake(() => ({ age: 1, cost: 1 }));
  const { notSearched } = await plan(
    parse({
      ...BASE,
      functions: { f: { durationByMemory: undefined } },
      mappings: { m: { TumblingWindowInSeconds: 60 } },
    }),
    { runMany, confidence: 0.2 },
  );
  expect(notSearched.map(({ path, why }) => `${path.at(-1)}: ${why}`)).toEqual([
    'MemorySize: without durationByMemory nothing says how long it takes with another',
    'ParallelizationFactor: with a tumbling window it is 1',
  ]);
  const refused = (...within: string[]) => plan(parse(BASE), { within, runMany });
  await expect(refused('ShardCount=0..4')).rejects.toThrow('expected whole numbers from 1 to 10,000');
  await expect(refused('ShardCount')).rejects.toThrow('expected PATH=4..64');
  await expect(refused('BatchSiz=5')).rejects.toThrow("did you mean 'BatchSize'?");
  await expect(refused('BatchSize=5', 'BatchSize=10..20')).rejects.toThrow(
    'BatchSize=10..20: mappings.m.BatchSize is narrowed twice; name all its values at once',
  );
  await expect(refused('mappings.m.BatchSize=5', 'BatchSize=5')).rejects.toThrow('is narrowed twice');
  await expect(refused('StreamMode=SLOW')).rejects.toThrow('expected PROVISIONED or ON_DEMAND');
  await expect(plan(parse({ ...BASE, thresholds: undefined }))).rejects.toThrow(
    'nothing says what has to be met; add for example',
  );
});

test('an interrupted plan is what was known by then, and marked', async () => {
  let left = 150;
  const whole = fake(({ shards }) => ({ age: 200 / shards, cost: 11 * shards }));
  const runMany: RunMany = async function* run(scenarios) {
    for await (const summary of whole(scenarios)) {
      yield { ...summary, partial: left-- <= 0 };
      if (left < 0) return;
    }
  };
  const sizing = await plan(parse(BASE), { within: WITHIN, runMany });
  expect(sizing).toMatchObject({ partial: true, answer: { settings: { 'streams.s.ShardCount': 4 } } });
  expect(sizingText(sizing)).toContain('! Interrupted: what follows is what was known by then.');
});

test('a small real plan: its answer goes well with fresh seeds, and one step cheaper fails', {
  timeout: 60_000,
}, async () => {
  const scenario = parse({
    duration: '20s',
    drain: '20s',
    polling: { phase: 'spread' },
    producers: { p: { rate: '40/s' } },
    functions: {
      f: {
        duration: { base: '200ms', perRecord: '15ms' },
        durationByMemory: { at: 512, cpuShare: '90%' },
        MemorySize: 512,
      },
    },
    thresholds: { timeInSystem: ['max < 6s'], 'records.lost': ['count == 0'], 'records.pending': ['count == 0'] },
  });
  const within = [
    'ShardCount=1..3',
    'MemorySize=256,512,1024',
    'BatchSize=10,50',
    'ParallelizationFactor=1,2',
    'MaximumBatchingWindowInSeconds=0',
    'StreamMode=PROVISIONED',
  ];
  const sizing = await plan(scenario, { within, confidence: 0.4 });
  expect(sizing.answer!.verdict).toMatchObject({ kind: 'meets' });
  for (const { isCheaper, verdict, path } of sizing.steps) if (isCheaper) expect(verdict.kind, path).toBe('fails');
  const planned = plannedScenario(scenario.source.resolved, sizing.answer!.set);
  let failed = 0;
  for (let number = 1; number <= 20; number++) {
    const parsed = parseScenario(planned, { readFile: () => new Uint8Array(), seed: `fresh ${number}` });
    if (!parsed.ok) throw new Error(parsed.issues[0]!.message);
    if (summarise(simulateSync(parsed.scenario)).thresholds.some(({ ok }) => !ok)) failed++;
  }
  expect(failed).toBeLessThanOrEqual(2);
  for (const width of [40, 80])
    expect(
      Math.max(
        ...sizingText(sizing, { width })
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(width);
  expect(sizingMarkdown(sizing)).toMatch(/^# healthy\n\n✓ /);
});

test('the scenario with the answer changes what it says and nothing else that is written as the same', () => {
  const text =
    'streams:\n  a: &s { ShardCount: 4 } # both\n  b: *s\n  c: { ShardCount: &n 3 }\n  d: { ShardCount: *n }\n';
  const value = (set: string) => parseDocument(plannedScenario(text, [set])).toJS().streams;
  const now = { a: { ShardCount: 4 }, b: { ShardCount: 4 }, c: { ShardCount: 3 }, d: { ShardCount: 3 } };
  for (const name of ['a', 'b', 'c', 'd'] as const)
    expect(value(`streams.${name}.ShardCount=2`)).toEqual({ ...now, [name]: { ShardCount: 2 } });
  expect(value('streams.b.RetentionPeriodHours=48').b).toEqual({ ShardCount: 4, RetentionPeriodHours: 48 });
  // What no change reaches stays as it was written.
  expect(plannedScenario(text, ['name=n'])).toContain('b: *s');
});

test('the scenario with the answer keeps its comments', () => {
  expect(plannedScenario('a:\n  # above\n  b: 1 # beside\n', ['a.b=2'])).toBe('a:\n  # above\n  b: 2 # beside\n');
  const text = '# Why it is so\nstreams:\n  s: { ShardCount: 1 } # one\nmappings:\n  m:\n    stream: s\n';
  const planned = plannedScenario(text, ['streams.s.ShardCount=4', 'mappings.m.BatchSize=500']);
  expect(planned).toBe(
    '# Why it is so\nstreams:\n  s: { ShardCount: 4 } # one\nmappings:\n  m:\n    stream: s\n    BatchSize: 500\n',
  );
  const detailed = 'streams:\n  s:\n    StreamModeDetails: { StreamMode: ON_DEMAND }\n';
  expect(plannedScenario(detailed, ['streams.s.StreamMode=PROVISIONED'])).toBe(
    'streams:\n  s:\n    StreamMode: PROVISIONED\n',
  );
});

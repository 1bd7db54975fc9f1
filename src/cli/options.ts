import type { Options } from 'yargs';

type OptionTable = Readonly<Record<string, Options>>;

/** Of results: a saved one has no trace. */
const OUTPUTS: OptionTable = {
  out: {
    ...word('Write FILE: .json .csv .html .svg .png .md .xml (JUnit); a folder/ for all of them; - for stdout'),
    alias: 'o',
    group: 'Outputs:',
  },
  json: { ...flag('Print the result as JSON, one line each, and nothing else'), group: 'Outputs:' },
};

const RUN_OUTPUTS: OptionTable = {
  out: {
    ...OUTPUTS.out,
    ...word(
      'Write FILE: .json .csv .ndjson (trace) .html .svg .png .md .xml (JUnit); a folder/ for all of them; - for stdout',
    ),
  },
  json: OUTPUTS.json!,
};

const CHARTS: OptionTable = {
  chart: { ...word('Which chart an .svg or .png holds; by default iterator-age'), group: 'Charts:' },
  title: { ...word('Their title'), group: 'Charts:' },
  from: { ...word('Draw from this time of the run on: 10m'), group: 'Charts:' },
  to: { ...word('Draw up to this time of the run: 2h'), group: 'Charts:' },
  theme: { ...word('light or dark'), group: 'Charts:' },
};

const CHANGES: OptionTable = {
  seed: { ...word("A seed instead of the scenario's"), alias: 's' },
  set: word('Change a setting, PATH=VALUE: mappings.m.BatchSize=500'),
};

const MANY: OptionTable = {
  replications: {
    ...word('Run each scenario so many times: with its seed, then with seed/2, seed/3 and so on'),
    alias: 'n',
  },
  jobs: {
    ...word('How many runs at once, a thread each; by default as many as there are processor cores, at most one a run'),
    alias: 'j',
  },
};

const SPEECH = speech('Say only what is wrong: no summary, warnings or progress; --json and -o - still print');
/** Where there is nothing to print but whether all is well. */
const JUDGING_SPEECH = speech('Say only what is wrong');
/** Where what is asked for is a text. */
const TEXT_SPEECH = speech('Say only what is wrong, beside what is asked for');

const RUNNING: OptionTable = {
  progress: word('auto (on a terminal), plain (a line now and then) or none'),
  'handler-timeout': word('How long a handler may take to settle, in real time; by default 10s'),
  debug: flag('Check the balance at every event; show the stack of an internal error'),
};

/** What a sweep's results are written as. */
const SWEEP_OUTPUTS: OptionTable = {
  out: {
    ...word('Write FILE: .json .csv .md .svg .png; a folder/ for all of them; - for stdout'),
    alias: 'o',
    group: 'Outputs:',
  },
  json: { ...flag('Print the result as JSON in one line, and nothing else'), group: 'Outputs:' },
  figure: {
    ...word("A figure of the table and the charts, such as 'Throttles sum'; by default IteratorAge p99 and cost.month"),
    group: 'Outputs:',
  },
  chart: {
    ...word('Which chart an .svg or .png holds: line, heat-map or pareto; by default by how many settings are varied'),
    group: 'Charts:',
  },
  title: CHARTS.title!,
  theme: CHARTS.theme!,
};

const PRICING: OptionTable = {
  prices: word('A file with the prices that the cost is by; otherwise those of us-east-1'),
  'free-tier': flag('Leave out what Lambda gives free each month'),
};

export const VERBS = [
  'run',
  'validate',
  'report',
  'explain',
  'verify',
  'compare',
  'sweep',
  'merge',
  'plan',
  'init',
  'import',
  'schema',
  'completion',
] as const;
export type Verb = (typeof VERBS)[number];

/** What each verb understands. */
export const OPTIONS: Readonly<Record<Verb, OptionTable>> = {
  run: {
    ...CHANGES,
    ...MANY,
    period: word('Length of a period of the reported series: 5m'),
    percentiles: word('More percentiles of every distribution: 95,99.9'),
    ...PRICING,
    overlay: word(
      'Draw what CloudWatch measured over it, and say how far apart they are: an answer of get-metric-data',
    ),
    metrics: word("AWS's shard-level metrics in the series, too: IncomingBytes,OutgoingBytes or ALL"),
    ...RUN_OUTPUTS,
    ...CHARTS,
    ...RUNNING,
    ...SPEECH,
  },
  validate: { ...CHANGES, ...JUDGING_SPEECH },
  report: { ...OUTPUTS, ...CHARTS, ...SPEECH },
  explain: { ...TEXT_SPEECH },
  verify: { base: word("Folder of the scenario's files; by default the current one"), ...RUNNING, ...JUDGING_SPEECH },
  compare: {
    ...CHANGES,
    'set-b': word('Change a setting of B alone, PATH=VALUE'),
    replications: { ...word('How many runs of each: with its seed, then seed/2, seed/3; by default 10'), alias: 'n' },
    jobs: MANY.jobs!,
    'fail-on': word("End with 98 where this is true: worse, 'IteratorAge.p99 worse', 'cost.month > +10%'"),
    'warn-on': word('Say so where this is true'),
    ...PRICING,
    out: {
      ...word('Write FILE: .json .md .html .svg .png; a folder/ for all of them; - for stdout'),
      alias: 'o',
      group: 'Outputs:',
    },
    json: { ...flag('Print the comparison as JSON, one line, and nothing else'), group: 'Outputs:' },
    ...withoutChoice(CHARTS),
    ...RUNNING,
    ...SPEECH,
  },
  sweep: {
    vary: word('A setting and its values, PATH=v1,v2 or PATH=4..16:4; several make a grid'),
    ...CHANGES,
    replications: {
      ...word(
        'Runs of each point: with the seed, then seed/2 and so on, the same at all; by default 10, at most 10,000',
      ),
      alias: 'n',
    },
    until: word(
      "Go on at each point until the figure's 95 % interval is within this share of its mean, 'IteratorAge p99=5%'; with -n at most so many, by default 100",
    ),
    jobs: MANY.jobs!,
    part: word('Run part i of n, i/n, and write its runs to -o FILE.json for merge'),
    cache: word("Keep what runs say in this folder, and take from it; by default in the user's cache folder"),
    'no-cache': flag('Keep nothing, and run everything'),
    ...PRICING,
    ...SWEEP_OUTPUTS,
    ...RUNNING,
    ...SPEECH,
  },
  merge: { ...SWEEP_OUTPUTS, ...SPEECH },
  plan: {
    ...CHANGES,
    growth: word('So many times the traffic of every producer is what is paid for: 2x; by default 1x'),
    headroom: word('So much more than that has to be borne, too: 30%; by default 0%'),
    within: word('Narrow what is searched, PATH=4..64, PATH=1,2,4 or PATH=8: ShardCount=4..64'),
    confidence: word('With which at least 99 % of all runs meet the thresholds; by default 95%'),
    ...PRICING,
    jobs: MANY.jobs!,
    out: {
      ...word('Write FILE: .json, .md, or .yaml for the scenario with the answer; - for stdout'),
      alias: 'o',
      group: 'Outputs:',
    },
    json: { ...flag('Print the plan as JSON, and nothing else'), group: 'Outputs:' },
    ...RUNNING,
    ...SPEECH,
  },
  init: {
    list: flag('List the templates'),
    out: { ...word('Write it to FILE; by default to standard output'), alias: 'o' },
    force: flag('Overwrite FILE'),
    ...TEXT_SPEECH,
  },
  import: {
    out: { ...word('Write it to FILE, with data files beside it; by default to standard output'), alias: 'o' },
    force: flag('Overwrite FILE'),
    parameter: {
      ...word("A template's parameter, NAME=VALUE; also AWS::Region=…, the name of an import, opt:stage=…"),
      alias: 'p',
    },
    ...TEXT_SPEECH,
  },
  schema: { result: flag('Of a result, as run --json prints it, instead'), ...TEXT_SPEECH },
  completion: {},
};

/** How much the command says. */
function speech(quiet: string): OptionTable {
  return { quiet: { ...flag(quiet), alias: 'q' }, 'no-color': flag('Print without colours') };
}

/** Where there is one chart only. */
function withoutChoice({ chart: _, ...rest }: OptionTable): OptionTable {
  return rest;
}

function word(describe: string): Options {
  return { type: 'string', requiresArg: true, describe };
}

function flag(describe: string): Options {
  return { type: 'boolean', describe };
}

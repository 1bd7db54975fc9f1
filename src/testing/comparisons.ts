import type { TraceEvent } from '../index.ts';
import { simulateSync } from '../index.ts';
import type { ScenarioDocument } from './scenarios.ts';
import { scenarioOf } from './scenarios.ts';

/** What must hold between two runs: of a scenario document, each breach in words. */
export interface Comparison {
  (document: ScenarioDocument): readonly string[];
  readonly rule: string;
}

const longerRunBeginsWithTheShorter = comparison(
  'A run that goes on for longer begins with the shorter one (D1, D3)',
  (document) => {
    const short = { ...document, duration: '12s', drain: '0s' };
    const long = { ...document, duration: '31s', drain: '0s' };
    // Where the run ends, only ends of invocations are handled (D5).
    const before = ({ t }: TraceEvent) => t < 12_000_000;
    return difference(traceOf(short).filter(before), traceOf(long).filter(before));
  },
);

const additionChangesNoOtherDraws = comparison(
  'Another stream, function and mapping change nothing of those that are there (D2)',
  (document) => {
    const { streams, producers, functions, mappings } = document as Readonly<Record<string, ScenarioDocument>>;
    const alone = { ...document, drain: '0s' }; // the other mapping may take longer to be done (D5)
    const more = {
      ...alone,
      streams: { ...streams, other: { ShardCount: 2 } },
      producers: { ...producers, other: { stream: 'other', rate: '7/s' } },
      functions: {
        ...functions,
        other: { duration: { exponential: { mean: '50ms' } }, faults: [{ probability: '20%' }] },
      },
      mappings: { ...mappings, other: { stream: 'other', function: 'other', StartingPosition: 'LATEST' } },
    };
    return difference(
      traceOf(alone),
      traceOf(more).filter(({ mapping }) => mapping !== 'other'),
    );
  },
);

/** All of them, by name; each runs its scenario twice. */
export const comparisons = { longerRunBeginsWithTheShorter, additionChangesNoOtherDraws } as const;

function comparison(rule: string, breaches: (document: ScenarioDocument) => readonly string[]): Comparison {
  return Object.assign((document: ScenarioDocument) => breaches(document), { rule });
}

function traceOf(document: ScenarioDocument): TraceEvent[] {
  const trace: TraceEvent[] = [];
  simulateSync(scenarioOf(document), { trace: (event) => trace.push(event) });
  return trace.filter(({ type }) => type !== 'expire'); // noted when a lane next looks (K5)
}

/** The first event in which two runs differ. */
function difference(one: readonly TraceEvent[], other: readonly TraceEvent[]): string[] {
  for (let i = 0; i < Math.max(one.length, other.length); i++) {
    const [left, right] = [JSON.stringify(one[i]), JSON.stringify(other[i])];
    if (left !== right) return [`event ${i}: ${left ?? 'nothing'} in one run, ${right ?? 'nothing'} in the other`];
  }
  return [];
}

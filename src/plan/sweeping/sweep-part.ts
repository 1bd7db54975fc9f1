import { z } from 'zod';
import { readableJson } from '../../report/summary-json.ts';
import type { PartNumber, SweepDesign } from './sweep-design.ts';
import { wantedRuns } from './sweep-design.ts';
import type { Sweep } from './sweep-result.ts';
import { summariseSweep } from './sweep-result.ts';
import type { SweptRun } from './swept-run.ts';

/** The runs of a part of a sweep: plain JSON, keys in this order. */
export interface SweepPart {
  readonly formatVersion: 1;
  readonly kind: 'sweep part';
  readonly part: PartNumber;
  /** Whether runs are missing: it was interrupted. */
  readonly partial: boolean;
  readonly design: SweepDesign;
  /** By point and number. */
  readonly runs: readonly SweptRun[];
}

/** What keeps parts from being joined; `part` is the place in the list of the one that it is about, null for all. */
export interface PartProblem {
  readonly part: number | null;
  readonly message: string;
}

/**
 * Joins the parts of a sweep, in any order.
 *
 * @returns what the sweep would have said undivided, to the byte; or every reason why they do not make one
 */
export function mergeParts(
  parts: readonly SweepPart[],
): { readonly ok: true; readonly sweep: Sweep } | { readonly ok: false; readonly problems: readonly PartProblem[] } {
  const others = [...parts.entries()].filter(([, part]) => part?.kind !== 'sweep part').map(([index]) => index);
  if (others.length > 0)
    return { ok: false, problems: others.map((part) => ({ part, message: 'is no part of a sweep' })) };
  const problems = [...problemsOf(parts)];
  const [first] = parts;
  if (problems.length > 0 || first === undefined) return { ok: false, problems };
  const runs = parts.flatMap((part) => part.runs);
  // The order of parts must not be seen in whose prices are told.
  const sorted = [...runs].sort((a, b) => a.point - b.point || a.number - b.number);
  return { ok: true, sweep: summariseSweep({ design: first.design, runs: sorted }) };
}

function* problemsOf(parts: readonly SweepPart[]): Generator<PartProblem, void> {
  const [first] = parts;
  if (first === undefined) {
    yield { part: null, message: 'no part to join' };
    return;
  }
  const { of } = first.part;
  const seen = new Set<number>();
  const [firstRun] = parts.flatMap(({ runs }) => runs.slice(0, 1));
  for (const [index, { part, partial, design, runs }] of parts.entries()) {
    const name = `part ${part.number} of ${part.of}`;
    const differs = differenceOf(design, first.design) ?? pricesDiffer(runs[0], firstRun);
    if (part.of !== of) yield { part: index, message: `is ${name}; the first is one of ${of}` };
    else if (seen.has(part.number)) yield { part: index, message: `is ${name}, which was given already` };
    else if (differs !== null)
      yield { part: index, message: `is of another sweep: its ${differs} differs from the first's` };
    else {
      const missing = wantedRuns(design, part, runs).length;
      if (partial || missing > 0)
        yield { part: index, message: `${name} was interrupted; run it again, it goes on where it stopped` };
    }
    seen.add(part.number);
  }
  const absent = Array.from({ length: of }, (_, index) => index + 1).filter((number) => !seen.has(number));
  if (absent.length > 0) {
    const shown = absent.slice(0, 10).join(', ');
    const rest = absent.length > 10 ? ` and ${absent.length - 10} more` : '';
    yield { part: null, message: `of ${of} parts there is no part ${shown}${rest}` };
  }
}

/** In words, the first thing in which two designs differ; null: none. */
function differenceOf(a: SweepDesign, b: SweepDesign): string | null {
  const differs = (of: (design: SweepDesign) => unknown) => JSON.stringify(of(a)) !== JSON.stringify(of(b));
  if (differs(({ tool }) => tool)) return 'version of shardclock';
  if (differs(({ scenario }) => scenario)) return 'scenario or seed';
  if (differs(({ axes }) => axes)) return '--vary';
  if (differs(({ replications }) => replications)) return 'number of replications';
  if (differs(({ until }) => until)) return '--until';
  return differs(({ points }) => points) ? 'scenario' : null;
}

function pricesDiffer(a: SweptRun | undefined, b: SweptRun | undefined): string | null {
  if (a === undefined || b === undefined) return null;
  return JSON.stringify(a.prices) === JSON.stringify(b.prices) ? null : 'price list';
}

/** As a file. */
export function sweepPartJson(part: SweepPart): string {
  return readableJson(part);
}

/** What keeps a value from being a part of a sweep; nothing for one. */
export function sweepPartProblems(value: unknown): { readonly path: (string | number)[]; readonly message: string }[] {
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  if (kind !== 'sweep part') return [{ path: ['kind'], message: "expected 'sweep part'; nothing else is joined" }];
  const read = partSchema.safeParse(value);
  if (read.success) return [];
  return read.error.issues.map(({ path, message }) => ({
    path: path.map((step) => (typeof step === 'symbol' ? String(step) : step)),
    message: message.replace(/^Invalid input: /, ''),
  }));
}

const text = z.string();
const nullable = z.number().nullable();
const fromOne = z.int().min(1);
const name = { metric: text, statistic: text, mapping: text.nullable() };

const runSchema = z.object({
  point: z.int().min(0),
  number: fromOne,
  seed: text,
  digest: text,
  partial: z.literal(false),
  behind: z.array(text),
  figures: z.array(z.object({ ...name, unit: text, value: nullable })),
  thresholds: z.array(z.object({ metric: text, expression: text, ok: z.boolean(), value: nullable, unit: text })),
  warmUp: z.array(z.object({ mapping: text, firstMs: nullable, restMs: nullable, isRising: z.boolean() })),
  prices: z.object({ prices: text, currency: text, freeTier: z.boolean(), sha256: text }).nullable(),
});

const partSchema = z
  .object({
    formatVersion: z.literal(1),
    kind: z.literal('sweep part'),
    part: z.object({ number: fromOne, of: fromOne }),
    partial: z.boolean(),
    design: z.object({
      tool: z.object({ name: z.literal('shardclock'), version: text }),
      scenario: z.object({ name: text, seed: text }),
      axes: z.array(z.object({ path: text, values: z.array(z.unknown()).min(1) })).min(1),
      replications: fromOne,
      until: z.array(z.object({ ...name, halfWidth: z.number().positive() })),
      points: z.array(z.object({ values: z.array(z.unknown()), durationSeconds: z.number(), sha256: text })).min(1),
    }),
    runs: z.array(runSchema),
  })
  .refine(({ part }) => part.number <= part.of, {
    message: 'a number above how many there are',
    path: ['part', 'number'],
  })
  .refine(({ runs, design }) => runs.every(({ point }) => point < design.points.length), {
    message: 'a run of a point that there is not',
    path: ['runs'],
  })
  .refine(({ runs }) => new Set(runs.map(({ point, number }) => `${point}/${number}`)).size === runs.length, {
    message: 'a run stands twice',
    path: ['runs'],
  });

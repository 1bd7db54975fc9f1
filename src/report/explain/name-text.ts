import { stringify } from 'yaml';
import { type Line, layOutText, line, printable } from '../text-layout.ts';
import { list } from '../words.ts';
import type { NamedThing, NameMeaning } from './name.ts';

export interface NameTextOptions {
  /** The text of the model's rules (`src/sim/MODEL.md`), to be quoted; without it rules are named by their letters. */
  readonly model?: string | undefined;
  /** Columns, at least 40; default 80. An example may be wider, so that it can be copied. */
  readonly width?: number | undefined;
  readonly color?: boolean | undefined;
}

const NARROWEST = 40;
const DEFAULT_WIDTH = 80;
const MOST_PLACES = 4;

/** What a name means: its default, its range, the rules behind it, and a line of YAML. */
export function nameText({ name, things }: NameMeaning, options: NameTextOptions = {}): string {
  const { model, color } = options;
  const width = Math.max(NARROWEST, Math.floor(options.width ?? DEFAULT_WIDTH));
  const texts = model === undefined ? null : rulesOf(model);
  return things
    .map((thing) => {
      const told = layOutText(thingLines(name, thing, texts), { width, color: color ?? false });
      return thing.example === null ? told : `${told}  Example: ${printable(thing.example)}\n`;
    })
    .join('\n');
}

function thingLines(name: string, thing: NamedThing, texts: ReadonlyMap<string, string> | null): Line[] {
  const { description, rules } = thing;
  const quoted = texts === null ? [] : rules.filter((rule) => texts.has(rule));
  const named = rules.filter((rule) => !quoted.includes(rule));
  return [
    line(`${name}: ${kindWords(thing)}`, { tone: 'heading', hang: 2 }),
    line(`  ${description}`, { hang: 2 }),
    ...(thing.kind === 'setting' ? [line(`  ${rangeWords(thing)}`, { hang: 2 })] : []),
    ...quoted.map((rule) => line(`  ${rule}: ${texts!.get(rule)!}`, { hang: 6 })),
    ...(named.length === 0
      ? []
      : [line(`  ${named.length === 1 ? 'Rule' : 'Rules'} ${list(named)} of the model.`, { hang: 2 })]),
  ];
}

function kindWords({ kind, isAws, places }: NamedThing): string {
  const shown = places.slice(0, MOST_PLACES);
  const rest = places.length - shown.length;
  const where = shown.length === 0 ? '' : `, ${list([...shown, ...(rest > 0 ? [`${rest} more`] : [])])}`;
  const whose = isAws ? "AWS's" : "shardclock's own";
  switch (kind) {
    case 'setting':
    case 'metric':
      return `${whose} ${kind}${where}`;
    case 'figure':
      return `a figure of the result${where}`;
    case 'stall cause':
      return 'why a lane stalls';
    case 'part of the age':
      return "a part of a record's time in the system";
    case 'discard':
      return 'why records are discarded';
    case 'outcome':
      return 'how an invocation ends';
    case 'label':
      return 'what a summary prints';
  }
}

function rangeWords({ standard, isRequired, expected }: NamedThing): string {
  const range = expected === '' ? '' : ` May be ${expected}.`;
  if (isRequired) return `No default, it has to be given.${range}`;
  const value = standard === null ? 'none, it may be left out' : stringify(standard, FLOW).trimEnd();
  return `Default: ${value}.${range}`;
}

const FLOW = { collectionStyle: 'flow', lineWidth: 0 } as const;

/** Each rule's text by its letter: '- P3 A batch is …'. */
function rulesOf(model: string): ReadonlyMap<string, string> {
  return new Map([...model.matchAll(/^- ([A-Z]\d+a?) (.*)$/gm)].map((match) => [match[1]!, match[2]!]));
}

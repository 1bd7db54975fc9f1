import type { Parameters } from './parameters.ts';
import type { Tree } from './tree.ts';
import { at, entriesOf, itemsOf, shownText, textOf, unknownTree, valueTree } from './tree.ts';

/** What a reference to a resource stands for; undefined where that is known only once it is deployed. */
export type ResourceAnswers = (logicalId: string, attribute: string | null) => string | undefined;

/**
 * Works out CloudFormation's functions: Ref, GetAtt, Sub, Join, If, FindInMap, Select, Split, and the conditions. What
 * depends on something that the template does not say is unknown, and says why.
 */
export class Intrinsics {
  readonly #template: Tree;
  readonly #parameters: Parameters;
  readonly #resource: ResourceAnswers;
  readonly #conditions = new Map<string, Verdict>();

  constructor(template: Tree, parameters: Parameters, resource: ResourceAnswers) {
    this.#template = template;
    this.#parameters = parameters;
    this.#resource = resource;
  }

  /** Null for AWS::NoValue: as if it were not there. */
  resolve(tree: Tree): Tree | null {
    if (tree.kind === 'list') {
      const items = tree.items.flatMap((item) => this.resolve(item) ?? []);
      return { ...tree, items };
    }
    if (tree.kind !== 'map') return tree;
    const [[name, argument] = ['', tree] as const] = tree.entries.size === 1 ? tree.entries : [];
    if (name === 'Ref' || name.startsWith('Fn::')) return this.#called(name, argument, tree);
    const entries = new Map<string, Tree>();
    for (const [key, value] of tree.entries) {
      const resolved = this.resolve(value);
      if (resolved !== null) entries.set(key, resolved);
    }
    return { ...tree, entries };
  }

  /** Whether a condition holds; a text says why that is not known. */
  condition(name: string, like: Tree): Verdict {
    const known = this.#conditions.get(name);
    if (known !== undefined) return known;
    const body = at(this.#template, 'Conditions', name);
    if (body === undefined) return `there is no condition ${name}`;
    this.#conditions.set(name, `condition ${name} refers to itself`);
    const verdict = this.#verdict(body, like);
    this.#conditions.set(name, verdict);
    return verdict;
  }

  #called(name: string, argument: Tree, call: Tree): Tree | null {
    switch (name) {
      case 'Ref':
        return this.#ref(textOf(argument) ?? '', call);
      case 'Fn::GetAtt':
        return this.#attribute(argument, call);
      case 'Fn::Sub':
        return this.#substituted(argument, call);
      case 'Fn::Join':
        return this.#joined(argument, call);
      case 'Fn::If':
        return this.#chosen(argument, call);
      case 'Fn::FindInMap':
        return this.#found(argument, call);
      case 'Fn::Select':
        return this.#selected(argument, call);
      case 'Fn::Split':
        return this.#split(argument, call);
      case 'Fn::ImportValue':
        return this.#imported(argument, call);
      default:
        return unknownTree(call, `${name} is not worked out`, `\${${name}}`);
    }
  }

  #ref(name: string, call: Tree): Tree | null {
    if (name === 'AWS::NoValue') return null;
    const given = this.#parameters.get(name);
    const parameter = at(this.#template, 'Parameters', name);
    if (given !== undefined) return this.#ofType(given, parameter, call, `${name}, given on the command line`);
    if (name.startsWith('AWS::')) return valueTree(`\${${name}}`, call, name);
    if (parameter !== undefined) return this.#defaultOf(name, parameter, call);
    const answer = this.#resource(name, null);
    if (answer !== undefined) return valueTree(answer, call, name);
    const isResource = at(this.#template, 'Resources', name) !== undefined;
    const why = isResource
      ? `Ref ${name} is known only once it is deployed`
      : `there is no parameter or resource ${name}`;
    return unknownTree(call, why, `\${${name}}`);
  }

  #defaultOf(name: string, parameter: Tree, call: Tree): Tree {
    const type = textOf(at(parameter, 'Type')) ?? 'String';
    const standard = at(parameter, 'Default');
    if (type.startsWith('AWS::SSM::Parameter::'))
      return unknownTree(
        call,
        `parameter ${name} is read from SSM; give it with --parameter ${name}=VALUE`,
        `\${${name}}`,
      );
    if (standard === undefined)
      return unknownTree(
        call,
        `parameter ${name} has no default; give it with --parameter ${name}=VALUE`,
        `\${${name}}`,
      );
    const via = `the default of ${name}`;
    return this.#ofType(textOf(standard) ?? standard, parameter, call, via);
  }

  /** Lists are written with commas. */
  #ofType(value: string | Tree, parameter: Tree | undefined, call: Tree, via: string): Tree {
    const type = textOf(at(parameter, 'Type')) ?? '';
    if (typeof value !== 'string') return { ...value, place: call.place, via };
    if (!/^(CommaDelimitedList|List<)/.test(type)) return valueTree(value, call, via);
    const items = value.split(',').map((item) => valueTree(item.trim(), call, via));
    return { kind: 'list', items, place: call.place, via };
  }

  #attribute(argument: Tree, call: Tree): Tree {
    const parts = argument.kind === 'list' ? argument.items.map(textOf) : (textOf(argument)?.split('.') ?? []);
    const [name, ...rest] = parts;
    const attribute = rest.join('.');
    const answer = name ? this.#resource(name, attribute) : undefined;
    if (answer !== undefined) return valueTree(answer, call, `${name}.${attribute}`);
    const isThere = name && at(this.#template, 'Resources', name) !== undefined;
    const why = isThere
      ? `${name}.${attribute} is known only once it is deployed`
      : `there is no resource ${name ?? ''}`;
    return unknownTree(call, why, `\${${name ?? ''}.${attribute}}`);
  }

  #substituted(argument: Tree, call: Tree): Tree {
    const [first, variables] = argument.kind === 'list' ? argument.items : [argument];
    const pattern = textOf(first);
    if (pattern === null) return unknownTree(call, 'Fn::Sub without a text', '${Fn::Sub}');
    let why: string | null = null;
    const via: string[] = [];
    const text = pattern.replaceAll(/\$\{(!?)([^}]*)\}/g, (whole, isLiteral: string, word: string) => {
      if (isLiteral !== '') return `\${${word}}`;
      const name = word.trim();
      const own = at(variables, name);
      const part = own === undefined ? this.#named(name, call) : this.resolve(own);
      if (part === null) return '';
      if (part.via !== null) via.push(part.via);
      if (part.kind === 'unknown') why ??= part.why;
      return shownText(part) ?? whole;
    });
    if (why !== null) return unknownTree(call, why, text);
    return valueTree(text, call, via.length === 0 ? call.via : [...new Set(via)].join(', '));
  }

  /** `Name` or `Resource.Attribute` inside Fn::Sub. */
  #named(name: string, call: Tree): Tree | null {
    return name.includes('.') && !name.startsWith('AWS::')
      ? this.#attribute(valueTree(name, call), call)
      : this.#ref(name, call);
  }

  #joined(argument: Tree, call: Tree): Tree {
    const [separator, list] = itemsOf(argument);
    const resolved = list === undefined ? null : this.resolve(list);
    const between = textOf(separator);
    if (between === null || resolved?.kind !== 'list')
      return unknownTree(call, 'Fn::Join without a list', '${Fn::Join}');
    const unknown = resolved.items.find((item) => item.kind === 'unknown');
    const text = resolved.items.map((item) => shownText(item) ?? '').join(between);
    if (unknown?.kind === 'unknown') return unknownTree(call, unknown.why, text);
    return valueTree(text, call);
  }

  #chosen(argument: Tree, call: Tree): Tree | null {
    const [condition, yes, no] = itemsOf(argument);
    const name = textOf(condition);
    if (name === null || yes === undefined || no === undefined)
      return unknownTree(call, 'Fn::If without a condition and two values', '${Fn::If}');
    const verdict = this.condition(name, call);
    if (typeof verdict === 'boolean') return this.#from(this.resolve(verdict ? yes : no), call, `Fn::If ${name}`);
    const [one, other] = [this.resolve(yes), this.resolve(no)];
    if (one !== null && other !== null && saysTheSame(one, other)) return this.#from(one, call, `Fn::If ${name}`);
    return unknownTree(call, `condition ${name} is not known: ${verdict}`, `\${${name}}`);
  }

  #found(argument: Tree, call: Tree): Tree {
    const keys = itemsOf(argument)
      .slice(0, 3)
      .map((item) => this.resolve(item));
    const words = keys.map((key) => (key?.kind === 'value' ? textOf(key) : null));
    const open = keys.find((key) => key?.kind === 'unknown');
    if (open?.kind === 'unknown') return unknownTree(call, open.why, '${Fn::FindInMap}');
    const [map, first, second] = words;
    if (typeof map !== 'string' || typeof first !== 'string' || typeof second !== 'string')
      return unknownTree(call, 'Fn::FindInMap without three names', '${Fn::FindInMap}');
    const pseudo = [first, second].find((word) => word.includes('${'))?.slice(2, -1);
    if (pseudo !== undefined)
      return unknownTree(call, `it depends on ${pseudo}; give it with --parameter ${pseudo}=VALUE`, `\${${map}}`);
    const value = at(this.#template, 'Mappings', map, first, second);
    if (value === undefined)
      return unknownTree(call, `Mappings hold no ${map}.${first}.${second}`, `\${${map}.${first}.${second}}`);
    return { ...value, place: call.place, via: `${map}.${first}.${second}` };
  }

  #selected(argument: Tree, call: Tree): Tree {
    const [index, list] = itemsOf(argument).map((item) => this.resolve(item));
    const number = Number(index?.kind === 'value' ? textOf(index) : Number.NaN);
    const item = list?.kind === 'list' ? list.items[number] : undefined;
    if (item !== undefined) return { ...item, place: call.place };
    const why = list?.kind === 'unknown' ? list.why : `Fn::Select finds no item ${textOf(index ?? undefined) ?? ''}`;
    return unknownTree(call, why, '${Fn::Select}');
  }

  #split(argument: Tree, call: Tree): Tree {
    const [separator, text] = itemsOf(argument).map((item) => this.resolve(item));
    const between = separator?.kind === 'value' ? textOf(separator) : null;
    if (between === null || text === null || text === undefined || between === '')
      return unknownTree(call, 'Fn::Split without a text', '${Fn::Split}');
    if (text.kind === 'unknown') return text;
    const items = (textOf(text) ?? '').split(between).map((part) => valueTree(part, call));
    return { kind: 'list', items, place: call.place, via: text.via };
  }

  #imported(argument: Tree, call: Tree): Tree {
    const resolved = this.resolve(argument);
    const name = resolved === null ? null : shownText(resolved);
    if (name === null) return unknownTree(call, 'Fn::ImportValue without a name', '${Fn::ImportValue}');
    const given = this.#parameters.get(name);
    if (given !== undefined) return valueTree(given, call, `${name}, given on the command line`);
    return unknownTree(call, `another stack exports ${name}; give it with --parameter ${name}=VALUE`, `\${${name}}`);
  }

  #from(tree: Tree | null, call: Tree, via: string): Tree | null {
    return tree === null ? null : { ...tree, place: call.place, via: tree.via ?? via };
  }

  #verdict(tree: Tree, like: Tree): Verdict {
    const [[name, argument] = ['', tree] as const] = entriesOf(tree);
    const parts = itemsOf(argument);
    switch (name) {
      case 'Condition':
        return this.condition(textOf(argument) ?? '', like);
      case 'Fn::Not':
        return negated(this.#verdict(parts[0] ?? tree, like));
      case 'Fn::And':
        return all(parts.map((part) => this.#verdict(part, like)));
      case 'Fn::Or':
        return negated(all(parts.map((part) => negated(this.#verdict(part, like)))));
      case 'Fn::Equals':
        return this.#equal(parts);
      default:
        return name === '' ? 'it is no condition' : `${name} is not worked out`;
    }
  }

  #equal(parts: readonly Tree[]): Verdict {
    const [one, other] = parts.map((part) => this.resolve(part));
    for (const side of [one, other]) if (side?.kind === 'unknown') return side.why;
    if (!one || !other) return 'Fn::Equals without two values';
    const texts = [one, other].map((side) =>
      side.kind === 'value' ? String(side.value) : JSON.stringify(plain(side)),
    );
    const pseudo = texts.find((text) => text.includes('${AWS::'));
    if (pseudo === undefined || texts[0] === texts[1]) return texts[0] === texts[1];
    const name = /\$\{(AWS::\w+)\}/.exec(pseudo)?.[1] ?? pseudo;
    return `it depends on ${name}; give it with --parameter ${name}=VALUE`;
  }
}

/** A text says why it is not known. */
export type Verdict = boolean | string;

function negated(verdict: Verdict): Verdict {
  return typeof verdict === 'boolean' ? !verdict : verdict;
}

function all(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes(false)) return false;
  return verdicts.find((verdict) => typeof verdict === 'string') ?? true;
}

function saysTheSame(one: Tree, other: Tree): boolean {
  return JSON.stringify(plain(one)) === JSON.stringify(plain(other)) && !isOpen(one) && !isOpen(other);
}

/** Whether a part of it is not known. */
function isOpen(tree: Tree): boolean {
  return firstUnknown(tree) !== null;
}

/** The first part that is not known. */
export function firstUnknown(tree: Tree): (Tree & { readonly kind: 'unknown' }) | null {
  if (tree.kind === 'unknown') return tree;
  const parts = tree.kind === 'list' ? tree.items : tree.kind === 'map' ? [...tree.entries.values()] : [];
  for (const part of parts) {
    const unknown = firstUnknown(part);
    if (unknown !== null) return unknown;
  }
  return null;
}

/** As plain data; what is not known as its text. */
export function plain(tree: Tree): unknown {
  if (tree.kind === 'list') return tree.items.map(plain);
  if (tree.kind === 'map') return Object.fromEntries([...tree.entries].map(([key, value]) => [key, plain(value)]));
  return tree.kind === 'unknown' ? tree.text : tree.value;
}

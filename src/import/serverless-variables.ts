import type { Parameters } from './parameters.ts';
import type { Tree } from './tree.ts';
import { at, shownText, unknownTree, valueTree } from './tree.ts';

/** Fills in the variables of the Serverless Framework: `${self:custom.name}`, `${opt:stage, 'dev'}`. */
export class ServerlessVariables {
  readonly #file: Tree;
  readonly #parameters: Parameters;
  #depth = 0;

  constructor(file: Tree, parameters: Parameters) {
    this.#file = file;
    this.#parameters = parameters;
  }

  filled(tree: Tree): Tree {
    if (tree.kind === 'list') return { ...tree, items: tree.items.map((item) => this.filled(item)) };
    if (tree.kind === 'map') {
      const entries = [...tree.entries].map(([key, value]): [string, Tree] => [key, this.filled(value)]);
      return { ...tree, entries: new Map(entries) };
    }
    if (tree.kind !== 'value' || typeof tree.value !== 'string' || !tree.value.includes('${')) return tree;
    return this.#text(tree.value, tree);
  }

  /** That functions are named after, with `${…}` for what is not known. */
  stage(): string {
    return shownText(this.#known('sls:stage', this.#file)) ?? 'dev';
  }

  /** From the inside outward: `${self:custom.${opt:stage}.shards}`. */
  #text(text: string, like: Tree): Tree {
    let rest = text;
    let why: string | null = null;
    const kept: string[] = [];
    for (let count = 0; count < MOST; count++) {
      const match = INNERMOST.exec(rest);
      if (match === null) break;
      const [whole] = match;
      const value = this.#variable(match[1]!, like);
      if (value !== null && whole === text) return value;
      if (value?.kind === 'unknown') why ??= value.why;
      const shown = value === null ? null : shownText(value);
      // What stays is put aside, so that it is not looked at again.
      const isOpen = shown === null || shown.includes('${');
      if (isOpen) kept.push(shown ?? whole);
      rest = rest.replace(whole, () => (isOpen ? `${ASIDE}${kept.length - 1}${ASIDE}` : shown));
    }
    const filled = rest.replaceAll(PUT_ASIDE, (_, index) => kept[Number(index)] ?? '');
    return why === null ? valueTree(filled, like) : unknownTree(like, why, filled);
  }

  /** Null where it is none of the framework's: `${AWS::Region}` in a Sub. */
  #variable(body: string, like: Tree): Tree | null {
    const [first = '', ...fallbacks] = body.split(',').map((part) => part.trim());
    if (!/^(self|opt|sls|env|param|file|cf|ssm|s3|aws|git|strToBool|output)\b[:(]/.test(first)) return null;
    const known = this.#known(first, like);
    if (known !== undefined) return known;
    for (const fallback of fallbacks) {
      const quoted = /^(['"])(.*)\1$/.exec(fallback);
      if (quoted !== null) return valueTree(quoted[2]!, like, `the default of ${first}`);
      if (/^(-?\d+(\.\d+)?|true|false|null)$/.test(fallback))
        return valueTree(JSON.parse(fallback) as number | boolean | null, like, `the default of ${first}`);
      const other = this.#known(fallback, like);
      if (other !== undefined) return other;
    }
    return unknownTree(like, `\${${body}} is not known; give it with --parameter ${first}=VALUE`, `\${${first}}`);
  }

  #first(names: readonly string[], like: Tree): Tree | undefined {
    for (const name of names) {
      const value = this.#known(name, like);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  #known(name: string, like: Tree): Tree | undefined {
    const given = this.#parameters.get(name);
    if (given !== undefined) return valueTree(given, like, `${name}, given on the command line`);
    // What --stage and --region say comes first; the file's own value, self:provider.stage, stays what it is.
    if (name === 'sls:stage')
      return this.#first(['opt:stage', 'self:provider.stage'], like) ?? valueTree('dev', like, 'the default stage');
    if (name === 'aws:region') return this.#first(['opt:region', 'self:provider.region'], like);
    if (!name.startsWith('self:') || this.#depth > MOST) return undefined;
    const value = at(
      this.#file,
      ...name
        .slice('self:'.length)
        .split('.')
        .filter((key) => key !== ''),
    );
    if (value === undefined) return undefined;
    this.#depth++;
    const filled = this.filled(value);
    this.#depth--;
    return { ...filled, place: like.place, via: filled.via ?? name };
  }
}

const MOST = 50; // variables in a text, and in one another
const ASIDE = '\ue000'; // of private use: no text has it
const PUT_ASIDE = /\ue000(\d+)\ue000/g;
const INNERMOST = /\$\{([^${}]*)\}/;

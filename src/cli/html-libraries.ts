import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** What a page needs to draw our charts, as classic scripts, read from the packages as they are installed. */
export function htmlLibraries(): { readonly vega: string; readonly interpreter: string; readonly licence: string } {
  const vega = dirname(createRequire(import.meta.url).resolve('vega'));
  const interpreter = createRequire(import.meta.url).resolve('vega-interpreter');
  return {
    vega: readFileSync(join(vega, 'vega.min.js'), 'utf8'),
    interpreter: classicScript(readFileSync(interpreter, 'utf8')),
    licence: `Vega and its expression interpreter, https://vega.github.io\n${readFileSync(join(vega, '..', 'LICENSE'), 'utf8')}`,
  };
}

/** The interpreter is published as a module only: its import becomes vega's global, its export a global of its own. */
function classicScript(module: string): string {
  const imported = /^import \{([\w\s,]+)\} from 'vega-util';$/m;
  const exported = /^export \{ (\w+) as expressionInterpreter \};$/m;
  const name = exported.exec(module)?.[1];
  if (name === undefined || !imported.test(module))
    throw new Error('vega-interpreter no longer has the form of a module that is known here');
  const body = module
    .replace(imported, 'const {$1} = vega;')
    .replace(exported, `return { expressionInterpreter: ${name} };`)
    .replace(/^\/\/# sourceMappingURL=.*$/m, '');
  return `const vegaInterpreter = (() => {\n${body}\n})();`;
}

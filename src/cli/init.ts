import { basename } from 'node:path';
import { didYouMean } from '../index.ts';
import type { ExitStatus } from './exit.ts';
import { EXIT, usageError } from './exit.ts';
import { checkWritable, writeNew, writeWhole } from './files.ts';
import { shippedFile, template, templateNames } from './templates.ts';
import type { Terminal } from './terminal.ts';
import { typedCommand } from './typed-command.ts';

export interface InitOptions {
  readonly template: string;
  readonly list: boolean;
  readonly out: string | undefined;
  readonly force: boolean;
}

/** `shardclock init`: a commented scenario to begin with. */
export function init(options: InitOptions, terminal: Terminal): ExitStatus {
  const names = templateNames();
  if (options.list) {
    for (const name of names) terminal.print(describedTemplate(name));
    return EXIT.done;
  }
  const name = options.template.replace(/\.yaml$/, '');
  if (!names.includes(name))
    throw usageError(
      `there is no template '${options.template}'${didYouMean(name, names)}`,
      `The templates: ${names.join(', ')}`,
    );
  const text = template(name);
  const { out } = options;
  if (out === undefined || out === '-') terminal.print(text);
  else {
    if (!/\.(ya?ml)$/i.test(out)) throw usageError(`${out}: expected a name that ends in .yaml or .yml`);
    if (options.force) {
      checkWritable(out, { makeFolders: true });
      writeWhole(out, text);
    } else writeNew(out, text);
    terminal.note(`wrote ${out}; try: ${typedCommand(['run', out])}`);
  }
  for (const file of filesNamedIn(text)) {
    const shipped = shippedFile(file);
    const where = shipped === null ? 'which its comments say where to get' : `which comes with shardclock: ${shipped}`;
    terminal.note(`It reads ${file}, ${where}`);
  }
  return EXIT.done;
}

function describedTemplate(name: string): string {
  const title = /^name: *(.*)$/m.exec(template(name))?.[1] ?? '';
  return `${name.padEnd(24)} ${title}`;
}

/** A look at the text suffices: this is a hint, no more. */
function filesNamedIn(text: string): string[] {
  return [
    ...new Set(
      [...text.matchAll(/^[^#\n]*\b(?:file|handler): *['"]?([^'",}\s]+)/gm)].map((match) => basename(match[1]!)),
    ),
  ];
}

import { createRequire, register } from 'node:module';
import { sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Handler } from '../index.ts';
import { EXIT, Failure } from './exit.ts';

register(new URL('./fresh-modules.js', import.meta.url));
const { cache } = createRequire(import.meta.url);

/** Loaded to see what they are, and not used yet. */
const unused = new Map<string, Handler>();
let environments = 0;

/** @throws Failure where it holds no handler, or cannot be loaded */
export async function checkHandlerFile(file: string): Promise<void> {
  if (!unused.has(file)) unused.set(file, await load(file));
}

/**
 * The handler of a module that nobody else has, nor the modules that it imports, packages aside.
 *
 * @throws Failure where it holds no handler any more
 */
export async function freshHandler(file: string): Promise<Handler> {
  const handler = unused.get(file);
  unused.delete(file);
  return handler ?? load(file);
}

async function load(file: string): Promise<Handler> {
  // Modules of CommonJS are kept by their names, whatever the address that they are asked for by.
  for (const name of Object.keys(cache)) if (!name.includes(`${sep}node_modules${sep}`)) delete cache[name];
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await import(`${pathToFileURL(file).href}?environment=${++environments}`);
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const hint = /Unknown file extension "\.[cm]?tsx?"/.test(message)
      ? '; build it to JavaScript first, as with esbuild --bundle --platform=node --format=esm --outfile=handler.mjs'
      : '';
    throw new Failure(EXIT.input, `cannot be loaded: ${message}${hint}`);
  }
  const inner = module.default as { readonly handler?: unknown } | null | undefined;
  const handler = module.handler ?? inner?.handler ?? inner;
  if (typeof handler !== 'function') {
    throw new Failure(EXIT.input, 'exports no handler; expected a function (event, context) as handler, or by default');
  }
  if (handler.length > 2) {
    throw new Failure(
      EXIT.input,
      'takes a callback, which is never called; expected a function (event, context) that returns its answer or a promise of it',
    );
  }
  return handler as Handler;
}

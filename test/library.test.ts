import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');

/** What package.json says, of this package or of another. */
function manifest(folder = ROOT) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** What a built file names as modules, and the files that it reaches. */
function reached(file: string, files = new Map<string, string[]>()): Map<string, string[]> {
  if (files.has(file)) return files;
  const text = readFileSync(file, 'utf8');
  const names = [...text.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)["']([^"'\n]+)["']/g)].map(
    (match) => match[1]!,
  );
  files.set(file, names);
  for (const name of names.filter((one) => one.startsWith('.'))) {
    const path = join(dirname(file), name);
    if (existsSync(path)) reached(path, files);
  }
  return files;
}

it('what is shipped as the library needs no module of Node.js', () => {
  const files = reached(join(DIST, 'index.js'));
  expect(files.size).toBeGreaterThan(1);
  const wrong = [...files].flatMap(([file, names]) =>
    names.filter((name) => name.startsWith('node:') || builtinModules.includes(name)).map((name) => [file, name]),
  );
  expect(wrong).toEqual([]);
});

it('shardclock/testing has the laws beside what drives handlers', async () => {
  const testing = (await import(join(DIST, 'testing/testing.js'))) as object;
  expect(Object.keys(testing)).toEqual(
    expect.arrayContaining(['laws', 'checkHandler', 'scenarios', 'CounterexampleError']),
  );
});

it('what is installed with the package is what its files ask for, and nothing that they hold already', () => {
  const files = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
  const types = ['index', 'testing/testing', 'testing/vitest'].flatMap((name) => [...reachedTypes(`${name}.d.ts`)]);
  const asked = [...files, ...types].flatMap((name) => [...packagesIn(readFileSync(join(DIST, name), 'utf8'))]);
  const { dependencies, peerDependencies } = manifest();
  expect([...new Set(asked)].sort()).toEqual(Object.keys({ ...dependencies, ...peerDependencies }).sort());
});

it('runs on the versions of Node.js that yargs does, which takes the fewest of all that is bundled', () => {
  expect(manifest().engines).toEqual(manifest(join(ROOT, 'node_modules/yargs')).engines);
});

/** The declarations that one leads to. */
function reachedTypes(file: string, files = new Set<string>()): Set<string> {
  if (files.has(file)) return files;
  files.add(file);
  const text = readFileSync(join(DIST, file), 'utf8');
  for (const [, name] of text.matchAll(/(?:\bfrom |\bimport\()["'](\.[^"']+)\.ts["']/g)) {
    reachedTypes(join(dirname(file), `${name}.d.ts`), files);
  }
  return files;
}

/** The packages that a file imports, or finds by name to read them. */
function packagesIn(text: string): string[] {
  const names = text.matchAll(
    /(?:^(?:import|export)\b(?:[^'"\n]*\bfrom)?\s*|\bimport\(|\bresolve\()["']([^."'\n][^"'\n]*)["']/gm,
  );
  return [...names]
    .map((match) => match[1]!)
    .filter((name) => !name.startsWith('node:') && !builtinModules.includes(name))
    .map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)![0]);
}

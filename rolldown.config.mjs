import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'rolldown';

/** What would be loaded at every start, takes longer than all of ours, and is of no use here. */
const WITHOUT = [
  // Segments graphemes for how wide they are on a screen; the help is English.
  { module: 'string-width', importer: /./, id: '\0string-width', code: 'export default (text) => text.length;' },
  // For seeds that nobody gives.
  { module: 'crypto', importer: /\/seedrandom\//, id: '\0crypto', code: 'export default {};' },
];

/**
 * A few files instead of hundreds, which Node.js takes its time to find and to read one by one, and of other packages only
 * what is used: a third of the memory that a process has once all is loaded.
 */
const SHARED = {
  treeshake: { moduleSideEffects: [{ test: /\/src\//, sideEffects: false }] },
  plugins: [
    { name: 'without', resolveId: withoutOf, load: (id) => WITHOUT.find((one) => one.id === id)?.code },
    { name: 'licences', generateBundle: addLicences },
    { name: 'one-byte', generateBundle: escapeAll },
  ],
};

/** What every chunk's output has in common: the types say what its comments said. */
const OUTPUT = { format: 'esm', comments: { legal: true, annotation: false, jsdoc: false } };

/** Loaded where something is drawn: the one is large, the other not JavaScript. */
const DRAWING = [/^vega/, /^@resvg\//];

export default defineConfig([
  {
    ...SHARED,
    platform: 'node',
    input: {
      main: 'src/cli/main.ts',
      worker: 'src/cli/worker.ts',
      'fresh-modules': 'src/cli/fresh-modules.ts',
    },
    external: DRAWING,
    output: { ...OUTPUT, dir: 'dist/cli', chunkFileNames: '[name]-[hash].js' },
  },
  {
    ...SHARED,
    // The library runs where there is no Node.js; `shardclock/vitest` runs where vitest does.
    platform: 'browser',
    input: {
      index: 'src/index.ts',
      'testing/testing': 'src/testing/testing.ts',
      'testing/vitest': 'src/testing/vitest.ts',
    },
    external: [...DRAWING, 'fast-check', 'vitest'],
    output: { ...OUTPUT, dir: 'dist', chunkFileNames: 'shared/[name]-[hash].js' },
  },
]);

function withoutOf(source, from = '') {
  return WITHOUT.find(({ module, importer }) => module === source && importer.test(from))?.id;
}

/** With one character that is not Latin the engine keeps all of a file's text in two bytes a character. */
function escapeAll(_, bundle) {
  const escaped = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  for (const file of Object.values(bundle)) {
    if (file.type === 'chunk') file.code = file.code.replace(/[^\0-\x7f]/g, escaped);
  }
}

/** What the files hold of other packages is theirs. */
function addLicences(_, bundle) {
  const modules = Object.values(bundle).flatMap(({ moduleIds = [] }) => moduleIds);
  const packages = modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id) ?? []);
  const licences = [...new Set(packages)].sort().map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return `${name} ${version}\n\n${licenceIn(folder)}\n`;
  });
  this.emitFile({ type: 'asset', fileName: 'LICENCES.txt', source: licences.join(`\n${'-'.repeat(80)}\n\n`) });
}

/** A file of its own, or the last part of the package's README. */
function licenceIn(folder) {
  const read = (pattern) => {
    const name = readdirSync(folder).find((file) => pattern.test(file));
    return name === undefined ? '' : readFileSync(join(folder, name), 'utf8');
  };
  const text = read(/^licen[cs]e/i) || /^\W*licen[cs]e\b.*/ims.exec(read(/^readme/i))?.[0];
  if (text === undefined) throw new Error(`${folder} has no licence that could be repeated`);
  return text.trim();
}

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Each room, and the rooms it may enter. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  statistics: [],
  scenario: ['kernel'],
  recording: ['kernel', 'statistics', 'scenario'],
  sim: ['kernel', 'scenario', 'recording'],
  'sim/lambda': ['kernel', 'scenario', 'recording', 'sim/kinesis', 'sim'],
  'sim/kinesis': ['kernel', 'scenario', 'recording'],
  report: ['kernel', 'statistics', 'scenario', 'recording'],
  plan: ['kernel', 'statistics', 'scenario', 'recording', 'report', 'sim', 'laws'],
  laws: ['kernel', 'scenario', 'recording'],
  import: ['kernel', 'scenario', 'report'],
  cli: ['index'],
  testing: ['index'],
};
/** Where the library is entered: of public names, no code. */
const ENTRANCES = ['src/index.ts', 'src/testing/testing.ts'];
/** Of sim's own files, what the rooms inside it may see. */
const SIM_FLOOR = ['src/sim/ranks.ts'];
/** A run's thread loads what a run needs, not the whole library: each thread has a copy of its own. */
const WORKER = {
  file: 'src/cli/worker.ts',
  mayEnter: ['src/sim/simulate.ts', 'src/sim/handlers.ts', 'src/report/summarise.ts'],
};

interface Import {
  readonly from: string;
  readonly to: string;
}

const files = sourceFiles('src');
const imports = files.flatMap((file): Import[] =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*'([^']+)'/g)].map((match) => ({
    from: file,
    to: match[1]!.startsWith('.') ? normalize(join(dirname(file), match[1]!)) : match[1]!,
  })),
);

describe('the house', () => {
  it('has the rooms of its picture and no other', () => {
    const rooms = new Set(files.filter((file) => file !== 'src/index.ts').map(roomOf));
    expect([...rooms].filter((room) => !(room in ROOMS))).toEqual([]);
  });

  it('is entered from above only', () => {
    const wrong = imports.filter(({ from, to }) => {
      if (!to.startsWith('src/') || from === 'src/index.ts') return false;
      const room = roomOf(from);
      const target = to === 'src/index.ts' ? 'index' : roomOf(to);
      if (room === target) return false;
      if (room === 'sim' && target.startsWith('sim/')) return false;
      if (from === WORKER.file && WORKER.mayEnter.includes(to)) return false;
      if (room.startsWith('sim/') && target === 'sim') return !SIM_FLOOR.includes(to);
      return !ROOMS[room]!.includes(target);
    });
    expect(wrong).toEqual([]);
  });

  it('has no circles, types included', () => {
    const byFile = groupByFile(imports);
    const state = new Map<string, 'open' | 'done'>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === 'done') return;
      if (state.get(file) === 'open') {
        circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
        return;
      }
      state.set(file, 'open');
      for (const { to } of byFile.get(file) ?? []) if (to.startsWith('src/')) visit(to, [...path, file]);
      state.set(file, 'done');
    };
    for (const file of files) visit(file, []);
    expect(circles).toEqual([]);
  });

  it('keeps Node and the process in cli/', () => {
    const wrong = imports.filter(({ from, to }) => !from.startsWith('src/cli/') && /^node:|resvg|yargs/.test(to));
    expect(wrong).toEqual([]);
  });

  it('re-exports at its entrances only, and there nothing else', () => {
    const exporting = files.filter((file) => /^export (type )?[{*].* from /m.test(readFileSync(file, 'utf8')));
    expect(exporting).toEqual(ENTRANCES);
    for (const file of ENTRANCES) {
      const lines = readFileSync(file, 'utf8').replace(/export (type )?\{[^}]*\} from '[^']+';/g, '');
      expect(lines.trim(), file).toBe('');
    }
  });

  it('has no room for what has no name', () => {
    expect(
      files.filter((file) => /\/(utils?|helpers?|common|types|index)\.ts$/.test(file) && file !== 'src/index.ts'),
    ).toEqual([]);
  });

  it('has files that can be read in one sitting', () => {
    const long = files.filter((file) => readFileSync(file, 'utf8').split('\n').length > 500);
    expect(long).toEqual([]);
  });
});

function roomOf(file: string): string {
  const [first = '', second = ''] = relative('src', file).split('/');
  return first === 'sim' && !second.endsWith('.ts') ? `sim/${second}` : first;
}

function groupByFile(all: readonly Import[]): Map<string, Import[]> {
  const groups = new Map<string, Import[]>();
  for (const entry of all) groups.set(entry.from, [...(groups.get(entry.from) ?? []), entry]);
  return groups;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return sourceFiles(path);
      return entry.name.endsWith('.ts') ? [path] : [];
    })
    .sort();
}

import type { Path } from './document.ts';
import { pathText } from './document.ts';
import { fields, isFields, unknownName } from './finding.ts';
import { scenarioSchema } from './schema.ts';
import { ANY_NAME, settingMeanings } from './settings.ts';

/** Sections whose things have names of the user's own. */
const NAMED_SECTIONS = ['streams', 'producers', 'functions', 'mappings'];

/** Why a path that was typed leads nowhere, with the paths that were meant; null where nothing speaks against it. */
export function strayPath(root: unknown, path: Path): string | null {
  const [section, name] = path;
  if (!isFields(root) || typeof section !== 'string') return null;
  if (NAMED_SECTIONS.includes(section) && path.length > 2) {
    if (Object.keys(fields(root[section])).length === 0) return null;
    const [unknown] = unknownName(root, section, name, path);
    const whole = pathText([section, name!]);
    return unknown === undefined ? null : `${unknown.message} (a new one is given whole: ${whole}={ … })`;
  }
  if (Object.hasOwn(scenarioSchema.shape, section) || Object.hasOwn(root, section)) return null;
  const meant = wholePaths(root).filter((whole) => endsWith(whole, path));
  if (meant.length === 0) return null;
  const shown = meant.slice(0, MOST_SHOWN).map(pathText);
  const last = meant.length > MOST_SHOWN ? ` or ${meant.length - MOST_SHOWN} more` : '';
  const paths =
    last === '' && shown.length > 1 ? `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}` : shown.join(', ');
  return `there is no ${pathText(path)} at the top of a scenario; expected the whole path: ${paths}${last}`;
}

const MOST_SHOWN = 4;

/** The path of each setting of each thing of a scenario; none in a list. */
function wholePaths(root: Readonly<Record<string, unknown>>): Path[] {
  return settingMeanings()
    .filter(({ path }) => !path.some((step) => typeof step === 'number'))
    .flatMap(({ path }) => {
      const [section = ''] = path;
      if (path[1] !== ANY_NAME) return [path];
      return Object.keys(fields(root[section])).map((name) => path.with(1, name));
    });
}

function endsWith(whole: Path, path: Path): boolean {
  return path.every((step, index) => whole[whole.length - path.length + index] === step);
}

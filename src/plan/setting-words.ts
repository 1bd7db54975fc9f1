/** Names for settings that tell them apart: the last step of each path, or more of it where another ends alike. */
export function settingNames(paths: readonly string[]): string[] {
  return paths.map((path) => {
    const others = paths.filter((other) => other !== path);
    const endings = [...path.matchAll(/\.|\[/g)].map(({ index, 0: sign }) =>
      path.slice(sign === '.' ? index + 1 : index),
    );
    const name = endings
      .reverse()
      .find((ending) => /^[^[]/.test(ending) && !others.some((other) => other.endsWith(ending)));
    return name ?? path;
  });
}

/** A value as YAML has it in a line: 500, 200/s, {"initial":"1s"}. */
export function settingWord(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** 'BatchSize 500, ShardCount 4'. */
export function settingsText(names: readonly string[], values: readonly unknown[]): string {
  return values.map((value, index) => `${names[index]} ${settingWord(value)}`).join(', ');
}

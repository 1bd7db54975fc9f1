/** A command of ours as one can paste it into a shell. */
export function shellCommand(words: readonly string[]): string {
  return ['shardclock', ...words].map(quoted).join(' ');
}

/** As `shellWord` of the library does, which a command's start must not load. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

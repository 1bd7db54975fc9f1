import { relative, sep } from 'node:path';
import { shellCommand } from './shell-command.ts';

/** A command of ours that works where this one was typed: `npx shardclock …` where it is not installed for all folders. */
export function typedCommand(words: readonly string[]): string {
  const script = process.argv[1] ?? '';
  const command = shellCommand(words);
  if (script.includes(`node_modules${sep}.bin${sep}`)) return `npx ${command}`;
  if (!/\.[cm]?js$/.test(script)) return command;
  const near = relative(process.cwd(), script);
  return command.replace(/^shardclock/, () => `node ${near.length < script.length ? near : script}`);
}

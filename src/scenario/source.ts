import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { JsonObject, Scenario, ScenarioSource } from './scenario.ts';

/** @param files SHA-256 (hex) of those that the scenario names, by their names */
export function sourceOf(resolved: JsonObject, files: ScenarioSource['files']): ScenarioSource {
  const digest = sha256(new TextEncoder().encode(JSON.stringify([resolved, files])));
  return { resolved, sha256: bytesToHex(digest), files };
}

/** The scenario that its file with another seed would be. */
export function withSeed(scenario: Scenario, seed: string): Scenario {
  const { resolved, files } = scenario.source;
  return { ...scenario, seed, source: sourceOf({ ...resolved, seed }, files) };
}

import { describe, expect, it } from 'vitest';
import { scenarioJsonSchema } from '../../src/scenario/schema.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly description?: string;
  readonly additionalProperties?: unknown;
}

describe('the JSON Schema of a scenario', () => {
  it('is the committed scenarios/scenario.schema.json (vitest -u writes it anew)', async () => {
    const text = `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot('../../scenarios/scenario.schema.json');
  });

  it('describes every key, and allows no other', () => {
    const lacking: string[] = [];
    const look = (schema: unknown, path: string): void => {
      if (typeof schema !== 'object' || schema === null) return;
      const { properties, additionalProperties } = schema as Schema;
      for (const [key, property] of Object.entries(properties ?? {})) {
        if ((property.description ?? '') === '') lacking.push(`${path}.${key}`);
      }
      if (properties !== undefined && additionalProperties !== false) lacking.push(`${path} is open`);
      for (const [key, inner] of Object.entries(schema)) if (key !== 'default') look(inner, `${path}/${key}`);
    };
    look(scenarioJsonSchema(), '');
    expect(lacking.filter((path) => !path.endsWith('/properties is open'))).toEqual([]);
  });
});

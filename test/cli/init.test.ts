import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { template, templateNames } from '../../src/cli/templates.ts';
import { folderWith, shardclock } from '../support/command.ts';

describe('init', () => {
  test('prints a scenario that validates and runs as it is', async () => {
    const { status, stdout, stderr } = await shardclock(['init']);
    expect([status, stderr]).toEqual([0, '']);
    expect(await shardclock(['validate', '-'], { input: stdout })).toMatchObject({ status: 0, stderr: '' });
    expect((await shardclock(['run', '-', '-q'], { input: stdout })).status).toBe(0);
  });

  test('lists its templates, and prints each of them', async () => {
    const { stdout } = await shardclock(['init', '--list']);
    const names = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[0]!);
    expect(names).toEqual(templateNames());
    expect(names[0]).toBe('minimal');
    for (const name of names) expect(template(name)).toContain('shardclock: 1');
    // Both ways to a template: the one that is within the command, and a file.
    for (const name of ['minimal', names.at(-1)!]) {
      expect(await shardclock(['init', name])).toMatchObject({ status: 0, stdout: template(name) });
    }
  });

  test.each([
    ['ticket-sale', 'ticket-sale.csv'],
    ['own-handler', 'own-handler.mjs'],
  ])('of %s says where %s is, which it reads', async (name, file) => {
    const cwd = folderWith();
    const { status, stderr } = await shardclock(['init', name, '-o', 'y.yaml'], { cwd });
    expect(stderr).toMatch(
      new RegExp(
        `^wrote y.yaml; try: .*run y.yaml\nIt reads ${file}, which comes with shardclock: .*/scenarios/${file}\n$`,
      ),
    );
    expect(status).toBe(0);
  });

  test('overwrites nothing unless told to', async () => {
    const cwd = folderWith();
    expect((await shardclock(['init', '-o', 'orders.yaml'], { cwd })).status).toBe(0);
    expect(existsSync(join(cwd, 'orders.yaml'))).toBe(true);
    writeFileSync(join(cwd, 'orders.yaml'), 'mine');
    const { status, stderr } = await shardclock(['init', '-o', 'orders.yaml'], { cwd });
    expect([status, stderr]).toEqual([4, expect.stringContaining('orders.yaml exists already')]);
    expect(readFileSync(join(cwd, 'orders.yaml'), 'utf8')).toBe('mine');
    expect((await shardclock(['init', '-o', 'orders.yaml', '--force'], { cwd })).status).toBe(0);
    expect(readFileSync(join(cwd, 'orders.yaml'), 'utf8')).toContain('shardclock: 1');
  });
});

describe('schema', () => {
  test('prints the JSON Schema of a scenario', async () => {
    const { status, stdout } = await shardclock(['schema']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'object', properties: { streams: {}, mappings: {} } });
  });

  test('prints that of a result', async () => {
    const { status, stdout } = await shardclock(['schema', '--result']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'object', properties: { digest: { type: 'string' } } });
  });
});

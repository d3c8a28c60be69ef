/** What teams need of holdline lint: settings, baselines, rules of their own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commands } from '../../../src/cli/commands.ts';
import { settingsFrom } from '../../../src/cli/lint/settings.ts';
import { exampleConfiguration } from '../../../src/nginx/lint/example.ts';
import { ruleNamed } from '../../../src/nginx/lint/rules.ts';
import { capture } from '../capture.ts';

let directory: string;
const home = process.cwd();
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'holdline-team-'));
  process.chdir(directory);
});
afterEach(() => {
  process.chdir(home);
  rmSync(directory, { recursive: true, force: true });
});

const write = (name: string, text: string) => {
  writeFileSync(path.join(directory, name), text);
  return name;
};
const lint = (...args: readonly string[]) => capture(['lint', '--target', '1.22.1', ...args], { table: commands });
const bad = (number: string) => exampleConfiguration(ruleNamed(number)!, 'bad');

describe('settings', () => {
  test('switch rules off, give them another weight, and say what fails', async () => {
    write('nginx.conf', bad('ws003').replace('proxy_read_timeout 10m', 'proxy_read_timeout 10s'));
    write('.holdlinerc.yaml', 'rules: { ws003: off, ws007: error }\n');
    const { out, code } = await lint('nginx.conf');
    expect(out).toContain('error: proxy_read_timeout is 10s');
    expect(out).not.toContain('ws003');
    expect(code).toBe(1);
    write('.holdlinerc.yaml', 'rules: { ws003: off }\nheartbeat: 2s\n');
    expect((await lint('nginx.conf')).out).toContain('Nothing found.');
  });

  test.each([
    ['rule: {}', 'there is no key "rule"; did you mean "rules"?'],
    ['rules: { ws999: off }', 'there is no rule "ws999"'],
    ['rules: { ws007: loud }', 'ws007 can be off, on, error, warning or note'],
    ['target: new', 'target is a version of nginx'],
    ['heartbeat: often', 'heartbeat is a time'],
    ['- a', 'it has to be keys with values'],
    ['a: [', 'it is no YAML'],
  ])('that are wrong are refused: %s', async (text, problem) => {
    write('.holdlinerc.yaml', text);
    const { err, code } = await lint(write('nginx.conf', bad('ws003')));
    expect(err).toContain(problem);
    expect(code).toBe(3);
  });

  test('name directories', () => {
    expect(settingsFrom({ roots: { '/etc/nginx/': './nginx/' } }, 'f').roots).toEqual([
      { from: '/etc/nginx', to: './nginx' },
    ]);
  });
});

test('--disable keeps rules quiet, and refuses names that are none', async () => {
  write('nginx.conf', bad('ws003'));
  expect((await lint('--disable', 'ws003', 'nginx.conf')).out).toContain('Nothing found.');
  expect((await lint('--disable', 'ws999', 'nginx.conf')).code).toBe(2);
});

test('a baseline knows a finding again when its line has moved, and tells a second one', async () => {
  write('nginx.conf', bad('ws003'));
  expect((await lint('--write-baseline', 'known.json', 'nginx.conf')).code).toBe(1);
  write('nginx.conf', `\n\n${bad('ws003')}`);
  const again = await lint('--baseline', 'known.json', 'nginx.conf');
  expect(again.out).toContain('1 finding known from the baseline\nNothing found.');
  expect(again.code).toBe(0);
  write('nginx.conf', bad('ws003').replace('Connection ""', 'Connection close'));
  expect((await lint('--baseline', 'known.json', 'nginx.conf')).code).toBe(1);
  write('none.json', '{}');
  for (const file of ['none.json', 'gone.json'])
    expect((await lint('--baseline', file, 'nginx.conf')).err).toContain('lint-baseline-unreadable');
});

describe('a rule of one’s own', () => {
  const page = readFileSync(path.resolve(import.meta.dirname, '../../../docs/lint.md'), 'utf8');
  const example = /```ts\n([\s\S]*?)```/.exec(page)![1]!;

  test('is the one of the page, in TypeScript', async () => {
    write('rules.ts', example);
    write('nginx.conf', exampleConfiguration(ruleNamed('ws003')!, 'good'));
    const { out } = await lint('--rule', './rules.ts', 'nginx.conf');
    expect(out).toContain('"location /ws" is served on port 80 [team-no-plain-port]');
  });

  test('that throws is told, and the others go on', async () => {
    write('rules.ts', example.replace(/\*check[\s\S]*?\n {2}\},/, 'check() { throw new Error("no idea"); },'));
    const { out, code } = await lint('--rule', './rules.ts', write('nginx.conf', bad('ws003')));
    expect(out).toContain('team-no-plain-port threw no idea');
    expect(out).toContain('[ws003-');
    expect(code).toBe(1);
  });

  test.each([
    ['export default 1;', 'neither a rule nor a list'],
    ['export default { id: "ws003-connection-empty-or-close" };', 'there is a rule'],
    ['export default { id: "a-b", severity: "error" };', 'has no title'],
    ['export default {', 'rules.ts:'],
  ])('that is none is refused: %s', async (text, problem) => {
    write('rules.ts', text);
    const { err, code } = await lint('--rule', 'rules.ts', write('nginx.conf', bad('ws003')));
    expect(err).toContain(problem);
    expect(code).toBe(3);
  });
});

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { edited, saveServer } from '../../../src/control/edge/save.ts';

const server = (url: string, more = {}) => ({ url, weight: 1, connectionsMax: null, ...more });
const text = `# chat
upstreams:
  chat:
    servers:
      - http://a:1 # the old one
      - { url: "http://b:2", weight: 3 }
  one: { servers: http://c:3 }
routes: { upstream: chat }
`;

test.each([
  ['added', { kind: 'add', upstream: 'chat', server: server('http://d:4') }, '      - http://d:4\n'],
  [
    'added with more than a URL',
    { kind: 'add', upstream: 'chat', server: server('http://d:4', { weight: 2, connectionsMax: 50 }) },
    'weight: 2',
  ],
  ['added where one stood alone', { kind: 'add', upstream: 'one', server: server('http://d:4') }, 'http://d:4'],
] as const)('%s', (_name, change, expected) => {
  const after = edited(text, change);
  expect(after).toContain(expected);
  expect(after).toContain('# the old one');
  expect(edited(after, { kind: 'remove', upstream: change.upstream, url: 'http://d:4' })).not.toContain('d:4');
});

test('removed, and nothing else changes', () => {
  const after = edited(text, { kind: 'remove', upstream: 'chat', url: 'http://b:2' });
  expect(after).toBe(text.replace('      - { url: "http://b:2", weight: 3 }\n', ''));
});

test('what is there already, or gone already, is left alone', () => {
  expect(edited(text, { kind: 'add', upstream: 'chat', server: server('http://a:1') })).toBe(text);
  expect(edited(text, { kind: 'remove', upstream: 'chat', url: 'http://z' })).toBe(text);
});

test.each([
  ['no such upstream', { kind: 'add', upstream: 'x', server: server('http://d:4') }],
  ['the only one', { kind: 'remove', upstream: 'one', url: 'http://c:3' }],
] as const)('%s cannot be saved', (_name, change) => {
  expect(() => edited(text, change)).toThrow(expect.objectContaining({ code: 'server-not-saved' }));
});

test('the file is replaced as a whole, and what cannot be written says so', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'holdline-save-'));
  const file = path.join(directory, 'holdline.yaml');
  writeFileSync(file, text);
  const change = { kind: 'add', upstream: 'chat', server: server('http://d:4') } as const;
  await saveServer({ kind: 'file', file }, change);
  expect(readFileSync(file, 'utf8')).toContain('http://d:4');
  expect(readdirSync(directory)).toEqual(['holdline.yaml']);
  rmSync(directory, { recursive: true });
  for (const gone of [file, '/tmp/holdline.ts'])
    await expect(saveServer({ kind: 'file', file: gone }, change)).rejects.toMatchObject({ code: 'server-not-saved' });
});

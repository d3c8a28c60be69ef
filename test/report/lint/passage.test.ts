/** The text of --effective URL, whole: docs/lint.md and the README show the same. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { requestFor } from '../../../src/nginx/effective/request/address.ts';
import { passageOf } from '../../../src/nginx/effective/request/passage.ts';
import { passageJson, passageText } from '../../../src/report/lint/passage.ts';
import { lintFiles } from '../../nginx/lint/linting.ts';

const page = readFileSync(path.resolve(import.meta.dirname, '../../../docs/lint.md'), 'utf8');
const blocks = [...page.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, language, text]) => ({ language, text: text! }));
const conf = blocks.find(({ text }) => text.includes('upstream chat'))!.text;
const url = 'wss://app.example.com/chat/room?token=1';
const { model } = lintFiles({ 'nginx.conf': conf });
const passage = passageOf(model, requestFor(url)!);

test('the page shows what is printed', () => {
  const text = passageText(url, passage, model, { colour: false, width: 80 });
  expect(page).toContain(`\`\`\`text\n${text.trimEnd()}\n\`\`\``);
});

test('no file writes to the terminal', () => {
  const odd = lintFiles({ 'nginx.conf': conf.replaceAll('X-Forwarded-For', '"X\u001b[31m"') }).model;
  const text = passageText(url, passageOf(odd, requestFor(url)!), odd, { colour: false, width: 80 });
  expect(text).not.toContain('\u001b');
});

test('programs get the same', () => {
  const told = JSON.parse(passageJson(url, passage, model));
  expect(told.outcome).toMatchObject({ kind: 'proxied', to: 'http://chat', uri: '/room?token=1', httpVersion: '1.1' });
  expect(told.outcome.headers).toContainEqual({
    name: 'Connection',
    value: 'close',
    known: true,
    from: 'default',
    where: '',
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { messenger } from '../../../src/control/service/messenger.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'holdline-messenger-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Stands in for systemd-notify: notes what it was called with. */
function program(name: string, commands: string): { readonly file: string; readonly noted: () => string[] } {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${commands}\n`, { mode: 0o755 });
  return { file, noted: () => readFileSync(`${file}.noted`, 'utf8').trim().split('\n') };
}

const env = { PATH: process.env.PATH };

test('messages are carried one after the other, with the socket in the environment', async () => {
  const { file, noted } = program(
    'slow',
    'echo "$NOTIFY_SOCKET begins $*" >> "$0.noted"; sleep 0.05; echo ends >> "$0.noted"',
  );
  const problems: string[] = [];
  const messages = messenger({ socket: '/run/n', program: file, env, onProblem: (problem) => problems.push(problem) });
  messages.send({ READY: '1', STATUS: 'two\nlines' });
  messages.send({ STOPPING: '1' });
  await messages.sent();
  expect(noted()).toEqual(['/run/n begins READY=1 STATUS=two lines', 'ends', '/run/n begins STOPPING=1', 'ends']);
  expect(problems).toEqual([]);
});

test('a crowd of messages that nobody takes leaves the newest', async () => {
  const { file, noted } = program('crowd', 'echo "$*" >> "$0.noted"');
  const messages = messenger({ socket: '/run/n', program: file, env, onProblem: () => undefined });
  for (let count = 0; count < 1000; count++) messages.send({ STATUS: String(count) });
  await messages.sent();
  expect(noted()).toHaveLength(17);
  expect(noted().at(-1)).toBe('STATUS=999');
});

test.each([
  ['a program that is missing', 'absent', null, 'there is no '],
  ['one that fails', 'fails', 'echo hint; echo "Failed to notify" >&2; exit 1', 'Failed to notify'],
  ['one that fails without a word', 'mute', 'exit 1', 'Command failed: '],
])('%s is said once, and nothing else happens', async (_what, name, commands, problem) => {
  const file = commands === null ? path.join(folder, name) : program(name, commands).file;
  const problems: string[] = [];
  const messages = messenger({ socket: '/run/n', program: file, env, onProblem: (text) => problems.push(text) });
  messages.send({ READY: '1' });
  messages.send({ WATCHDOG: '1' });
  await messages.sent();
  expect(problems).toEqual([expect.stringContaining(problem)]);
});

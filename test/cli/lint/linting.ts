/** holdline lint in a folder that lasts for one test. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { exampleConfiguration } from '../../../src/nginx/lint/example.ts';
import { ruleNamed } from '../../../src/nginx/lint/rules.ts';
import { capture } from '../capture.ts';

export let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'holdline-lint-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

export function write(name: string, text: string | Uint8Array): string {
  const file = path.join(directory, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

export const read = (file: string) => readFileSync(file, 'utf8');
export const lint = (args: readonly string[], env: Record<string, string> = {}) =>
  capture(['lint', '--target', '1.22.1', ...args], { env });
/** The line on which something first stands. */
export const lineOf = (text: string, wanted: string) => text.split('\n').findIndex((line) => line.includes(wanted)) + 1;
export const connectionLine = () => lineOf(example('ws003'), 'proxy_set_header Connection');
export const example = (number: string, kind: 'bad' | 'good' = 'bad') => exampleConfiguration(ruleNamed(number)!, kind);

/** A program called nginx that says 1.22.1 and answers -t as it is told, one answer after another. */
export function fakeNginx(...accepts: readonly boolean[]): Record<string, string> {
  const answers = write('fake/answers', accepts.map((yes) => (yes ? '0' : '1')).join('\n'));
  const program = write(
    'fake/nginx',
    `#!/bin/sh
if [ "$1" = -v ]; then echo 'nginx version: nginx/1.22.1' >&2; exit 0; fi
answer=$(/usr/bin/head -n 1 ${answers}); /bin/sed -i 1d ${answers}
[ "$answer" = 0 ] || echo 'nginx: [emerg] no, thank you' >&2
exit "$answer"
`,
  );
  chmodSync(program, 0o755);
  return { PATH: path.dirname(program) };
}

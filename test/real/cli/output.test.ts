/** What the command line prints arrives whole, however slowly it is read. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';

const main = path.resolve(import.meta.dirname, '../../../dist/cli/main.js');
const directory = mkdtempSync(path.join(os.tmpdir(), 'holdline-output-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Nobody reads for a while, so that the pipe fills up; then everything is read. */
async function readLate(args: readonly string[]): Promise<{ out: string; code: number | null }> {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'ignore'], cwd: directory });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await Promise.race([exited, delay(1500)]);
  let out = '';
  for await (const text of child.stdout.setEncoding('utf8')) out += text;
  return { out, code: await exited };
}

const location = (index: number) =>
  `location /ws/${index} { proxy_pass http://127.0.0.1:9000; proxy_set_header Host $host; }`;
const conf = `events {}\nhttp { server { ${Array.from({ length: 300 }, (_, index) => location(index)).join('\n')} } }\n`;
/** What a pipe of Linux takes before its writer has to wait. */
const pipeBytes = 65_536;

describe('more than a pipe takes', () => {
  test.each([
    ['text', /nginx.conf: /],
    ['json', /\n\}\n$/],
    ['sarif', /\n\}\n$/],
    ['github', /\n$/],
    ['markdown', /\n$/],
  ])('lint in %s', async (format, end) => {
    writeFileSync(path.join(directory, 'nginx.conf'), conf);
    const { out, code } = await readLate(['lint', '--format', format, '--fail-on', 'warning', 'nginx.conf']);
    expect(out.length).toBeGreaterThan(2 * pipeBytes);
    expect(out).toMatch(end);
    if (end.source === '\\n\\}\\n$') JSON.parse(out);
    expect(code).toBe(1);
  });
});

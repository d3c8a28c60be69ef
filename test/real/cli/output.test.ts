/** What the command line prints arrives whole, however slowly it is read. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { freePort } from '../edge/free-port.ts';

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

describe('an edge that nobody reads any more', () => {
  test.each([[[]], [['--log', '-']]])('goes on, with %j', async (more) => {
    const spec = {
      upstreams: { app: { servers: ['http://127.0.0.1:9'] } },
      routes: [{ upstream: 'app', origins: 'any' }],
    };
    const file = path.join(directory, 'holdline.yaml');
    const control = await freePort();
    writeFileSync(file, JSON.stringify({ listen: '127.0.0.1:0', control, workers: 1, ...spec }));
    const edge = spawn(process.execPath, [main, 'up', file, ...more], { stdio: ['ignore', 'pipe', 'pipe'] });
    const exited = new Promise<number | null>((resolve) => edge.once('exit', resolve));
    const url = `http://127.0.0.1:${control}`;
    const isUp = () =>
      fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    while (!(await isUp())) await delay(50);
    edge.stdout.destroy();
    edge.stderr.destroy();
    // Each change is a line that finds no reader.
    for (const closed of [true, false, true, false]) {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${url}/gate`, { method: 'PUT', headers, body: JSON.stringify({ closed }) });
      expect(answer.status).toBe(200);
      await delay(300);
    }
    expect(await isUp()).toBe(true);
    edge.kill('SIGTERM');
    expect(await exited).toBe(0);
  });
});

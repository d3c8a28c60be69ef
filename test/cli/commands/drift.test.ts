/** `holdline drift` as a user runs it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { capture } from '../capture.ts';

let directory: string;
const conf = (timeout: string) =>
  `events {}\nhttp { server { listen 80; server_name a.example.com; location /ws {\nproxy_pass http://127.0.0.1:3000; proxy_http_version 1.1;\nproxy_set_header Host $host; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;\nproxy_read_timeout ${timeout};\n} } }\n`;

beforeAll(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'holdline-drift-'));
  writeFileSync(path.join(directory, 'nginx.conf'), conf('60s'));
  writeFileSync(path.join(directory, 'short.conf'), conf('10s'));
  writeFileSync(
    path.join(directory, 'holdline.yaml'),
    'listen: 0.0.0.0:80\nupstreams: { app: { servers: http://127.0.0.1:3000 } }\nroutes:\n  - { match: { host: a.example.com, path: /ws }, upstream: app }\n',
  );
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const at = (name: string) => path.join(directory, name);

test('without a difference the exit code is 0', async () => {
  const { code, out } = await capture(['drift', at('nginx.conf'), at('holdline.yaml')]);
  expect(out).toContain('do the same for 1 route');
  expect(code).toBe(0);
});

test('a difference is shown at its line, with what it means, and the exit code is 1', async () => {
  const { code, out } = await capture(['drift', at('short.conf'), at('holdline.yaml')]);
  expect(out).toContain('short.conf:2:');
  expect(out).toContain('proxy_read_timeout 10s in nginx, a ping every 25s in the spec');
  expect(out).toContain('nginx cuts a silent connection before the next ping comes');
  expect(code).toBe(1);
});

test('--json prints the differences', async () => {
  const { out } = await capture(['drift', '--json', at('short.conf'), at('holdline.yaml')]);
  expect(JSON.parse(out).diagnostics[0].code).toBe('drift-found');
});

test('a file that cannot be read is no drift', async () => {
  expect((await capture(['drift', at('gone.conf'), at('holdline.yaml')])).code).toBe(3);
  expect((await capture(['drift', at('nginx.conf'), at('gone.yaml')])).code).toBe(3);
});

/**
 * A certificate that is renewed while the edge runs: new handshakes get the new one, who is connected stays, a broken
 * one changes nothing.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';

const main = path.resolve(import.meta.dirname, '../../../dist/cli/main.js');
const directory = mkdtempSync(path.join(tmpdir(), 'holdline-renewal-'));
const here = (name: string) => path.join(directory, name);
let server: WebSocketServer;
let edge: ChildProcess;
let output = '';
let port = 0;

beforeAll(async () => {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
  await once(server, 'listening');
  port = await freePort();
  const control = await freePort();
  renew('first.example');
  writeFileSync(
    here('holdline.yaml'),
    `listen: [{ address: "127.0.0.1:${port}", tls: { cert: cert.pem, key: key.pem } }]
workers: 2
upstreams: { app: { servers: [ "http://127.0.0.1:${(server.address() as AddressInfo).port}" ] } }
routes: [{ match: { path: / }, upstream: app }]
control: { address: "127.0.0.1:${control}" }
`,
  );
  edge = spawn(process.execPath, [main, 'up', here('holdline.yaml')]);
  for (const stream of [edge.stdout!, edge.stderr!])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
});

afterAll(() => {
  edge?.kill('SIGKILL');
  server?.close();
  rmSync(directory, { recursive: true, force: true });
});

test('a renewed certificate is taken over without a word from anybody, and nobody is dropped', async () => {
  await expect.poll(() => output, { timeout: 20_000 }).toContain('Ctrl-C closes');
  expect(await nameShown()).toBe('first.example');
  const socket = new WebSocket(`wss://127.0.0.1:${port}/`, { rejectUnauthorized: false });
  await once(socket, 'open');

  renew('second.example');
  await expect.poll(() => output, { timeout: 20_000 }).toContain('reloaded certificates');
  // Both workers have it: whichever of them accepts.
  for (let i = 0; i < 8; i++) expect(await nameShown()).toBe('second.example');

  writeFileSync(here('cert.pem'), 'no certificate\n');
  await expect.poll(() => output, { timeout: 20_000 }).toContain('certificate-unusable');
  expect(await nameShown()).toBe('second.example');

  socket.send('still here');
  expect(String((await once(socket, 'message'))[0])).toBe('still here');
  socket.terminate();
});

/** A new pair, put in place of the old one as certbot does it. */
function renew(name: string): void {
  const files = ['-keyout', here('key.new'), '-out', here('cert.new')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', ['req', '-x509', ...key, ...files, '-subj', `/CN=${name}`, '-days', '2'], { stdio: 'pipe' });
  renameSync(here('key.new'), here('key.pem'));
  renameSync(here('cert.new'), here('cert.pem'));
}

async function nameShown(): Promise<string> {
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return String(CN);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/**
 * TLS as openssl sees it, over two workers: names, kinds of keys, clients' certificates, and sessions that are resumed
 * by whoever is met.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePorts } from '../../../src/host/free-ports.ts';

const main = path.resolve(import.meta.dirname, '../../../dist/cli/main.js');
const directory = mkdtempSync(path.join(tmpdir(), 'holdline-tls-'));
const here = (name: string) => path.join(directory, name);
let server: http.Server;
let edge: ChildProcess;
let output = '';
let port = 0;
let clientsPort = 0;
let namesPort = 0;

beforeAll(async () => {
  server = http.createServer((request, response) => response.end(String(request.headers['x-client-subject'])));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ports = await freePorts(4);
  port = ports[0]!;
  clientsPort = ports[1]!;
  const control = ports[2]!;
  namesPort = ports[3]!;
  pair('rsa', 'a.example', 'rsa:2048');
  pair('ec', 'a.example', 'ec');
  pair('b', 'b.example', 'ec');
  pair('b-rsa', 'b.example', 'rsa:2048');
  pair('c', 'c.example', 'ec');
  pair('ca', 'Clients', 'ec');
  signed('ann', '/O=Example/CN=ann');
  pair('stranger', 'ann', 'ec');
  writeFileSync(
    here('holdline.yaml'),
    `listen:
  - address: 127.0.0.1:${port}
    tls:
      - { cert: rsa.pem, key: rsa.key }
      - { cert: ec.pem, key: ec.key }
  - address: 127.0.0.1:${clientsPort}
    tls: { cert: b.pem, key: b.key }
    clientCertificates: { ca: ca.pem }
  - address: 127.0.0.1:${namesPort}
    tls:
      - { cert: ec.pem, key: ec.key }
      - { cert: rsa.pem, key: rsa.key }
      - { cert: b.pem, key: b.key }
      - { cert: b-rsa.pem, key: b-rsa.key }
      - { cert: c.pem, key: c.key }
workers: 2
upstreams: { app: { servers: [ "http://127.0.0.1:${(server.address() as AddressInfo).port}" ] } }
routes: [{ upstream: app, origins: any }]
control: ${control}
`,
  );
  edge = spawn(process.execPath, [main, 'up', here('holdline.yaml')]);
  for (const stream of [edge.stdout!, edge.stderr!])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  while (!output.includes('Ctrl-C closes')) await once(edge.stdout!, 'data');
}, 120_000);

afterAll(() => {
  edge?.kill('SIGKILL');
  server?.close();
  rmSync(directory, { recursive: true, force: true });
});

test.each(['ECDSA', 'RSA'])('a client that can only %s is shown a certificate of that kind', async (kind) => {
  const cipher = `ECDHE-${kind}-AES128-GCM-SHA256`;
  expect(await openssl(['-tls1_2', '-cipher', cipher])).toContain(`Cipher is ${cipher}`);
});

test.each([
  ['a.example', 'a.example', '-tls1_2'],
  ['b.example', 'b.example', '-tls1_2'],
  ['b.example', 'b.example', '-tls1_3'],
  ['nobody.example', 'a.example', '-tls1_3'],
])('who asks for %s is shown %s', async (name, shown, version) => {
  const said = await openssl(['-servername', name, version], '', namesPort);
  expect(said.replace(/ = /g, '=')).toContain(`subject=CN=${shown}`);
});

test.each([
  ['b.example', 'ECDSA', ['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-GCM-SHA256']],
  ['b.example', 'RSA', ['-tls1_2', '-cipher', 'ECDHE-RSA-AES128-GCM-SHA256']],
  ['b.example', 'ECDSA', ['-tls1_3', '-sigalgs', 'ECDSA+SHA256']],
  ['b.example', 'RSA-PSS', ['-tls1_3', '-sigalgs', 'RSA-PSS+SHA256']],
  ['a.example', 'ECDSA', ['-tls1_3', '-sigalgs', 'ECDSA+SHA256']],
  ['a.example', 'RSA-PSS', ['-tls1_3', '-sigalgs', 'RSA-PSS+SHA256']],
])('of the two kinds that %s has, a client that can only %s gets its own: %j', async (name, kind, options) => {
  const said = (await openssl(['-servername', name, ...options], '', namesPort)).replace(/ = /g, '=');
  expect(said).toContain(`subject=CN=${name}`);
  expect(said).toMatch(new RegExp(`Peer signature type: ${kind === 'RSA' ? 'RSA' : kind}`));
});

test('a name that has one kind is never shown in the other of somebody else', async () => {
  const said = await openssl(['-servername', 'c.example', '-tls1_3', '-sigalgs', 'RSA-PSS+SHA256'], '', namesPort);
  expect(said).not.toMatch(/subject ?= ?CN/);
});

test('names and kinds that Node would mix up are refused before anything starts', async () => {
  writeFileSync(here('mixed.yaml'), mixed);
  const { stderr, status } = spawnSync(process.execPath, [main, 'up', here('mixed.yaml')], { encoding: 'utf8' });
  expect(stderr).toContain(
    'b.example has a key of the kind ec alone, and the first certificate of the listener has rsa',
  );
  expect(status).toBe(3);
});

describe('a session is resumed by whichever worker is met', () => {
  test('TLS 1.2, five times in a row', async () => {
    const said = await openssl(['-tls1_2', '-reconnect', '-servername', 'b.example']);
    expect(said.match(/^New, /gm)).toHaveLength(1);
    expect(said.match(/^Reused, /gm)).toHaveLength(5);
  });

  test('TLS 1.3, twelve times, and after the certificates were read again', async () => {
    await ask(['-tls1_3', '-sess_out', here('session')]);
    for (let i = 0; i < 12; i++)
      expect(await ask(['-tls1_3', '-sess_in', here('session')])).toContain('Reused, TLSv1.3');
    pair('rsa', 'a.example', 'rsa:2048');
    await expect.poll(() => output, { timeout: 60_000 }).toContain('reloaded certificates');
    for (let i = 0; i < 6; i++)
      expect(await ask(['-tls1_3', '-sess_in', here('session')])).toContain('Reused, TLSv1.3');
  });
});

test('a client of TLS 1.3 may ask for new keys as often as it likes', async () => {
  const child = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-tls1_3'], { timeout: 30_000 });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  // K asks for an update of the keys when it begins what is read at once, and is told when it was asked.
  for (let asked = 1; asked <= 8; asked++) {
    child.stdin.write('K\n');
    await expect.poll(() => said.match(/KEYUPDATE/g)?.length ?? 0, { timeout: 20_000 }).toBeGreaterThanOrEqual(asked);
  }
  child.stdin.write('GET / HTTP/1.1\r\nHost: b.example\r\nConnection: close\r\n\r\n');
  await once(child, 'close');
  expect(said).toContain('200 OK');
});

describe('where clients need a certificate', () => {
  const get = (options: tls.ConnectionOptions) =>
    new Promise<{ answer: string; session: Buffer | undefined; reused: boolean }>((resolve, reject) => {
      let answer = '';
      let session: Buffer | undefined;
      let reused = false;
      const socket = tls.connect({ port: clientsPort, host: '127.0.0.1', rejectUnauthorized: false, ...options });
      socket.on('secureConnect', () => {
        reused = socket.isSessionReused();
      });
      socket.on('session', (ticket) => {
        session = ticket;
      });
      socket.on('data', (chunk) => {
        answer += chunk;
      });
      socket.on('error', reject);
      socket.on('end', () => socket.end());
      socket.on('close', () => resolve({ answer, session, reused }));
      socket.write('GET / HTTP/1.1\r\nHost: b.example\r\nX-Client-Subject: CN=root\r\nConnection: close\r\n\r\n');
    });
  const files = (name: string) => ({ cert: read(`${name}.pem`), key: read(`${name}.key`) });

  test('its subject reaches the server', async () => {
    const { answer } = await get(files('ann'));
    expect(answer).toContain('200 OK');
    expect(answer).toContain('CN=ann,O=Example');
  });

  test.each(['none', 'stranger'])('%s is told so, and does not get in by resuming either', async (who) => {
    const own = who === 'none' ? {} : files(who);
    const first = await get(own);
    expect(first.answer).toContain('HTTP/1.1 400');
    expect(first.session).toBeDefined();
    const again = await get({ ...own, session: first.session! });
    expect(again.reused).toBe(true);
    expect(again.answer).toContain('HTTP/1.1 400');
  });

  test('who was verified once is resumed as who they are', async () => {
    const first = await get(files('ann'));
    const again = await get({ ...files('ann'), session: first.session! });
    expect(again.reused).toBe(true);
    expect(again.answer).toContain('CN=ann,O=Example');
  });
});

const mixed = `listen: { address: "127.0.0.1:1", tls: [{ cert: rsa.pem, key: rsa.key }, { cert: b.pem, key: b.key }] }
upstreams: { app: { servers: [ "http://127.0.0.1:2" ] } }
routes: [{ upstream: app, origins: any }]
`;

/**
 * What s_client says of a handshake. The server runs in this process, so nothing may wait for openssl without a turn of
 * its own.
 */
async function openssl(options: readonly string[], input = '', at = port): Promise<string> {
  const child = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${at}`, ...options], { timeout: 30_000 });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  child.stdin.end(input);
  await once(child, 'close');
  return said;
}

/** The same, with a request: tickets of TLS 1.3 come behind the handshake. */
function ask(options: readonly string[]): Promise<string> {
  const request = 'GET / HTTP/1.1\r\nHost: b.example\r\nConnection: close\r\n\r\n';
  return openssl(['-servername', 'b.example', '-ign_eof', ...options], request);
}

function pair(file: string, name: string, kind: 'ec' | 'rsa:2048'): void {
  const key = kind === 'ec' ? ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'] : ['-newkey', kind];
  const out = ['-nodes', '-keyout', here(`${file}.key`), '-out', here(`${file}.pem`), '-days', '2'];
  const names = name.includes('.') ? ['-addext', `subjectAltName=DNS:${name}`] : [];
  execFileSync('openssl', ['req', '-x509', ...key, ...out, '-subj', `/CN=${name}`, ...names], { stdio: 'pipe' });
}

/** A certificate of a client, signed by ca. */
function signed(file: string, subject: string): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', here(`${file}.key`)];
  execFileSync('openssl', ['req', '-new', ...key, '-subj', subject, '-out', here(`${file}.csr`)], { stdio: 'pipe' });
  const ca = ['-CA', here('ca.pem'), '-CAkey', here('ca.key'), '-CAcreateserial', '-days', '2'];
  execFileSync('openssl', ['x509', '-req', '-in', here(`${file}.csr`), ...ca, '-out', here(`${file}.pem`)], {
    stdio: 'pipe',
  });
}

function read(name: string): string {
  return execFileSync('cat', [here(name)], { encoding: 'utf8' });
}

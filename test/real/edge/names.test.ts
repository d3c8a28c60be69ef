/**
 * A name with several addresses, as a headless service has: every address is a server, and joins and leaves touch
 * nobody who is connected.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { freePorts } from '../../../src/host/free-ports.ts';

const main = path.resolve(import.meta.dirname, '../../../dist/cli/main.js');
const directory = mkdtempSync(path.join(tmpdir(), 'holdline-names-'));
const here = (name: string) => path.join(directory, name);
const pods: WebSocketServer[] = [];
let resolver: dgram.Socket;
let edge: ChildProcess;
let output = '';
let port = 0;
let securePort = 0;
const securePods: https.Server[] = [];
/** Names that TLS was asked for, by the pods. */
const asked: string[] = [];
let certificate: { readonly cert: Buffer; readonly key: Buffer };

/** Stands for the resolver of a cluster: lookups are answered from a file, SRV records by a server of ours over UDP. */
const stub = `import dns from 'node:dns';
import { readFileSync } from 'node:fs';
const real = dns.lookup;
dns.setServers([process.env.TEST_RESOLVER]);
dns.lookup = (name, options, done = options) => {
  if (!name.endsWith('.svc')) return real(name, options, done);
  const addresses = JSON.parse(readFileSync(process.env.TEST_ADDRESSES, 'utf8'))[name] ?? [];
  process.nextTick(() => addresses.length === 0 ? done(Object.assign(new Error('getaddrinfo ENOTFOUND ' + name), { code: 'ENOTFOUND' })) : options.all ? done(null, addresses.map((address) => ({ address, family: 4 }))) : done(null, addresses[0], 4));
};
`;

beforeAll(async () => {
  let podPort = 0;
  certificate = selfSigned('secure.svc');
  for (const host of ['127.0.0.1', '127.0.0.2', '127.0.0.3']) {
    const pod = new WebSocketServer({ host, port: podPort });
    await once(pod, 'listening');
    podPort = (pod.address() as AddressInfo).port;
    pod.on('connection', (socket) => socket.send(host));
    pods.push(pod);
  }
  for (const host of ['127.0.0.1', '127.0.0.2']) {
    const pod = https.createServer({ cert: certificate.cert, key: certificate.key });
    pod.on('request', (request, response) => response.end(`${host} ${request.headers.host}`));
    pod.on('secureConnection', (socket) => asked.push(String(socket.servername)));
    const sockets = new WebSocketServer({ server: pod });
    sockets.on('connection', (socket) => socket.send(host));
    pod.listen(securePort, host);
    await once(pod, 'listening');
    securePort = (pod.address() as AddressInfo).port;
    securePods.push(pod);
  }
  resolver = dgram.createSocket('udp4');
  resolver.on('message', (question, from) =>
    resolver.send(srvAnswer(question, 'pod.svc', podPort), from.port, from.address),
  );
  resolver.bind(0, '127.0.0.1');
  await once(resolver, 'listening');
  const ports = await freePorts(2);
  [port = 0] = ports;
  addresses({
    'chat.svc': ['127.0.0.1', '127.0.0.2'],
    'pod.svc': ['127.0.0.3'],
    'secure.svc': ['127.0.0.1', '127.0.0.2'],
  });
  writeFileSync(here('stub.mjs'), stub);
  writeFileSync(here('ca.pem'), certificate.cert);
  writeFileSync(
    here('holdline.yaml'),
    `listen: [ "127.0.0.1:${port}" ]
workers: 1
control: ${ports[1]}
upstreams:
  chat: { servers: "http://chat.svc:${podPort}", resolve: 200ms }
  srv: { servers: "srv+http://_ws._tcp.chat.svc", resolve: 200ms }
  secure: { servers: "https://secure.svc:${securePort}", ca: ca.pem, health: { every: 500ms } }
routes:
  - { upstream: chat, origins: any }
  - { upstream: srv, origins: any, match: { path: /srv } }
  - { upstream: secure, origins: any, match: { path: /secure } }
`,
  );
  edge = spawn(process.execPath, ['--import', here('stub.mjs'), main, 'up', here('holdline.yaml')], {
    env: {
      ...process.env,
      TEST_ADDRESSES: here('addresses.json'),
      TEST_RESOLVER: `127.0.0.1:${(resolver.address() as AddressInfo).port}`,
    },
  });
  for (const stream of [edge.stdout!, edge.stderr!])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  while (!output.includes('Ctrl-C closes')) await once(edge.stdout!, 'data');
}, 120_000);

afterAll(() => {
  edge?.kill('SIGKILL');
  resolver?.close();
  for (const pod of pods) pod.close();
  for (const pod of securePods) {
    pod.close();
    pod.closeAllConnections();
  }
  rmSync(directory, { recursive: true, force: true });
});

test('twelve clients of one name are six on each address', async () => {
  const clients = await Promise.all(Array.from({ length: 12 }, () => client('/')));
  expect(count(clients)).toEqual({ '127.0.0.1': 6, '127.0.0.2': 6 });
  for (const { socket } of clients) socket.terminate();
});

test('every address of an https name is asked for the name, and its certificate checked for it', async () => {
  const clients = await Promise.all(Array.from({ length: 12 }, () => client('/secure')));
  expect(count(clients)).toEqual({ '127.0.0.1': 6, '127.0.0.2': 6 });
  const page = await fetch(`http://127.0.0.1:${port}/secure`);
  expect([page.status, (await page.text()).split(' ')[1]]).toEqual([200, `127.0.0.1:${port}`]);
  expect(new Set(asked)).toEqual(new Set(['secure.svc']));
  // Checks that could not verify the certificate would have said so by now.
  expect(output).not.toContain('is down');
  for (const { socket } of clients) socket.terminate();
});

test('an address joins, another leaves: who is connected stays, new clients go where the name says', async () => {
  const before = await Promise.all(Array.from({ length: 6 }, () => client('/')));
  addresses({ 'chat.svc': ['127.0.0.2', '127.0.0.3'], 'pod.svc': ['127.0.0.3'] });
  await expect
    .poll(() => output, { timeout: 20_000 })
    .toMatch(/127\.0\.0\.3:\d+ joined, http:\/\/127\.0\.0\.1:\d+ left/);
  const after = await Promise.all(Array.from({ length: 12 }, () => client('/')));
  expect(Object.keys(count(after)).sort()).toEqual(['127.0.0.2', '127.0.0.3']);
  expect(before.map(({ socket }) => socket.readyState)).toEqual(Array(6).fill(WebSocket.OPEN));
  for (const { socket } of [...before, ...after]) socket.terminate();
});

test('a name that is gone leaves the addresses from before, and says so once', async () => {
  addresses({ 'pod.svc': ['127.0.0.3'] });
  await expect.poll(() => output, { timeout: 20_000 }).toContain('chat: getaddrinfo ENOTFOUND chat.svc');
  const { socket } = await client('/');
  socket.terminate();
  expect(output.match(/ENOTFOUND chat\.svc/g)).toHaveLength(1);
});

test('SRV records say the port', async () => {
  const { socket, pod } = await client('/srv');
  expect(pod).toBe('127.0.0.3');
  socket.terminate();
});

async function client(at: string): Promise<{ socket: WebSocket; pod: string }> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${at}`);
  const [said] = await once(socket, 'message');
  return { socket, pod: String(said) };
}

function count(clients: readonly { pod: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { pod } of clients) counts[pod] = (counts[pod] ?? 0) + 1;
  return counts;
}

/** Good for the name alone: an address that asks for anything else is refused. */
function selfSigned(name: string) {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', here('pod.key')];
  const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`, '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...key, ...names, '-out', here('pod.pem')], { stdio: 'pipe' });
  return { cert: readFileSync(here('pod.pem')), key: readFileSync(here('pod.key')) };
}

/** As a whole, since the edge reads it whenever it likes. */
function addresses(byName: Record<string, string[]>): void {
  writeFileSync(here('addresses.new'), JSON.stringify(byName));
  renameSync(here('addresses.new'), here('addresses.json'));
}

/** RFC 1035, 4.1 and RFC 2782: the question again, and one SRV record. */
function srvAnswer(question: Buffer, target: string, targetPort: number): Buffer {
  const header = Buffer.from(question.subarray(0, 12));
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(1, 6);
  header.fill(0, 8, 12);
  let end = 12;
  while (question[end] !== 0) end += question[end]! + 1;
  const labels = target.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  const name = Buffer.concat([...labels, Buffer.from([0])]);
  const record = Buffer.alloc(18);
  record.writeUInt16BE(0xc00c, 0);
  record.writeUInt16BE(33, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(1, 6);
  record.writeUInt16BE(6 + name.length, 10);
  record.writeUInt16BE(1, 14);
  record.writeUInt16BE(targetPort, 16);
  return Buffer.concat([header, question.subarray(12, end + 5), record, name]);
}

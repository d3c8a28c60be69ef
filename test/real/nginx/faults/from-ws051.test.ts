/**
 * The faults of the rules from ws051 on, seen with a real nginx: the bad file shows the fault, the good or mended one
 * does not.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import tls from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { exampleConfiguration } from '../../../../src/nginx/lint/example.ts';
import { ruleNamed } from '../../../../src/nginx/lint/rules.ts';
import { fixText, lintText } from '../../../nginx/lint/linting.ts';
import { testCertificate } from '../../../support/certificate.ts';
import { closeAll, type Fault, type Seen, seen, shake } from '../../support/fault.ts';
import { startWsServer } from '../../support/ws-server.ts';

afterEach(closeAll);

/** The path and query that the backend is asked for. */
const asksFor =
  (path: string) =>
  async ({ port, servers }: Seen): Promise<string> => {
    await shake(port, path);
    return servers[0]!.requests.at(-1)!.split(' ')[1]!;
  };

/** The header of that name as the backend gets it. */
const arrives =
  (path: string, name: string) =>
  async ({ port, servers }: Seen): Promise<string> => {
    await shake(port, path);
    const lines = servers[0]!.requests.at(-1)!.split('\r\n');
    return lines.filter((line) => line.toLowerCase().startsWith(`${name}:`)).join(', ');
  };

const status =
  (path = '/ws') =>
  async ({ port }: Seen): Promise<string> =>
    String((await shake(port, path)).status);

/** What nginx comes to say of a name that it has to look up. */
async function lookedUp({ port, nginx }: Seen): Promise<string> {
  const answer = shake(port);
  for (let tries = 0; tries < 100; tries++) {
    const said = /no resolver defined|could not be resolved/.exec(nginx.errorLog())?.[0];
    if (said !== undefined) return said;
    await delay(50);
  }
  await answer;
  return 'nothing';
}

/** What the ws library makes of the answer to a handshake. */
function opened({ port }: Seen): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    socket.once('open', () => {
      socket.terminate();
      resolve('open');
    });
    socket.once('error', ({ message }) => resolve(message));
  });
}

let nameAsked: string | false = '';
/** A server that looks at nothing but the name it is asked for. */
async function startTlsServer() {
  const server = tls.createServer({ cert: testCertificate.cert, key: testCertificate.key }, (socket) => {
    nameAsked = (socket as tls.TLSSocket & { servername?: string | false }).servername ?? false;
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, close: async () => void server.close() };
}

const faults: Readonly<Record<string, Fault>> = {
  ws051: { look: asksFor('/chat/room'), fix: 'good', bad: '/socketroom', mended: '/socket/room' },
  ws052: { look: asksFor('/ws/room?token=a'), fix: 'good', bad: '/socket', mended: '/ws/room?token=a' },
  ws053: {
    // Nobody listens there, so that the name is refused at once.
    scale: (text) => text.replace('127.0.0.11 valid=10s', '127.0.0.1:1 valid=10s; resolver_timeout 1s'),
    look: lookedUp,
    fix: 'good',
    bad: 'no resolver defined',
    mended: 'could not be resolved',
  },
  ws055: { look: arrives('/user/ada/ws', 'x-tenant'), fix: 'good', bad: '', mended: 'X-Tenant: ada' },
  ws056: {
    backend: startTlsServer,
    scale: (text) => text.replace('upstream backend', 'upstream app.example.org'),
    look: async (here) => {
      nameAsked = '';
      await status()(here);
      return String(nameAsked);
    },
    bad: 'false',
    mended: 'app.example.org',
  },
  ws057: { look: status(), fix: 'good', bad: '401', mended: '101' },
  ws058: { backend: startWsServer, look: opened, bad: 'Invalid Sec-WebSocket-Accept header', mended: 'open' },
  ws059: { backend: startWsServer, look: status(), fix: 'all', bad: '400', mended: '101' },
  ws060: {
    backend: startWsServer,
    look: opened,
    fix: 'all',
    bad: 'Server sent a subprotocol but none was requested',
    mended: 'open',
  },
  ws061: {
    look: async (here) => arrives(here.conf.includes('/app/ws') ? '/app/ws' : '/ws', 'x-forwarded-proto')(here),
    fix: 'good',
    bad: '',
    mended: 'X-Forwarded-Proto: http',
  },
};

describe.each(Object.entries(faults))('%s', (number, fault) => {
  const rule = ruleNamed(number)!;
  const bad = exampleConfiguration(rule, 'bad');

  test('its fault shows in nginx', async () => {
    expect(lintText(bad).map(({ code }) => code)).toContain(rule.id);
    expect(await seen(bad, fault)).toEqual(fault.bad);
  });

  test('it is gone from the mended file', async () => {
    const mended = fault.fix === 'good' ? exampleConfiguration(rule, 'good') : fixText(bad, {}, fault.fix);
    expect(lintText(mended).map(({ code }) => code)).not.toContain(rule.id);
    expect(await seen(mended, fault)).toEqual(fault.mended);
  });
});

test('ws054: a name is looked up when nginx starts, and it does not start without', async () => {
  const bad = exampleConfiguration(ruleNamed('ws054')!, 'bad').replace('localhost.', 'no-such-name.invalid');
  await expect(seen(bad, { look: status(), bad: '', mended: '' })).rejects.toThrow('host not found in upstream');
});

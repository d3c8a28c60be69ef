/**
 * The faults of the rules from ws026 on, seen with a real nginx: the bad file shows the fault, and the same file after
 * its fix (or, where no fix can be made, the good example) does not.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { exampleConfiguration } from '../../../../src/nginx/lint/example.ts';
import { ruleNamed } from '../../../../src/nginx/lint/rules.ts';
import { fixText, lintText } from '../../../nginx/lint/linting.ts';
import { closeAll, type Fault, type Seen, seen, shake, tlsSession } from '../../support/fault.ts';
import { startFullListener } from '../../support/full-listener.ts';
import { exchange, plainHeaders, webSocketHeaders } from '../../support/upgrade.ts';
import { startWsServer } from '../../support/ws-server.ts';

afterEach(closeAll);

const status =
  (path = '/ws', headers: Readonly<Record<string, string>> = {}) =>
  async ({ port }: Seen): Promise<string> =>
    String((await shake(port, path, headers)).status);

/** Handshakes one after another: how many of them get 101. */
const upgraded =
  (count: number, path = '/ws') =>
  async ({ port }: Seen): Promise<string> => {
    let held = 0;
    for (let i = 0; i < count; i++) if ((await shake(port, path)).status === 101) held++;
    return `${held} of ${count}`;
  };

/** Which of the servers get something when the same client asks several times. */
const reached =
  (requests: readonly (readonly [path: string, headers: Readonly<Record<string, string>>])[]) =>
  async ({ port, servers }: Seen): Promise<string> => {
    for (const [path, headers] of requests) (await exchange(port, path, headers)).socket.destroy();
    return servers.flatMap(({ requests: got }, index) => (got.length > 0 ? [9000 + index] : [])).join(' and ');
  };

/** The same, or what the log says as soon as it does: a handshake may wait for ever behind it. */
const upgradedUnless =
  (logged: string, count: number) =>
  async (seen: Seen): Promise<string> => {
    let done = false;
    const isLogged = async () => {
      while (!done && !seen.nginx.errorLog().includes(logged)) await delay(10);
    };
    const result = await Promise.race([isLogged(), upgraded(count)(seen)]);
    done = true;
    return seen.nginx.errorLog().includes(logged) ? logged : String(result);
  };

const stranger = { Origin: 'https://app.example.com.evil.net' };
const friend = { Origin: 'https://app.example.com' };
const clients = Array.from({ length: 16 }, (_, i) => ({ ...plainHeaders, 'X-Forwarded-For': `192.0.2.${i}` }));

const faults: Readonly<Record<string, Fault>> = {
  ws026: { look: status('/ws', { Upgrade: 'WebSocket' }), bad: '426', mended: '101' },
  ws027: {
    change: (text) =>
      text.replace('proxy_pass http://backend', 'if ($http_upgrade) { add_header X-A b; } proxy_pass http://backend'),
    look: reached([['/ws?region=eu', webSocketHeaders]]),
    fix: 'good',
    bad: '9000',
    mended: '9001',
  },
  ws028: {
    // Workers of another user may not write into the directory of the test.
    scale: (text) => (process.getuid?.() === 0 ? `user root;\n${text}` : text),
    look: async (seen) => {
      (await exchange(seen.port, '/ws', plainHeaders)).socket.destroy();
      return status()(seen);
    },
    bad: '200',
    mended: '101',
  },
  ws030: {
    look: reached(Array.from({ length: 4 }, () => ['/socket.io/', plainHeaders] as const)),
    fix: 'all',
    bad: '9001 and 9002',
    mended: expect.stringMatching(/^900[12]$/) as unknown as string,
  },
  ws031: {
    scale: (text) => text.replace('10.0.0.0/8', '127.0.0.0/8'),
    look: reached(clients.map((headers) => ['/ws', headers] as const)),
    fix: 'good',
    bad: expect.stringMatching(/^900[12]$/) as unknown as string,
    mended: '9001 and 9002',
  },
  ws032: {
    options: { connections: 40 },
    fix: 'all',
    change: (text) =>
      text
        .replace('worker_connections 768', 'worker_connections 64')
        .replace(
          'proxy_pass',
          'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; proxy_pass',
        ),
    look: upgraded(40),
    bad: '31 of 40',
    mended: '40 of 40',
  },
  ws033: {
    change: (text) =>
      text
        .replace('nofile 4096', 'nofile 40')
        .replace('worker_connections 4096', 'worker_connections 512')
        .replace(
          'listen 80;',
          'listen 80; location / { proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; proxy_pass http://127.0.0.1:9000; }',
        ),
    look: upgradedUnless('Too many open files', 30),
    bad: 'Too many open files',
    mended: '30 of 30',
  },
  ws034: {
    scale: (text) => text.replace('worker_shutdown_timeout 1h', 'worker_shutdown_timeout 1s'),
    look: async ({ nginx, port, conf }) => {
      const connection = await shake(port);
      await nginx.reload(conf);
      const cut = await Promise.race([connection.closed.then(() => true), delay(2500, false)]);
      return cut ? 'the old worker ended' : 'the old worker stays';
    },
    fix: 'all',
    bad: 'the old worker stays',
    mended: 'the old worker ended',
  },
  ws036: { look: status(), fix: 'all', bad: '0', mended: '101' },
  'ws036 of the backend': {
    change: (text) => text.replace('http2', '').replace('http://backend', 'ws://127.0.0.1:9000'),
    look: status(),
    bad: 'invalid URL prefix',
    mended: '101',
  },
  ws037: {
    look: status('/ws', { Upgrade: 'h2c', Connection: 'Upgrade, HTTP2-Settings', 'HTTP2-Settings': 'AAMAAABk' }),
    upgrades: (head) => /^upgrade: .+\r$/im.test(head),
    fix: 'all',
    bad: '101',
    mended: '200',
  },
  ws038: {
    scale: (text) => text.replace('proxy_connect_timeout 5s', 'proxy_connect_timeout 1s'),
    backend: startFullListener,
    look: async (seen) => Promise.race([status()(seen), delay(2500, 'still waiting')]),
    bad: 'still waiting',
    mended: '504',
  },
  ws040: {
    logLevel: 'debug',
    look: async ({ nginx, port }) => {
      await shake(port);
      return `${nginx.errorLog().match(/: \*?\d* ?tcp_nodelay$/gm)?.length ?? 0} sockets`;
    },
    bad: '0 sockets',
    mended: '2 sockets',
  },
  ws041: { look: status(), bad: '"proxy_busy_buffers_size" must be less', mended: '101' },
  ws042: {
    backend: startWsServer,
    look: async ({ port }) => {
      const answer = await exchange(port, '/', plainHeaders);
      answer.socket.destroy();
      return `page ${answer.status}, WebSocket ${(await shake(port, '/')).status}`;
    },
    bad: 'page 400, WebSocket 101',
    mended: 'page 200, WebSocket 101',
  },
  ws043: {
    look: async (seen) =>
      `stranger ${await status('/ws', stranger)(seen)}, friend ${await status('/ws', friend)(seen)}`,
    bad: 'stranger 101, friend 101',
    mended: 'stranger 403, friend 101',
  },
  ws044: {
    look: async (seen) =>
      `stranger ${await status('/ws', stranger)(seen)}, friend ${await status('/ws', friend)(seen)}`,
    bad: 'stranger 403, friend 403',
    mended: 'stranger 403, friend 101',
  },
  ws045: { look: status('/ws', stranger), fix: 'good', bad: '101', mended: '403' },
  ws046: {
    // One server that takes two connections; the queue of each worker gets its share of the handshakes.
    change: (text) => text.replace('127.0.0.1:9001;', '127.0.0.1:9001 max_conns=2;').replace(/ +server .*9002;\n/, ''),
    scale: (text) => text.replace(/listen ([^;]+);/, 'listen $1 reuseport;'),
    look: async (seen) => ((await upgraded(40)(seen)) === '2 of 40' ? 'two' : 'more than two'),
    bad: 'more than two',
    mended: 'two',
  },
  ws047: {
    change: (text) => text.replace('ssl;', 'ssl; ssl_session_timeout 1s;'),
    look: async ({ port }) => {
      const session = await tlsSession(port);
      await delay(2500);
      return (await tlsSession(port, session)) === null ? 'resumed' : 'from the beginning';
    },
    bad: 'from the beginning',
    mended: 'resumed',
  },
  ws048: {
    logLevel: 'error',
    scale: (text) => text.replace('proxy_read_timeout 10m', 'proxy_read_timeout 1s'),
    look: async ({ nginx, port }) => {
      const connection = await shake(port);
      await connection.closed;
      const inLog = nginx.errorLog().includes('timed out');
      return inLog
        ? 'told in error.log'
        : / 101 [01]\.\d{3} /.test(nginx.file('websockets.log'))
          ? 'its life'
          : 'nothing';
    },
    fix: 'good',
    bad: 'nothing',
    mended: 'its life',
  },
  ws049: {
    look: async ({ port }) => (/^x-served-by: .*$/im.exec((await shake(port)).head)?.[0] ?? 'missing').toLowerCase(),
    bad: 'missing',
    mended: 'x-served-by: edge1',
  },
};

describe.each(Object.entries(faults))('%s', (number, fault) => {
  const rule = ruleNamed(number.slice(0, 5))!;
  const options = { ...rule.exampleOptions, ...fault.options, ...(rule.optIn === true && { optIn: [rule.id] }) };
  const bad = (fault.change ?? ((text) => text))(exampleConfiguration(rule, 'bad'));

  test('its fault shows in nginx', async () => {
    expect(lintText(bad, options).map(({ code }) => code)).toContain(rule.id);
    expect(await seen(bad, fault)).toEqual(fault.bad);
  });

  test('it is gone from the mended file', async () => {
    const mended = fault.fix === 'good' ? exampleConfiguration(rule, 'good') : fixText(bad, options, fault.fix);
    expect(lintText(mended, options).map(({ code }) => code)).not.toContain(rule.id);
    expect(await seen(mended, fault)).toEqual(fault.mended);
  });
});
